"""The pages of cases: what a colleague finds, writes and never sees, within the queries that a page may ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import Browser, Cast
from lindung.accounts.models import User
from lindung.casework import services
from lindung.casework.models import Case, CaseNote, CaseTask, CaseWorker, Person
from lindung.core import clock
from lindung.reporting.models import Message
from lindung.workspace.tests.conftest import Sent

pytestmark = pytest.mark.django_db

TOLD = {
    "path": "child", "words": "aku mau cerita", "age_band": "13-15", "sex": "female", "province": "31",
    "regency": "31.71", "happened": ["asked_images"], "online_where": ["instagram"], "accounts": "@akun_rekaan",
    "must_not_know": "paman", "easier": ["writing"],
}  # fmt: skip
QUERIES = 30

Send = Callable[..., Sent]
Browse = Callable[[User], Browser]


@pytest.fixture
def sent(send: Send) -> Sent:
    return send(**TOLD)


@pytest.fixture
def case(cast: Cast, sent: Sent) -> Case:
    """The case worker's case, opened by the case worker."""
    worker = cast.case_worker
    return services.open_from_reports(cast.actor(worker), cast.keyring(worker), [sent.id])


@pytest.fixture
def worker(cast: Cast, browse: Browse) -> Browser:
    return browse(cast.case_worker)


def url(name: str, case: Case, **more: Any) -> str:
    return reverse(f"workspace:{name}", kwargs={"case_id": case.pk, **more})


def page(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def text(html: str) -> str:
    """What stands on a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<main") :]).split())


def value(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', html
    )
    assert found is not None, name
    return found.group(1)


def queries(browser: Browser, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return len(asked)


# --- from a report to a case ------------------------------------------------------------------------------------------


def test_what_a_report_told_stands_in_the_form_before_the_case_is_opened(worker: Browser, sent: Sent) -> None:
    html = page(worker, sent.url("case_from_report"))
    shown = text(html)
    assert '<option value="13-15" selected>' in html
    assert '<option value="female" selected>' in html
    for told in ("@akun_rekaan", "paman", "Instagram", "Jakarta Pusat", "Terduga pelaku", "dari laporan"):
        assert told in shown, told
    assert not Case.objects.exists()


def test_a_case_is_opened_with_what_was_told_and_what_was_written(worker: Browser, sent: Sent, cast: Cast) -> None:
    html = page(worker, sent.url("case_from_report"))
    form = {
        "name": "Nama rekaan", "age_band": "13-15", "sex": "male", "statuses": ["victim", "witness"], "take": "on",
        "told": value(html, "told"),
    }  # fmt: skip
    answer = worker.post(sent.url("case_from_report"), form)
    case = Case.objects.get()
    assert answer.headers["Location"] == url("case", case) + "?ok=opened"
    opened = services.open_case(cast.actor(cast.case_worker), cast.keyring(cast.case_worker), case.pk)
    assert opened.child["name"] == "Nama rekaan"
    assert opened.child["sex"] == "male"
    origin = opened.child["from_report"]
    assert origin["age_band"] == sent.id.hex
    assert "sex" not in origin
    assert CaseWorker.objects.get(until=None).user == cast.case_worker


def test_a_second_case_of_a_report_is_for_another_child(worker: Browser, sent: Sent, case: Case) -> None:
    refused = worker.post(sent.url("case_from_report"), {"take": "on", "told": ""})
    assert refused.status_code == 422
    assert "sudah punya kasus" in refused.content.decode()
    done = worker.post(sent.url("case_from_report"), {"another_child": "on", "told": ""})
    assert done.status_code == 302
    assert Case.objects.count() == 2


def test_an_adult_who_asks_for_help_has_no_way_to_a_case(worker: Browser, send: Send) -> None:
    asked = send(path="worried_self", words="aku takut")
    assert "Jadikan kasus" not in page(worker, asked.url())
    assert worker.get(asked.url("case_from_report")).status_code == 404


def test_the_page_of_a_report_leads_to_its_case(worker: Browser, sent: Sent, case: Case) -> None:
    assert url("case", case) in page(worker, sent.url())


def test_reports_that_name_the_same_account_are_offered_to_come_along(worker: Browser, sent: Sent, send: Send) -> None:
    other = send(**{**TOLD, "words": "lagi", "age_band": "16-17"})
    html = page(worker, sent.url("case_from_report"))
    assert f'value="{other.id}"' in html
    form = {"laporan": str(other.id), "take": "on", "told": value(html, "told"), "age_band": "13-15", "sex": "female"}
    worker.post(sent.url("case_from_report"), form)
    assert Case.objects.get().case_reports.count() == 2


# --- the pages --------------------------------------------------------------------------------------------------------


def test_the_first_page_of_a_case_says_who_where_what_is_next_and_what_happened(worker: Browser, case: Case) -> None:
    shown = text(page(worker, url("case", case)))
    for part in (
        case.reference, "Risiko", "Case Worker", "Nilai risiko dan kebutuhan", "Korban", "Jakarta Pusat",
        "paman", "Kasus dibuka", "Percakapan dengan anak",
    ):  # fmt: skip
        assert part in shown, part


def test_a_message_is_sent_without_leaving_the_case(worker: Browser, case: Case, sent: Sent) -> None:
    html = page(worker, url("case", case))
    path = url("case_message", case, report_id=sent.id)
    answer = worker.post(path, {"text": "Kami membaca ceritamu.", "version": value(html, "version"), "opened": ""})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(url("case", case))
    assert Message.objects.filter(report=sent.id, direction="out").exclude(kind="system").count() == 1
    assert "Kami membaca ceritamu." in text(page(worker, url("case", case)))


def test_a_message_that_was_read_on_the_page_of_the_case_counts_as_read(
    worker: Browser, case: Case, sent: Sent
) -> None:
    sent.write("aku sudah di rumah")
    assert "Pesan baru" in text(page(worker, reverse("workspace:case_list")))
    assert "aku sudah di rumah" in text(page(worker, url("case", case)))
    assert "Pesan baru" not in text(page(worker, reverse("workspace:case_list")))


def test_when_two_colleagues_answer_both_texts_are_kept(worker: Browser, case: Case, sent: Sent, cast: Cast) -> None:
    version = value(page(worker, url("case", case)), "version")
    path = url("case_message", case, report_id=sent.id)
    worker.post(path, {"text": "Yang pertama.", "version": version, "opened": ""})
    late = worker.post(path, {"text": "Yang kedua.", "version": version, "opened": ""})
    assert late.status_code == 409
    shown = late.content.decode()
    assert "Yang pertama." in shown
    assert "Yang kedua." in shown
    again = worker.post(path, {"text": "Yang kedua.", "version": value(shown, "version"), "opened": ""})
    assert again.status_code == 302


def test_when_two_colleagues_change_the_child_both_texts_are_kept(
    worker: Browser, case: Case, cast: Cast, browse: Browse
) -> None:
    path = url("case_child", case, part="hubungi")
    html = page(worker, path)
    assert "paman" in html
    supervisor = browse(cast.supervisor)
    first = {"must_not_know": "paman dan bibi", "version": value(html, "version")}
    assert supervisor.post(path, first).status_code == 302
    late = worker.post(path, {"must_not_know": "paman dan guru", "version": value(html, "version")})
    shown = late.content.decode()
    assert late.status_code == 409
    assert "paman dan guru" in shown
    assert "paman dan bibi" in shown
    done = worker.post(path, {"must_not_know": "paman, bibi, guru", "version": value(shown, "version")})
    assert done.status_code == 302
    assert "paman, bibi, guru" in text(page(worker, url("case_people", case)))


@pytest.mark.parametrize(
    ("name", "more", "form", "seen"),
    [
        ("case_child", {"part": "siapa"}, {"name": "Nama rekaan", "born_on": "2013-05-04"}, "4 Mei 2013"),
        ("case_child", {"part": "kebutuhan"}, {"accommodations": ["sign"], "health": "asma"}, "asma"),
        ("case_child", {"part": "status"}, {"statuses": ["victim", "witness"]}, "Saksi"),
        ("case_child", {"part": "kerentanan"}, {"factors": ["poverty"]}, "Kebutuhan dasar keluarga"),
        ("case_place", {"role": "home"}, {"place": "35.09"}, "Kabupaten Jember"),
        ("case_place", {"role": "suspect"}, {"country": "au", "words": "Perth"}, "Luar negeri (AU)"),
    ],
)
def test_what_is_known_of_the_child_is_written_part_by_part(
    worker: Browser, case: Case, name: str, more: dict[str, str], form: dict[str, Any], seen: str
) -> None:
    path = url(name, case, **more)
    version = value(page(worker, path), "version")
    assert worker.post(path, {**form, "version": version}).status_code == 302
    shown = text(page(worker, url("case_people", case)))
    assert seen in shown
    assert "paman" in shown  # what another form asks stays


def test_a_wrong_part_comes_back_beside_its_question(worker: Browser, case: Case) -> None:
    path = url("case_child", case, part="status")
    refused = worker.post(path, {"statuses": ["hsb_under_12"], "version": value(page(worker, path), "version")})
    assert refused.status_code == 422
    assert 'href="#status-statuses"' in refused.content.decode()
    assert worker.get(url("case_child", case, part="lain")).status_code == 404
    assert worker.get(url("case_place", case, role="lain")).status_code == 404


def test_an_implicated_guardian_is_named_on_every_page(worker: Browser, case: Case) -> None:
    path = url("case_person_add", case)
    form = {
        "role": "guardian", "standing": "implicated", "name": "Wali rekaan",
        "version": value(page(worker, path), "version"),
    }  # fmt: skip
    assert worker.post(path, form).status_code == 302
    for name in ("case", "case_people", "case_notes"):
        assert "Jangan menghubungi wali" in text(page(worker, url(name, case)))
    person = Person.objects.get(role="guardian")
    refused = worker.post(url("case_person_remove", case, person_id=person.pk))
    assert refused.status_code == 422
    assert Person.objects.filter(removed_at=None, role="guardian").exists()


def test_a_person_keeps_what_the_form_does_not_ask(worker: Browser, case: Case, cast: Cast) -> None:
    offender = Person.objects.get(role="alleged_offender")
    path = url("case_person", case, person_id=offender.pk)
    html = page(worker, path)
    assert "@akun_rekaan" in html
    form = {"role": "alleged_offender", "name": "X", "accounts": "@akun_rekaan", "version": value(html, "version")}
    assert worker.post(path, form).status_code == 302
    opened = services.open_case(cast.actor(cast.case_worker), cast.keyring(cast.case_worker), case.pk)
    words = next(one.words for one in opened.people if one.id == offender.pk)
    assert words["accounts"] == "@akun_rekaan"
    assert words["name"] == "X"
    gone = worker.post(url("case_person_remove", case, person_id=offender.pk))
    assert gone.status_code == 302
    assert "Tidak lagi terhitung" in text(page(worker, url("case_people", case)))


def test_an_incident_is_added_and_written_anew(worker: Browser, case: Case) -> None:
    incident = case.incidents.get().incident_id
    path = url("case_incident", case, incident_id=incident)
    html = page(worker, path)
    assert re.search(r'value="instagram"[^>]*checked', html)
    form = {"forms": ["grooming"], "summary": "Pesan dari orang dewasa.", "version": value(html, "version")}
    assert worker.post(path, form).status_code == 302
    path = url("case_incident_add", case)
    form = {"forms": ["sextortion"], "version": value(page(worker, path), "version")}
    assert worker.post(path, form).status_code == 302
    shown = text(page(worker, url("case_people", case)))
    assert "Pesan dari orang dewasa." in shown
    assert case.incidents.count() == 2


def test_notes_tasks_and_news_of_the_child_are_written_and_stand_in_the_history(
    worker: Browser, case: Case, cast: Cast
) -> None:
    worker.post(url("case_note_add", case), {"text": "Sudah bicara dengan sekolah."})
    due = (clock.now() + timedelta(days=2)).date().isoformat()
    form = {"words": "Telepon psikolog.", "due": due, "assignee": str(cast.case_worker.pk)}
    assert worker.post(url("case_task_add", case), form).status_code == 302
    task = CaseTask.objects.get(kind="hand")
    today = clock.now().date().isoformat()
    moved = {"kind": "moved", "on": today, "words": "Tinggal bersama bibi."}
    assert worker.post(url("case_event_add", case), moved).status_code == 302
    shown = text(page(worker, url("case_notes", case)))
    for part in ("Sudah bicara dengan sekolah.", "Telepon psikolog.", "Anak pindah tempat", "Tinggal bersama bibi."):
        assert part in shown, part
    assert "Telepon psikolog." in text(page(worker, url("case", case)))
    assert worker.post(url("case_task_done", case, task_id=task.pk)).status_code == 302
    assert "Tugas selesai" in text(page(worker, url("case", case)))
    refused = worker.post(url("case_note_add", case), {"text": " "})
    assert refused.status_code == 422
    assert "Isi dulu bagian ini." in refused.content.decode()


# --- who works on it --------------------------------------------------------------------------------------------------


def test_a_case_is_taken_assigned_and_given_back(cast: Cast, browse: Browse, sent: Sent) -> None:
    analyst = browse(cast.analyst)
    case = services.open_from_reports(cast.actor(cast.analyst), cast.keyring(cast.analyst), [sent.id], take=False)
    assert "Aku yang mendampingi" in page(analyst, url("case", case))
    assert analyst.post(url("case_take", case)).status_code == 302
    second = browse(cast.second_analyst)
    assert second.get(url("case", case)).status_code == 404
    supervisor = browse(cast.supervisor)
    form = {"user": str(cast.case_worker.pk), "role": "lead"}
    assert supervisor.post(url("case_assign", case), form).status_code == 302
    assert analyst.get(url("case", case)).status_code == 404
    worker = browse(cast.case_worker)
    ended = worker.post(url("case_worker_end", case, user_id=cast.case_worker.pk))
    assert ended.headers["Location"].startswith(url("case", case))  # nobody works on it: free ones of the team are seen
    assert not CaseWorker.objects.filter(until=None).exists()


def test_the_mailbox_follows_whoever_leads_the_case(cast: Cast, browse: Browse, sent: Sent) -> None:
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    case = services.open_from_reports(actor, keyring, [sent.id])
    other = services.open_from_reports(actor, keyring, [sent.id], another_child=True, take=False)
    assert sent.now().claimed_by == cast.analyst
    services.assign(cast.actor(cast.supervisor), case.pk, cast.case_worker.pk)
    assert sent.now().claimed_by == cast.case_worker
    html = page(browse(cast.case_worker), url("case", case))
    assert 'name="version"' in html
    assert url("case_message", case, report_id=sent.id) in html
    services.assign(cast.actor(cast.supervisor), other.pk, cast.second_analyst.pk)
    assert sent.now().claimed_by == cast.case_worker  # of several cases of a report, the lead of the oldest answers


def test_a_case_is_linked_by_its_number_alone(worker: Browser, case: Case, cast: Cast, send: Send) -> None:
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    other = services.open_from_reports(actor, keyring, [send(**TOLD).id])
    hidden = worker.post(url("case_link", case), {"reference": "00000000", "reason": "siblings"})
    assert hidden.status_code == 422
    reason = re.search(r'name="reason".*?<option value="(\w+)"', page(worker, url("case", case)), re.DOTALL)
    assert reason is not None
    form = {"reference": other.reference.lower(), "reason": reason.group(1)}
    assert worker.post(url("case_link", case), form).status_code == 302
    assert other.reference in text(page(worker, url("case", case)))
    link = case.links_made.get()
    assert worker.post(url("case_unlink", case, link_id=link.pk)).status_code == 302
    assert not case.links_made.exists()


def test_a_further_report_is_added_by_its_number(worker: Browser, case: Case, send: Send) -> None:
    more = send(**{**TOLD, "words": "aku lagi"})
    refused = worker.post(url("case_report_add", case), {"reference": "00000000"})
    assert refused.status_code == 422
    done = worker.post(url("case_report_add", case), {"reference": more.report.reference})
    assert done.status_code == 302
    shown = page(worker, url("case", case))
    assert more.report.reference in shown
    assert case.case_reports.count() == 2


# --- the morning and the list -----------------------------------------------------------------------------------------


def test_the_morning_says_what_is_due_unread_urgent_and_changed(
    worker: Browser, case: Case, sent: Sent, cast: Cast
) -> None:
    home = reverse("workspace:cases")
    Case.objects.filter(pk=case.pk).update(risk="high", review_due_at=clock.now() - timedelta(hours=1))
    sent.write("aku sudah di rumah")
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    services.add_task(actor, keyring, case.pk, "Rahasia tugas.", clock.now() + timedelta(hours=5))
    supervisor = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    services.add_note(*supervisor, case.pk, "Rahasia catatan.")
    shown = text(page(worker, home))
    for part in ("Tinjauan berkala", "terlambat", "Baca pesan", "catatan rekan", "Perempuan, 13 sampai 15 tahun"):
        assert part in shown, part
    assert shown.count(case.reference) >= 4
    assert "Rahasia" not in shown
    assert "aku sudah" not in shown


def test_a_morning_without_cases_is_calm(worker: Browser, cast: Cast, browse: Browse) -> None:
    for browser in (worker, browse(cast.supervisor), browse(cast.analyst)):
        shown = text(page(browser, reverse("workspace:cases")))
        assert "Tidak ada kasus berisiko tinggi." in shown
        assert "Belum ada kasus" in text(page(browser, reverse("workspace:case_list")))


def test_the_list_keeps_the_order_that_was_chosen_last(worker: Browser, case: Case) -> None:
    listed = reverse("workspace:case_list")
    page(worker, f"{listed}?urut=berubah")
    assert '<option value="berubah" selected>' in page(worker, listed)
    shown = text(page(worker, f"{listed}?jk=male"))
    assert "Tidak ada kasus yang cocok" in shown
    assert case.reference in text(page(worker, f"{listed}?jk=female&provinsi=31&kabupaten=31.71&umur=13-15"))


def test_no_list_shows_a_name(worker: Browser, case: Case, cast: Cast) -> None:
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    services.change_child(actor, keyring, case.pk, {"name": "Nama rekaan"})
    assert "Nama rekaan" in page(worker, url("case", case))
    for name in ("cases", "case_list"):
        assert "Nama rekaan" not in page(worker, reverse(f"workspace:{name}"))


def test_whoever_may_not_know_of_a_case_finds_nothing(cast: Cast, browse: Browse, case: Case) -> None:
    paths = [url(name, case) for name in ("case", "case_people", "case_notes", "case_person_add", "case_assign")] + [
        url("case_child", case, part="siapa"),
        url("case_place", case, role="home"),
    ]
    for user in (
        cast.analyst, cast.second_analyst, cast.other_analyst, cast.independent_analyst, cast.partner,
        cast.data_analyst, cast.administrator, cast.auditor,
    ):  # fmt: skip
        browser = browse(user)
        for path in paths:
            assert browser.get(path).status_code == 404, (user.username, path)
        for name in ("case_note_add", "case_task_add", "case_event_add", "case_take", "case_link", "case_report_add"):
            assert browser.post(url(name, case), {"text": "a", "words": "a"}).status_code == 404, (user.username, name)
        listed = browser.get(reverse("workspace:case_list"))
        assert listed.status_code == 404 or case.reference not in listed.content.decode()
        morning = browser.get(reverse("workspace:cases"))
        assert morning.status_code == 404 or case.reference not in morning.content.decode()
    assert not CaseNote.objects.exists()


def test_every_page_of_a_case_keeps_within_its_queries(worker: Browser, case: Case, sent: Sent, cast: Cast) -> None:
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    for number in range(6):
        services.add_note(actor, keyring, case.pk, f"Catatan {number}.")
        services.add_task(actor, keyring, case.pk, f"Tugas {number}.", clock.now() + timedelta(days=number))
        services.add_person(actor, keyring, case.pk, "relative", {"name": f"Orang {number}"})
        sent.write(f"pesan {number}")
    paths = [reverse(f"workspace:{name}") for name in ("cases", "case_list")]
    paths += [url(name, case) for name in ("case", "case_people", "case_notes", "case_person_add")]
    paths += [url("case_child", case, part="siapa"), url("case_place", case, role="home")]
    asked = {path: queries(worker, path) for path in paths}
    assert max(asked.values()) <= QUERIES, asked
    assert queries(worker, sent.url()) <= 25
