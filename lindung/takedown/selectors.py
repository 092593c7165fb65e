"""Reads: the list to work from, what a report's page shows, what the mailbox may tell, the register of contacts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.core import clock, worktime
from lindung.reporting.models import Report
from lindung.reporting.models import State as ReportState

from . import knowledge, rules
from .models import DONE_STATES, Check, Contact, Entry, Item, Result, State
from .services.access import items_seen
from .services.items import address_in, days_needed, remind_after
from .services.notices import group_key

REMIND, LOOK, DECIDE, SEND, WAIT, DONE = "remind", "look", "decide", "send", "wait", "done"
GROUPS = (REMIND, LOOK, DECIDE, SEND, WAIT, DONE)
"""The groups of the list, what must be done first."""

MOST_ROWS = 500
MOST_DONE = 100
MOST_COUNTED = 999


def group_of(item: Item, now: datetime) -> str:
    """Where a request stands on the list."""
    if item.state in DONE_STATES:
        return DONE
    if item.state == State.DRAFT:
        return SEND
    if item.state in {State.REFUSED, State.ASKS_MORE}:
        return DECIDE
    if item.state == State.SENT:
        return REMIND if item.sent_at is not None and now - item.sent_at >= remind_after() else WAIT
    return LOOK if item.check_at is not None and item.check_at <= now else WAIT


@dataclass(frozen=True)
class WorkRow:
    """One request on the list: codes and times alone, no address. `notice_id`: the letter on which it waits."""

    item: Item
    group: str
    days: int
    notice_id: UUID | None

    @property
    def due(self) -> datetime | None:
        """When the next step was or will be due."""
        if self.group == REMIND and self.item.sent_at:
            return self.item.sent_at + remind_after()
        if self.group == WAIT and self.item.state == State.SENT:
            return self.item.remind_at or self.item.check_at
        return self.item.check_at if self.group in {LOOK, WAIT} else None


def worklist(actor: Actor, *, addressee: str = "", done: bool = False, now: datetime | None = None) -> list[WorkRow]:
    """The requests of the actor's teams in four queries, most urgent group first. Of what is done the newest alone."""
    moment = now or clock.now()
    seen = items_seen(actor).select_related("report__team")
    if addressee:
        seen = seen.filter(addressee=addressee)
    items = list(_open(seen)) + (list(_done(seen)) if done else [])
    waiting = dict(Entry.objects.filter(item__in=items, sent_at=None).values_list("item", "notice"))
    days = empty_days(items)
    rows = [WorkRow(item, group_of(item, moment), days.get(item.pk, 0), waiting.get(item.pk)) for item in items]
    return sorted(rows, key=lambda row: (GROUPS.index(row.group), row.due or row.item.changed_at, row.item.pk.hex))


def _open(seen: QuerySet[Item]) -> QuerySet[Item]:
    return seen.exclude(state__in=DONE_STATES).order_by("changed_at", "id")[:MOST_ROWS]


def _done(seen: QuerySet[Item]) -> QuerySet[Item]:
    return seen.filter(state__in=DONE_STATES).order_by("-changed_at", "id")[:MOST_DONE]


def due(actor: Actor, now: datetime) -> QuerySet[Item]:
    """The requests that wait for the actor's team now: not answered in time, or to be looked for again."""
    silent = Q(state=State.SENT, sent_at__lte=now - remind_after())
    again = Q(state__in=(State.REMOVED, State.CHECKING), check_at__lte=now)
    return items_seen(actor).filter(silent | again)


def done_count(actor: Actor, addressee: str = "") -> int:
    """How many of the actor's requests are done, counted up to MOST_COUNTED."""
    seen = items_seen(actor).filter(state__in=DONE_STATES)
    return (seen.filter(addressee=addressee) if addressee else seen)[:MOST_COUNTED].count()


def empty_days(items: list[Item]) -> dict[UUID, int]:
    """On how many days nothing was found since each was last sent: one query. `item.report` is loaded."""
    known = {item.pk: item for item in items}
    found: dict[UUID, set[date]] = {}
    rows = Check.objects.filter(item__in=items, result=Result.NOT_THERE).values_list("item", "at", "round")
    for pk, at, turn in rows:
        item = known[pk]
        if turn == item.round:
            found.setdefault(pk, set()).add(worktime.local_day(at, item.report.tz))
    return {pk: len(days) for pk, days in found.items()}


@dataclass(frozen=True)
class PanelRow:
    """One request on the page of its report, with its address."""

    item: Item
    group: str
    days: int
    address: str = field(repr=False)


def of_report(report: Report, sealed: Mapping[str, bytes], now: datetime) -> list[PanelRow]:
    """The requests of an opened report, oldest first, in two queries. `sealed`: its opened fields by name.

    The caller has opened the report for somebody who may see it.
    """
    items = list(Item.objects.filter(report=report))
    for item in items:
        item.report = report
    days = empty_days(items) if items else {}
    return [
        PanelRow(item, group_of(item, now), days.get(item.pk, 0), address_in(sealed[item.field]))
        for item in items
        if item.field in sealed
    ]


@dataclass(frozen=True)
class Told:
    """What the mailbox says about the reported links.

    `changed`: the local day of the last news, and the zone. `take_it_down`: an offer to a child, or empty.
    """

    sentences: tuple[str, ...]
    changed: tuple[date, str] | None
    take_it_down: str


def told(report_id: UUID) -> Told | None:
    """The fixed sentences for somebody who holds the receipt: from coded states, without a key, in one query.

    None while nothing was asked for, for a report that is locked, and for an adult who asks for help for themselves.
    """
    report = Report.objects.filter(pk=report_id).exclude(state=ReportState.WITHDRAWN)
    rows = Item.objects.filter(report__in=report).exclude(state=State.WITHDRAWN)
    found = list(rows.select_related("report"))
    if not found:
        return None
    codes = rules.told(rules.Standing(bytes(r.address), r.state, r.round, r.last_result) for r in found)
    sentences = knowledge.told()
    path, tz = found[0].report.path, found[0].report.tz
    changed = (worktime.local_day(max(row.changed_at for row in found), tz), tz) if codes else None
    offer = sentences["take_it_down"].label if path in rules.CHILD_PATHS else ""
    if not codes and not offer:
        return None
    return Told(tuple(sentences[code].label for code in codes), changed, offer)


# --- contacts ---------------------------------------------------------------------------------------------------------


def overdue(contact: Contact, today: date) -> bool:
    """Whether nobody has verified an entry for settings.LINDUNG_CONTACT_VERIFY_DAYS, or ever."""
    limit = timedelta(days=int(settings.LINDUNG_CONTACT_VERIFY_DAYS))
    return contact.verified_on is None or today - contact.verified_on > limit


def contacts() -> list[Contact]:
    """The whole register."""
    return list(Contact.objects.select_related("verified_by").order_by("addressee", "platform"))


def contact_for(addressee: str, platform: str) -> Contact | None:
    """The entry for an addressee."""
    return Contact.objects.filter(addressee=addressee, platform=platform).first()


__all__ = [
    "DECIDE",
    "DONE",
    "GROUPS",
    "LOOK",
    "REMIND",
    "SEND",
    "WAIT",
    "PanelRow",
    "Told",
    "WorkRow",
    "contact_for",
    "contacts",
    "days_needed",
    "done_count",
    "due",
    "empty_days",
    "group_key",
    "group_of",
    "of_report",
    "overdue",
    "told",
    "worklist",
]
