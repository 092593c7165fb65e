"""The inbox: the urgent first, the late said, the new marked, and who is on duty."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.accounts import services as accounts
from lindung.audit.models import Event
from lindung.core import clock
from lindung.reporting import services, tasks
from lindung.reporting.models import Report, SavedView
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
    assert page.count('class="ref"') == 40
    asked = "\n".join(query["sql"][:120] for query in many.captured_queries)
    assert len(many) <= len(one) + 1, asked
    assert len(many) <= 15, asked


def test_the_fullest_filter_asks_at_most_twenty_times(cast, analyst, send):
    send(**FACTS)
    analyst.post(reverse("workspace:view_save"), {"nama": "Semua", "saringan": EVERYTHING})
    with CaptureQueriesContext(connection) as found:
        html(analyst.get(f"{HOME}?{EVERYTHING}"))
    assert len(found) <= 20


def test_long_lists_come_in_pages_that_lose_nothing(cast, analyst):
    fifty_reports(cast)
    fifty_reports(cast)
    page = html(analyst.get(HOME))
    first = refs(page)
    assert len(first) == 40
    assert "Halaman 1 dari 3" in page
    # What is taken or closed between two looks moves nobody out of sight.
    head = list(Report.objects.order_by("queue_rank", "due_at").values_list("pk", flat=True)[:5])
    Report.objects.filter(pk__in=head).update(state="closed")
    second = html(analyst.get(link(page, "Berikutnya")))
    assert len(refs(second)) == 40
    assert not set(refs(second)) & set(first)
    assert "Halaman 2 dari 3" in second
    assert set(refs(html(analyst.get(link(second, "Sebelumnya"))))) <= set(first)
    third = html(analyst.get(link(second, "Berikutnya")))
    assert len(refs(third)) == 20
    assert not set(refs(third)) & {*first, *refs(second)}
    assert refs(html(analyst.get(link(page, "Akhir"))))[-20:] == refs(third)


def test_a_wrong_place_in_the_address_means_the_beginning(cast, analyst):
    fifty_reports(cast)
    for place in ("sesudah=x", "sesudah=0.99999999999999.ff", "sebelum=a.b.c", f"sesudah=9.1.{'0' * 32}"):
        assert len(refs(html(analyst.get(f"{HOME}?{place}")))) == 40


FACTS = {
    "path": "child", "words": "cerita", "province": "53", "regency": "53.71", "age_band": "13-15", "sex": "female",
    "happened": ["approached"], "online_where": ["instagram"], "given": ["pulsa"],
}  # fmt: skip
EVERYTHING = (
    "bentuk=grooming&umur=13-15&jk=female&provinsi=53&kabupaten=53.71&platform=instagram&pemberian=pulsa"
    "&saluran=portal&bahasa=id&antrean=reports&risiko=medium&keadaan=new&siapa=kosong&dari=2020-01-01&sampai=2099-01-01"
)


def refs(page):
    return re.findall(r'class="ref" href="[^"]*/([0-9a-f]{8})-', page)


def link(page, label):
    return HOME + unescape(re.search(rf'href="(\?[^"]*)">{label}</a>', page).group(1))


@pytest.mark.parametrize("name", ["umur", "jk", "provinsi", "kabupaten", "platform", "pemberian", "bentuk"])
def test_a_coded_fact_finds_its_reports_and_no_others(analyst, send, name):
    there, other = send(**FACTS), send(**CALM)
    query = {pair.split("=")[0]: pair for pair in EVERYTHING.split("&")}
    wanted = f"{query['provinsi']}&{query[name]}" if name == "kabupaten" else query[name]
    page = html(analyst.get(f"{HOME}?{wanted}"))
    assert there.report.reference in page
    assert other.report.reference not in page


def test_all_filters_together_find_what_fits_all_of_them(analyst, send):
    there = send(**FACTS)
    send(**{**FACTS, "age_band": "10-12"})
    assert refs(html(analyst.get(f"{HOME}?{EVERYTHING}"))) == [there.report.pk.hex[:8]]


def test_days_of_receipt_are_those_of_the_team(analyst, send):
    with clock.frozen(datetime(2026, 11, 20, 18, 0, tzinfo=UTC)):  # one in the morning of the 21st in Jakarta
        sent = send(**CALM)
    assert refs(html(analyst.get(f"{HOME}?dari=2026-11-21&sampai=2026-11-21"))) == [sent.report.pk.hex[:8]]
    assert refs(html(analyst.get(f"{HOME}?sampai=2026-11-20"))) == []


def test_a_regency_counts_only_with_its_province(analyst, send):
    send(**CALM)
    assert len(refs(html(analyst.get(f"{HOME}?kabupaten=53.71")))) == 1
    assert len(refs(html(analyst.get(f"{HOME}?provinsi=31&kabupaten=53.71")))) == 1


def test_several_are_taken_at_once_and_a_colleagues_stay(cast, analyst, browse, send):
    free, theirs, hidden = send(**CALM), send(**CALM), send(concern=["works_here"])
    browse(cast.second_analyst).post(theirs.url("claim"))
    before = Event.objects.count()
    body = {"laporan": [str(free.id), str(theirs.id), str(hidden.id), "x"], "saringan": "risiko=medium&x=y"}
    response = analyst.post(reverse("workspace:claim_many"), body)
    page = html(analyst.get(response["Location"]))
    assert "1 laporan sekarang kamu pegang." in page
    assert f"Sudah dipegang rekan: {theirs.report.reference}." in page
    assert hidden.report.reference not in page + response["Location"]
    assert "risiko=medium" in response["Location"]
    assert "x=y" not in response["Location"]
    assert [row.claimed_by_id for row in (free.now(), theirs.now(), hidden.now())] == [
        cast.analyst.pk, cast.second_analyst.pk, None,
    ]  # fmt: skip
    assert Event.objects.count() == before + 1
    assert "Tandai dulu" in html(analyst.get(analyst.post(reverse("workspace:claim_many"))["Location"]))


def test_an_address_makes_the_page_say_nothing_of_its_own(analyst):
    page = html(analyst.get(f"{HOME}?diambil=3&rekan=Aku.di.sini&berubah=<b>&ok=zzz"))
    assert "Aku" not in page.split("<main", 1)[1].split("Dipegang")[0]


def test_a_filter_is_kept_under_a_name_renamed_and_deleted(cast, analyst, browse, send):
    send(**FACTS)
    response = analyst.post(reverse("workspace:view_save"), {"nama": " Anak  NTT ", "saringan": "provinsi=53&p=4&x=1"})
    assert response["Location"] == f"{HOME}?provinsi=53&ok=view_saved"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.owner_id) == ("Anak NTT", "provinsi=53", cast.analyst.pk)
    assert "Anak NTT" in html(analyst.get(HOME))
    assert "Anak NTT" not in html(browse(cast.second_analyst).get(HOME))
    change = reverse("workspace:view_change", args=[view.pk])
    assert browse(cast.second_analyst).post(change, {"hapus": "1"}).status_code == 404
    again = analyst.post(reverse("workspace:view_save"), {"nama": "Anak NTT", "saringan": "provinsi=31"})
    assert again.status_code == 422
    assert "sudah punya tampilan" in again.content.decode()
    analyst.post(change, {"nama": "Timur"})
    assert SavedView.objects.get().name == "Timur"
    analyst.post(change, {"hapus": "1"})
    assert not SavedView.objects.exists()
    kinds = list(Event.objects.filter(kind__startswith="view.").values_list("kind", flat=True))
    assert kinds == ["view.saved", "view.renamed", "view.deleted"]
    assert "NTT" not in "".join(Event.objects.values_list("data", flat=True))


def test_a_leavers_filters_go_with_the_next_turn_of_the_clock(cast, analyst):
    analyst.post(reverse("workspace:view_save"), {"nama": "Satu", "saringan": "provinsi=53"})
    accounts.deactivate(actor=cast.actor(cast.administrator), user=cast.analyst)
    tasks.run_due()
    assert not SavedView.objects.exists()
