"""Help nearby: found by place and need, open on the clock of the place, kept nowhere, light on the line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.core import clock
from lindung.directory import selectors, services
from lindung.portal.tests.conftest import Reporter, text_of
from lindung.portal.tests.test_pages import MOST_BYTES, weight

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Kupang and Palu (WITA), 09:00 in Jember and Bogor (WIB), 11:00 in Sorong (WIT)."""
NIGHT = datetime(2026, 11, 23, 15, 40, tzinfo=UTC)
"""23:40 in Palu."""


@pytest.fixture
def filled(fill_directory: Any) -> None:
    with clock.frozen(MONDAY):
        fill_directory()


def ask(reporter: Reporter, moment: datetime = MONDAY, **data: Any) -> Any:
    with clock.frozen(moment):
        page = reporter.post("help", **data)
    assert page.status_code == 200
    return page


@pytest.mark.usefixtures("filled")
def test_a_place_that_was_typed_shows_who_helps_there_with_numbers_to_call(reporter: Reporter) -> None:
    page = ask(reporter, tempat="kota kupang", butuh="health")
    text = text_of(page)
    assert "RSUD Cendana Kupang (contoh)" in text
    assert "Membantu mencarikan: Berobat atau diperiksa" in " ".join(text.split()), "a UPTD facilitates"
    assert "Jember" not in text
    assert 'href="tel:08000000015"' in page.content.decode()
    assert "Senin, 23 November, 10.00 WITA" in text
    assert text.index("Telepon polisi 110") < text.index("RSUD Cendana"), "emergency numbers stay on top"


@pytest.mark.usefixtures("filled")
def test_a_name_that_two_places_share_is_asked_back(reporter: Reporter) -> None:
    page = ask(reporter, tempat="bogor", butuh="legal")
    body = page.content.decode()
    assert 'value="32.71"' in body
    assert 'value="32.01"' in body
    assert '<input type="hidden" name="butuh" value="legal">' in body, "what was chosen is kept"
    chosen = text_of(ask(reporter, wilayah="32.71", butuh="legal"))
    assert "LBH Pakuan (contoh)" in chosen


@pytest.mark.usefixtures("filled")
def test_open_now_is_the_clock_of_the_place(reporter: Reporter) -> None:
    by_day = text_of(ask(reporter, wilayah="72.71", butuh="psychological", buka="ya"))
    assert "Biro Psikologi Maleo (contoh)" in by_day
    assert "RSUD Maleo Palu (contoh)" in by_day
    late = text_of(ask(reporter, NIGHT, wilayah="72.71", butuh="psychological", buka="ya"))
    assert "Buka sekarang, sampai Selasa, 24 November, 00.00 WITA." in late, "it closes at midnight"
    assert "RSUD Maleo Palu (contoh)" not in late
    closed = text_of(ask(reporter, NIGHT, wilayah="35.09", butuh="rights_information", buka="ya"))
    assert "sekarang tidak ada yang buka" in closed
    assert "Sekarang tutup. Buka lagi Selasa, 24 November, 08.00 WIB." in closed
    far = text_of(ask(reporter, wilayah="72.71", butuh="legal", buka="ya"))
    assert "sampai 18.00 WITA" in far, "an office in Jakarta closes at 17:00 there, and that is 18:00 here"
    overdue = text_of(ask(reporter, wilayah="72.71", butuh="outreach"))
    assert "Lama tidak kami periksa" in overdue


@pytest.mark.usefixtures("filled")
def test_no_shelter_no_single_person_no_contact_of_a_person_is_ever_shown(reporter: Reporter) -> None:
    for code in ("35.09", "53.71", "73.71", "12.71", "72.71", "32.71"):
        text = text_of(ask(reporter, wilayah=code, butuh="shelter"))
        assert "Rumah Aman" not in text
        assert "Lewat UPTD PPA" not in text
    assert "UPTD PPA Kota Bogor (contoh)" in text
    assert "Membantu mencarikan: Tempat tinggal yang aman" in " ".join(text.split())


def test_the_list_leads_from_province_to_district_and_nobody_is_not_an_empty_page(reporter: Reporter) -> None:
    provinces = ask(reporter, do="daftar").content.decode()
    assert provinces.count('name="wilayah"') == 38
    page = ask(reporter, wilayah="95")
    assert page.content.decode().count('name="wilayah"') == 8
    assert "Di daftar kami belum ada yang cocok" in text_of(page)
    assert "Tempat itu tidak ketemu" in text_of(ask(reporter, tempat="zzzz"))
    assert ask(reporter, wilayah="99.99", butuh="emas", buka="x").content.decode().count('name="wilayah"') == 38


@pytest.mark.usefixtures("filled")
def test_what_was_asked_is_kept_nowhere(reporter: Reporter) -> None:
    events = Event.objects.count()
    with CaptureQueriesContext(connection) as queries:
        page = ask(reporter, tempat="kota kupang", butuh="health")
    assert all(query["sql"].lstrip("( ").upper().startswith("SELECT") for query in queries), "nothing is written"
    assert len(queries) <= 6, len(queries)
    assert Event.objects.count() == events
    assert set(page.cookies) <= {"t"}, "only the token of the form"
    body = page.content.decode()
    assert "?" not in "".join(part.split('"', 1)[0] for part in body.split('action="')[1:]), "no question in an address"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_answer_is_light_and_whole(reporter: Reporter, language: str) -> None:
    reporter.language = language
    for data in ({"wilayah": "35"}, {"do": "daftar"}, {"wilayah": "32.71"}, {"wilayah": "73.71", "buka": "ya"}):
        page = ask(reporter, **data)
        assert weight(page) <= MOST_BYTES, (data, weight(page))
        body = page.content.decode()
        assert body.rstrip().endswith("</html>")
        assert f'<html lang="{language}">' in body
        assert body.count("<h1") == 1
    if language == "en":
        assert "Open now" in text_of(ask(reporter, wilayah="32.71", butuh="health"))


def test_the_page_stands_without_any_entry_and_a_body_that_ended_is_not_shown(
    reporter: Reporter, fill_directory: Any
) -> None:
    assert reporter.get("help").status_code == 200
    with clock.frozen(MONDAY):
        fill_directory()
        body = selectors.by_code("contoh.rs.kupang")
        assert body is not None
        services.end(Actor.system(), body.pk, selectors.today())
    assert "RSUD Cendana" not in text_of(ask(reporter, wilayah="53.71", butuh="health"))
