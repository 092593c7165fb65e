"""The queue of a person's teams as a list to work from: filtered, counted, sorted and paged by the database.

The order is the one of `Report.queue_rank`, then the time due; both stand in an index, so that a page costs the same
among 200 reports and among 200,000. A page begins after the last row of the one before (a `Mark`), not at a number of
rows: what a colleague takes meanwhile makes nobody miss a report.

A filter is answered in one of two ways: the database starts from the reports that fit its rarest condition and sorts
them, or it walks along the queue and stops when the page is full. `_settle` chooses the one that looks at fewer rows,
because neither database knows it as well: SQLite has no statistics, and PostgreSQL none of combinations. The choice
never changes what is shown. Whoever changes a query here measures it: benchmarks/workspace.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import (
    Count,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Window,
)
from django.db.models.functions import Coalesce

from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.core import clock
from lindung.core.prepared import MOMENT, Number, Prepared, once_each
from lindung.vault import facts as vault_facts

from . import rules, selectors
from .inbox_rows import HELP, InboxRow, by, plain
from .inbox_rows import rows as shown_rows
from .models import (
    CLOSED_RANK,
    HELP_PATH,
    OPEN_STATES,
    OURS,
    THEIRS,
    UNLISTED,
    Direction,
    Message,
    Report,
    ReportFact,
    Risk,
    State,
)

COUNTED_TO, FITTING_TO = 500, 200
"""Numbers above the list, and of what fits a filter, are exact up to here; beyond it they say that there is more."""

FACTS = ("form", "age_band", "sex", "province", "regency", "platform", "given")
"""Coded facts that can be filtered by."""

_WEIGHED_TO = 100_000
_REMEMBER = timedelta(minutes=5)
"""How far the reports that fit a condition are counted to choose a way, and how long the number is good enough."""


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see. Empty means: does not matter.

    `state` empty: all open ones, "all": closed ones too. `whose`: mine or free. `only`: late or message. `queue`: help
    or reports. `facts`: value by field of FACTS. `since` and `before`: moments of receipt, the second one excluded.
    `sort`: urgency, or newest. A value that nobody knows fits nothing.
    """

    risk: str = ""
    state: str = ""
    whose: str = ""
    only: str = ""
    queue: str = ""
    channel: str = ""
    language: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    before: datetime | None = None
    sort: str = "urgency"

    @property
    def ranks(self) -> set[int]:
        """The places in the queue that may fit."""
        found = _ranks_of_state(self.state)
        if self.risk:
            kind = rules.RISK_ORDER.get(self.risk)
            found = {r for r in found if kind is not None and (r == CLOSED_RANK or r % 4 in (3, kind))}
        if self.queue:
            found = {r for r in found if r == CLOSED_RANK or (r % 4 == 3) == (self.queue == HELP)}
        if self.only == "late":
            found &= {*OURS}
        return found


def _ranks_of_state(state: str) -> set[int]:
    if state in ("", "all"):
        return {*OURS, *THEIRS, CLOSED_RANK} if state else {*OURS, *THEIRS}
    if state == State.CLOSED:
        return {CLOSED_RANK}
    if state in (State.WAITING_REPORTER, State.REFERRED):
        return {*THEIRS}
    return {*OURS} if state in OPEN_STATES else set()


@dataclass(frozen=True)
class Mark:
    """Where a page ends: place in the queue, time (due, or received when the newest come first), report."""

    rank: int
    at: datetime
    report_id: UUID

    def __str__(self) -> str:
        return f"{self.rank}.{int(self.at.timestamp()) // 60}.{self.report_id.hex}"

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """Read what `str` wrote; None for anything else."""
        try:
            rank, minutes, pk = text.split(".")
            return cls(int(rank), datetime.fromtimestamp(int(minutes) * 60, UTC), UUID(hex=pk))
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class Page:
    """Some rows, and the marks of those before and after, if there are any. `many`: there are more than `total`."""

    rows: list[InboxRow]
    total: int
    many: bool = False
    before: Mark | None = None
    after: Mark | None = None


@dataclass(frozen=True)
class Summary:
    """How many of the open reports call for attention, whatever is filtered; above COUNTED_TO there are more."""

    high: int
    late: int
    message: int
    free: int


def keyed_team_ids(actor: Actor) -> frozenset[UUID]:
    """The teams whose reports the person may read and whose present key they hold: one query.

    Place, marks and risk together can point at one child, so the list needs the key as the report does.
    """
    held = selectors.keyed_teams(actor).values_list("team_key__team", flat=True)
    return frozenset(held) & actor.teams_with(rules.READERS)


def listed(actor: Actor, *, limit: int = 500, **wanted: Any) -> list[InboxRow]:
    """The first rows of the queue, with the conditions of `Wanted` as keywords."""
    return page(actor, Wanted(**wanted), limit=limit).rows


def page(
    actor: Actor,
    wanted: Wanted,
    *,
    after: Mark | None = None,
    before: Mark | None = None,
    last: bool = False,
    limit: int = 60,
    teams: frozenset[UUID] | None = None,
) -> Page:
    """One page of the queue, in at most six queries whatever its length.

    From the beginning, or `after` or `before` a mark, or the `last` one. `teams`: what `keyed_team_ids` said, if the
    caller knows it.
    """
    now = clock.now()
    looked = _Look(actor, wanted, keyed_team_ids(actor) if teams is None else teams, now)
    if not looked.possible:
        return Page([], 0)
    backwards = last or before is not None
    found = looked.keys(before if before is not None else None if last else after, backwards, limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    whole = not more and after is None and before is None
    total = len(found) if whole else looked.count()
    many = not whole and not looked.exact and total > FITTING_TO
    starts = more if backwards else after is not None
    ends = (before is not None) if backwards else more
    return Page(
        rows=shown_rows(actor, [pk for _, _, pk in found], now),
        total=FITTING_TO if many else total,
        many=many,
        before=Mark(*found[0]) if found and starts else None,
        after=Mark(*found[-1]) if found and ends else None,
    )


def summary(actor: Actor, teams: frozenset[UUID] | None = None) -> Summary:
    """The numbers above the list, in one query (two, when `teams` is not given)."""
    held = keyed_team_ids(actor) if teams is None else teams
    if not held:
        return Summary(0, 0, 0, 0)
    row = _prepared_summary(actor, frozenset(held), COUNTED_TO + 1).row(clock.now())
    return Summary(*(int(number or 0) for number in row or (0, 0, 0, 0)))


@once_each
def _prepared_summary(actor: Actor, teams: frozenset[UUID], up_to: int) -> Prepared:
    wanted = (Wanted(risk=Risk.HIGH.value), Wanted(only="late"), Wanted(only="message"), Wanted(whose="free"))
    looks = [_Look(actor, one, teams, MOMENT) for one in wanted]
    looks[2].begin_with("message", _unread_reports())
    numbers = [Number(look.all()[:up_to]) for look in looks]
    return Prepared(User.objects.filter(pk=actor.user_id).values_list(*numbers))


class _Has(Exists):
    """EXISTS that PostgreSQL answers row by row: it takes fields and tokens for independent and would join them all."""

    template = "EXISTS(%(subquery)s OFFSET 0)"


def _counts(actor: Actor, queries: Iterable[QuerySet[Any, Any]]) -> list[int]:
    """Count several queries in one."""
    numbers = [Number(query) for query in queries]
    row = User.objects.filter(pk=actor.user_id).values_list(*numbers).first() if numbers else ()
    return list(row or [0] * len(numbers))


_weighed: dict[Any, tuple[datetime, int]] = {}


def _weights(actor: Actor, sources: list[_Source]) -> list[int]:
    """How many reports fit each condition, roughly: remembered for a while in this process."""
    now = clock.now()
    new = [s for s in sources if not (s.key in _weighed and _weighed[s.key][0] <= now < _weighed[s.key][0] + _REMEMBER)]
    found = _counts(actor, [source.ids[: source.up_to] for source in new])
    if len(_weighed) > 5000:
        _weighed.clear()
    _weighed.update({source.key: (now, number) for source, number in zip(new, found, strict=True)})
    return [_weighed[source.key][1] for source in sources]


def _unread_reports() -> QuerySet[Message, Any]:
    """The reports of unread messages; a message to a merged report calls at the one that it was merged into."""
    unread = Message.objects.filter(read_by_staff=False, direction=Direction.IN)
    return unread.order_by().values(found=Coalesce("report__merged_into", "report"))


@dataclass(frozen=True)
class _Source:
    """What one condition alone lets through: the ids of reports (as `found`) from an index of its own."""

    condition: str
    ids: QuerySet[Any, Any]
    key: tuple[Any, ...] = ()
    up_to: int = _WEIGHED_TO


class _Look:
    """One filter, made into queries."""

    def __init__(self, actor: Actor, wanted: Wanted, teams: frozenset[UUID], now: datetime) -> None:
        self.actor, self.wanted, self.teams, self.now = actor, wanted, teams, now
        self.possible = bool(teams and wanted.ranks) and set(wanted.facts) <= set(FACTS)
        self.newest = wanted.sort == "newest"
        self.source: QuerySet[Any, Any] | None = None
        """Ids of reports to start from; None: walk along the queue."""
        self.known: int | None = None
        self.exact = False
        self._answered = ""
        self._settled = False
        self._order = list(wanted.facts.items())

    def begin_with(self, condition: str, source: QuerySet[Any, Any]) -> None:
        """Start from these ids, which answer the condition of that name already."""
        self._answered, self.source, self._settled = condition, source, True

    # --- what fits ----------------------------------------------------------------------------------------------

    def _base(self) -> QuerySet[Report]:
        """What the person may see and the filter lets through, by no index at all."""
        rows = selectors.visible_to(self.actor, plain(), team="plain_team").filter(**self._columns())
        if self.wanted.queue:
            rows = rows.filter(by(path=HELP_PATH) if self.wanted.queue == HELP else ~by(path=HELP_PATH))
        if self.wanted.whose == "free":
            rows = rows.filter(claimed_by__isnull=True)
        elif self.wanted.whose:
            rows = rows.filter(by(claimed_by=self.actor.user_id))
        if self.wanted.only == "message" and self._answered != "message":
            rows = rows.filter(selectors.unread_message())
        if self._answered != "facts":
            rows = rows.filter(*(_Has(fact.filter(report=OuterRef("pk"))) for fact in self._facts()))
        return rows

    def _columns(self) -> dict[str, Any]:
        wanted = self.wanted
        found: dict[str, Any] = {}
        for name in ("risk", "channel", "language"):
            if value := getattr(wanted, name):
                found[f"plain_{name}"] = value
        if wanted.state not in ("", "all"):
            found["plain_state"] = wanted.state
        if wanted.since is not None:
            found["plain_received_at__gte"] = wanted.since
        if wanted.before is not None:
            found["plain_received_at__lt"] = wanted.before
        return found

    def _facts(self) -> list[QuerySet[ReportFact]]:
        return [self._fact(*key) for key in self._order]

    @staticmethod
    def _fact(name: str, value: str) -> QuerySet[ReportFact]:
        return ReportFact.objects.filter(field=name, token=vault_facts.fact_token(name, value))

    # --- where to start -----------------------------------------------------------------------------------------

    def _settle(self, wished: int) -> None:
        """Decide once how to find so many reports: from the rarest condition, or along the queue."""
        if self._settled:
            return
        self._settled = True
        sources = list(self._sources())
        if not sources:
            return
        everything = _Source("all", Report.objects.order_by().values("pk"), ("all",), 100 * _WEIGHED_TO)
        whole, standing, *sizes = _weights(self.actor, [everything, self._standing(), *sources])
        shares = [size / max(whole, 1) for size in sizes]
        # The rarest fact first: where it is missing, no other one is looked for.
        pairs = zip(sources, shares, strict=True)
        rare_first = sorted((share, source.key) for source, share in pairs if source.condition == "facts")
        self._order = [key for _, key in rare_first]
        looks = 1 + sum(math.prod(share for share, _ in rare_first[:n]) for n in range(len(rare_first)))
        along = min(whole, wished / max(math.prod(shares), 1e-9)) * looks
        facts = math.prod(share for share, _ in rare_first)
        costs = [
            size + 5 * min(size, whole * facts) if source.condition == "facts" else 6 * size
            for source, size in zip(sources, sizes, strict=True)
        ]
        if min(costs) < along:
            best = sources[costs.index(min(costs))]
            ids = best.ids
            if best.condition == "facts":  # the others thin them out before any report is looked at
                ids = self._thinned(ids, [key for key in self._order if key != best.key], 2 * standing < whole)
            self.begin_with(best.condition, ids)

    def _thinned(
        self, ids: QuerySet[ReportFact, Any], others: list[tuple[str, str]], few_stand: bool
    ) -> QuerySet[ReportFact, Any]:
        """Of the reports of one fact those that have the others too.

        When few reports stand in the wanted ranks, only those are asked. The rank is then part of each question,
        although it says nothing new: otherwise PostgreSQL asks before it looks at the rank.
        """
        if not (others and few_stand):
            return ids.filter(*(_Has(self._fact(*key).filter(report=OuterRef("report"))) for key in others))
        rank = ExpressionWrapper(OuterRef("report__queue_rank"), IntegerField())
        asked = [self._fact(*key).alias(rank=rank).filter(report=OuterRef("report")) for key in others]
        ids = ids.filter(report__team__in=self.teams, report__queue_rank__in=self.wanted.ranks)
        return ids.filter(*(_Has(fact.filter(rank__lt=UNLISTED)) for fact in asked))

    def _standing(self) -> _Source:
        """What stands in the wanted ranks, whatever else it is."""
        ranks, teams = sorted(self.wanted.ranks), sorted(self.teams)
        rows = Report.objects.filter(team__in=teams, queue_rank__in=ranks).order_by()
        return _Source("open", rows.values(found=F("pk")), ("open", *ranks, *teams))

    def _sources(self) -> Iterator[_Source]:
        wanted, rows, teams = self.wanted, Report.objects.filter(team__in=self.teams).order_by(), sorted(self.teams)
        for (name, value), fact in zip(wanted.facts.items(), self._facts(), strict=True):
            yield _Source("facts", fact.order_by().values(found=F("report")), (name, value))
        for name in ("channel", "language", "state"):
            value = getattr(wanted, name)
            if value and value != "all":
                yield _Source(name, rows.filter(**{name: value}).values(found=F("pk")), (name, value, *teams))
        if wanted.whose == "mine":
            ids = Report.objects.filter(claimed_by=self.actor.user_id).order_by().values(found=F("pk"))
            yield _Source("mine", ids, ("mine", self.actor.user_id))
        if wanted.only == "message":
            yield _Source("message", _unread_reports(), ("message",))
        if wanted.since is not None or wanted.before is not None:
            time = {"received_at__gte": wanted.since, "received_at__lt": wanted.before}
            ids = rows.filter(**{k: v for k, v in time.items() if v is not None}).values(found=F("pk"))
            yield _Source("received", ids, (wanted.since, wanted.before, *teams))
        if self.newest and CLOSED_RANK not in wanted.ranks:
            yield self._standing()

    # --- the order ----------------------------------------------------------------------------------------------

    def all(self) -> QuerySet[Report, Any]:
        """Everything that fits, in no order."""
        ranks, late = self.wanted.ranks, Q(due_at__lt=self.now) if self.wanted.only == "late" else Q()
        if self.source is not None:
            rows = self._base().filter(late, by(queue_rank__in=ranks, team__in=self.teams))
            return rows.filter(pk__in=self.source).values("pk")
        return self._base().filter(late, queue_rank__in=ranks, team__in=self.teams).values("pk")

    def count(self) -> int:
        """How many fit, up to FITTING_TO + 1."""
        if self.known is None:
            self.known = self.all().order_by()[: FITTING_TO + 1].count()
        return self.known

    def keys(self, mark: Mark | None, backwards: bool, limit: int) -> list[tuple[int, datetime, UUID]]:
        """Rank, time and id of the first reports behind a mark."""
        self._settle(limit + FITTING_TO)
        time = "received_at" if self.newest else "due_at"
        down = self.newest != backwards
        order = [f"{'-' if down else ''}{time}", f"{'-' if backwards else ''}id"]
        if not self.newest:
            order.insert(0, f"{'-' if backwards else ''}queue_rank")
        parts = [part.order_by(*order) for part in self._parts(mark, backwards)]
        if not parts:
            return []
        shown = ("queue_rank", time, "pk")
        if self.source is not None and mark is None:  # all of them are looked at anyway: count on the way
            rows = list(parts[0].annotate(fitting=Window(Count("pk"))).values_list(*shown, "fitting")[:limit])
            self.known, self.exact = (rows[0][3] if rows else 0), True
            return [row[:3] for row in rows]
        if len(parts) == 1:
            return list(parts[0].values_list(*shown)[:limit])
        wrapped = [
            Report.objects.filter(pk__in=part.values("pk")[:limit]).order_by().values_list(*shown) for part in parts
        ]
        return list(wrapped[0].union(*wrapped[1:], all=True).order_by(*order)[:limit])

    def _parts(self, mark: Mark | None, backwards: bool) -> list[QuerySet[Report]]:
        """Queries of which each is one walk along one index; together they are what stands behind the mark."""
        if self.source is not None:
            return [self._from_source(self.source, mark, backwards)]
        rows, parts = self._base(), []
        for team in sorted(self.teams):
            for first, until, behind in self._walks(mark, backwards):
                part = rows.filter(behind, team=team)
                if self.newest:
                    parts.append(part.filter(by(queue_rank__in=self.wanted.ranks)))
                elif first == until:
                    parts.append(part.filter(queue_rank=first))
                else:
                    parts.append(part.filter(queue_rank__gte=first, queue_rank__lte=until))
        return parts

    def _walks(self, mark: Mark | None, backwards: bool) -> list[tuple[int, int, Q]]:
        """Stretches of ranks that lie side by side, each with what its first one leaves out."""
        if self.newest:
            return [(0, 0, _behind("received_at", mark, falling=not backwards, backwards=backwards))]
        ranks, found = sorted(self.wanted.ranks), []
        if mark is not None:
            if mark.rank in ranks:
                found.append((mark.rank, mark.rank, _behind("due_at", mark, falling=backwards, backwards=backwards)))
            ranks = [rank for rank in ranks if (rank < mark.rank if backwards else rank > mark.rank)]
        if self.wanted.only == "late":
            late = Q(due_at__lt=self.now)
            return [(a, b, behind & late) for a, b, behind in found] + [(rank, rank, late) for rank in ranks]
        return found + [(first, until, Q()) for first, until in _stretches(ranks)]

    def _from_source(self, source: QuerySet[Any, Any], mark: Mark | None, backwards: bool) -> QuerySet[Report]:
        late = Q(due_at__lt=self.now) if self.wanted.only == "late" else Q()
        rows = self._base().filter(late, by(queue_rank__in=self.wanted.ranks, team__in=self.teams))
        rows = rows.filter(pk__in=source)
        if mark is None:
            return rows
        if self.newest:
            return rows.filter(_behind("received_at", mark, falling=not backwards, backwards=backwards))
        further = by(queue_rank__lt=mark.rank) if backwards else by(queue_rank__gt=mark.rank)
        same = by(queue_rank=mark.rank) & _behind("due_at", mark, falling=backwards, backwards=backwards)
        return rows.filter(further | same)


def _behind(name: str, mark: Mark | None, *, falling: bool, backwards: bool) -> Q:
    """What comes after a mark when `name` rises or falls and equal ones follow their id."""
    if mark is None:
        return Q()
    beyond = Q(**{f"{name}__{'lt' if falling else 'gt'}": mark.at})
    tie = Q(**{"id__lt" if backwards else "id__gt": mark.report_id})
    return Q(**{f"{name}__{'lte' if falling else 'gte'}": mark.at}) & (beyond | tie)


def _stretches(ranks: list[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for rank in ranks:
        if found and found[-1][1] == rank - 1:
            found[-1] = (found[-1][0], rank)
        else:
            found.append((rank, rank))
    return found
