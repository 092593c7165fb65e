"""Files and charts: codes and numbers only, no formula, no word of a report, a table that says what the bars show."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import pytest
from django.utils import translation
from openpyxl import load_workbook

from conftest import Cast
from lindung.accounts.models import Team
from lindung.audit.models import Event
from lindung.core.errors import BadInput, NotFound
from lindung.statistics import charts, files, knowledge, monthly, selectors, services
from lindung.statistics.counts import Scope
from lindung.statistics.release import LIVING, release

pytestmark = pytest.mark.django_db

CANARY = "kenari-8c1f2a"
FACTS = {
    "happened": ["threat_to_spread"], "age_band": "13-15", "sex": "male", "province": "31", "regency": "31.71",
    "words": f"{CANARY} cerita", "accounts": f"@{CANARY}", "online_where": ["whatsapp"],
}  # fmt: skip


@pytest.fixture
def filled(cast: Cast, send) -> None:
    for sex in ["female"] * 7 + ["male"] * 6 + ["other"] * 2:
        send(**{**FACTS, "sex": sex})


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_csv_is_ascii_and_says_what_is_kept_back(filled, team: Scope) -> None:
    text = files.csv_of(release("reports", team, 2026))
    text.encode("ascii")
    found = {(row["period"], row["dimension"], row["value"]): row for row in rows(text)}
    assert found["2026-01", "all", "all"]["number"] == "15"
    assert (found["2026-01", "sex", "other"]["number"], found["2026-01", "sex", "other"]["kept_back"]) == ("", "1")
    assert found["2026-01", "sex", "male"]["kept_back"] == "0"
    assert found["2026-01", "sex", "female"]["kept_back"] == "1"  # next to it in the list, so that nothing follows
    assert found["2026-01", "form", "sextortion"]["several"] == "1"
    assert ("2026-03", "all", "all") not in found
    assert {row["version"] for row in found.values()} == {knowledge.version()}


def unpacked(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def test_no_word_of_a_report_is_in_any_file(cast: Cast, filled, team: Scope) -> None:
    made = services.make_monthly_report(cast.actor(cast.supervisor), team.code, date(2026, 1, 1))
    everything = [str(made.numbers), unpacked(files.workbook(files.monthly_sheets(made, "judul", "tanda")))]
    for source in LIVING:
        published = release(str(source), team, 2026)
        everything += [files.csv_of(published), unpacked(files.workbook(files.sheets_of(published, team, "judul")))]
    assert CANARY not in "\n".join(everything)
    assert "31.71" not in "\n".join(everything)  # nothing below the province


def test_no_text_in_a_spreadsheet_is_a_formula(cast: Cast, filled) -> None:
    """A team may be called as somebody likes."""
    Team.objects.filter(pk=cast.intake.pk).update(name="=HYPERLINK(1)")
    team = selectors.scope_for(cast.actor(cast.supervisor))
    content = files.workbook(files.sheets_of(release("reports", team, 2026), team, "@judul"))
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert not str(cell.value or "").startswith(("=", "+", "@", "-")), cell.coordinate


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_workbook_holds_the_numbers_and_what_they_mean(filled, team: Scope, language: str) -> None:
    with translation.override(language):
        content = files.workbook(files.sheets_of(release("reports", team, 2026), team, "judul"))
    numbers, meaning = load_workbook(io.BytesIO(content)).worksheets
    cells = {(row[0], row[1]): row[2:] for row in numbers.iter_rows(min_row=5, values_only=True)}
    assert cells[("Jenis kelamin", "Laki-laki") if language == "id" else ("Sex", "Boy")][:2] == (6, 0)
    assert cells[("Jenis kelamin", "Yang lain") if language == "id" else ("Sex", "Another")][0] == files.KEPT
    assert meaning.max_row == 3  # its head and two statistics


# --- charts -----------------------------------------------------------------------------------------------------------


def test_a_chart_says_in_words_what_it_shows() -> None:
    bars = [
        charts.Bar("Satu", 12, "12"),
        charts.Bar("<Dua & tiga>", None, "tidak ditampilkan"),
        charts.Bar("Nol", 0, "0"),
    ]
    drawn = charts.bar_chart("x", "Judul", "Satu: 12", bars)
    root = ElementTree.fromstring(drawn)
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "x-t x-d"
    assert [root.findtext(f"{space}title"), root.findtext(f"{space}desc")] == ["Judul", "Satu: 12"]
    widths = [rect.get("width") for rect in root.iter(f"{space}rect") if rect.get("class") == "chart-bar"]
    assert widths == [str(charts.BAR), "0"]
    assert "<Dua & tiga>" in [text.text for text in root.iter(f"{space}text")]
    assert "style=" not in drawn
    assert "script" not in drawn


def test_a_chart_of_nothing_is_still_a_chart() -> None:
    ElementTree.fromstring(charts.bar_chart("x", "Judul", "", []))


# --- monthly reports --------------------------------------------------------------------------------------------------


def test_a_monthly_report_is_made_once_and_never_changes(cast: Cast, filled, team: Scope, send) -> None:
    actor = cast.actor(cast.supervisor)
    made = services.make_monthly_report(actor, team.code, date(2026, 1, 1))
    for _ in range(8):
        send(**FACTS)
    assert services.make_monthly_report(actor, team.code, date(2026, 1, 1)).pk == made.pk
    assert monthly.periods(made.numbers)["reports"].total == 15
    again = services.make_monthly_report(actor, team.code, date(2026, 1, 1), anew=True)
    assert (again.number, monthly.periods(again.numbers)["reports"].total) == (2, 23)
    made.refresh_from_db()
    assert monthly.periods(made.numbers)["reports"].total == 15


def test_making_and_taking_along_are_noted_without_a_number(cast: Cast, filled, team: Scope) -> None:
    actor = cast.actor(cast.supervisor)
    made = services.make_monthly_report(actor, team.code, date(2026, 1, 1))
    services.monthly_exported(actor, made.pk)
    services.exported(actor, team, source="reports", period="2026", form="csv")
    kinds = list(Event.objects.filter(kind__startswith="statistics.").order_by("seq").values_list("kind", "actor"))
    assert kinds == [
        (kind, actor.audit_name)
        for kind in ("statistics.monthly_made", "statistics.monthly_exported", "statistics.exported")
    ]


@pytest.mark.parametrize("month", [date(2026, 3, 1), date(2026, 12, 1), date(2027, 1, 1), date(2026, 1, 2)])
def test_a_month_that_is_not_over_has_no_report(cast: Cast, team: Scope, month: date) -> None:
    with pytest.raises(BadInput):
        services.make_monthly_report(cast.actor(cast.supervisor), team.code, month)


def test_a_monthly_report_of_others_is_not_there(cast: Cast, filled, team: Scope, body: Scope) -> None:
    made = services.make_monthly_report(cast.actor(cast.supervisor), team.code, date(2026, 1, 1))
    for user in (cast.data_analyst, cast.analyst, cast.auditor, cast.other_analyst):
        with pytest.raises(NotFound):
            selectors.monthly_report(cast.actor(user), made.pk)
        with pytest.raises(NotFound):
            services.monthly_exported(cast.actor(user), made.pk)
    of_body = services.make_monthly_report(cast.actor(cast.data_analyst), body.code, date(2026, 1, 1))
    assert selectors.monthly_report(cast.actor(cast.data_analyst), of_body.pk).organisation_id == cast.organisation.pk


def test_what_is_written_is_read_back(filled, team: Scope) -> None:
    numbers = monthly.numbers_of(team, date(2026, 1, 1))
    assert monthly.periods(numbers)["reports"] == release("reports", team, 2026).months[0]
    assert monthly.taken_down(numbers) == monthly.Takedowns(0, 0, True)
