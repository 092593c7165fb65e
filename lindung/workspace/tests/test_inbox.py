"""The inbox: the urgent first, the late said, the new marked, and who is on duty."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.core import clock
from lindung.reporting import services
from lindung.reporting.models import Report
from lindung.vault import services as vault
from lindung.vault.models import SealedRecord

from .conftest import CALM, DANGER

HOME = reverse("workspace:inbox")
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def test_it_works(analyst, send):
    calm, danger = send(**CALM), send(**DANGER)
    page = html(analyst.get(HOME))
    assert page.index(danger.report.reference) < page.index(calm.report.reference)
    assert "Risiko tinggi" in page
    assert "Bahaya sekarang" in page
    assert "Jakarta" in page
    assert "dekat pasar" not in page


def test_whoever_waits_for_the_key_is_told_so_and_sees_no_row(analyst, cast, send):
    sent = send(**DANGER)
    assert "belum memegang kunci" not in html(analyst.get(HOME))
    vault.revoke_grants(holder=cast.analyst.pk, team_id=cast.intake.pk)
    page = html(analyst.get(HOME))
    assert "Kamu belum memegang kunci tim" in page
    assert sent.report.reference not in page
    assert analyst.post(reverse("workspace:claim", args=[sent.report.pk])).status_code == 404


def test_other_teams_see_none_of_it(cast, browse, send):
    sent = send(**DANGER)
    page = html(browse(cast.other_analyst).get(HOME))
    assert sent.report.reference not in page
    assert "Semua sudah tertangani" in page


def test_late_and_left_are_said_in_plain_words(cast, browse, send):
    with clock.frozen(NOON):
        send(**DANGER)
        browser = browse(cast.analyst)
        assert "sisa 15 menit" in html(browser.get(HOME))
    with clock.frozen(NOON + timedelta(minutes=55)):
        page = html(browser.get(HOME))
        assert "terlambat 40 menit" in page
        assert "masuk 55 menit lalu" in page


def test_claiming_in_the_row(cast, analyst, browse, send):
    sent = send(**CALM)
    response = analyst.post(sent.url("claim"))
    assert response.status_code == 302
    assert sent.now().claimed_by_id == cast.analyst.pk
    assert "kamu" in html(analyst.get(HOME))
    late = browse(cast.second_analyst).post(sent.url("claim"))
    assert late.status_code == 409
    assert "Analyst" in late.content.decode()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("risiko=high", {"danger"}),
        ("risiko=medium", {"calm", "mine"}),
        ("siapa=saya", {"mine"}),
        ("siapa=kosong", {"danger", "calm"}),
        ("keadaan=closed", set()),
        ("hanya=pesan", {"calm"}),
        ("risiko=nonsense&p=minus", {"danger", "calm", "mine"}),
    ],
)
def test_filters(analyst, send, query, shown):
    reports = {"danger": send(**DANGER), "calm": send(**CALM), "mine": send(**CALM)}
    analyst.post(reports["mine"].url("claim"))
    reports["calm"].write("tambahan")
    page = html(analyst.get(f"{HOME}?{query}"))
    assert {name for name, sent in reports.items() if sent.report.reference in page} == shown


def test_a_new_message_is_marked_until_it_is_read(analyst, send):
    sent = send(**CALM)
    sent.write("ada lagi")
    assert "Pesan baru" in html(analyst.get(HOME))
    analyst.get(sent.url())
    assert "Pesan baru" not in html(analyst.get(HOME))


def test_questions_of_worried_adults_stand_apart(analyst, send):
    send(path="worried_self", words="aku takut")
    page = html(analyst.get(HOME))
    assert "Minta bantuan untuk diri sendiri" in page
    assert "bukan kasus" in page


def test_who_is_on_duty_or_that_nobody_is(cast, browse):
    with clock.frozen(NOON):
        browser = browse(cast.analyst)
        assert "Sekarang tidak ada yang jaga" in html(browser.get(HOME))
        actor = cast.actor(cast.supervisor)
        start = NOON + timedelta(hours=2)
        services.add_shift(actor, cast.intake.pk, cast.analyst.pk, "analyst", start, start + timedelta(hours=8))
        assert "Jaga berikutnya mulai Sen 23 Nov, 14.00 WIB" in html(browser.get(HOME))
    with clock.frozen(NOON + timedelta(hours=3)):
        browser = browse(cast.analyst)
        page = html(browser.get(HOME))
        assert "Jaga sekarang" in page
        assert "tidak ada yang jaga" not in page


def fifty_reports(cast):
    with clock.frozen(NOON):
        for number in range(50):
            record = SealedRecord.objects.create(kind="report")
            Report.objects.create(
                record=record,
                receipt_tag=secrets.token_bytes(32),
                walk_tag=secrets.token_bytes(32),
                team=cast.intake,
                risk=("high", "medium", "low")[number % 3],
                received_at=NOON,
                due_at=NOON + timedelta(hours=number),
                promised_at=NOON,
                claimed_by=cast.second_analyst if number % 4 == 0 else None,
            )


def test_fifty_reports_cost_no_more_queries_than_one(cast, analyst, send):
    send(**CALM)
    analyst.get(HOME)
    with CaptureQueriesContext(connection) as one:
        analyst.get(HOME)
    fifty_reports(cast)
    with CaptureQueriesContext(connection) as many:
        page = html(analyst.get(HOME))
    assert page.count('class="ref"') == 51
    assert len(many) <= len(one) + 1
    assert len(many) <= 12


def test_long_lists_come_in_pages(cast, analyst):
    fifty_reports(cast)
    fifty_reports(cast)
    page = html(analyst.get(HOME))
    assert page.count('class="ref"') == 60
    assert "Halaman 1 dari 2" in page
    assert html(analyst.get(f"{HOME}?p=2")).count('class="ref"') == 40
