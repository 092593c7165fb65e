"""What a session remembers of somebody's day, from page to page: sealed to their own key, asked of nobody else.

Nothing here asks the database on an ordinary page: the streak lies in the session, which is read and written anyway.
A page writes at most one row more: the counts of the day, or the session a second time within its minute.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from lindung.accounts import sessions
from lindung.core import clock
from lindung.core.errors import SealBroken
from lindung.desk import care, rules, services
from lindung.desk.care import Streak
from lindung.reporting.models import Report, Risk
from lindung.vault.services import Keyring

_KEY = "care"


def minute_now() -> int:
    """The present minute, counted since 1970."""
    return int(clock.now().timestamp()) // 60


def today() -> date:
    """The date in the zone of the installation."""
    return timezone.localdate(clock.now())


def streak_of(request: HttpRequest, keyring: Keyring) -> Streak:
    """What this session knows, brought to the present minute; it is not written yet."""
    return _load(request, keyring).touched(minute_now(), today())


def touch(request: HttpRequest) -> Streak | None:
    """Somebody is at work now: note the minute, and keep what the last minutes counted. None without a key."""
    keyring = _keyring(request)
    if keyring is None:
        return None
    before = _load(request, keyring)
    streak = before.touched(minute_now(), today())
    if before.unkept and streak.last != before.last:
        kept = before.kept(services.keep_day(keyring, before.day))
        streak = kept.touched(minute_now(), today())
    if streak != before or _KEY not in request.session:
        _store(request, keyring, streak)
    return streak


def count_opening(request: HttpRequest, report: Report) -> None:
    """A report was opened to be read. High risk, danger and self-harm count as heavy."""
    keyring = _keyring(request)
    if keyring is None:
        return
    heavy = report.risk == Risk.HIGH or report.selfharm or report.danger_now
    before = _load(request, keyring)
    streak = before.touched(minute_now(), today()).opened(report.pk.hex[:8], bool(heavy))
    if streak == before:
        return
    if streak.unkept and request.session.modified:  # the session is written in any case: so the row may be, too
        streak = streak.kept(services.keep_day(keyring, streak.day))
    _store(request, keyring, streak)


def keep(request: HttpRequest, keyring: Keyring) -> Streak:
    """Write down at once what waits to be kept; for the page that shows it."""
    streak = streak_of(request, keyring)
    if streak.unkept:
        streak = streak.kept(services.keep_day(keyring, streak.day))
        _store(request, keyring, streak)
    return streak


def rest(request: HttpRequest, keyring: Keyring) -> None:
    """A break begins now."""
    streak = streak_of(request, keyring).rested(minute_now())
    _store(request, keyring, streak.kept(services.keep_day(keyring, streak.day)))


def put_off(request: HttpRequest, keyring: Keyring, *, for_today: bool) -> None:
    """No reminder for a while, or for the rest of the day."""
    minutes = 24 * 60 if for_today else rules.LATER_MINUTES
    _store(request, keyring, streak_of(request, keyring).put_off(minute_now() + minutes))


def due(streak: Streak) -> bool:
    """Whether the page should suggest a break."""
    heavy, minutes = int(settings.LINDUNG_BREAK_AFTER_HEAVY), int(settings.LINDUNG_BREAK_AFTER_MINUTES)
    return streak.due(minute_now(), heavy, minutes)


def _keyring(request: HttpRequest) -> Keyring | None:
    actor = getattr(request, "actor", None)
    if actor is None or not actor.has_role(*rules.READERS):
        return None
    return sessions.keyring_of(request)


def _load(request: HttpRequest, keyring: Keyring) -> Streak:
    """What the session holds, or a beginning: also when a colleague's reset made it unreadable."""
    held: Streak | None = getattr(request, "_streak", None)
    if held is None:
        try:
            sealed = base64.b64decode(request.session.get(_KEY, ""))
            held = care.from_dict(json.loads(keyring.open_own(sealed, "streak", keyring.holder.bytes)))
        except (SealBroken, ValueError, KeyError, TypeError, binascii.Error):
            held = care.begin(minute_now(), today())
        request._streak = held  # type: ignore[attr-defined]
    return held


def _store(request: HttpRequest, keyring: Keyring, streak: Streak) -> None:
    request._streak = streak  # type: ignore[attr-defined]
    sealed = keyring.seal_own(json.dumps(streak.to_dict()).encode(), "streak", keyring.holder.bytes)
    request.session[_KEY] = base64.b64encode(sealed).decode()
