"""The cases of a person as a list to work from: filtered, sorted and paged by the database.

A list is put together from parts, each of which is one walk along one index and ends after a page: the cases that a
person works on, those of their teams that nobody works on yet, or all cases of a team that they supervise. The parts
are merged by the order that is asked for. A rare fact turns a walk around: the list then starts from the cases that
carry it. A page begins behind the last case of the one before (a `Mark`), not at a number of rows.

Whoever changes a query here measures it: benchmarks/casework.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Case as Switch
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, When, Window
from django.db.models import Func as Function

from lindung.accounts.actors import Actor
from lindung.accounts.rules import SUPERVISOR
from lindung.core import clock
from lindung.reporting.inbox import keyed_team_ids
from lindung.vault import facts as vault_facts

from . import selectors
from .models import Case, CaseFact, CaseTask, CaseWorker, Risk, Stage, State

FITTING_TO = 200
"""How many fit a filter is counted up to here; beyond it there are more."""

RARE = 10_000
"""So many cases at most carry a fact that a list starts from."""

FACTS = ("form", "age_band", "sex", "status", "platform", "present_province", "present_regency")
"""Coded facts that can be filtered by."""

RANKS = {Risk.HIGH: 0, Risk.MEDIUM: 1, Risk.LOW: 2}

NOT_CLOSED = (State.OPEN, State.CLOSING)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

REVIEW, RISK, CHANGED, OPENED = "review", "risk", "changed", "opened"
SORTS = (REVIEW, RISK, CHANGED, OPENED)
"""The next review first; the highest risk first; the latest change first; the newest case first."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see. Empty means: does not matter.

    `state` empty: all that are not closed, "all": closed ones too. `whose`: mine or free. `late`: a review or a task is
    overdue. `facts`: value by field of FACTS. A value that nobody knows fits nothing.
    """

    state: str = ""
    stage: str = ""
    risk: str = ""
    whose: str = ""
    late: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    sort: str = REVIEW

    @property
    def states(self) -> tuple[str, ...]:
        """The states that may fit."""
        if self.state == "":
            return NOT_CLOSED
        if self.state == "all":
            return (*NOT_CLOSED, State.CLOSED)
        return (self.state,) if self.state in State.values else ()

    @property
    def risks(self) -> tuple[str, ...]:
        """The risks that may fit, the highest first."""
        if self.risk == "":
            return tuple(RANKS)
        return (self.risk,) if self.risk in RANKS else ()

    @property
    def possible(self) -> bool:
        """Whether anything can fit at all."""
        known = self.stage in ("", *Stage.values) and self.sort in SORTS and set(self.facts) <= set(FACTS)
        return bool(known and self.states and self.risks and self.whose in ("", "mine", "free"))


@dataclass(frozen=True)
class Mark:
    """Where a page ends: risk (as its place in RANKS), time (None: a case without a review), case."""

    rank: int
    at: datetime | None
    case_id: UUID

    def __str__(self) -> str:
        moment = "" if self.at is None else str(round(self.at.timestamp() * 1_000_000))
        return f"{self.rank}.{moment}.{self.case_id.hex}"

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """Read what `str` wrote; None for anything else."""
        try:
            rank, moment, pk = text.split(".")
            at = _EPOCH + timedelta(microseconds=int(moment)) if moment else None
            return cls(int(rank), at, UUID(hex=pk))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page:
    """Some cases in order, and the marks of those before and after, if there are any. `many`: more than `total`."""

    ids: list[UUID]
    total: int
    many: bool = False
    before: Mark | None = None
    after: Mark | None = None


class _Plain(Function):
    """A column that SQLite may not choose an index by: without statistics it would take the wrong one."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)


def page(
    actor: Actor,
    wanted: Wanted,
    *,
    after: Mark | None = None,
    before: Mark | None = None,
    limit: int = 40,
    teams: frozenset[UUID] | None = None,
) -> Page:
    """One page of the list: at most four queries, whatever its length. `teams`: those whose present key is held."""
    held = keyed_team_ids(actor) if teams is None else teams
    if not wanted.possible or not held:
        return Page([], 0)
    look = _Look(actor, wanted, held, clock.now())
    backwards = before is not None
    found = look.keys(before if backwards else after, backwards, limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    whole = not more and after is None and before is None
    total = len(found) if whole else look.count()
    starts = more if backwards else after is not None
    ends = backwards or more
    return Page(
        ids=[mark.case_id for mark in found],
        total=min(total, FITTING_TO),
        many=total > FITTING_TO,
        before=found[0] if found and starts else None,
        after=found[-1] if found and ends else None,
    )


def not_closed(actor: Actor, teams: frozenset[UUID]) -> list[QuerySet[Case]]:
    """Everything open that a person sees, as parts that an index answers: for counts and for the morning."""
    return _Look(actor, Wanted(), teams, clock.now()).parts()


def overdue_task(now: datetime) -> Exists:
    """For a query of cases: something that was to be done by now is not done."""
    return Exists(CaseTask.objects.filter(case=OuterRef("pk"), done_at=None, due_at__lt=now))


def own_ids(actor: Actor) -> QuerySet[CaseWorker, Any]:
    """The cases on which a person works now, for use inside another query."""
    return CaseWorker.objects.filter(user=actor.user_id, until=None).values("case")


class _Look:
    """One filter, made into queries."""

    def __init__(self, actor: Actor, wanted: Wanted, teams: frozenset[UUID], now: datetime) -> None:
        self.actor, self.wanted, self.teams, self.now = actor, wanted, teams, now
        self.supervised = actor.teams_with({SUPERVISOR}) & teams
        self.source: QuerySet[CaseFact, Any] | None = None
        self._order = list(wanted.facts.items())
        self._settled = False
        self._known: int | None = None

    # --- what fits ------------------------------------------------------------------------------------------------

    def _fits(self, rows: QuerySet[Case]) -> QuerySet[Case]:
        """What the person may see and the filter lets through, by no index at all."""
        # Every base but that of a rare fact holds one's own, supervised or free cases alone (see `_bases`).
        seen = selectors.visible_to if self.source is not None else selectors.not_kept_from
        rows = seen(self.actor, rows)
        if self.wanted.stage:
            rows = rows.alias(plain_stage=_Plain(F("stage"))).filter(plain_stage=self.wanted.stage)
        if self.wanted.late:
            rows = rows.filter(Q(review_due_at__lt=self.now) | overdue_task(self.now))
        others = self._order[1:] if self.source is not None else self._order
        return rows.filter(*(Has(_fact(*key).filter(case=OuterRef("pk"))) for key in others))

    def _settle(self) -> None:
        """Decide once whether to start from a rare fact: the number of cases of each is counted up to RARE."""
        if self._settled or not self._order:
            return
        self._settled = True
        weights = [(_fact(*key).values("case")[: RARE + 1].count(), key) for key in self._order]
        weights.sort(key=lambda one: one[0])
        self._order = [key for _, key in weights]
        if weights[0][0] <= RARE:
            self.source = _fact(*self._order[0]).values("case")

    def parts(self) -> list[QuerySet[Case]]:
        """Queries without an order that share no case and together are everything that fits."""
        self._settle()
        return [self._fits(rows) for rows, _ in self._bases()]

    def _bases(self) -> Iterator[tuple[QuerySet[Case], bool]]:
        """The cases of each part, and whether they are walked along an index (or a few that are sorted)."""
        columns = {"state__in": self.wanted.states, "risk__in": self.wanted.risks}
        mine = Case.objects.filter(team__in=self.teams, **columns).filter(pk__in=own_ids(self.actor))
        if self.source is not None:
            rows = Case.objects.filter(team__in=self.teams, pk__in=self.source, **columns)
            yield self._whose(rows), False
            return
        if self.wanted.whose == "mine":
            yield mine, False
            return
        own_teams = self.teams - self.supervised
        if self.wanted.whose == "" and own_teams:
            yield mine.filter(team__in=own_teams), False
        for team in sorted(self.supervised):
            rows = Case.objects.filter(team=team)
            free = self.wanted.whose == "free"
            yield (rows.filter(selectors.free_for(self.actor)) if free else rows), not free
        if own_teams:
            yield Case.objects.filter(team__in=own_teams).filter(selectors.free_for(self.actor)), False

    def _whose(self, rows: QuerySet[Case]) -> QuerySet[Case]:
        if self.wanted.whose == "mine":
            return rows.filter(pk__in=own_ids(self.actor))
        return rows.filter(selectors.free_for(self.actor)) if self.wanted.whose == "free" else rows

    # --- the order ------------------------------------------------------------------------------------------------

    def keys(self, mark: Mark | None, backwards: bool, limit: int) -> list[Mark]:
        """The first cases behind a mark."""
        self._settle()
        order = _ORDERS[self.wanted.sort]
        shown = ("risk", order.column, "pk")
        fitting = [
            self._fits(walk)
            for rows, walked in self._bases()
            for walk in order.walks(rows, self.wanted, walked, mark, backwards)
        ]
        if self.source is not None and mark is None and fitting:  # all of them are looked at anyway: count on the way
            rows = list(fitting[0].annotate(fitting=Window(Count("pk"))).values_list(*shown, "fitting")[:limit])
            self._known = rows[0][3] if rows else 0
            return [Mark(RANKS[Risk(risk)], at, pk) for risk, at, pk, _ in rows]
        walks = [rows.values_list(*shown)[:limit] for rows in fitting]
        found = [Mark(RANKS[Risk(risk)], at, pk) for risk, at, pk in _together(walks, shown)]
        found.sort(key=order.key, reverse=backwards)
        return found[:limit]

    def count(self) -> int:
        """How many fit, up to FITTING_TO + 1 (or exactly, where `keys` counted on the way)."""
        if self._known is not None:
            return self._known
        columns = {"state__in": self.wanted.states, "risk__in": self.wanted.risks}
        parts = [self._fits(rows.filter(**columns)).order_by().values("pk") for rows, _ in self._bases()]
        return _union([part[: FITTING_TO + 1] for part in parts], ("pk",))[: FITTING_TO + 1].count()


class Has(Exists):
    """EXISTS that PostgreSQL answers row by row instead of joining everything that the subquery finds."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


def _fact(name: str, value: str) -> QuerySet[CaseFact]:
    return CaseFact.objects.filter(field=name, token=vault_facts.fact_token(name, value))


def _together(walks: list[QuerySet[Case, Any]], columns: tuple[str, ...]) -> list[tuple[str, datetime | None, UUID]]:
    """The rows of several sorted and cut queries, in one query."""
    if len(walks) < 2:
        return [row for walk in walks for row in walk]
    return list(_union(walks, columns))


def _union(parts: list[QuerySet[Case, Any]], shown: tuple[str, ...]) -> QuerySet[Case, Any]:
    """One query of several; each is wrapped, because SQLite allows no order and no limit inside a union."""
    if len(parts) == 1:
        return parts[0]
    wrapped = [Case.objects.filter(pk__in=part.values("pk")).order_by().values_list(*shown) for part in parts]
    return wrapped[0].union(*wrapped[1:], all=True)


# --- orders -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Order:
    """One order: by risk first or not, then by a time that rises or falls, then by id."""

    column: str
    falling: bool
    by_risk: bool = False
    nullable: bool = False
    stretches: Callable[[Wanted], Iterable[dict[str, Any]]] = lambda wanted: ()

    def by(self, backwards: bool) -> list[Any]:
        time = F(self.column)
        if self.falling != backwards:
            return [time.desc(nulls_first=backwards) if self.nullable else time.desc(), "-id" if backwards else "id"]
        return [time.asc(nulls_last=not backwards) if self.nullable else time.asc(), "-id" if backwards else "id"]

    def key(self, mark: Mark) -> Any:
        at = mark.at.timestamp() if mark.at is not None else float("inf")
        return (mark.rank if self.by_risk else 0, -at if self.falling else at, mark.case_id)

    def walks(
        self, rows: QuerySet[Case], wanted: Wanted, walked: bool, mark: Mark | None, backwards: bool
    ) -> Iterator[QuerySet[Case]]:
        """Stretches of an index behind the mark, in order; a part that is not walked is one of them by itself."""
        columns: dict[str, Any] = {"state__in": wanted.states, "risk__in": wanted.risks}
        stretches = self.stretches(wanted) if walked else [{"risk": risk} for risk in wanted.risks]
        if not walked and not self.by_risk:
            stretches = [columns]
        found = [(one, behind) for one in stretches if (behind := self._behind(one, mark, backwards)) is not None]
        if walked or not self.by_risk:
            for stretch, behind in found:
                yield rows.filter(behind, **(stretch if walked else columns)).order_by(*self.by(backwards))
        elif found:
            parts = [Q(**stretch) & behind for stretch, behind in found]
            rank = Switch(*(When(risk=risk, then=number) for risk, number in RANKS.items()))
            risks = rank.desc() if backwards else rank.asc()
            yield rows.filter(reduce(or_, parts), **columns).order_by(risks, *self.by(backwards))

    def _behind(self, stretch: dict[str, Any], mark: Mark | None, backwards: bool) -> Q | None:
        """What lies behind the mark in a stretch; None: nothing of it."""
        if mark is None:
            return Q()
        if self.by_risk and RANKS[Risk(stretch["risk"])] != mark.rank:
            return Q() if (RANKS[Risk(stretch["risk"])] > mark.rank) != backwards else None
        tie = Q(**{"id__lt" if backwards else "id__gt": mark.case_id})
        if mark.at is None:  # cases without a time stand at the end
            none = Q(**{f"{self.column}__isnull": True})
            return ~none | (none & tie) if backwards else none & tie
        down = self.falling != backwards
        beyond = Q(**{f"{self.column}__{'lt' if down else 'gt'}": mark.at}) | (Q(**{self.column: mark.at}) & tie)
        if self.nullable and not backwards:
            beyond |= Q(**{f"{self.column}__isnull": True})
        return beyond


def _per_state(wanted: Wanted) -> list[dict[str, Any]]:
    return [{"state": state, "risk__in": wanted.risks} for state in wanted.states]


def _per_risk(wanted: Wanted) -> list[dict[str, Any]]:
    return [{"state": state, "risk": risk} for risk in wanted.risks for state in wanted.states]


def _one(wanted: Wanted) -> list[dict[str, Any]]:
    return [{"state__in": wanted.states, "risk__in": wanted.risks}]


_ORDERS: dict[str, _Order] = {
    REVIEW: _Order("review_due_at", falling=False, nullable=True, stretches=_per_state),
    RISK: _Order("changed_at", falling=True, by_risk=True, stretches=_per_risk),
    CHANGED: _Order("changed_at", falling=True, stretches=_per_risk),
    OPENED: _Order("opened_at", falling=True, stretches=_one),
}
