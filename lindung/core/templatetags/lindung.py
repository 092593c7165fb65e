"""Template filters that every page may use (a builtin library: no {% load %} needed)."""

from __future__ import annotations

from django import template

from lindung.core.textsafe import neutralise

register = template.Library()


@register.filter(is_safe=False)
def shown(text: object) -> str:
    """Show text that a stranger wrote: control and direction characters become visible; the template escapes it."""
    return neutralise(str(text or ""))
