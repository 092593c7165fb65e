"""Referrals in words, for both sides: where one stands, how long is left, what was told, what was handed over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lindung.casework import outgoing
from lindung.casework.knowledge import rights as casework
from lindung.directory import knowledge as directory
from lindung.referrals import knowledge
from lindung.referrals.models import NewsKind, Referral, State
from lindung.referrals.services.reading import NewsView, VersionView
from lindung.workspace import times
from lindung.workspace.times import Deadline

CSS = {
    State.DRAFT: "outline", State.SENT: "medium", State.ACCEPTED: "good", State.IN_SERVICE: "good",
    State.COMPLETED: "outline", State.DECLINED: "outline", State.REVOKED: "outline", State.LAPSED: "outline",
}  # fmt: skip
NEAR = timedelta(hours=4)


def service_label(code: str) -> str:
    """The name of a service."""
    known = directory.services().get(code)
    label = known.label if known else code
    return label[:1].upper() + label[1:]


def state_label(referral: Referral) -> str:
    """Where it stands, in words. A click is not yet a yes for a child at high risk."""
    if referral.state == State.ACCEPTED and referral.waits:
        return _("Diterima di layar, menunggu suara")
    return str(State(referral.state).label)


def due(referral: Referral, now: datetime, tz: str) -> Deadline | None:
    """How long is left for the answer, while somebody has to accept it."""
    if not referral.waits or referral.answer_due_at is None:
        return None
    near = timedelta(minutes=30) if referral.high_risk else NEAR
    return times.deadline(referral.answer_due_at, now, tz, near=near, working_days=not referral.high_risk)


def why(referral: Referral) -> str:
    """Why it was declined or taken back, or how it ended."""
    known = {
        State.DECLINED: knowledge.decline_reasons(),
        State.REVOKED: knowledge.revoke_reasons(),
        State.COMPLETED: knowledge.outcomes(),
    }.get(State(referral.state), {})
    found = known.get(referral.reason)
    return found.label if found else ""


def mark(referral: Referral, now: datetime, tz: str) -> dict[str, Any]:
    """What every list shows of one: codes and times alone, no word that is sealed."""
    waiting = due(referral, now, tz)
    return {
        "id": referral.pk,
        "reference": referral.reference,
        "state": referral.state,
        "state_label": state_label(referral),
        "css": "high" if waiting and waiting.kind == "late" else CSS[State(referral.state)],
        "service": service_label(referral.service),
        "organisation": referral.organisation.name,
        "high": referral.high_risk,
        "due": waiting,
        "why": why(referral),
        "made": times.local(referral.made_at, tz),
        "sent": times.local(referral.sent_at, tz) if referral.sent_at else "",
        "ended": times.local(referral.ended_at, tz) if referral.ended_at else "",
        "way": referral.get_way_display(),
        "waits": referral.waits,
    }


def sections(version: VersionView) -> list[dict[str, str]]:
    """The sections of a version with their names; who may not know comes first, because it matters most."""
    known = casework.sections()
    words = version.words.sections
    found = [
        {"code": code, "label": known[code].label, "text": text} for code, text in words.items() if code in known
    ]  # fmt: skip
    if words.get(outgoing.CAUTIONS):
        found.insert(0, {"code": outgoing.CAUTIONS, "label": _("Jaga ini"), "text": words[outgoing.CAUTIONS]})
    return found


def versions(views: Iterable[VersionView], tz: str) -> list[dict[str, Any]]:
    """The versions, the newest first."""
    return [
        {
            "number": view.number,
            "at": times.local(view.made_at, tz),
            "goal": view.words.goal,
            "sections": sections(view),
            "shared": view.shared,
            "was_shared": view.was_shared,
        }
        for view in views
    ]


def news(views: Iterable[NewsView], tz: str) -> list[dict[str, Any]]:
    """What was told since, the latest first."""
    return [_line(view, tz) for view in reversed(list(views))]


def _line(view: NewsView, tz: str) -> dict[str, Any]:
    facts = []
    if view.on is not None:
        facts.append(times.day(datetime.combine(view.on, datetime.min.time(), ZoneInfo(tz)), tz))
    if view.minutes:
        facts.append(_("%(n)s menit") % {"n": view.minutes})
    if view.child_came is False:
        facts.append(_("anak belum hadir"))
    return {
        "title": str(NewsKind(view.kind).label),
        "at": times.local(view.at, tz),
        "by": view.by,
        "by_receiver": view.by_receiver,
        "facts": " · ".join(facts),
        "person": view.person,
        "text": view.text,
    }


def aware(moment: datetime | None, tz: str) -> datetime | None:
    """A time that was typed as the clock on the wall shows it, with the zone of that wall."""
    return moment.replace(tzinfo=ZoneInfo(tz)) if moment is not None else None


def now_on_the_wall(now: datetime, tz: str) -> datetime:
    """The present minute for a form."""
    return now.astimezone(ZoneInfo(tz)).replace(second=0, microsecond=0, tzinfo=None)
