"""Whether somebody reads now, for the note on every page. Remembered for a few seconds, because every page asks it.

While many reports are being written, a page that asks the database nothing is answered at once. A change of the roster
is seen after settings.LINDUNG_DUTY_CACHE_SECONDS (15 unless set; 0 asks every time).
"""

from __future__ import annotations

import time

from django.conf import settings

from lindung.reporting.selectors import DutyState, portal_duty

_remembered: dict[str, tuple[float, DutyState]] = {}


def state(province: str | None) -> DutyState:
    """What the portal may say to somebody from this province. Raises django.db.Error without a database."""
    key = province or ""
    kept = _remembered.get(key)
    if kept is not None and time.monotonic() < kept[0]:
        return kept[1]
    found = portal_duty(province)
    seconds = float(getattr(settings, "LINDUNG_DUTY_CACHE_SECONDS", 15))
    if seconds > 0:
        _remembered[key] = (time.monotonic() + seconds, found)
    return found
