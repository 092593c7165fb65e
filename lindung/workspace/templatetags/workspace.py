"""Tags that only the staff front door needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lindung.workspace import badges, times
from lindung.workspace.menu import entries

register = template.Library()


@register.simple_tag(takes_context=True)
def workspace_menu(context: Context) -> dict[str, Any]:
    """The menu of the person who is signed in with every step; empty before that. One query, for what waits."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    if request is None or actor is None:
        return {"entries": []}
    return {
        "entries": entries(actor, request.path, badges.counts(actor)),
        "person": getattr(request.user, "display_name", actor.username),
        "account_url": reverse("accounts:account"),
        "sign_out_url": reverse("accounts:sign_out"),
    }


@register.simple_tag
def local_time(moment: datetime, tz: str) -> SafeString:
    """A moment in the zone of the report, for people and for programs."""
    return format_html('<time datetime="{}">{}</time>', moment.isoformat(), times.local(moment, tz))
