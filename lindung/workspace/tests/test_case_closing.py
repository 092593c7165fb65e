"""The tabs Hukum and Penutupan, approvals, moves and feedback as a browser sees them."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from lindung.casework import services
from lindung.casework.models import Case, PersonRole, State
from lindung.casework.models_closing import Approval, CaseMove, Feedback, FollowUp
from lindung.casework.models_legal import Demand, Milestone
from lindung.casework.models_plan import Goal, Plan
from lindung.casework.services import approving, feedback, legal
from lindung.casework.tests.cases import give_to, make_case
from lindung.casework.tests.desks import Desk
from lindung.casework.tests.test_moving import receiving
from lindung.core import clock
from lindung.core.worktime import local_day
from lindung.directory.models import Organisation

pytestmark = pytest.mark.django_db

TODAY = local_day(clock.now(), "Asia/Jakarta").isoformat()


def html(response: Any) -> str:
    assert response.status_code in {200, 409, 422}, response.status_code
    return str(response.content.decode())


def value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


@pytest.fixture
def case(cast) -> Case:
    return make_case(cast)


@pytest.fixture
def worker(cast, browse):
    return browse(cast.case_worker)


@pytest.fixture
def supervisor(cast, browse):
    return browse(cast.supervisor)


@pytest.fixture
def law(case) -> str:
    return f"/kerja/kasus/{case.pk}/hukum/"


@pytest.fixture
def end(case) -> str:
    return f"/kerja/kasus/{case.pk}/penutupan/"


def sent(browser: Any, url: str, data: dict[str, Any]) -> str:
    """Post a form that is taken, and read the page that it leads to."""
    answer = browser.post(url, data)
    assert answer.status_code == 302, html(answer)
    return html(browser.get(answer["Location"].partition("#")[0]))


# --- Hukum ------------------------------------------------------------------------------------------------------------


def test_a_step_is_noted_checked_and_struck_out(worker, law):
    url = law + "langkah/"
    wrong = worker.post(url, {"step": "report", "on": "2022-05-08", "article": "uu_12_2022"})
    assert wrong.status_code == 422
    assert "belum atau tidak lagi berlaku" in html(wrong)
    page = sent(worker, url, {"step": "report", "on": TODAY, "article": "uu_12_2022", "number": "Pasal 14"})
    assert "Laporan polisi" in page
    assert "Pasal 14" in page
    assert "perlu dipastikan ahli hukum" in page
    page = sent(worker, f"{url}{Milestone.objects.get().pk}/", {"words": "Salah kasus."})
    assert "<s>Laporan polisi</s>" in page
    assert "Salah kasus." in page


def test_the_police_clock_is_decided_with_its_reason(worker, law):
    page = html(worker.get(law))
    assert "sisa 2 hari" in page
    assert "Jam kalender" in page
    data = {"decision": "not_enough", "reason": "Belum ada nama.", "who_told_child": "Kak Case"}
    page = sent(worker, law + "polisi/", data)
    assert "Belum cukup untuk dilaporkan" in page
    assert "Belum ada nama." in page


def test_a_topic_that_is_asked_again_is_pointed_out_in_neutral_words(worker, law):
    first = {"on": TODAY, "agency": "police", "topics": ["what_happened", "who"]}
    page = sent(worker, law + "wawancara/", first)
    assert "(sudah pernah)" not in page
    page = sent(worker, law + "wawancara/", {**first, "agency": "prosecutor", "topics": ["what_happened"]})
    assert "(sudah pernah)" in page
    assert "2 kali ditanya" in page


def test_nothing_is_given_to_the_police_before_a_lawyer_looked(worker, law):
    letter = {
        "agency": "police", "basis": "letter_investigation", "received_on": TODAY, "number": "B/7", "who": "Kanit",
        "wanted": "Ringkasan.",
    }  # fmt: skip
    page = sent(worker, law + "permintaan/", letter)
    assert "Catat ahli hukum" in page
    assert "Catat yang diberikan" not in page
    step = f"{law}permintaan/{Demand.objects.get().pk}/"
    given = {"version": "1", "sections": ["standing"], "given": "Kedudukan.", "answered_on": TODAY}
    assert "Catat dulu ahli hukum" in html(worker.post(step + "diberikan/", given))
    page = sent(worker, step + "ahli/", {"version": "1", "lawyer": "A. B."})
    assert "Catat yang diberikan" in page
    stale = worker.post(step + "ahli/", {"version": "1", "lawyer": "C. D."})
    assert stale.status_code == 409
    assert "A. B." in html(stale)
    assert "C. D." in html(stale)
    page = sent(worker, step + "diberikan/", {**given, "version": "2"})
    assert "Dijawab" in page
    assert worker.get(step + "lain/").status_code == 404


def test_a_tip_is_noted_and_sent_nowhere(worker, law):
    tip = {"to": "ppatk", "way": "letter", "handed_on": TODAY, "taken_by": "Loket", "told": "Nomor rekening."}
    assert "bukan untuk lembaga itu" in html(worker.post(law + "informasi/", {**tip, "basis": "duty_police"}))
    assert worker.post(law + "informasi/", {**tip, "basis": "consent"}).status_code == 422
    page = sent(worker, law + "informasi/", {**tip, "basis": "public_information"})
    assert "Nomor rekening." in page


def test_the_sheet_holds_no_name_without_a_ground_and_runs_nothing(cast, worker, case, law):
    hands = Desk(cast, cast.case_worker).hands
    services.change_child(*hands, case.pk, {"name": "=1+1", "school": "SD"})
    page = html(worker.get(law + "simfoni/lembar/"))
    assert "Nama, Tanggal lahir, Alamat" in page
    answer = worker.post(law + "simfoni/lembar/", {"identity": "", "form": "csv"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert "Nama" not in rows[0]
    assert case.reference in rows[1]
    assert worker.post(law + "simfoni/lembar/", {"identity": "consent", "form": "csv"}).status_code == 422
    data = {"identity": "duty", "duty": "Pencatatan layanan", "form": "csv"}
    rows = list(csv.reader(io.StringIO(worker.post(law + "simfoni/lembar/", data).content.decode("utf-8-sig"))))
    assert rows[1][rows[0].index("Nama")] == "'=1+1"
    book = load_workbook(io.BytesIO(worker.post(law + "simfoni/lembar/", {**data, "form": "xlsx"}).content))
    name = book.active.cell(row=2, column=rows[0].index("Nama") + 1)
    assert (name.value, name.data_type) == ("=1+1", "s")
    page = sent(worker, law + "simfoni/", {"number": "SP-9", "typed_on": TODAY, "elsewhere": "on", "identity": ""})
    assert "SP-9" in page
    assert "tidak dihitung dua kali" in page


def test_whose_task_it_is_says_why_and_takes_a_body_of_the_directory(cast, worker, case, law):
    unit = Organisation.objects.create(
        code="uptd-3171", name="UPTD PPA Jakarta Pusat", kind="uptd_district", region="31.71", changed_at=clock.now()
    )
    page = html(worker.get(law))
    assert "Saran: UPTD PPA Jakarta Pusat" in page
    assert "satu kabupaten atau kota" in page
    form = html(worker.get(law + "kewenangan/"))
    data = {"version": value(form, "version"), "organisation": str(unit.pk), "words": "Ibu Sari lewat telepon."}
    page = sent(worker, law + "kewenangan/", data)
    assert "Ibu Sari lewat telepon." in page
    services.change_child(*Desk(cast, cast.case_worker).hands, case.pk, {"protection": "refugee"})
    page = html(worker.get(law))
    assert "UNHCR" in page
    assert "Tidak boleh diberi tahu" in page


def test_out_of_court_is_not_even_a_button_where_an_adult_is_accused(cast, worker, case, law):
    page = html(worker.get(law))
    assert "Mediasi tidak ditawarkan" in page
    assert law + "damai/" not in page
    case.people.filter(role=PersonRole.ALLEGED_OFFENDER).update(also_child=True)
    if not case.people.filter(role=PersonRole.ALLEGED_OFFENDER).exists():
        hands = Desk(cast, cast.case_worker).hands
        services.add_person(*hands, case.pk, "alleged_offender", {"relation": "teman"}, also_child=True)
    form = html(worker.get(law + "damai/"))
    data = {"version": value(form, "version"), "question": "Diversi?", "lawyer": "A. B.", "answer": "Bisa."}
    page = sent(worker, law + "damai/", data)
    assert "Menunggu orang kedua" in page


# --- Penutupan --------------------------------------------------------------------------------------------------------


def decided(cast: Any, case: Case) -> None:
    hands = Desk(cast, cast.case_worker).hands
    legal.decide_police(*hands, case.pk, decision="reported", reason="Ya.", who_told_child="Saya.")


def test_a_case_is_proposed_read_by_a_second_person_and_closed(cast, worker, supervisor, case, end):
    page = html(worker.get(end))
    assert "Keputusan lapor polisi belum dicatat" in page
    decided(cast, case)
    plan = Plan.objects.create(case=case, number=1, state="approved", made_at=clock.now(), made_by=cast.case_worker)
    goal = Goal.objects.create(plan=plan, service="psychological", due_on=date(2027, 1, 4))
    form = html(worker.get(end + "usul/"))
    data = {
        "version": value(form, "version"), "reason": "goals_reached", "child_agrees": "yes", "summary": "Sudah baik.",
        f"goal-{goal.pk.hex}": "partly",
    }  # fmt: skip
    assert "Tulis alasannya" in html(worker.post(end + "usul/", data))
    page = sent(worker, end + "usul/", {**data, f"words-{goal.pk.hex}": "Lanjut di sekolah."})
    assert "mengusulkan penutupan" in page
    assert "Baca dan putuskan" not in page
    page = html(supervisor.get("/kerja/kasus/persetujuan/"))
    assert "Penutupan kasus" in page
    row = Approval.objects.get()
    url = f"/kerja/kasus/{case.pk}/setujui/{row.pk}/"
    page = html(supervisor.get(url))
    assert "Lanjut di sekolah." in page
    assert worker.post(url, {"approve": "yes"}).status_code == 404
    page = sent(supervisor, url, {"approve": "yes"})
    assert "Ditutup" in page
    assert "3 bulan" in page
    assert Case.objects.get().state == State.CLOSED
    look = FollowUp.objects.order_by("due_on").first()
    page = sent(worker, f"{end}menyusul/{look.pk}/", {"result": "back_in_danger", "words": "Takut lagi."})
    assert "Buka kembali kasus ini" in page
    page = sent(worker, end + "buka/", {"reason": "danger", "words": "Ada bahaya lagi."})
    assert "Pernah ditutup" in page
    assert "batal, kasus dibuka lagi" in page


def test_a_no_needs_its_reason_and_two_who_decide_are_told(cast, worker, supervisor, case, end):
    decided(cast, case)
    row = Desk(cast, cast.case_worker).propose(Case.objects.get())
    url = f"/kerja/kasus/{case.pk}/setujui/{row.pk}/"
    assert supervisor.post(url, {"approve": "no"}).status_code == 422
    page = sent(supervisor, url, {"approve": "no", "words": "Tanya sekolah dulu."})
    assert "belum setuju" in page
    late = supervisor.post(url, {"approve": "yes"})
    assert late.status_code == 409
    assert Case.objects.get().state == State.OPEN


def test_two_hands_on_one_proposal_see_both_texts(cast, worker, case, end):
    decided(cast, case)
    form = html(worker.get(end + "usul/"))
    services.change_child(*Desk(cast, cast.supervisor).hands, case.pk, {"school": "SD 2"})
    data = {"version": value(form, "version"), "reason": "goals_reached", "child_agrees": "yes", "summary": "Selesai."}
    stale = worker.post(end + "usul/", data)
    assert stale.status_code == 409
    assert "Selesai." in html(stale)


def test_a_proposal_is_taken_back(cast, worker, case):
    decided(cast, case)
    row = Desk(cast, cast.case_worker).propose(Case.objects.get())
    page = sent(worker, f"/kerja/kasus/{case.pk}/setujui/{row.pk}/", {"tarik": "1"})
    assert "Usul ditarik" in page


def test_a_case_is_offered_answered_and_taken_back(cast, worker, supervisor, browse, case, end):
    assert worker.get(end + "pindah/").status_code == 404
    page = html(supervisor.get(end + "pindah/"))
    assert cast.other_intake.name in page
    offer = {"team": str(cast.other_intake.pk), "reason": "child_moved", "words": "Anak pindah."}
    page = sent(supervisor, end + "pindah/", offer)
    assert "Ditawarkan ke" in page
    receiving(cast)
    theirs = browse(cast.other_analyst)
    page = html(theirs.get("/kerja/kasus/antartim/"))
    assert "Anak pindah ke wilayah tim itu" in page
    assert "Anak pindah." not in page, "the words wait for the yes"
    move = f"/kerja/kasus/antartim/{CaseMove.objects.get().pk}/"
    assert theirs.post(move + "tolak/", {}).status_code == 422
    sent(theirs, move + "tolak/", {"reason": "full"})
    page = html(supervisor.get("/kerja/kasus/antartim/"))
    assert "Kami tidak sanggup" in page
    sent(supervisor, end + "pindah/", offer)
    move = f"/kerja/kasus/antartim/{CaseMove.objects.latest('offered_at').pk}/"
    page = sent(theirs, move + "terima/", {})
    assert Case.objects.get().team_id == cast.other_intake.pk
    assert supervisor.get(end).status_code == 404
    assert supervisor.post(move + "tarik/", {}).status_code == 409


def test_what_a_child_says_is_read_by_somebody_else_alone(cast, worker, supervisor, case, end):
    page = sent(worker, end + "pendapat/", {"kind": "complaint", "mood": "1", "text": "Kakaknya sering terlambat."})
    assert "Kakaknya sering terlambat." not in page
    row = Feedback.objects.get()
    assert worker.get(f"/kerja/kasus/pendapat/{row.pk}/").status_code == 404
    assert worker.get("/kerja/kasus/pendapat/").status_code == 404
    page = html(supervisor.get("/kerja/kasus/pendapat/"))
    assert "Keluhan" in page
    page = html(supervisor.get(f"/kerja/kasus/pendapat/{row.pk}/"))
    assert "Kakaknya sering terlambat." in page
    page = sent(supervisor, f"/kerja/kasus/pendapat/{row.pk}/", {"words": "Jadwal diubah."})
    assert "Sudah dijawab" in page


def test_nobody_else_finds_these_pages(cast, browse, case, law, end):
    give_to(case, cast.analyst)
    row = Approval.objects.create(case=case, subject="mediation", asked_by=cast.analyst, asked_at=clock.now())
    pages = [law, end, law + "langkah/", law + "simfoni/lembar/", f"/kerja/kasus/{case.pk}/setujui/{row.pk}/"]
    for user in (cast.second_analyst, cast.other_analyst, cast.partner, cast.administrator):
        browser = browse(user)
        assert [browser.get(page).status_code for page in pages] == [404] * len(pages), user.username


def test_the_pages_stay_within_thirty_queries(cast, worker, supervisor, case, law, end):
    decided(cast, case)
    hands = Desk(cast, cast.case_worker).hands
    for number in range(6):
        legal.add_milestone(*hands, case.pk, step="report", on=date(2026, 1, 1 + number), words="Langkah.")
        legal.note_interview(*hands, case.pk, on=date(2026, 1, 2), agency="police", topics=["who"])
        feedback.from_colleague(hands[0], case.pk, kind="feedback", mood="3", text="")
    approving.decide(
        *Desk(cast, cast.supervisor).hands,
        Desk(cast, cast.case_worker).propose(Case.objects.get()).pk,
        approve=False,
        words="Nanti.",
    )
    Desk(cast, cast.case_worker).propose(Case.objects.get())
    pages = [(worker, law), (worker, end), (supervisor, end), (supervisor, "/kerja/kasus/persetujuan/")]
    pages += [(supervisor, "/kerja/kasus/pendapat/"), (supervisor, "/kerja/kasus/antartim/")]
    for browser, url in pages:
        browser.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            html(browser.get(url))
        assert len(queries) <= 30, (url, len(queries))
