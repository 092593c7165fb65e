"""The pages in the repository are those that the catalogue gives, and say what a reader needs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lindung_redflags.catalogue import Conditions, load, saying
from lindung_redflags.catalogue.loading import schema
from lindung_redflags.catalogue.pages import differing, pages

DOCS = Path(__file__).parents[2] / "docs" / "redflags"


def run(*given: str) -> Any:
    import typer

    from lindung_redflags.catalogue.pages import main

    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, list(given))


def test_the_pages_of_the_repository_are_up_to_date() -> None:
    assert differing(DOCS) == []
    assert run(str(DOCS), "--check").exit_code == 0


def test_pages_are_written_checked_and_tidied(tmp_path: Path) -> None:
    assert run(str(tmp_path), "--check").exit_code == 1
    assert not list(tmp_path.iterdir())
    assert run(str(tmp_path)).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"index.md"} | {f"{one.id}.md" for one in load()}
    assert run(str(tmp_path), "--check").exit_code == 0
    (tmp_path / "R01.md").write_text("another text")
    (tmp_path / "R99.md").write_text("nobody writes this one")
    wrong = run(str(tmp_path), "--check")
    assert wrong.exit_code == 1
    assert "R01.md, R99.md" in wrong.output
    assert run(str(tmp_path)).exit_code == 0
    assert differing(tmp_path) == []


def test_each_page_has_both_languages_its_sources_and_what_it_needs() -> None:
    made = pages()
    for one in load():
        text = made[f"{one.id}.md"]
        for language in ("id", "en"):
            assert one.raw["title"][language] in text
            assert all(entry in text for entry in one.raw["check"][language] + one.raw["innocent"][language])
        for source in one.raw["sources"]:
            assert f"[{source['mark']}]" in text
            assert source["says"] in text
        for part in ("transactions", "accounts", "lists"):
            assert all(f"`{name}`" in text for name in one.needs.get(part, ()))
        assert ("> **sumber belum diverifikasi" in text) == all(source["mark"] == "K" for source in one.raw["sources"])
        assert ("Not computed" in text) == (not one.computed)
        assert ("may be a victim**" in text) == (one.subject == "possible_victim")
        for name in one.parameters:
            assert text.count(f"| `{name}` |") == 2
        assert f"[{one.id}]({one.id}.md)" in made["index.md"]


def test_every_condition_of_the_schema_can_be_said() -> None:
    published: Any = schema().schema
    known = published["$defs"]["conditions"]["properties"]
    for name, entry in known.items():
        if name == "any_of":
            value: Any = (Conditions.of({"foreign": True}), Conditions.of({"idr_to": 5}))
        elif entry.get("type") == "boolean":
            value = True
        else:
            value = "names" if name == "words" else 3
        for language in ("id", "en"):
            assert len(saying.conditions(Conditions.of({name: value}), language)) > 5
    either = Conditions.of({"any_of": (Conditions.of({"foreign": True}), Conditions.of({"idr_to": 5000}))})
    assert saying.conditions(either, "id") == "(lintas negara) atau (paling banyak Rp 5.000)"
    assert saying.conditions(either, "en") == "(between two countries) or (of at most Rp 5,000)"


@pytest.mark.parametrize(
    ("value", "unit", "said_id", "said_en"),
    [
        (Fraction(1, 1000), "share", "0,1%", "0.1%"),
        (Fraction(4, 5), "share", "80%", "80%"),
        (1, "share", "100%", "100%"),
        (3_500_000, "rupiah", "Rp 3.500.000", "Rp 3,500,000"),
        (86_400, "seconds", "1 hari", "1 day"),
        (21_600, "seconds", "6 jam", "6 hours"),
        (1_727_999, "seconds", "kurang dari 20 hari", "less than 20 days"),
        (61, "seconds", "61 detik", "61 seconds"),
        ((), "list", "-", "-"),
        (5, "people", "5", "5"),
    ],
)
def test_values_are_said_in_both_languages(value: Any, unit: str, said_id: str, said_en: str) -> None:
    assert saying.value(value, unit, "id") == said_id
    assert saying.value(value, unit, "en") == said_en
