"""Reads that depend on the person. `visible_to` is the one door to cases: every list, link and count starts there."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.rules import SUPERVISOR
from lindung.reporting.selectors import keyed_teams
from lindung.vault import blind

from .models import (
    Case,
    CaseExclusion,
    CaseIncident,
    CaseReport,
    CaseWorker,
    ChildEvent,
    ChildEventKind,
    State,
)
from .rules import READERS, CaseFacts


def visible_to(actor: Actor, rows: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases that a person may see at all; `rules.may_open` says the same of one. `rows`: of these only."""
    rows = not_kept_from(actor, rows)
    readable, supervised = actor.teams_with(READERS), actor.teams_with({SUPERVISOR})
    if actor.is_system or supervised >= readable:
        return rows
    mine = Exists(present_work().filter(user=actor.user_id))
    return rows.filter(Q(team__in=supervised) | mine | free_for(actor))


def not_kept_from(actor: Actor, rows: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """Half of `visible_to`: cases of teams in which the person reads and that no team of theirs is kept away from.

    Enough by itself for rows that are only those they work on, those of a team they supervise, or `free_for` them.
    """
    if actor.is_system:
        return Case.objects.none()
    rows = Case.objects.all() if rows is None else rows
    return rows.filter(~Exists(_named(actor)), team__in=actor.teams_with(READERS))


def keyed(actor: Actor, rows: QuerySet[Case] | None = None) -> QuerySet[Case]:
    """The cases that a person may see and whose team's present key they hold: a role alone opens nothing."""
    return visible_to(actor, rows).filter(team__in=keyed_teams(actor))


def free_for(actor: Actor) -> Q:
    """For a query of cases: nobody works on it, it is not closed, and the person is not with another child of it."""
    # The column is there for the index; what lets somebody see a case is asked of the rows themselves.
    nobody = Q(free=True) & ~Q(state=State.CLOSED) & ~Exists(present_work())
    return nobody & ~Exists(elsewhere(actor.user_id))


def present_work() -> QuerySet[CaseWorker]:
    """For use inside a query of cases: who works with the child now."""
    return CaseWorker.objects.filter(case=OuterRef("pk"), until=None)


def elsewhere(user_id: UUID) -> QuerySet[CaseIncident]:
    """For use inside a query of cases: incidents that it shares with another case on which this person works now."""
    theirs = CaseIncident.objects.filter(
        ~Q(case=OuterRef("case")),
        incident=OuterRef("incident"),
        case__workers__user=user_id,
        case__workers__until=None,
    )
    return CaseIncident.objects.filter(Exists(theirs), case=OuterRef("pk"))


def facts_of(case: Case) -> CaseFacts:
    """Everything that `rules.may_open` asks of a case, about everybody: three queries."""
    workers = frozenset(CaseWorker.objects.filter(case=case, until=None).values_list("user_id", flat=True))
    shared = CaseIncident.objects.filter(case=case).values("incident")
    others = CaseWorker.objects.filter(case__incidents__incident__in=shared, until=None).exclude(case=case)
    return CaseFacts(
        team_id=case.team_id,
        exclusions=frozenset(case.exclusions.values_list("team_id", flat=True)),
        workers=workers,
        taken=bool(workers),
        state=case.state,
        elsewhere=frozenset(others.values_list("user_id", flat=True)),
    )


def facts_for(actor: Actor, rows: QuerySet[Case]) -> QuerySet[Case]:
    """Annotate what the rules ask of a visible case, about this person alone; read it with `facts_seen`."""
    return rows.annotate(
        is_mine=Exists(present_work().filter(user=actor.user_id)),
        is_taken=Exists(present_work()),
        is_elsewhere=Exists(elsewhere(actor.user_id)),
    )


def facts_seen(actor: Actor, case: Case) -> CaseFacts:
    """The facts about this person of a case that `visible_to` let through and `facts_for` annotated: no query."""
    me = frozenset({actor.user_id})
    row: dict[str, bool] = vars(case)
    return CaseFacts(
        team_id=case.team_id,
        exclusions=frozenset(),
        workers=me if row["is_mine"] else frozenset(),
        taken=row["is_taken"],
        state=case.state,
        elsewhere=me if row["is_elsewhere"] else frozenset(),
    )


# --- the child, and the reports ---------------------------------------------------------------------------------------


def child_states(case_id: UUID) -> frozenset[str]:
    """What is so now of ChildEventKind: missing unless found since, died for ever."""
    found: set[str] = set()
    rows = ChildEvent.objects.filter(case=case_id).order_by("on", "at", "id")
    for kind in rows.values_list("kind", flat=True):
        if kind == ChildEventKind.FOUND:
            found.discard(ChildEventKind.MISSING)
        elif kind != ChildEventKind.MOVED:
            found.add(kind)
    return frozenset({ChildEventKind.DIED.value}) if ChildEventKind.DIED in found else frozenset(found)


def is_silent(case_id: UUID) -> bool:
    """Tell whether the mailbox stays silent: the child is missing or died, and nobody knows who reads there."""
    return bool(child_states(case_id))


def of_report(actor: Actor, report_id: UUID) -> QuerySet[Case]:
    """The cases that a report led to, as far as the person may see them; the newest first."""
    made = CaseReport.objects.filter(report=report_id).values("case")
    return visible_to(actor, Case.objects.filter(pk__in=made)).order_by("-opened_at", "id")


def alike(actor: Actor, case: Case, most: int = 50) -> list[Case]:
    """Other cases that name an identifier of the other side as this one does, as far as the person sees them.

    Only cases that the person may see are looked at, so that nothing, not even a number, tells of others.
    """
    tokens = blind.tokens_of(case.record_id)
    if not tokens:
        return []
    rows = keyed(actor).exclude(pk=case.pk).filter(record__in=blind.naming(tokens).values("record"))
    return list(rows.order_by("-opened_at", "id")[:most])


def _named(actor: Actor) -> QuerySet[CaseExclusion]:
    return CaseExclusion.objects.filter(case=OuterRef("pk"), team__in=actor.team_ids)
