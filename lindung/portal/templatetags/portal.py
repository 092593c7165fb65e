"""Template tags of the portal."""

from __future__ import annotations

import logging
from typing import Any

from django import template
from django.conf import settings
from django.db import Error as DatabaseError

from lindung.portal import duty
from lindung.portal.questions import channels

register = template.Library()
_log = logging.getLogger("lindung.portal")


@register.inclusion_tag("portal/parts/duty.html", takes_context=True)
def duty_note(context: dict[str, Any]) -> dict[str, Any]:
    """Say when somebody reads, whenever nobody does now. Without the database nothing is promised."""
    try:
        found = duty.state(context.get("province"))
    except DatabaseError:
        _log.warning("the duty roster could not be read")
        return {"unknown": True}
    return {"away": not found.on_duty, "next": found.next_text}


@register.simple_tag
def channel(code: str) -> Any:
    """One national channel by its code."""
    return channels()[code]


@register.simple_tag
def withdrawal_days() -> int:
    """Days during which somebody who stopped may change their mind."""
    return int(settings.LINDUNG_WITHDRAWAL_DAYS)
