"""Tags for hints while writing, and for the private reminder of a break."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.urls import reverse

from lindung.desk import rules
from lindung.workspace import care, times
from lindung.workspace.wordhints import measure, noted

register = template.Library()


@register.inclusion_tag("workspace/desk/below.html")
def word_hints(field: BoundField) -> dict[str, Any]:
    """The place below a text where hints appear: filled now when the form was sent to be looked at."""
    looked = bool(getattr(field.form, "looked", False))
    kind = getattr(field.field, "measure", "")
    text = str(field.value() or "") if looked else ""
    return {
        "looked": looked,
        "kind": kind,
        "label": field.label,
        "notes": noted(text),
        "reading": measure(text, kind),
    }


@register.simple_tag(takes_context=True)
def own_page(context: Context) -> str:
    """The address of the private page, for those who read reports; "" for everybody else."""
    actor = getattr(context.get("request"), "actor", None)
    return reverse("workspace:own") if actor is not None and actor.has_role(*rules.READERS) else ""


@register.simple_tag(takes_context=True)
def own_break(context: Context) -> dict[str, Any] | None:
    """Say whether a break is due for the person who reads this page; nobody else learns it. No query of its own."""
    request = context.get("request")
    streak = care.touch(request) if request is not None else None
    if streak is None or context.get("own_page") or not care.due(streak):
        return None
    return {
        "span": times.span(timedelta(minutes=streak.minutes(care.minute_now()))),
        "heavy": streak.heavy,
        "later": rules.LATER_MINUTES,
    }
