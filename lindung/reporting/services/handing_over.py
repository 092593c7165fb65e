"""Work changes hands within a team: by a supervisor, or by the person before they leave.

A report goes to a colleague who handles reports of that team, holds its key and is of no team that the report is hidden
from. Its state, clocks and sealed words stay as they are. Whatever a leaver still holds is released to the queue, so
that nothing waits for somebody who will not come.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Count, Exists, F, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.leaving import InHand
from lindung.accounts.models import Membership, Team, User
from lindung.accounts.rules import SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.models import TeamKeyGrant

from .. import rules, rules_staff, selectors, signals
from ..models import OPEN_STATES, DutyShift, FollowUp, PoliceClock, Report, ReportExclusion, State
from ..models_moves import Reassignment
from ..state import Event, states_for
from .access import lock


@dataclass(frozen=True)
class Workload:
    """What one person of a team has in hand. `holds_key`: work can be given to them. `gone`: their role has ended."""

    user_id: UUID
    name: str
    team_id: UUID
    reports: int
    high: int
    follow_ups: int
    police_clocks: int
    shifts: int
    holds_key: bool
    gone: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.reports or self.shifts)


def may_look_at(actor: Actor, team_id: UUID) -> bool:
    """Everybody's load: supervisors of the team."""
    return actor.has_role_in(team_id, SUPERVISOR)


def may_hand_over(actor: Actor, team_id: UUID, from_user: UUID) -> bool:
    """A person's work is handed over by themselves, as long as they handle reports there, or by a supervisor."""
    own = actor.user_id == from_user and rules_staff.may_handle(actor, team_id)
    return own or may_look_at(actor, team_id)


def held_by(actor: Actor, team_id: UUID, user_id: UUID) -> QuerySet[Report]:
    """The open reports of a team that a person holds, as far as the actor sees them; the most urgent first.

    A report that was merged into another one goes along with that one.
    """
    order = [When(risk=risk, then=Value(rank)) for risk, rank in rules.RISK_ORDER.items()]
    seen = selectors.visible_to(actor).filter(team=team_id, claimed_by=user_id, state__in=OPEN_STATES)
    seen = seen.filter(team__in=selectors.keyed_teams(actor), merged_into=None)
    return seen.order_by(Case(*order, default=Value(9)), "due_at", "id")


def workloads(actor: Actor, team: Team) -> list[Workload]:
    """What everybody of a team has in hand, or for others than its supervisor their own load: seven queries.

    People whose role in the team has ended stand there as long as something is left in their hands.
    """
    if not rules_staff.may_handle(actor, team.pk):
        return []
    now = clock.now()
    reports = selectors.visible_to(actor).filter(team=team, state__in=OPEN_STATES, claimed_by__isnull=False)
    if not may_look_at(actor, team.pk):
        reports = reports.filter(claimed_by=actor.user_id)
    high = _counts(reports.filter(risk="high"))
    follow_ups = _by(FollowUp.objects.filter(report__in=reports, done_at=None), "report__claimed_by")
    police = _by(PoliceClock.objects.filter(report__in=reports, decision=""), "report__claimed_by")
    shifts = _by(DutyShift.objects.filter(team=team, ends_at__gt=now), "user")
    held = _counts(reports)
    members = set(members_of(team.pk, *rules_staff.HANDLERS).values_list("pk", flat=True))
    wanted = members | set(held) | set(shifts) if may_look_at(actor, team.pk) else {actor.user_id}
    keyed = {user.pk for user in receivers(team.pk)}
    people = User.objects.filter(pk__in=wanted).order_by("display_name", "username")
    return [
        Workload(
            person.pk, person.display_name, team.pk, held.get(person.pk, 0), high.get(person.pk, 0),
            follow_ups.get(person.pk, 0), police.get(person.pk, 0), shifts.get(person.pk, 0),
            holds_key=person.pk in keyed, gone=person.pk not in members,
        )
        for person in people
    ]  # fmt: skip


def _counts(reports: QuerySet[Report]) -> dict[UUID, int]:
    return _by(reports, "claimed_by")


def _by(rows: QuerySet[Any], column: str) -> dict[UUID, int]:
    return dict(rows.order_by().values_list(column).annotate(n=Count("pk")))


def receivers(team_id: UUID) -> QuerySet[User]:
    """Who may be given reports of a team: active, with a role that handles them, and with the team's present key."""
    grants = TeamKeyGrant.objects.filter(
        member_key__holder=OuterRef("pk"), member_key__active=True, team_key__team=team_id, team_key__state="active"
    )
    return members_of(team_id, *rules_staff.HANDLERS).filter(Exists(grants))


def hand_over(
    actor: Actor,
    team_id: UUID,
    from_user: UUID,
    to_users: Sequence[UUID],
    report_ids: Collection[UUID],
) -> dict[UUID, UUID]:
    """Give reports that a person holds to colleagues, evenly, in one transaction; return who got which report.

    The most urgent are given first, each to the colleague with the fewest open reports who may see it; the order of
    `to_users` settles what is even. One audit event a report. Raises NotFound, NotAllowed, BadInput when nothing or
    nobody was chosen or nobody of them may have one of the reports, and Conflict when a report is not in that person's
    hands any more: nothing is changed then.
    """
    if not may_hand_over(actor, team_id, from_user):
        raise NotFound
    chosen = list(dict.fromkeys(report_ids))
    if not chosen:
        raise BadInput("reports", _("Pilih paling sedikit satu laporan."))
    allowed = {user.pk for user in receivers(team_id)} - {from_user}
    people = [user for user in dict.fromkeys(to_users) if user in allowed]
    if not people or len(people) != len(set(to_users)):
        raise BadInput("people", _("Pilih rekan satu tim yang memegang kunci tim."))
    with transaction.atomic():
        reports = list(held_by(actor, team_id, from_user).filter(pk__in=chosen))
        if len(reports) != len(chosen):
            raise Conflict
        list(lock(Report.objects.filter(pk__in=chosen)).order_by("pk"))
        given = share(reports, people, _loads(team_id, people), _barred(reports, people))
        for report in reports:
            _give(actor, report, from_user, given[report.pk])
    return given


def share(
    reports: Sequence[Report],
    people: Sequence[UUID],
    loads: dict[UUID, int],
    barred: Collection[tuple[UUID, UUID]],
) -> dict[UUID, UUID]:
    """Who gets which report: each goes to the least loaded person who may see it; pure.

    `barred` holds (report, person). Raises BadInput when nobody may have one of them.
    """
    load = {person: loads.get(person, 0) for person in people}
    given: dict[UUID, UUID] = {}
    for report in reports:
        free = [person for person in people if (report.pk, person) not in barred]
        if not free:
            raise BadInput(
                "people", _("Ada laporan yang tidak boleh dibaca oleh rekan yang dipilih. Pilih rekan lain.")
            )
        chosen = min(free, key=lambda person: (load[person], people.index(person)))
        load[chosen] += 1
        given[report.pk] = chosen
    return given


def _loads(team_id: UUID, people: Sequence[UUID]) -> dict[UUID, int]:
    return _counts(Report.objects.filter(team=team_id, state__in=OPEN_STATES, claimed_by__in=people))


def _barred(reports: Sequence[Report], people: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Which of these people belong to a team that one of these reports is hidden from."""
    teams: dict[UUID, set[UUID]] = {}
    for team, user in Membership.objects.filter(user__in=people, team__isnull=False).values_list("team", "user"):
        if team is not None:
            teams.setdefault(team, set()).add(user)
    rows = ReportExclusion.objects.filter(report__in=[r.pk for r in reports], team__in=teams)
    return {(report, user) for report, team in rows.values_list("report", "team") for user in teams[team]}


def _give(actor: Actor, report: Report, from_user: UUID, to_user: UUID) -> None:
    now = clock.now()
    rows = Report.objects.filter(pk=report.pk, team=report.team_id, claimed_by=from_user, state=report.state)
    if rows.update(claimed_by=to_user, claimed_at=now, version=F("version") + 1) != 1:
        raise Conflict
    Reassignment.objects.create(report=report, from_user_id=from_user, to_user_id=to_user, by_id=actor.user_id, at=now)
    signals.report_changed.send(sender=Report, report_id=report.pk, what="report.handed_on")
    data = {"from": from_user, "to": to_user}
    audit.record("report.handed_on", actor=actor.audit_name, subject=report.pk.hex, data=data)


# --- somebody leaves ------------------------------------------------------------------------------------------------


def in_hand(user_id: UUID) -> list[InHand]:
    """What a person still has in hand, in all teams, as numbers alone: for whoever takes their access away."""
    open_reports = Report.objects.filter(claimed_by=user_id, state__in=OPEN_STATES)
    follow_ups = FollowUp.objects.filter(report__in=open_reports, done_at=None)
    running = PoliceClock.objects.filter(report__in=open_reports, decision="")
    return [
        InHand(_("Laporan terbuka"), open_reports.count()),
        InHand(_("Tindak lanjut yang belum selesai"), follow_ups.count()),
        InHand(_("Batas waktu lapor polisi yang berjalan"), running.count()),
        InHand(
            _("Giliran jaga yang akan datang"), DutyShift.objects.filter(user=user_id, ends_at__gt=clock.now()).count()
        ),
    ]


def release_all(user_id: UUID, teams: Collection[UUID] | None, actor_name: str) -> int:
    """Give back to the queue whatever a person holds in these teams (None: in all), inside the caller's transaction.

    High risk calls for attention again with the next turn of the loop. Returns how many were released.
    """
    reports = Report.objects.filter(claimed_by=user_id).filter(state__in=states_for(Event.RELEASE))
    if teams is not None:
        reports = reports.filter(team__in=teams)
    found = list(lock(reports).order_by("pk"))
    for report in found:
        Report.objects.filter(pk=report.pk, claimed_by=user_id).update(
            state=Case(When(state=State.CLAIMED, then=Value(State.NEW.value)), default=F("state")),
            claimed_by=None,
            claimed_at=None,
            version=F("version") + 1,
        )
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.released")
        data: dict[str, UUID | str] = {"from": user_id, "why": "left"}
        audit.record("report.released", actor=actor_name, subject=report.pk.hex, data=data)
    return len(found)


def on_left(sender: Any, *, user_id: UUID, teams: Collection[UUID] | None, actor: str, **_more: Any) -> None:
    """Receiver of accounts' `left_teams`: what was not handed over goes back to the queue."""
    release_all(user_id, teams, actor)


def shifts_to_come(team_id: UUID, user_id: UUID, now: datetime | None = None) -> QuerySet[DutyShift]:
    """The duty of a person in a team that is not over yet."""
    return DutyShift.objects.filter(team=team_id, user=user_id, ends_at__gt=now or clock.now())
