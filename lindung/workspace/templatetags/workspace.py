"""Tags that only the staff front door needs."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def workspace_menu(context: Context) -> dict[str, Any]:
    """The menu of the person who is signed in; empty before sign-in."""
    return {"entries": []}
