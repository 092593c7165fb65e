"""What a day begins with: what is urgent, late, unread, due, changed since yesterday, and waits for a second person.

Everything is about the cases that a person works on; for a supervisor who asks for it, about all open cases of the
teams that they supervise. Each list is short and says by `more` that there is more behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, User
from lindung.accounts.rules import SUPERVISOR
from lindung.core import clock
from lindung.core.prepared import MOMENT, Number, Prepared, once_each
from lindung.reporting.selectors import keyed_teams

from . import listing, listing_rows, selectors
from .models import Case, CaseNote, CaseReport, CaseTask, CaseWorker, ChildEvent, Risk, State
from .models_closing import Approval, ApprovalState, Subject
from .models_rights import Decision, DecisionState
from .rules import READERS

SHOWN = 6
AHEAD = timedelta(days=7)
COUNTED_TO = 500
NAMED_TO = 300

Row = TypeVar("Row")


@dataclass(frozen=True)
class Some(Generic[Row]):
    """The first rows of a list, and whether there are more."""

    rows: list[Row]
    more: bool

    @classmethod
    def of(cls, rows: QuerySet[Any, Row], shown: int = SHOWN) -> Some[Row]:
        found = list(rows[: shown + 1])
        return cls(found[:shown], len(found) > shown)


@dataclass(frozen=True)
class Numbers:
    """How much there is of what, up to COUNTED_TO + 1. `free`: cases of the teams on which nobody works yet."""

    open: int
    high: int
    late: int
    messages: int
    free: int
    waiting: int


@dataclass(frozen=True)
class Change:
    """What colleagues did since yesterday on one case: codes of what, and when last."""

    case_id: UUID
    at: datetime
    what: tuple[str, ...]


@dataclass(frozen=True)
class Morning:
    """Everything the first page shows. `lines` are the cases that any part of it speaks of, by id."""

    numbers: Numbers
    urgent: Some[UUID]
    reviews: Some[Case]
    tasks: Some[CaseTask]
    messages: Some[CaseReport]
    changes: Some[Change]
    approvals: Some[Approval]
    decisions: Some[Decision]
    free: Some[UUID]
    lines: dict[UUID, listing_rows.CaseRow]


def has_work(actor: Actor) -> bool:
    """Whether a person works on any case that is not closed: one query."""
    return CaseWorker.objects.filter(user=actor.user_id, until=None).exclude(case__state=State.CLOSED).exists()


def scope(actor: Actor, teams: frozenset[UUID], *, whole_team: bool) -> QuerySet[Case]:
    """The open cases that a morning is about: one's own, or all of the teams that a person supervises."""
    rows = Case.objects.filter(state__in=listing.NOT_CLOSED)
    if whole_team:
        return selectors.visible_to(actor, rows.filter(team__in=actor.teams_with({SUPERVISOR}) & teams))
    return selectors.not_kept_from(actor, rows.filter(team__in=teams, pk__in=listing.own_ids(actor)))


def morning(
    actor: Actor, teams: frozenset[UUID], *, whole_team: bool, since: datetime, more_ids: Iterable[UUID] = ()
) -> Morning:
    """Gather the first page in about a dozen queries. `since`: the beginning of yesterday where the team is.

    `more_ids`: cases that the caller speaks of as well; their lines are read in the same go.
    """
    now, cases = clock.now(), scope(actor, teams, whole_team=whole_team)
    there = _counted(actor, teams, whole_team=whole_team, now=now)
    if not whole_team:
        cases = _named(cases)
    ids = cases.order_by().values("pk")
    here = Q(listing.Has(cases.filter(pk=OuterRef("case")))) if whole_team else Q(case__in=ids)
    high = cases.filter(risk=Risk.HIGH) if there["high"] else cases.none()
    urgent = Some.of(high.order_by("-changed_at", "id").values_list("pk", flat=True))
    reviews = Some.of(cases.filter(state=State.OPEN, review_due_at__lt=now + AHEAD).order_by("review_due_at", "id"))
    tasks = Some.of(_tasks(actor, here).filter(due_at__lt=now + AHEAD).order_by("due_at", "id"))
    unread = listing_rows.unread_messages().filter(here) if there["messages"] else CaseReport.objects.none()
    messages = Some.of(unread.select_related("report").order_by("pk"))
    asked = _approvals(actor, teams) if there["approvals"] else Approval.objects.none()
    approvals = Some.of(asked.order_by("asked_at", "id"))
    signed = _decisions(actor, teams) if there["decisions"] else Decision.objects.none()
    decisions = Some.of(signed.order_by("first_signed_at", "id"))
    nobodys = _free(actor, teams) if there["free"] else Case.objects.none()
    free = Some.of(nobodys.order_by("opened_at", "id").values_list("pk", flat=True), 3)
    changes = _changes(actor, cases, since)
    spoken: list[UUID] = [
        *urgent.rows, *(case.pk for case in reviews.rows), *(task.case_id for task in tasks.rows),
        *(link.case_id for link in messages.rows), *(row.case_id for row in approvals.rows),
        *(row.case_id for row in decisions.rows), *free.rows, *(row.case_id for row in changes.rows), *more_ids,
    ]  # fmt: skip
    lines = {row.case.pk: row for row in listing_rows.rows(actor, list(dict.fromkeys(spoken)))}
    return Morning(
        numbers=_numbers(there),
        urgent=urgent, reviews=reviews, tasks=tasks, messages=messages, changes=changes, approvals=approvals,
        decisions=decisions, free=free, lines=lines,
    )  # fmt: skip


def waiting_for(actor: Actor, now: datetime) -> list[QuerySet[Any]]:
    """What waits for this person, for the number in the menu: as the second one, unread, and their own late tasks."""
    teams, keyed = actor.teams_with(READERS), keyed_teams(actor)
    own = {"case__in": listing.own_ids(actor), "case__team__in": keyed}
    tasks = CaseTask.objects.filter(done_at=None, due_at__lt=now, assignee=actor.user_id, case__team__in=keyed)
    return [
        _approvals(actor, teams).filter(case__team__in=keyed),
        _decisions(actor, teams).filter(case__team__in=keyed),
        listing_rows.unread_messages().filter(**own).exclude(case__state=State.CLOSED),
        tasks.exclude(case__state=State.CLOSED),
    ]


def _named(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The same cases by their ids, looked up once for all parts of the page, unless there are very many."""
    known = list(cases.order_by().values_list("pk", flat=True)[: NAMED_TO + 1])
    return Case.objects.filter(pk__in=known) if len(known) <= NAMED_TO else cases


# --- parts ------------------------------------------------------------------------------------------------------------


def _tasks(actor: Actor, here: Q) -> QuerySet[CaseTask]:
    """Open tasks of some cases: one's own, and those that nobody in particular was given."""
    rows = CaseTask.objects.filter(here, done_at=None)
    return rows.filter(Q(assignee=actor.user_id) | Q(assignee=None))


def _working(actor: Actor, teams: frozenset[UUID]) -> QuerySet[Case, Any]:
    """For use inside a query of what belongs to a case: whether the person may write in it (own, or supervised)."""
    supervised = actor.teams_with({SUPERVISOR}) & teams
    mine = Q(team__in=teams, pk__in=listing.own_ids(actor))
    rows = Case.objects.filter(~Q(state=State.CLOSED), Q(team__in=supervised) | mine)
    apart = Exists(selectors.elsewhere(actor.user_id))
    return selectors.not_kept_from(actor, rows).filter(~apart, pk=OuterRef("case")).order_by().values("pk")


def _approvals(actor: Actor, teams: frozenset[UUID]) -> QuerySet[Approval]:
    """Questions that this person may decide: `rules_closing.may_decide` says the same of one."""
    rows = Approval.objects.filter(state=ApprovalState.OPEN).filter(listing.Has(_working(actor, teams)))
    supervised = actor.teams_with({SUPERVISOR}) & teams
    asker = Membership.objects.filter(user=OuterRef("asked_by"), team=OuterRef("case__team"), role=SUPERVISOR)
    second = Q(subject=Subject.PLAN) | Q(case__team__in=supervised) | Exists(asker)
    return rows.exclude(asked_by=actor.user_id).filter(second)


def _decisions(actor: Actor, teams: frozenset[UUID]) -> QuerySet[Decision]:
    """Best-interests decisions that one person signed and that wait for a different one."""
    rows = Decision.objects.filter(state=DecisionState.DRAFT, first_signed_by__isnull=False)
    return rows.filter(listing.Has(_working(actor, teams))).exclude(first_signed_by=actor.user_id)


def _free(actor: Actor, teams: frozenset[UUID]) -> QuerySet[Case]:
    rows = Case.objects.filter(team__in=teams, state__in=listing.NOT_CLOSED)
    return selectors.not_kept_from(actor, rows).filter(selectors.free_for(actor))


def _changes(actor: Actor, cases: QuerySet[Case], since: datetime) -> Some[Change]:
    """Cases that changed since a moment, the latest first, with what colleagues added to them."""
    found = Some.of(cases.filter(changed_at__gte=since).order_by("-changed_at", "id").values_list("pk", "changed_at"))
    ids = [pk for pk, _ in found.rows]
    what: dict[UUID, dict[str, None]] = {pk: {} for pk in ids}
    if ids:
        here = {"case__in": ids}
        notes = CaseNote.objects.filter(at__gte=since, **here).exclude(author=actor.user_id)
        parts: dict[str, QuerySet[Any, Any]] = {
            "note": notes.values(row=F("case")),
            "child_event": ChildEvent.objects.filter(at__gte=since, **here).values(row=F("case")),
            "approval": Approval.objects.filter(decided_at__gte=since, **here).values(row=F("case")),
            "opened": Case.objects.filter(opened_at__gte=since, pk__in=ids).values(row=F("pk")),
        }
        marked = [part.order_by().values_list("row", Value(code)) for code, part in parts.items()]
        for pk, code in marked[0].union(*marked[1:]):
            what[pk][code] = None
    return Some([Change(pk, at, tuple(what[pk])) for pk, at in found.rows], found.more)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(there: dict[str, int]) -> Numbers:
    return Numbers(
        open=there["open"], high=there["high"], late=there["late"], messages=there["messages"], free=there["free"],
        waiting=there["approvals"] + there["decisions"],
    )  # fmt: skip


def _counted(actor: Actor, teams: frozenset[UUID], *, whole_team: bool, now: datetime) -> dict[str, int]:
    """How much there is of what, up to COUNTED_TO + 1: one query. Of what is not there no part of the page is asked."""
    names, query = _prepared_numbers(actor, teams, whole_team, COUNTED_TO + 1)
    # What cannot fit at all (no team, no role) is left out of the query by Django and comes back as nothing.
    found = query.row(now) or [0] * len(names)
    return {name: int(number or 0) for name, number in zip(names, found, strict=True)}


@once_each
def _prepared_numbers(
    actor: Actor, teams: frozenset[UUID], whole_team: bool, up_to: int
) -> tuple[tuple[str, ...], Prepared]:
    cases = scope(actor, teams, whole_team=whole_team)
    late = Q(state=State.OPEN, review_due_at__lt=MOMENT) | listing.overdue_task(MOMENT)
    wanted: dict[str, QuerySet[Any]] = {
        "open": cases,
        "high": cases.filter(risk=Risk.HIGH),
        "late": cases.filter(late),
        "messages": listing_rows.unread_messages().filter(listing.Has(cases.filter(pk=OuterRef("case")))),
        "free": _free(actor, teams),
        "approvals": _approvals(actor, teams),
        "decisions": _decisions(actor, teams),
    }
    numbers = [Number(rows.order_by().values("pk")[:up_to]) for rows in wanted.values()]
    return tuple(wanted), Prepared(User.objects.filter(pk=actor.user_id).values_list(*numbers))
