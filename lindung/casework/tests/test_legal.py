"""The way through the law as people note it: steps, the duty to report, interviews, demands, tips, Simfoni PPA."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.casework import services
from lindung.casework.errors import NoConsent
from lindung.casework.models import Case, CaseTask, Person, PersonRole
from lindung.casework.models_legal import Demand, DemandState, Milestone, PoliceDuty, Simfoni
from lindung.casework.services import approving, barring, demands, legal, simfoni, tips
from lindung.casework.services.access import open_keys, unseal
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.tests.staff import at, later

from .cases import make_case, send

pytestmark = pytest.mark.django_db

NOW = at("2026-11-23 03:00")
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with clock.frozen(NOW):
        yield


class Worker:
    """The case worker of a case, with their keys."""

    def __init__(self, cast: Any, user: Any = None) -> None:
        self.user = user or cast.case_worker
        self.actor, self.keyring = cast.actor(self.user), cast.keyring(self.user)

    @property
    def hands(self) -> tuple[Any, Any]:
        return self.actor, self.keyring


@pytest.fixture
def worker(cast: Any) -> Worker:
    return Worker(cast)


@pytest.fixture
def case(cast: Any) -> Case:
    return make_case(cast)


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(subject=case.pk.hex).order_by("seq").values_list("kind", flat=True))


def words(case: Case, worker: Worker, field: str) -> dict[str, Any]:
    return unseal(case, open_keys(case, worker.keyring), field)


# --- steps ------------------------------------------------------------------------------------------------------------


def test_a_step_is_noted_with_its_law_and_read_again(case: Case, worker: Worker) -> None:
    row = legal.add_milestone(
        *worker.hands, case.pk, step="report", on=TODAY, article="uu_12_2022", number="Pasal 14", result="accepted",
        words="Diterima di loket.",
    )  # fmt: skip
    assert words(case, worker, row.field) == {"number": "Pasal 14", "words": "Diterima di loket.", "event_on": ""}
    assert kinds(case)[-1] == "case.milestone_added"


def test_what_does_not_fit_is_refused_with_words_that_say_why(case: Case, worker: Worker) -> None:
    with pytest.raises(BadInput) as refused:
        legal.add_milestone(*worker.hands, case.pk, step="indictment", on=date(2025, 12, 1), article="uu_1_2023")
    assert refused.value.field == "article"
    assert "berlaku" in str(refused.value.message)
    legal.add_milestone(*worker.hands, case.pk, step="report", on=date(2026, 11, 20))
    with pytest.raises(BadInput) as refused:
        legal.add_milestone(*worker.hands, case.pk, step="investigation", on=date(2026, 11, 19))
    assert refused.value.field == "on"
    assert "laporan polisi" in str(refused.value.message)
    assert Milestone.objects.count() == 1


def test_no_adequate_article_is_an_outcome_on_a_day_with_its_reason(case: Case, worker: Worker) -> None:
    entry = {"step": "legal_review", "on": TODAY, "article": "none_adequate", "result": "none_fits"}
    with pytest.raises(BadInput) as refused:
        legal.add_milestone(*worker.hands, case.pk, **entry)
    assert refused.value.field == "words"
    row = legal.add_milestone(*worker.hands, case.pk, **entry, words="Tidak ada unsur yang diatur.")
    assert (row.article, row.on) == ("none_adequate", TODAY)


def test_a_mistake_is_struck_out_and_stays_readable_and_never_leaves(case: Case, worker: Worker) -> None:
    row = legal.add_milestone(*worker.hands, case.pk, step="report", on=TODAY, words="Keliru.")
    legal.strike_milestone(*worker.hands, case.pk, row.pk, "Salah kasus.")
    row.refresh_from_db()
    assert row.struck_at is not None
    assert words(case, worker, row.field) == {
        "words_then": "Keliru.", "number_then": "", "event_on_then": "", "struck": "Salah kasus.",
    }  # fmt: skip
    with pytest.raises(Conflict):
        legal.strike_milestone(*worker.hands, case.pk, row.pk, "Lagi.")
    # It no longer stands in the way of the right one.
    legal.add_milestone(*worker.hands, case.pk, step="investigation", on=TODAY - timedelta(days=3))


def test_a_colleague_who_does_not_work_on_it_notes_nothing(cast: Any, case: Case) -> None:
    for user, error in ((cast.analyst, NotFound), (cast.other_analyst, NotFound), (cast.partner, NotFound)):
        hands = cast.actor(user), cast.keyring(user)
        with pytest.raises((error, NotAllowed)):
            legal.add_milestone(*hands, case.pk, step="report", on=TODAY)
    assert not Milestone.objects.exists()


# --- the duty to report -----------------------------------------------------------------------------------------------


def test_a_case_whose_report_has_no_clock_gets_one_of_72_calendar_hours(cast: Any, worker: Worker) -> None:
    # The eve of Lebaran: the clock runs through the holidays.
    with clock.frozen(at("2026-03-19 15:40")):
        case = make_case(cast)
        (own,) = legal.police_clocks(case)
    assert own.report_id is None
    assert own.running
    assert own.due_at == case.opened_at + deadlines.POLICE_REPORT == at("2026-03-22 15:40")


def test_a_clock_of_the_report_is_shown_and_no_second_one_runs(cast: Any, worker: Worker) -> None:
    from lindung.reporting.services.triage import start_police_clock

    report = send()
    start_police_clock(report)
    case = make_case(cast, report=report)
    (one,) = legal.police_clocks(case)
    assert one.report_id == report.pk
    assert not PoliceDuty.objects.exists()
    with pytest.raises(NotFound):
        legal.decide_police(*worker.hands, case.pk, decision="reported", reason="Ya.", who_told_child="Saya.")


def test_a_report_to_the_police_is_final_any_other_decision_is_not(case: Case, worker: Worker) -> None:
    said = {"reason": "Belum ada nama.", "who_told_child": "Kak Case."}
    legal.decide_police(*worker.hands, case.pk, decision="not_enough", **said)
    legal.decide_police(*worker.hands, case.pk, decision="reported", **said)
    with pytest.raises(BadInput):
        legal.decide_police(*worker.hands, case.pk, decision="lawyer_exception", **said)
    assert words(case, worker, legal.POLICE)["decision"] == "reported"


# --- interviews -------------------------------------------------------------------------------------------------------


def test_an_interview_that_repeats_topics_is_noted_and_pointed_out(case: Case, worker: Worker) -> None:
    first = {"on": date(2026, 11, 20), "agency": "police", "topics": ["what_happened", "who"]}
    _row, again = legal.note_interview(*worker.hands, case.pk, **first)
    assert again == frozenset()
    row, again = legal.note_interview(
        *worker.hands, case.pk, on=TODAY, agency="prosecutor", topics=["who", "school"], words="Tanpa rekaman."
    )
    assert again == {"who"}
    assert row.topics == "who school"
    with pytest.raises(BadInput):
        legal.note_interview(*worker.hands, case.pk, on=TODAY, agency="police", topics=[])


# --- out of court -----------------------------------------------------------------------------------------------------


def suspect(case: Case, worker: Worker, also_child: bool) -> Person:
    return Person.objects.create(
        case=case, role=PersonRole.ALLEGED_OFFENDER, also_child=also_child, added_at=clock.now(), added_by=worker.user
    )


def test_settling_out_of_court_is_never_even_asked_where_an_adult_is_accused(case: Case, worker: Worker) -> None:
    Person.objects.filter(case=case).delete()
    suspect(case, worker, also_child=True)
    suspect(case, worker, also_child=False)
    with pytest.raises(BadInput):
        legal.ask_mediation(*worker.hands, case.pk, question="Boleh?", lawyer="A. B.", answer="Tidak.")
    case.refresh_from_db()
    assert case.mediation_barred


def test_where_all_are_children_two_people_read_what_the_lawyer_said(cast: Any, case: Case, worker: Worker) -> None:
    Person.objects.filter(case=case).delete()
    suspect(case, worker, also_child=True)
    row = legal.ask_mediation(*worker.hands, case.pk, question="Diversi?", lawyer="A. B.", answer="Bisa, pasal 7.")
    with pytest.raises(NotAllowed):
        approving.decide(*worker.hands, row.pk, approve=True)
    second = Worker(cast, cast.supervisor)
    adult = suspect(case, worker, also_child=False)
    with pytest.raises(Conflict):
        approving.decide(*second.hands, row.pk, approve=True)
    adult.delete()
    approving.decide(*second.hands, row.pk, approve=True)
    case.refresh_from_db()
    assert not case.mediation_barred
    assert kinds(case)[-1] == "case.mediation_lifted"


# --- demands for records ----------------------------------------------------------------------------------------------

LETTER = {
    "agency": "police", "basis": "letter_investigation", "received_on": TODAY, "who": "Unit PPA", "number": "B/1",
    "wanted": "Ringkasan.",
}  # fmt: skip


def test_nothing_is_given_before_a_lawyer_was_named(case: Case, worker: Worker) -> None:
    row = demands.receive(*worker.hands, case.pk, **LETTER)
    given = {"sections": ["standing"], "given": "Kedudukan anak.", "answered_on": TODAY}
    with pytest.raises(BadInput):
        demands.answer(*worker.hands, row.pk, **given)
    assert CaseTask.objects.filter(subject=row.pk, done_at=None).exists()
    demands.give_to_lawyer(*worker.hands, row.pk, lawyer="A. B.", advice="Cukup kedudukan.")
    row = demands.answer(*worker.hands, row.pk, **given)
    assert (row.state, row.given) == (DemandState.ANSWERED, "standing")
    assert not CaseTask.objects.filter(subject=row.pk, done_at=None).exists()
    assert words(case, worker, row.field)["lawyer"] == "A. B."
    with pytest.raises(Conflict):
        demands.refuse(*worker.hands, row.pk, reason="Tidak.", answered_on=TODAY)


def test_two_hands_on_one_demand_see_each_other(case: Case, worker: Worker) -> None:
    row = demands.receive(*worker.hands, case.pk, **LETTER)
    demands.give_to_lawyer(*worker.hands, row.pk, lawyer="A. B.", version=1)
    with pytest.raises(Conflict):
        demands.give_to_lawyer(*worker.hands, row.pk, lawyer="C. D.", version=1)
    assert Demand.objects.get().version == 2


def test_a_barred_word_never_stands_in_what_was_given(case: Case, worker: Worker) -> None:
    entry = barring.BarInput(kind="fact", what="Hewan kesayangan", words=("kelinci",))
    barring.bar(*worker.hands, case.pk, entry)
    row = demands.receive(*worker.hands, case.pk, **LETTER)
    demands.give_to_lawyer(*worker.hands, row.pk, lawyer="A. B.")
    with pytest.raises(BadInput):
        demands.answer(*worker.hands, row.pk, sections=["standing"], given="Tentang kelinci.", answered_on=TODAY)


# --- tips and Simfoni PPA ---------------------------------------------------------------------------------------------


def test_a_tip_is_a_record_with_a_ground_that_fits_whom_it_went_to(case: Case, worker: Worker) -> None:
    tip = {"way": "letter", "handed_on": TODAY, "told": "Nomor rekening penerima.", "taken_by": "Bagian umum."}
    with pytest.raises(BadInput) as refused:
        tips.hand_over(*worker.hands, case.pk, to="ppatk", basis="duty_police", **tip)
    assert refused.value.field == "basis"
    row = tips.hand_over(*worker.hands, case.pk, to="ppatk", basis="public_information", **tip)
    assert words(case, worker, row.field)["told"] == "Nomor rekening penerima."
    with pytest.raises(NoConsent):
        tips.hand_over(*worker.hands, case.pk, to="police", basis="consent", **tip)


def test_the_sheet_holds_the_identity_only_on_a_ground(case: Case, worker: Worker) -> None:
    services.change_child(*worker.hands, case.pk, {"name": "Nama Anak", "address": "Jalan Mawar"})
    _case, lines = simfoni.sheet(*worker.hands, case.pk)
    shown = {line.code: line.value for line in lines}
    assert not {"name", "born_on", "address"} & set(shown)
    assert shown["age_band"]
    assert shown["sex"]
    assert shown["home_regency"] == ""
    assert shown["our_reference"]
    with pytest.raises(NoConsent):
        simfoni.sheet(*worker.hands, case.pk, identity="consent")
    with pytest.raises(BadInput):
        simfoni.sheet(*worker.hands, case.pk, identity="duty")
    _case, lines = simfoni.sheet(*worker.hands, case.pk, identity="duty", duty="Pasal tentang pencatatan")
    assert {line.code: line.value for line in lines}["name"] == "Nama Anak"
    assert kinds(case)[-1] == "case.simfoni_exported"


def test_a_number_is_kept_once_with_who_typed_it(case: Case, worker: Worker) -> None:
    simfoni.note(*worker.hands, case.pk, number="SP-1", typed_on=TODAY)
    simfoni.note(*worker.hands, case.pk, number="SP-2", typed_on=TODAY, elsewhere=True)
    row = Simfoni.objects.get()
    assert row.typed_elsewhere
    assert row.typed_by_id == worker.user.pk
    assert words(case, worker, simfoni.FIELD)["number"] == "SP-2"
    with later(days=1), pytest.raises(BadInput):
        simfoni.note(*worker.hands, case.pk, number="SP-3", typed_on=TODAY + timedelta(days=2))
