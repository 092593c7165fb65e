"""Who works with a child: taken, assigned, handed over, ended. What a person sees of a case follows from it.

Only people who may read the team's cases, hold its key, are of no team that the case excludes, and do not work with
another child of the same incident. That last thing is held under the locks of `pairing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.leaving import InHand
from lindung.accounts.models import Membership, User
from lindung.accounts.rules import SUPERVISOR
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.models import Report
from lindung.reporting.services import casing
from lindung.reporting.services.handing_over import receivers

from .. import rules, selectors, signals
from ..models import Case, CaseExclusion, CaseReport, CaseTask, CaseWorker, State, WorkerRole
from . import pairing
from .access import case_for, checked_choice, lock, open_case_for, settle_free


def may_assign(actor: Actor, case: Case) -> bool:
    """Supervisors assign; the lead worker chooses who works along, and hands over."""
    if rules.may_supervise(actor, selectors.facts_of(case)):
        return True
    return CaseWorker.objects.filter(case=case, user=actor.user_id, role=WorkerRole.LEAD, until=None).exists()


def who_can(case: Case) -> QuerySet[User]:
    """Who could be given this case: a role and the key in its team, no excluded team, no other child of an incident."""
    hidden = CaseExclusion.objects.filter(case=case).values("team")
    people = receivers(case.team_id).exclude(pk__in=Membership.objects.filter(team__in=hidden).values("user"))
    return people.exclude(pk__in=pairing.workers_of(pairing.together_with({case.pk})))


def take(actor: Actor, case_id: UUID) -> CaseWorker:
    """Begin to work with a child whom nobody works with yet. Of two who take at once exactly one gets it.

    Raises NotFound, NotAllowed, SharedWorker, and Conflict when a colleague was faster.
    """
    case = open_case_for(actor, case_id, rules.may_take)
    with transaction.atomic():
        row = _begin(actor, case, actor.user_id, WorkerRole.LEAD, only_if_free=True)
        _tell("case.taken", actor, case, worker=actor.user_id)
    return row


def assign(actor: Actor, case_id: UUID, user_id: UUID, role: str = WorkerRole.LEAD) -> CaseWorker:
    """Give a case to somebody of the team; a new lead follows the old one, whose work ends.

    For supervisors, and for the lead worker. Raises NotFound, NotAllowed, CaseClosed, BadInput for somebody who cannot
    have it, SharedWorker, Conflict when that person works on it in this role already or somebody else was faster.
    """
    checked_choice("role", role, WorkerRole)
    case = open_case_for(actor, case_id, rules.may_work)
    if not may_assign(actor, case):
        raise NotAllowed
    with transaction.atomic():
        row = _begin(actor, case, user_id, role)
        _tell("case.assigned", actor, case, worker=user_id, role=role)
    return row


def end_work(actor: Actor, case_id: UUID, user_id: UUID) -> CaseWorker:
    """End somebody's work with a child: one's own, or as a supervisor or lead anybody's.

    A case that nobody works on stands with the free ones of the team. Raises NotFound, NotAllowed, Conflict.
    """
    case = case_for(actor, case_id, rules.may_work)
    if actor.user_id != user_id and not may_assign(actor, case):
        raise NotAllowed
    with transaction.atomic():
        pairing.lock_group({case.pk})
        row = CaseWorker.objects.filter(case=case, user=user_id, until=None).first()
        if row is None:
            raise Conflict
        end(row)
        _tell("case.worker_ended", actor, case, worker=user_id)
    return row


def hand_over(
    actor: Actor, team_id: UUID, from_user: UUID, to_users: Sequence[UUID], case_ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """Give cases that a person works on to colleagues, evenly, in one transaction; return who got which case.

    For that person, or a supervisor of the team. The colleague takes the same role; open tasks go along. One audit
    event a case. Raises NotFound, BadInput when nothing or nobody was chosen or nobody of them may have one of the
    cases, and Conflict when a case is not in that person's hands any more: nothing is changed then.
    """
    if not may_hand_over(actor, team_id, from_user):
        raise NotFound
    chosen = sorted(set(case_ids), key=lambda pk: pk.hex)
    if not chosen:
        raise BadInput("cases", _("Pilih paling sedikit satu kasus."))
    people = [pk for pk in dict.fromkeys(to_users) if pk != from_user]
    if not people:
        raise BadInput("people", _("Pilih rekan satu tim yang memegang kunci tim."))
    with transaction.atomic():
        _hold_mailboxes(chosen)
        pairing.lock_group(chosen)
        seen = held_by(actor, team_id, from_user).filter(pk__in=chosen).select_related("team")
        cases = {case.pk: case for case in seen}
        if len(cases) != len(chosen):
            raise Conflict
        load = {pk: n for pk, n in loads(people).items()}
        given: dict[UUID, UUID] = {}
        for pk in chosen:
            free = set(who_can(cases[pk]).filter(pk__in=people).values_list("pk", flat=True))
            free -= pairing.workers_of({pk})
            if not free:
                raise BadInput("people", _("Ada kasus yang tidak boleh dipegang rekan yang dipilih. Pilih rekan lain."))
            person = min(free, key=lambda one: (load[one], people.index(one)))
            load[person] += 1
            given[pk] = person
            _give(actor, cases[pk], from_user, person)
    return given


def held_by(actor: Actor, team_id: UUID, user_id: UUID) -> QuerySet[Case]:
    """The cases of a team that a person works on and that are not closed, as far as the actor sees them."""
    mine = CaseWorker.objects.filter(user=user_id, until=None).values("case")
    rows = selectors.keyed(actor).filter(team=team_id, pk__in=mine).exclude(state=State.CLOSED)
    return rows.order_by("opened_at", "id")


def may_hand_over(actor: Actor, team_id: UUID, from_user: UUID) -> bool:
    """A person's cases are handed over by themselves, or by a supervisor of the team."""
    own = actor.user_id == from_user and rules.may_be_worker(actor.roles, team_id)
    return own or actor.has_role_in(team_id, SUPERVISOR)


def held_in(actor: Actor, team_id: UUID) -> dict[UUID, int]:
    """How many cases of a team that are not closed each person works on, as far as the actor sees them: one query."""
    seen = selectors.keyed(actor).filter(team=team_id).exclude(state=State.CLOSED).values("pk")
    rows = CaseWorker.objects.filter(case__in=seen, until=None).order_by().values_list("user")
    return dict(rows.annotate(n=Count("pk")))


def loads(people: Collection[UUID]) -> dict[UUID, int]:
    """How many cases that are not closed each of these people works on."""
    found = dict.fromkeys(people, 0)
    rows = CaseWorker.objects.filter(user__in=people, until=None).exclude(case__state=State.CLOSED)
    for user in rows.values_list("user_id", flat=True):
        found[user] += 1
    return found


def end_all(case: Case) -> int:
    """End everybody's work on a case that moved to another team; inside its transaction, under its lock."""
    rows = list(CaseWorker.objects.filter(case=case, until=None))
    for row in rows:
        end(row)
    return len(rows)


# --- somebody leaves --------------------------------------------------------------------------------------------------


def in_hand(user_id: UUID) -> list[InHand]:
    """What a person still works on, in all teams, as numbers alone: for whoever takes their access away."""
    cases = CaseWorker.objects.filter(user=user_id, until=None).exclude(case__state=State.CLOSED)
    tasks = CaseTask.objects.filter(assignee=user_id, done_at=None).exclude(case__state=State.CLOSED)
    return [InHand(_("Kasus yang didampingi"), cases.count()), InHand(_("Tugas kasus"), tasks.count())]


def on_left(sender: Any, *, user_id: UUID, teams: Collection[UUID] | None, actor: str, **_more: Any) -> None:
    """Receiver of accounts' `left_teams`: what was not handed over is free again; nobody works on from afar."""
    rows = CaseWorker.objects.filter(user=user_id, until=None)
    if teams is not None:
        rows = rows.filter(case__team__in=teams)
    for row in rows.select_related("case").order_by("case_id"):
        end(row)
        data: dict[str, UUID | str] = {"worker": user_id, "why": "left"}
        signals.case_changed.send(sender=Case, case_id=row.case_id, what="case.worker_ended")
        audit.record("case.worker_ended", actor=actor, subject=row.case_id.hex, data=data)


# --- under the locks --------------------------------------------------------------------------------------------------


def _begin(actor: Actor, case: Case, user_id: UUID, role: str, *, only_if_free: bool = False) -> CaseWorker:
    """Write that somebody works on a case, after its group was locked and everything was looked at again."""
    _hold_mailboxes({case.pk})
    locked = pairing.lock_group({case.pk})[case.pk]
    if (locked.team_id, locked.state) != (case.team_id, case.state):
        raise Conflict
    present = {row.user_id: row for row in CaseWorker.objects.filter(case=case, until=None)}
    if only_if_free and present:
        raise Conflict
    pairing.check_apart(case.pk, {user_id})
    if not who_can(case).filter(pk=user_id).exists():
        raise BadInput("user", _("Pilih rekan satu tim yang memegang kunci tim."))
    own = present.get(user_id)
    if own is not None and own.role == role:
        raise Conflict
    lead = next((row for row in present.values() if row.role == WorkerRole.LEAD), None)
    if own is not None:
        end(own, keep_tasks=True)
    if role == WorkerRole.LEAD and lead is not None and lead.user_id != user_id:
        end(lead, heir=user_id)
    return _write(actor, case, user_id, role)


def _write(actor: Actor, case: Case, user_id: UUID, role: str) -> CaseWorker:
    row = CaseWorker(case=case, user_id=user_id, role=role, since=clock.now(), assigned_by_id=actor.user_id)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Conflict from None
    settle_free(case.pk)
    Case.objects.filter(pk=case.pk).update(changed_at=clock.now())
    if role == WorkerRole.LEAD:
        _answer_the_child(actor, case, user_id)
    return row


def _hold_mailboxes(case_ids: Collection[UUID]) -> None:
    """Lock the reports before their cases, leads before what was merged into them: everybody does it in this order."""
    made = CaseReport.objects.filter(case__in=case_ids).values("report")
    order = (F("merged_into").asc(nulls_first=True), "pk")
    list(lock(Report.objects.filter(pk__in=made)).order_by(*order).values_list("pk", flat=True))


def _answer_the_child(actor: Actor, case: Case, user_id: UUID) -> None:
    """The mailboxes follow the lead worker; of a report that led to several cases, the lead of the oldest one."""
    older = CaseReport.objects.filter(report=OuterRef("report"), added_at__lt=OuterRef("added_at"))
    rows = CaseReport.objects.filter(~Exists(older.exclude(case=case)), case=case).order_by("report")
    for report_id in rows.values_list("report", flat=True):
        casing.follow_worker(actor, report_id, case.team_id, user_id)


def end(row: CaseWorker, *, heir: UUID | None = None, keep_tasks: bool = False) -> None:
    """End one person's work; their open tasks of the case go to the heir, or to nobody yet."""
    if CaseWorker.objects.filter(pk=row.pk, until=None).update(until=clock.now()) != 1:
        raise Conflict
    settle_free(row.case_id)
    if not keep_tasks:
        CaseTask.objects.filter(case=row.case_id, assignee=row.user_id, done_at=None).update(assignee=heir)
    row.refresh_from_db()


def _give(actor: Actor, case: Case, from_user: UUID, to_user: UUID) -> None:
    row = CaseWorker.objects.get(case=case, user=from_user, until=None)
    end(row, heir=to_user)
    _write(actor, case, to_user, row.role)
    data: dict[str, UUID | str] = {"from": from_user, "to": to_user, "role": row.role}
    signals.case_changed.send(sender=Case, case_id=case.pk, what="case.handed_over")
    audit.record("case.handed_over", actor=actor.audit_name, subject=case.pk.hex, data=data)


def _tell(kind: str, actor: Actor, case: Case, **data: UUID | str) -> None:
    signals.case_changed.send(sender=Case, case_id=case.pk, what=kind)
    audit.record(kind, actor=actor.audit_name, subject=case.pk.hex, data=data)
