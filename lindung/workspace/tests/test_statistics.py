"""Statistics on the pages: no small number, no word of a report, one click for a month, files with the same rights."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lindung.accounts import second_factor
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.core import clock
from lindung.statistics.models import MonthlyReport

NOW = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
JANUARY = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)
PAGE, MONTHLIES = reverse("workspace:statistics"), reverse("workspace:statistics_monthlies")
CANARY = "kenari-5d7e"


@pytest.fixture(autouse=True)
def _then():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def filled(cast, send) -> None:
    with clock.frozen(JANUARY):
        for sex in ["female"] * 9 + ["male"] * 6 + ["other"] * 3:
            send(sex=sex, age_band="13-15", province="31", words=f"{CANARY} cerita")


def html(response, status=200) -> str:
    assert response.status_code == status, (response.status_code, response.content[:300])
    return response.content.decode()


def file(form: str, **query: str) -> str:
    return reverse("workspace:statistics_file", args=[form]) + "?" + "&".join(f"{k}={v}" for k, v in query.items())


def test_the_page_shows_the_month_and_keeps_small_numbers_back(cast, browse, filled) -> None:
    page = html(browse(cast.supervisor).get(PAGE + "?periode=2026-01"))
    assert "<b>18</b>" in page
    table = page[page.index('id="p-sex"') :]
    cells = re.findall(r'<th scope="row">([^<]+)</th><td>(\d+|–)', table[: table.index("</table>")])
    # "Yang lain" is 3; the next one in the list with a number, around the end, is hidden with it.
    assert dict(cells) == {"Perempuan": "–", "Laki-laki": "6", "Yang lain": "–"}
    assert CANARY not in page


def test_every_source_and_period_has_its_page(cast, browse, filled) -> None:
    for browser in (browse(cast.supervisor), browse(cast.data_analyst)):
        for source in ("reports", "cases", "closed", "services", "referrals", "takedowns"):
            for period in ("2026-01", "2026", "2025"):
                html(browser.get(f"{PAGE}?angka={source}&periode={period}"))
    definitions = reverse("workspace:statistics_definitions")  # a request in English would make the next one English
    html(browser.get("/en" + PAGE))
    html(browser.get("/en" + definitions))


@pytest.mark.parametrize(
    "query",
    [
        "periode=2026-03",
        "periode=2026-13",
        "periode=x",
        "periode=99999",
        "angka=orang",
        "untuk=team-x",
        "periode=2026-1-1",
    ],
)
def test_what_there_is_not_is_404(cast, browse, query: str) -> None:
    browser = browse(cast.supervisor)
    html(browser.get(f"{PAGE}?{query}"), 404)
    html(browser.get(file("csv") + query), 404)


def test_nobody_reaches_the_numbers_of_others(cast, browse, filled) -> None:
    browser = browse(cast.data_analyst)
    team = f"team-{cast.intake.pk.hex}"
    html(browser.get(f"{PAGE}?untuk={team}"), 404)
    html(browser.get(file("csv", untuk=team)), 404)
    html(browser.post(MONTHLIES, {"untuk": team, "bulan": "2026-01"}), 404)
    html(browse(cast.analyst).get(PAGE), 404)


def test_files_come_with_the_rights_of_the_page_and_are_noted(cast, browse, filled) -> None:
    browser = browse(cast.data_analyst)
    table = browser.get(file("csv", periode="2026-01"))
    assert table["Content-Disposition"] == 'attachment; filename="statistik-reports-2026.csv"'
    assert "2026-01,sex,male,6,0,0" in table.content.decode("ascii")
    book = browser.get(file("xlsx", periode="2026-01"))
    assert book.content.startswith(b"PK")
    chart = browser.get(file("svg", periode="2026-01", dimensi="sex"))
    assert chart["Content-Type"] == "image/svg+xml"
    assert "Laki-laki: 6" in chart.content.decode()
    for name in ("dimensi=nama", "dimensi=sex&periode=2026"):
        html(browser.get(file("svg") + name), 404)
    html(browser.get(file("docx")), 404)
    noted = Event.objects.filter(kind="statistics.exported").values_list("data", flat=True)
    assert len(noted) == 3
    assert not any("18" in data for data in noted)


def test_a_monthly_report_is_one_click(cast, browse, filled) -> None:
    browser = browse(cast.supervisor)
    assert 'value="2026-01"' in html(browser.get(MONTHLIES))
    made = browser.post(MONTHLIES, {"untuk": f"team-{cast.intake.pk.hex}", "bulan": "2026-01"}, follow=True)
    page = html(made)
    report = MonthlyReport.objects.get()
    assert "Laporan bulanan Januari 2026" in page
    assert cast.supervisor.display_name in page
    assert "10 Mar 2026, 11.00 WIB" in page
    assert CANARY not in page
    book = browser.get(reverse("workspace:statistics_monthly_file", args=[report.pk]))
    assert book.content.startswith(b"PK")
    assert browser.post(MONTHLIES, {"untuk": f"team-{cast.intake.pk.hex}", "bulan": "2026-01"}).status_code == 302
    assert MonthlyReport.objects.count() == 1
    assert 'value="2026-01"' not in html(browser.get(MONTHLIES))
    html(browser.post(MONTHLIES, {"untuk": f"team-{cast.intake.pk.hex}", "bulan": "januari"}), 404)
    html(browser.post(MONTHLIES, {"untuk": f"team-{cast.intake.pk.hex}", "bulan": "2026-03"}), 422)


def test_the_page_takes_few_queries_however_many_reports(cast, browse, filled) -> None:
    browser = browse(cast.supervisor)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        html(browser.get(PAGE))
    assert len(queries) <= 25, len(queries)


def test_whoever_waits_for_the_key_is_told_so(cast, browse) -> None:
    newcomer = accounts.add_user(
        actor=Actor.system(), organisation=cast.organisation, username="baru", display_name="Baru", alias="Kak Baru",
        passphrase="kunci rumah urab di atas meja", temporary=False, roles=[(cast.intake.pk, "supervisor")],
    )  # fmt: skip
    newcomer.totp_sealed = second_factor.seal_seed(newcomer.pk, second_factor.new_seed())
    newcomer.second_factor_on = True
    newcomer.save()
    assert "Kunci timmu belum ada" in html(browse(newcomer).get(PAGE))
