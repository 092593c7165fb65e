"""The tab Rencana as a browser sees it: assessing, planning, delivering, marking, and two people at one record."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lindung.casework import services
from lindung.casework.models import Case, Person
from lindung.casework.models_closing import Approval
from lindung.casework.models_plan import Assessment, Conference, Goal, Group, GroupMember, Plan, PlanState
from lindung.casework.tests.bodies import body
from lindung.casework.tests.cases import give_to, make_case
from lindung.core import clock
from lindung.core.worktime import local_day

pytestmark = pytest.mark.django_db


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
def home(case) -> str:
    return f"/kerja/kasus/{case.pk}/rencana/"


@pytest.fixture
def worker(cast, browse):
    return browse(cast.case_worker)


@pytest.fixture
def supervisor(cast, browse):
    return browse(cast.supervisor)


def goal_of(worker: Any, home: str, words: str = "Bertemu psikolog tiap minggu.", **more: Any) -> Goal:
    """A goal in a fresh draft, through the pages."""
    page = html(worker.get(home + "baru/"))
    answer = worker.post(home + "baru/", {"wishes": "Ingin sekolah lagi.", "version": value(page, "version")})
    assert answer.status_code == 302, html(answer)
    plan = Plan.objects.latest("number")
    data = {"service": "psychological", "words": words, "working_days": "5", "version": "0", **more}
    answer = worker.post(f"{home}{plan.pk}/tujuan/", data)
    assert answer.status_code == 302, html(answer)
    return Goal.objects.get(plan=plan)


def test_an_empty_tab_asks_for_the_first_steps(worker, home):
    page = html(worker.get(home))
    for words in ("Nilai risiko dan kebutuhan", "Susun rencana", "Buat rencana keselamatan", "Standar layanan"):
        assert words in page
    assert "0 dari 12" in page


def test_the_rules_suggest_say_why_and_save_nothing(worker, home, case):
    page = html(worker.get(home + "nilai/"))
    version = value(page, "version")
    answers = {"t-selfharm": "yes", "t-danger_now": "no", "c-mind": "Bilang capek sekali.", "version": version}
    page = html(worker.post(home + "nilai/", {**answers, "saran": "1"}))
    assert "Saran aturan" in page
    assert "jangan ditinggal sendiri" in page
    assert "Bilang capek sekali." in page
    assert not Assessment.objects.exists()
    refused = worker.post(home + "nilai/", {**answers, "risk": "low"})
    assert refused.status_code == 422
    assert "lebih rendah dari saran aturan" in html(refused)
    saved = worker.post(home + "nilai/", {**answers, "risk": "high"})
    assert saved.status_code == 302
    page = html(worker.get(saved["Location"].split("#")[0]))
    assert "Layani sekarang" in page
    assert "Bilang capek sekali." in page
    again = html(worker.get(home + "nilai/"))
    assert re.search(r'name="t-selfharm" value="yes"[^>]*checked', again), "nothing is asked twice"


def test_both_texts_of_two_assessments_are_shown(worker, supervisor, home):
    old = html(supervisor.get(home + "nilai/"))
    seen = {"version": value(old, "version")}
    worker.post(home + "nilai/", {**seen, "risk": "medium", "needs": "Ingin pindah kamar."})
    late = supervisor.post(home + "nilai/", {**seen, "risk": "high", "needs": "Ingin ditemani ibu asuh."})
    page = html(late)
    assert late.status_code == 409
    assert "Ingin pindah kamar." in page
    assert "Ingin ditemani ibu asuh." in page
    assert Assessment.objects.get().risk == "medium"
    kept = supervisor.post(
        home + "nilai/", {"version": value(page, "version"), "risk": "high", "needs": "Ingin ditemani ibu asuh."}
    )
    assert kept.status_code == 302
    assert Assessment.objects.count() == 2


def test_a_plan_from_wish_to_approval_and_outcome(worker, supervisor, cast, home, case):
    provider, other = body(), body(service="legal")
    page = html(worker.get(home + "baru/"))
    worker.post(
        home + "baru/", {"wishes": "Ingin sekolah lagi.", "with_child": "on", "version": value(page, "version")}
    )
    plan = Plan.objects.get(case=case)
    assert "layanan=psychological" in html(worker.get(f"{home}{plan.pk}/tujuan/"))
    page = html(worker.get(f"{home}{plan.pk}/tujuan/?layanan=psychological"))
    assert provider.name in page
    assert other.name not in page
    data = {"service": "psychological", "words": "Bertemu psikolog.", "version": "0", "provider": provider.pk}
    assert worker.post(f"{home}{plan.pk}/tujuan/", data).status_code == 422, "a time is needed"
    assert worker.post(f"{home}{plan.pk}/tujuan/", {**data, "working_days": "3"}).status_code == 302
    goal = Goal.objects.get()
    page = html(worker.get(home))
    assert "Ingin sekolah lagi." in page
    assert provider.name in page
    ask = worker.post(f"{home}{plan.pk}/minta/", {"words": "Tolong dibaca.", "version": value(page, "version")})
    assert ask.status_code == 302
    approval = Approval.objects.get()
    address = f"{home}setujui/{approval.pk}/"
    assert worker.post(address, {"approve": "yes"}).status_code == 404, "nobody approves what they asked"
    page = html(supervisor.get(home))
    assert "Tolong dibaca." in page
    assert supervisor.post(address, {"approve": "no"}).status_code == 422
    agreed = supervisor.post(address, {"approve": "yes"})
    assert "ok=approved" in agreed["Location"]
    today = local_day(clock.now(), case.tz)
    delivered = {"on": today, "minutes": "50", "child_came": "on", "words": "Pertemuan pertama."}
    assert worker.post(f"{home}tujuan/{goal.pk}/layanan/", delivered).status_code == 302
    goal.refresh_from_db()
    moved = {"state": "partly", "words": "Psikolog pindah kota.", "version": goal.version}
    assert worker.post(f"{home}tujuan/{goal.pk}/kabar/", moved).status_code == 302
    page = html(worker.get(home))
    for words in ("Pertemuan pertama.", "50 menit", "Tercapai sebagian", "Psikolog pindah kota.", "Susun rencana baru"):
        assert words in page


def test_both_texts_of_two_who_change_one_goal_are_shown_and_kept(worker, supervisor, home):
    goal = goal_of(worker, home)
    address = f"{home}tujuan/{goal.pk}/"
    seen = value(html(supervisor.get(address)), "version")
    data = {"service": "psychological", "version": seen, "working_days": "5"}
    assert worker.post(address, {**data, "words": "Dua kali seminggu."}).status_code == 302
    late = supervisor.post(address, {**data, "words": "Sekali sebulan."})
    page = html(late)
    assert late.status_code == 409
    assert "Dua kali seminggu." in page
    assert "Sekali sebulan." in page
    again = supervisor.post(address, {**data, "words": "Sekali sebulan.", "version": value(page, "version")})
    assert again.status_code == 302
    assert "Sekali sebulan." in html(worker.get(home))


def test_a_draft_that_changed_is_not_asked_for_unseen(worker, supervisor, home):
    goal = goal_of(worker, home)
    seen = value(html(worker.get(home)), "version")
    data = {"service": "legal", "words": "Pendampingan hukum.", "working_days": "2", "version": "0"}
    supervisor.post(f"{home}{goal.plan_id}/tujuan/", data)
    late = worker.post(f"{home}{goal.plan_id}/minta/", {"words": "Tolong.", "version": seen})
    assert late.status_code == 409
    assert "Pendampingan hukum." in html(late)
    assert Plan.objects.get().state == PlanState.DRAFT


def test_removing_what_a_colleague_changed_meanwhile_is_refused(worker, supervisor, home):
    goal = goal_of(worker, home)
    page = html(worker.get(f"{home}tujuan/{goal.pk}/"))
    button = re.search(r'action="([^"]*hapus/\?v=\d+)"', page)
    assert button
    data = {"service": "psychological", "words": "Lain.", "working_days": "5", "version": goal.version}
    supervisor.post(f"{home}tujuan/{goal.pk}/", data)
    assert worker.post(button[1]).status_code == 409
    page = html(worker.get(f"{home}tujuan/{goal.pk}/"))
    button = re.search(r'action="([^"]*hapus/\?v=\d+)"', page)
    assert button
    assert worker.post(button[1]).status_code == 302
    assert not Goal.objects.exists()
    draft = html(worker.get(f"{home}{goal.plan_id}/"))
    button = re.search(r'action="([^"]*sisihkan/\?v=\d+)"', draft)
    assert button
    assert worker.post(button[1]).status_code == 302
    assert Plan.objects.get().state == PlanState.REPLACED


def test_the_safety_plan_the_review_and_a_conference(worker, home, case):
    day = local_day(clock.now(), case.tz)
    page = html(worker.get(home + "aman/"))
    answer = worker.post(
        home + "aman/",
        {"steps": "Ke rumah tetangga.", "with_child": "on", "review_on": day, "version": value(page, "version")},
    )
    assert answer.status_code == 302
    page = html(worker.get(home + "tinjau/"))
    worker.post(home + "tinjau/", {"words": "Anak lebih tenang.", "version": value(page, "version")})
    moment = (clock.now() + timedelta(hours=7)).strftime("%Y-%m-%dT%H:%M")
    planned = worker.post(home + "konferensi/", {"planned_at": moment, "invited": "Sekolah", "agenda": "Kelas baru"})
    assert planned.status_code == 302
    row = Conference.objects.get()
    held = {"held_at": f"{day}T00:00", "came": "Wali kelas", "agreed": "Sekolah: kelas baru."}
    assert worker.post(f"{home}konferensi/{row.pk}/", held).status_code == 302
    late = worker.post(f"{home}konferensi/{row.pk}/", {**held, "agreed": "Lain."})
    assert late.status_code == 409
    assert "Sekolah: kelas baru." in html(late)
    page = html(worker.get(home))
    for words in ("Ke rumah tetangga.", "Anak lebih tenang.", "Wali kelas", "Sekolah: kelas baru."):
        assert words in page


def test_a_point_is_marked_with_one_press_and_the_second_sees_the_first(worker, supervisor, home):
    page = html(worker.get(home + "standar/"))
    assert "Kasus dicatat di Simfoni PPA" in page
    address = home + "standar/butir/simfoni/"
    assert worker.post(address, {"state": "done", "version": "0"}).status_code == 302
    late = supervisor.post(address, {"state": "not_applicable", "words": "Belum ada akses.", "version": "0"})
    assert late.status_code == 409
    assert "Belum ada akses." in html(late)
    assert "Sudah" in html(late)
    assert worker.get(home + "standar/butir/pijat/").status_code == 404
    stage = worker.post(home + "standar/tahap/", {"stage": "monitoring", "version": _version(home)})
    assert stage.status_code == 302
    assert "1 dari 12" in html(worker.get(home))


def _version(home: str) -> int:
    return Case.objects.values_list("version", flat=True).get(pk=home.split("/")[3])


def test_who_may_not_see_the_case_meets_nothing(cast, browse, worker, home, case):
    goal = goal_of(worker, home)
    stranger = browse(cast.analyst)
    for address in ("", "nilai/", "standar/", f"tujuan/{goal.pk}/", f"{goal.plan_id}/"):
        assert stranger.get(home + address).status_code == 404
    foreign = f"/kerja/kasus/{make_case(cast).pk}/rencana/"
    assert worker.get(f"{foreign}tujuan/{goal.pk}/").status_code == 404, "a goal of another case"
    assert worker.get(f"{foreign}{goal.plan_id}/").status_code == 404


def test_the_tab_with_much_in_it_stays_within_its_queries(cast, worker, home, case):
    give_to(case, cast.second_analyst)
    goal = goal_of(worker, home)
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    day = local_day(clock.now(), case.tz)
    for number in range(4):
        services.record_delivery(actor, keyring, goal.pk, services.DeliveryInput(on=day, minutes=10 + number))
        services.add_goal(actor, keyring, goal.plan_id, services.GoalInput(service="legal", words="Hukum.", due_on=day))
        services.mark(actor, keyring, case.pk, "simfoni", "done", seen=number)
        case.refresh_from_db()
        services.assess(actor, keyring, case.pk, services.AssessmentInput(answers={}, risk="high"), case.version)
    for address in ("", "standar/", "nilai/"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert worker.get(home + address).status_code == 200
        assert len(queries) <= 30, f"{address}: {len(queries)}"


def test_an_implicated_guardian_is_warned_of_on_the_tab(cast, worker, home, case):
    Person.objects.create(
        case=case, role="guardian", standing="implicated", added_at=clock.now(), added_by=cast.case_worker
    )
    assert "Jangan menghubungi wali yang diduga terlibat" in html(worker.get(home))


# --- groups


def test_a_group_from_its_first_child_to_its_end(cast, worker, case):
    day = local_day(clock.now(), case.tz)
    made = worker.post("/kerja/kelompok/", {"team": cast.intake.pk, "programme": "aku_bahagia", "starts_on": day})
    assert made.status_code == 302
    group = Group.objects.get()
    address = f"/kerja/kelompok/{group.pk}/"
    assert worker.post(address + "tambah/", {"reference": "00000000"}).status_code == 422
    assert worker.post(address + "tambah/", {"reference": case.reference}).status_code == 302
    member = GroupMember.objects.get()
    assert case.reference in html(worker.get(address))
    before = f"/kerja/kelompok/anggota/{member.pk}/sebelum/"
    assert worker.post(before, {"s-calm": "2", "s-sleep": "1"}).status_code == 302
    late = worker.post(before, {"s-calm": "4"})
    assert late.status_code == 409
    assert "Kadang-kadang" in html(late), "what stands there is shown beside what was typed"
    assert worker.post(before, {"s-calm": "3", "lagi": "1"}).status_code == 302
    met = worker.post(address + "pertemuan/", {"on": day, "came": str(member.pk)})
    assert met.status_code == 302
    assert worker.post(f"/kerja/kelompok/anggota/{member.pk}/keluar/").status_code == 409
    group.refresh_from_db()
    assert worker.post(address + "akhiri/", {"on": day, "version": group.version}).status_code == 302
    assert "Kurang dari 5 anak" in html(worker.get(address))
    assert "Aku Bahagia" in html(worker.get("/kerja/kelompok/"))
    assert "Aku Bahagia" in html(worker.get(f"/kerja/kasus/{case.pk}/rencana/"))


def test_a_group_is_not_there_for_others_and_names_nobody_whom_one_may_not_see(cast, browse, worker, case):
    day = local_day(clock.now(), case.tz)
    actor = cast.actor(cast.case_worker)
    group = services.make_group(actor, cast.intake.pk, "aku_bangkit", day)
    member = services.join(actor, group.pk, case.pk)
    address = f"/kerja/kelompok/{group.pk}/"
    assert case.reference not in html(browse(cast.analyst).get(address))
    assert browse(cast.analyst).get(f"/kerja/kelompok/anggota/{member.pk}/sebelum/").status_code == 404
    assert browse(cast.other_analyst).get(address).status_code == 404
    assert browse(cast.partner).get("/kerja/kelompok/").status_code == 404
