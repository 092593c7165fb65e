"""What happens to a report carries over to the cases that were made from it, in the same transaction.

Who may not know of a report may not know of its case. A conflict of interest takes the case along with its keys. A
report that is taken back leaves nothing of its words in the case; what colleagues wrote stays the child's.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, Q

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.reporting import keepers
from lindung.reporting.models import Report, ReportExclusion
from lindung.reporting.models import State as ReportState
from lindung.reporting.services.conflict import mark_conflict
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from . import along, signals
from .models import Case, CaseExclusion, CaseReport, CaseTask, CaseWorker, State
from .models_closing import CaseMove, MoveState
from .services import approving, workers
from .services.access import lock


def cases_of(report_id: UUID) -> list[Case]:
    """The cases that were made from a report, locked, in the order of their ids."""
    made = CaseReport.objects.filter(report=report_id).values("case")
    return list(lock(Case.objects.filter(pk__in=made)).order_by("pk"))


# --- asked by reporting -----------------------------------------------------------------------------------------------


def standing(report_id: UUID) -> str:
    """What cases say of a report, or of one that is handled together with it: see `keepers.register`."""
    alike = Report.objects.filter(Q(pk=report_id) | Q(merged_into=report_id) | Q(merged=report_id)).values("pk")
    holds = list(Case.objects.filter(case_reports__report__in=alike).values_list("legal_hold", flat=True))
    if not holds:
        return ""
    return keepers.HELD if any(holds) else keepers.NEEDED


def on_conflict(actor: Actor, keyring: Keyring, report_id: UUID, from_team: UUID, to_team: UUID) -> None:
    """A report names somebody of the team that had it: its cases and their other reports leave that team too."""
    for case in cases_of(report_id):
        if case.team_id == from_team:
            _move(actor, keyring, case, to_team)
            others = CaseReport.objects.filter(case=case, report__team=from_team).exclude(report=report_id)
            others = others.exclude(report__state=ReportState.WITHDRAWN).filter(report__merged_into=None)
            for other in others.order_by("report_id").values_list("report_id", flat=True):
                mark_conflict(actor, keyring, other, from_team)


def _move(actor: Actor, keyring: Keyring, case: Case, to_team: UUID) -> None:
    before = case.team_id
    keys = vault.open_with_team(record_id=case.record_id, keyring=keyring)
    offered = CaseMove.objects.filter(case=case, state=MoveState.OFFERED)
    if offered.update(state=MoveState.TAKEN_BACK, answered_at=clock.now()):
        vault.take_back(record_id=case.record_id)
        along.taken_back(case)
    approving.let_fall(actor, case, keys)
    case.refresh_from_db()
    rows = Case.objects.filter(pk=case.pk, team=before, version=case.version)
    if rows.update(team=to_team, version=F("version") + 1, changed_at=clock.now()) != 1:
        raise Conflict
    vault.transfer(record_id=case.record_id, keyring=keyring, to_team_id=to_team)
    along.left(case, keyring, before, to_team)
    workers.end_all(case)
    CaseTask.objects.filter(case=case, done_at=None).update(assignee=None)
    case.refresh_from_db()
    exclude(case, before)
    signals.case_moved.send(sender=Case, case_id=case.pk, from_team=before, to_team=to_team)
    data = {"from": before, "to": to_team}
    audit.record("case.conflict_moved", actor=actor.audit_name, subject=case.pk.hex, data=data)


# --- told by reporting ------------------------------------------------------------------------------------------------


def on_report_changed(sender: Any, *, report_id: UUID, what: str, **_: Any) -> None:
    """Receiver of reporting's `report_changed`: exclusions pass on; a report that was taken back calls for a look."""
    if what == "report.moved":
        hidden = set(ReportExclusion.objects.filter(report=report_id).values_list("team_id", flat=True))
        for case in cases_of(report_id):
            known = set(CaseExclusion.objects.filter(case=case).values_list("team_id", flat=True))
            for team in sorted(hidden - known - {case.team_id}):
                exclude(case, team)
    elif what == "report.withdrawal_decided" and Report.objects.filter(pk=report_id, state="withdrawn").exists():
        for case in cases_of(report_id):
            if case.state == State.OPEN and (case.review_due_at is None or case.review_due_at > clock.now()):
                Case.objects.filter(pk=case.pk).update(review_due_at=clock.now(), changed_at=clock.now())


def exclude(case: Case, team_id: UUID) -> None:
    """Hide a case from a team for good; whoever belongs to it and works on the case stops. Under the case's lock."""
    CaseExclusion.objects.get_or_create(case=case, team_id=team_id)
    people = Membership.objects.filter(team=team_id).values("user")
    for row in CaseWorker.objects.filter(case=case, until=None, user__in=people):
        workers.end(row)
    signals.case_excluded.send(sender=Case, case_id=case.pk, team_id=team_id)


def on_report_erased(sender: Any, *, report_id: UUID, **_: Any) -> None:
    """Receiver of reporting's `report_erased`: the case lets the report go, with everything that it told in words."""
    for case in cases_of(report_id):
        vault.drop(record_id=case.record_id, field=f"report:{report_id.hex}")
    CaseReport.objects.filter(report=report_id).delete()
