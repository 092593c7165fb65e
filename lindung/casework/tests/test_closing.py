"""The end of a case: two people, nothing left to do, looks after three and six months, and opening it again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lindung.casework import moves, services
from lindung.casework.errors import NotYet
from lindung.casework.models import Case, CaseTask, State, TaskKind
from lindung.casework.models_closing import Approval, ApprovalState, Closure, FollowUp
from lindung.casework.models_plan import Goal, Plan, PlanState
from lindung.casework.services import approving, closing, following_up, legal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox
from lindung.reporting.tests.staff import at, later

from .cases import give_to, make_case, send_with_receipt
from .desks import DONE, Desk, kinds

pytestmark = pytest.mark.django_db

NOW = at("2026-11-30 03:00")
"""Monday 30 November 2026, 10:00 in Jakarta."""


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def worker(cast: Any) -> Desk:
    return Desk(cast, cast.case_worker)


@pytest.fixture
def supervisor(cast: Any) -> Desk:
    return Desk(cast, cast.supervisor)


def ready(cast: Any, worker: Desk, **more: Any) -> Case:
    """A case with nothing left to do: its police report is decided."""
    case = make_case(cast, **more)
    said = {"reason": "Sudah dilaporkan.", "who_told_child": "Kak Case."}
    legal.decide_police(*worker.hands, case.pk, decision="reported", **said)
    case.refresh_from_db()
    return case


def goal(case: Case, state: str = PlanState.APPROVED) -> Goal:
    number = Plan.objects.filter(case=case).count() + 1
    plan = Plan.objects.create(case=case, number=number, state=state, made_at=clock.now(), made_by=case.opened_by)
    return Goal.objects.create(plan=plan, service="psychological", due_on=date(2026, 12, 24))


def test_one_person_proposes_another_agrees_and_it_is_closed(cast: Any, worker: Desk, supervisor: Desk) -> None:
    case = ready(cast, worker)
    row = worker.propose(case)
    case.refresh_from_db()
    assert case.state == State.CLOSING
    with pytest.raises(NotAllowed):
        approving.decide(*worker.hands, row.pk, approve=True)
    approving.decide(*supervisor.hands, row.pk, approve=True)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_at) == (State.CLOSED, "goals_reached", NOW)
    assert kinds(case)[-1] == "case.closed"
    assert worker.words(case, Closure.objects.get().field)["summary"] == DONE["summary"]


def test_a_co_worker_alone_is_no_second_person_for_closing_unless_a_supervisor_asked(
    cast: Any, worker: Desk, supervisor: Desk
) -> None:
    case = ready(cast, worker)
    give_to(case, cast.analyst)
    colleague = Desk(cast, cast.analyst)
    row = worker.propose(case)
    with pytest.raises(NotAllowed):
        approving.decide(*colleague.hands, row.pk, approve=True)
    approving.take_back(*worker.hands, row.pk)
    row = supervisor.propose(case)
    with pytest.raises(NotAllowed):
        approving.decide(*supervisor.hands, row.pk, approve=True)
    approving.decide(*colleague.hands, row.pk, approve=True)
    assert Case.objects.get().state == State.CLOSED


def test_whoever_disagrees_says_why_and_the_work_goes_on(cast: Any, worker: Desk, supervisor: Desk) -> None:
    case = ready(cast, worker)
    row = worker.propose(case)
    with pytest.raises(BadInput):
        approving.decide(*supervisor.hands, row.pk, approve=False)
    approving.decide(*supervisor.hands, row.pk, approve=False, words="Tanyakan sekolahnya dulu.")
    case.refresh_from_db()
    assert case.state == State.OPEN
    assert not FollowUp.objects.exists()
    assert worker.words(case, row.field) == {"asked": DONE["summary"], "decided": "Tanyakan sekolahnya dulu."}
    assert Approval.objects.get().state == ApprovalState.REJECTED


def test_nothing_ends_while_something_is_left_to_do(cast: Any, worker: Desk) -> None:
    case = make_case(cast)
    with pytest.raises(NotYet) as left:
        worker.propose(case)
    assert left.value.obstacles == ("police",)
    assert closing.obstacles(case)[0][1]
    legal.decide_police(*worker.hands, case.pk, decision="reported", reason="Ya.", who_told_child="Saya.")
    services.record_event(*worker.hands, case.pk, "missing", date(2026, 11, 29))
    with pytest.raises(NotYet) as left:
        worker.propose(case)
    assert left.value.obstacles == ("missing",)


def test_a_room_above_can_stand_in_the_way(cast: Any, worker: Desk) -> None:
    case = ready(cast, worker)
    closing.register_block("test", lambda found: [("referral", f"Rujukan {found.reference}")])
    try:
        with pytest.raises(NotYet) as left:
            worker.propose(case)
    finally:
        closing._blocks.pop("test")
    assert left.value.obstacles == ("referral",)


def test_every_goal_of_the_present_plan_gets_an_outcome(cast: Any, worker: Desk, supervisor: Desk) -> None:
    case = ready(cast, worker)
    first, second, old = goal(case), goal(case), goal(case, PlanState.REPLACED)
    with pytest.raises(BadInput):
        worker.propose(case, outcomes={first.pk: ("reached", "")})
    with pytest.raises(BadInput) as missing:
        worker.propose(case, outcomes={first.pk: ("reached", ""), second.pk: ("partly", "")})
    assert missing.value.field == f"words-{second.pk.hex}"
    outcomes = {first.pk: ("reached", ""), second.pk: ("partly", "Lanjut di sekolah.")}
    row = worker.propose(case, outcomes=outcomes)
    first.refresh_from_db()
    assert first.state == "planned", "only the second person's yes makes it so"
    approving.decide(*supervisor.hands, row.pk, approve=True)
    states = dict(Goal.objects.values_list("pk", "state"))
    assert states == {first.pk: "reached", second.pk: "partly", old.pk: "planned"}


def test_the_child_is_asked_and_a_no_stands_there_in_its_words(cast: Any, worker: Desk) -> None:
    case = ready(cast, worker)
    with pytest.raises(BadInput):
        worker.propose(case, child_agrees=None)
    with pytest.raises(BadInput):
        worker.propose(case, child_agrees=False)
    worker.propose(case, child_agrees=False, child_says="Belum mau berhenti.")
    assert worker.words(case, Closure.objects.get().field)["child_says"] == "Belum mau berhenti."


def test_somebody_looks_after_three_and_six_months_of_the_calendar(cast: Any, worker: Desk, supervisor: Desk) -> None:
    case = ready(cast, worker)
    approving.decide(*supervisor.hands, worker.propose(case).pk, approve=True)
    three, six = FollowUp.objects.order_by("due_on")
    assert (three.due_on, six.due_on) == (date(2027, 2, 28), date(2027, 5, 30))
    assert CaseTask.objects.filter(kind=TaskKind.FOLLOW_UP, done_at=None).count() == 2
    with later(days=90):
        with pytest.raises(BadInput):
            following_up.done(*worker.hands, three.pk, result="needs_support")
        following_up.done(*worker.hands, three.pk, result="needs_support", words="Ingin ikut kelompok.")
        with pytest.raises(Conflict):
            following_up.done(*worker.hands, three.pk, result="safe_well")
    assert CaseTask.objects.filter(kind=TaskKind.FOLLOW_UP, done_at=None).count() == 1
    assert kinds(case)[-1] == "case.followed_up"


def test_a_closed_case_is_opened_again_with_its_reason_and_later_looks_fall(
    cast: Any, worker: Desk, supervisor: Desk
) -> None:
    case = ready(cast, worker)
    with pytest.raises(Conflict):
        closing.reopen(*worker.hands, case.pk, reason="danger", words="Ada bahaya lagi.")
    approving.decide(*supervisor.hands, worker.propose(case).pk, approve=True)
    with pytest.raises(NotFound):
        closing.reopen(*Desk(cast, cast.analyst).hands, case.pk, reason="danger", words="Ada bahaya lagi.")
    closing.reopen(*worker.hands, case.pk, reason="child_asks", words="Anak menulis lagi.")
    case.refresh_from_db()
    closure = Closure.objects.get()
    assert (case.state, case.outcome, case.closed_at) == (State.OPEN, "", None)
    assert (closure.reopen_reason, closure.reopened_by_id) == ("child_asks", worker.user.pk)
    assert FollowUp.objects.filter(cancelled=True).count() == 2
    assert not CaseTask.objects.filter(kind=TaskKind.FOLLOW_UP, done_at=None).exists()
    assert worker.words(case, closure.field)["reopened"] == "Anak menulis lagi."
    worker.propose(case)


def test_a_death_ends_the_case_by_two_people_and_nobody_is_asked_afterwards(
    cast: Any, worker: Desk, supervisor: Desk
) -> None:
    case = ready(cast, worker)
    died = {"reason": "died", "summary": "Anak meninggal.", "child_agrees": None}
    with pytest.raises(NotYet) as left:
        worker.propose(case, **died)
    assert left.value.obstacles == ("not_dead",)
    services.record_event(*worker.hands, case.pk, "died", date(2026, 11, 29), "Menurut keluarga.")
    approving.decide(*supervisor.hands, worker.propose(case, **died).pk, approve=True)
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert not FollowUp.objects.exists()


def test_its_report_ends_with_the_case_and_the_box_says_so(cast: Any, worker: Desk, supervisor: Desk) -> None:
    report, code = send_with_receipt()
    case = ready(cast, worker, report=report)
    approving.decide(*supervisor.hands, worker.propose(case).pk, approve=True)
    report.refresh_from_db()
    assert (report.state, report.outcome) == ("closed", "case_ended")
    box = mailbox.view(mailbox.enter(code, "203.0.113.9"))
    assert "selesai" in box.outcome


def test_a_message_that_nobody_has_read_keeps_the_case_open(cast: Any, worker: Desk) -> None:
    report, code = send_with_receipt()
    case = ready(cast, worker, report=report)
    mailbox.write(mailbox.enter(code, "203.0.113.9"), "Aku masih takut.", "text", "t")
    with pytest.raises(NotYet) as left:
        worker.propose(case)
    assert left.value.obstacles == ("report_unread",)


def test_a_report_of_two_children_ends_with_the_second_case(cast: Any, worker: Desk, supervisor: Desk) -> None:
    report, _code = send_with_receipt()
    first = ready(cast, worker, report=report)
    Report.objects.update(claimed_by=None)
    other = make_case(cast, cast.analyst, report=report, another_child=True)
    approving.decide(*supervisor.hands, worker.propose(first).pk, approve=True)
    assert Report.objects.get().state != "closed"
    colleague = Desk(cast, cast.analyst)
    legal.decide_police(*colleague.hands, other.pk, decision="not_enough", reason="Ya.", who_told_child="Saya.")
    approving.decide(*supervisor.hands, colleague.propose(other).pk, approve=True)
    assert Report.objects.get().state == "closed"


def test_two_hands_on_one_case_see_each_other_before_it_ends(cast: Any, worker: Desk) -> None:
    case = ready(cast, worker)
    seen = case.version
    services.change_child(*worker.hands, case.pk, {"school": "SD 1"})
    with pytest.raises(Conflict):
        worker.propose(case, version=seen)
    assert not Approval.objects.exists()
    assert Case.objects.get().state == State.OPEN


def test_one_question_of_a_kind_at_a_time_and_only_for_who_works_on_it(cast: Any, worker: Desk) -> None:
    case = ready(cast, worker)
    worker.propose(case)
    with pytest.raises(Conflict):
        worker.propose(case)
    for user in (cast.other_analyst, cast.partner, cast.administrator):
        with pytest.raises((NotFound, NotAllowed)):
            approving.decide(cast.actor(user), cast.keyring(cast.supervisor), Approval.objects.get().pk, approve=True)


def test_the_list_of_questions_agrees_with_the_rule(cast: Any, worker: Desk, supervisor: Desk) -> None:
    cases = [ready(cast, worker) for _number in range(3)]
    give_to(cases[1], cast.analyst)
    worker.propose(cases[0])
    supervisor.propose(cases[1])
    Approval.objects.create(case=cases[2], subject="mediation", asked_by=cast.supervisor, asked_at=clock.now())
    for user in cast.everybody().values():
        actor = cast.actor(user)
        rows = list(moves.approvals_waiting(actor))
        may = moves.decidable(actor, rows)
        assert may == {row.pk for row in rows if approving.may_decide(actor, row.case, row)}, user.username
    assert len(moves.decidable(supervisor.actor, list(moves.approvals_waiting(supervisor.actor)))) == 1
    assert len(moves.decidable(worker.actor, list(moves.approvals_waiting(worker.actor)))) == 2
