"""Whole journeys through every entry path, without a script."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.portal import walk as walks
from lindung.portal.questions import paths, screens
from lindung.portal.tests.conftest import Reporter, stored, text_of
from lindung.reporting import knowledge
from lindung.reporting.models import Report

pytestmark = pytest.mark.django_db

FULL: dict[str, dict[str, Any]] = {
    "aman": {"do": "cannot_call"},
    "tempat": {"danger_place": "Belakang pasar \r\n dekat masjid "},
    "apa": {"happened": ["threat_to_spread", "touched"]},
    "kata": {"words": "  Aku takut.\r\n\r\n“Dia” <b>marah</b> {{ x }} '; DROP TABLE reports;-- 😀\t "},
    "kapan": {"when": "within_72h"},
    "di-mana": {"online_where": ["roblox", "whatsapp"], "online_other": "Grup les"},
    "akun": {"accounts": "@akun_contoh\r\n0812 3456 7890"},
    "diberi": {"given": ["pulsa", "gift"], "given_note": "Dua kali"},
    "umur": {"age_band": "10-12"},
    "kelamin": {"sex": "male"},
    "provinsi": {"province": "35"},
    "kabupaten": {"regency": "35.09"},
    "memudahkan": {"easier": ["writing", "local_language"], "easier_note": "Madura"},
    "menjawab": {"reach": "contact"},
    "cara-hubungi": {"reach_how": "Sore, lewat guru", "must_not_know": "Paman"},
    "petugas": {"concern": ["school"], "concern_note": "Wali kelas"},
}


@pytest.mark.parametrize("path", list(paths()))
def test_every_question_can_be_skipped_and_the_report_is_complete(reporter: Reporter, path: str) -> None:
    reporter.walk(path)
    code = reporter.send()
    assert len(code) == 20
    assert Report.objects.get().path == path
    assert set(stored(code)) <= {"path", "danger"}


@pytest.mark.parametrize("path", list(paths()))
def test_every_path_works_in_english(reporter: Reporter, path: str) -> None:
    reporter.language = "en"
    reporter.walk(path)
    assert len(reporter.send()) == 20
    assert Report.objects.get().language == "en"


def test_a_child_tells_everything_and_every_value_is_stored_as_it_was_sent(reporter: Reporter) -> None:
    met = reporter.walk("child", FULL)
    assert {"tempat", "takut", "rumah-sakit", "kabupaten", "cara-hubungi"} <= set(met)
    code = reporter.send()
    sent = {name: value for fields in FULL.values() for name, value in fields.items() if name != "do"}
    assert stored(code) == {"path": "child", "danger": "yes", **sent}


def test_answers_stand_on_the_summary_and_the_words_are_escaped(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    page = reporter.get("check")
    assert "<b>marah</b>" not in page.content.decode()
    for shown in ("<b>marah</b> {{ x }}", "Kabupaten Jember", "Roblox", "Laki-laki", "Sedang dalam bahaya"):
        assert shown in text_of(page)


def test_back_shows_what_was_answered(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    assert "Aku takut." in text_of(reporter.get("step", "kata"))
    assert 'value="roblox" checked' in reporter.get("step", "di-mana").content.decode()
    assert 'value="male" aria-current="true"' in reporter.get("step", "kelamin").content.decode()


def test_going_back_or_straight_to_the_summary_keeps_what_was_typed(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    assert reporter.step("kata", do="back", words="Berubah")["Location"].endswith("/takut/")
    assert reporter.step("akun", do="enough", accounts="@baru")["Location"].endswith("/periksa/")
    assert reporter.step("kelamin", do="enough")["Location"].endswith("/periksa/")
    assert reporter.step("kabupaten", do="back")["Location"].endswith("/provinsi/")
    assert reporter.row is not None
    answers = reporter.row.data["answers"]
    assert (answers["words"], answers["accounts"]) == ("Berubah", "@baru")
    assert (answers["sex"], answers["province"], answers["regency"]) == ("male", "35", "35.09")


def test_looking_for_a_place_changes_no_answer(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    reporter.post("step", "provinsi", do="search", q="bali")
    assert reporter.row is not None
    assert reporter.row.data["answers"]["regency"] == "35.09"


def test_an_answer_left_empty_is_taken_back(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    reporter.step("akun", accounts="")
    reporter.step("diberi", do="skip")
    assert reporter.row is not None
    assert not {"accounts", "given", "given_note"} & set(reporter.row.data["answers"])


def test_another_province_takes_its_regency_back(reporter: Reporter) -> None:
    reporter.walk("child", FULL)
    reporter.step("provinsi", province="53")
    assert reporter.row is not None
    assert "regency" not in reporter.row.data["answers"]


def test_a_regency_page_lists_its_province_alone(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("provinsi", province="51")
    page = text_of(reporter.get("step", "kabupaten"))
    assert "Gianyar" in page
    assert "Kota Denpasar" in page
    assert "Jember" not in page


@pytest.mark.parametrize(("typed", "name"), [("jogja", "Kota Yogyakarta"), ("jaksel", "Jakarta Selatan")])
def test_a_place_is_found_by_what_people_call_it(reporter: Reporter, typed: str, name: str) -> None:
    reporter.step("aman", do="safe")
    page = reporter.post("step", "provinsi", do="search", q=typed)
    assert page.status_code == 200
    assert name in text_of(page)


def test_a_found_regency_answers_both_pages_at_once(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    page = reporter.step("provinsi", province="34.71")
    assert page["Location"].endswith("/memudahkan/")
    assert reporter.row is not None
    assert reporter.row.data["answers"] | {"danger": "no"} == {"danger": "no", "province": "34", "regency": "34.71"}


def test_somebody_may_ask_first(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    assert reporter.step("siapa-boleh-tahu", do="ask")["Location"].endswith("/bertanya/")
    assert reporter.step("bertanya", do="send", words="Apa polisi pasti datang?")["Location"].endswith("/periksa/")
    assert stored(reporter.send())["words"] == "Apa polisi pasti datang?"


def test_a_child_may_only_want_company(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    assert reporter.step("apa", do="company", happened=["approached"])["Location"].endswith("/bicara/")
    assert reporter.step("bicara", do="send")["Location"].endswith("/periksa/")
    assert stored(reporter.send())["happened"] == ["approached", "just_talk"]


def test_feeling_too_heavy_reaches_the_staff_only_when_the_child_says_so(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Berat")
    at = reporter.get("report").content.decode()
    assert reporter.get("step", "tidak-kuat").status_code == 200
    answer = reporter.step("tidak-kuat", do="tell")
    assert answer["Location"] in at
    code = reporter.send()
    assert stored(code)["feeling"] == "selfharm"
    assert Report.objects.get().selfharm


def test_who_may_be_told_stands_before_the_first_question(reporter: Reporter) -> None:
    for path in paths().values():
        steps = walks.order(walks.fresh(path.code))
        asking = [s for s in steps if screens()[s].fields and s not in {"tempat", "satu-kalimat"}]
        if asking:
            assert steps.index("siapa-boleh-tahu") < steps.index(asking[0])


def test_a_witness_is_asked_for_the_link_alone(reporter: Reporter) -> None:
    assert "jangan tangkap layar" in text_of(reporter.get("step", "tautan"))
    reporter.walk("witness", {"link": {"media_url": "https://contoh.invalid/a"}})
    assert stored(reporter.send()) == {"path": "witness", "media_url": "https://contoh.invalid/a"}


def test_an_adult_who_fears_harming_a_child_is_shown_help_and_is_no_case(reporter: Reporter) -> None:
    page = text_of(reporter.get("step", "khawatir"))
    assert "healing119.id" in page
    assert "119, tekan 8" in page
    reporter.step("khawatir", do="ask")
    reporter.step("siapa-boleh-tahu")
    reporter.step("bertanya", words="Bagaimana supaya aku tidak menyakiti siapa pun?")
    reporter.send()
    assert Report.objects.get().is_help


def test_an_adult_who_says_that_a_child_is_in_danger_is_asked_about_it(reporter: Reporter) -> None:
    assert reporter.step("khawatir", do="child_in_danger")["Location"].endswith("/bantu/")
    assert reporter.step("bantu", do="cannot_call")["Location"].endswith("/tempat/")
    assert reporter.step("tempat", danger_place="Rumah biru")["Location"].endswith("/siapa-boleh-tahu/")


def test_changing_the_path_keeps_the_answers(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    reporter.step("kata", words="Tentang temanku")
    reporter.step("orang-tua")
    assert reporter.row is not None
    assert reporter.row.data["path"] == "parent"
    assert reporter.row.data["answers"]["words"] == "Tentang temanku"


def test_the_start_leads_back_into_a_walk(reporter: Reporter) -> None:
    reporter.step("aman", do="safe")
    assert "Lanjutkan yang tadi" in text_of(reporter.get("report"))


def test_every_code_that_a_page_offers_is_known_to_the_reports(reporter: Reporter) -> None:
    for screen in screens().values():
        for field in screen.fields:
            assert field.name in knowledge.questions()


def test_texts_are_marked_as_not_tried_with_children() -> None:
    from lindung.core.knowledge import load_yaml

    assert load_yaml("lindung.portal", "questions.yaml")["tried_with_children"] is False
