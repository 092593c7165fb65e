"""A new standard loads from YAML without code; a wrong file is refused by line, and what was expected is said."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.casework.knowledge import standard as standards
from lindung.casework.knowledge.standard import StandardFaulty, StandardTaken
from lindung.casework.knowledge.standard_reading import Fault

from .standards import as_file

GOOD = as_file("uji-1", ["satu", "dua, within: {hours: 6}, risk: [medium]"], in_force=date(2026, 1, 1)).decode()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.LINDUNG_STANDARDS_DIR = tmp_path / "standards"
    return Path(settings.LINDUNG_STANDARDS_DIR)


def test_the_bundled_standard_is_whole() -> None:
    found = standards.newest(date(2026, 11, 22))
    assert found.version == "pppa-2-2022.1"
    assert [stage.code for stage in found.stages] == [
        "intake", "assessment", "plan", "service", "monitoring", "termination",
    ]  # fmt: skip
    assert {"case_type", "risk_known", "authority"} <= set(found.items)
    assert found.items["served_6h"].hours == 6
    assert found.items["served_3wd"].working_days == 3
    assert all(item.source in found.sources and item.label_id and item.label_en for item in found.items.values())


def test_a_new_standard_is_loaded_and_counts_from_its_day(tmp_path: Path) -> None:
    path = tmp_path / "baru.yaml"
    path.write_bytes(as_file("uji-2", ["satu"], in_force=date(2027, 1, 1)))
    loaded, new = standards.load(path)
    assert new
    assert loaded.version == "uji-2"
    assert standards.load(path) == (loaded, False)
    assert standards.newest(date(2026, 12, 31)).version == "pppa-2-2022.1"
    assert standards.newest(date(2027, 1, 1)).version == "uji-2"
    assert [one.version for one in standards.newer_than("pppa-2-2022.1", date(2027, 1, 1))] == ["uji-2"]
    assert standards.newer_than("uji-2", date(2027, 1, 1)) == ()


def test_a_version_never_changes(tmp_path: Path) -> None:
    path = tmp_path / "baru.yaml"
    path.write_text(GOOD)
    standards.load(path)
    path.write_text(GOOD.replace("Contoh", "Contoh lain"))
    with pytest.raises(StandardTaken, match="uji-1"):
        standards.load(path)
    path.write_text(GOOD.replace("uji-1", "pppa-2-2022.1"))
    with pytest.raises(StandardTaken):
        standards.load(path)
    found = standards.find("uji-1")
    assert found is not None
    assert found.label_id == "Contoh"


def test_a_file_of_the_folder_that_is_wrong_is_left_out_and_the_others_stay(folder: Path) -> None:
    folder.mkdir()
    (folder / "rusak.yaml").write_text("version: [")
    (folder / "baik.yaml").write_text(GOOD)
    assert set(standards.standards()) == {"pppa-2-2022.1", "uji-1"}
    assert standards.find("rusak") is None


def test_a_wrong_file_is_not_loaded_at_all(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "baru.yaml"
    path.write_text(GOOD.replace("hours: 6", "hours: enam"))
    with pytest.raises(StandardFaulty, match=r"baru\.yaml:11: expected a whole number from 0 to 9999"):
        standards.load(path)
    assert not folder.exists() or not os.listdir(folder)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "expected"),
    [
        ("version: uji-1", "version: UJI 1", 1, "expected a version of 2 to 20 small letters"),
        ("id: Contoh", "id:", 2, "expected a text of 1 to 300 characters"),
        ("date: 2026-01-01", "date: 1 Januari", 4, "expected a date like 2026-11-22"),
        ("sources: {s: invented for a test}", "sources: []", 6, "sources: expected a mapping"),
        ("code: intake", "code: penerimaan", 8, "expected one of intake, assessment"),
        ("code: satu", "code: dua", 11, "expected each code once, found 'dua' again"),
        ("en: B, source: s, code: satu", "en: B, code: satu", 10, "an item: expected the key source"),
        ("source: s, code: satu", "source: t, code: satu", 10, "expected one of s, found 't'"),
        ("hours: 6", "hours: 6, working_days: 1", 11, "within: expected either hours or working_days"),
        ("risk: [medium]", "risk: [sedang]", 11, "expected one of high, medium, low, found 'sedang'"),
        ("code: satu", "code: satu, nilai: 3", 10, "an item: expected one of the keys"),
        ("id: Contoh", "id: Contoh\nid: Dua", 3, "the file: expected the key id once"),
        ("stages:", "stages: &a", 0, ""),
        ("  - code: intake", "  - *a\n  - code: intake", 8, "expected the value itself, no alias"),
        ("items:", "items: [", 9, "expected YAML"),
    ],
)
def test_every_fault_is_named_by_its_line_and_by_what_was_expected(
    wrong: str, right: str, line: int, expected: str
) -> None:
    assert wrong in GOOD
    text = GOOD.replace(wrong, right, 1).encode()
    if not line:
        standards.read(text, "f.yaml")
        return
    with pytest.raises(StandardFaulty) as error:
        standards.read(text, "f.yaml")
    assert any(fault.line >= line and expected in fault.expected for fault in error.value.faults), str(error.value)
    if "YAML" not in expected:
        assert any(fault.line == line and expected in fault.expected for fault in error.value.faults)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"- a\n- b\n", b"x" * 300_000, b"a: " * 5000, b"[" * 5000])
def test_what_is_no_standard_at_all_is_refused_too(content: bytes) -> None:
    with pytest.raises(StandardFaulty):
        standards.read(content, "f.yaml")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(list("{}[]:,-&*!|>'\"%@`#\n x0")))
def test_one_wrong_character_never_leads_to_anything_but_a_standard_or_named_faults(where: int, character: str) -> None:
    text = GOOD[:where] + character + GOOD[where + 1 :]
    try:
        sound: standards.Standard | None = standards.read(text.encode(), "f.yaml")
        faults: list[Fault] = []
    except StandardFaulty as error:
        sound, faults = None, error.faults
    assert bool(sound) != bool(faults)
    assert all(fault.line >= 1 and "expected" in fault.expected for fault in faults)
