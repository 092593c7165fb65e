"""Somebody with the whole database changes the log; an earlier checkpoint and the chain tell where."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.audit.chain import GENESIS, Checkpoint, digest
from lindung.audit.verify import compare, main, verify_events, verify_export

Rows = list[dict[str, Any]]
AT = "2026-03-04T05:06:00Z"


def hashed(rows: Rows) -> Rows:
    """Hash a chain anew, with new numbers, as an attacker with the whole database would."""
    prev, result = GENESIS, []
    for seq, row in enumerate(rows, start=1):
        parts = {**{k: row[k] for k in ("at", "actor", "kind", "subject", "data")}, "seq": seq, "prev": prev}
        prev = digest(**parts)
        result.append({**parts, "hash": prev})
    return result


def log(length: int = 10) -> Rows:
    return hashed(
        [
            {"at": AT, "actor": "system", "kind": "tests.happened", "subject": "", "data": f'{{"n":{n}}}'}
            for n in range(1, length + 1)
        ]
    )


def at(rows: Rows, seq: int) -> Checkpoint:
    return Checkpoint(seq, rows[seq - 1]["hash"], seq, AT)


def named(rows: Rows, *points: Checkpoint) -> list[tuple[int, str]]:
    return [(finding.seq, finding.what) for finding in verify_events(rows, points)]


def test_an_untouched_log_is_sound_also_when_it_grew_since_the_checkpoint() -> None:
    rows = log()
    assert named(rows, at(rows, 3), at(rows, 10)) == []
    assert named(log(20), at(rows, 10)) == []


def test_dropped_last_rows_are_named() -> None:
    rows = log()
    found = verify_events(rows[:7], [at(rows, 10)])
    assert [(f.seq, f.what) for f in found] == [(8, "truncated")]
    assert "8 to 10" in found[0].explanation


def test_a_changed_row_is_named() -> None:
    rows = log()
    point = at(rows, 10)
    rows[3]["actor"] = "f" * 32
    assert named(rows, point) == [(4, "changed")]


def test_a_changed_row_with_its_own_hash_made_anew_is_named() -> None:
    rows = log()
    point = at(rows, 10)
    row = {**rows[3], "kind": "tests.other"}
    row["hash"] = digest(**{k: row[k] for k in ("seq", "at", "actor", "kind", "subject", "data", "prev")})
    assert named([*rows[:3], row, *rows[4:]], point) == [(4, "changed")]


def test_a_removed_row_is_named() -> None:
    rows = log()
    assert named([*rows[:4], *rows[5:]], at(rows, 10)) == [(5, "missing")]


def test_several_removed_rows_are_named_as_one_span() -> None:
    rows = log()
    found = verify_events([*rows[:4], *rows[7:]], [at(rows, 10)])
    assert [(f.seq, f.what) for f in found] == [(5, "missing")]
    assert "5 to 7" in found[0].explanation


def test_a_row_removed_from_the_beginning_is_named() -> None:
    rows = log()
    assert named(rows[1:], at(rows, 10)) == [(1, "missing")]


def test_a_moved_row_is_named() -> None:
    rows = log()
    moved = [*rows[:3], rows[4], rows[3], *rows[5:]]
    assert named(moved, at(rows, 10)) == [(4, "reordered")]


def test_two_rows_that_changed_numbers_are_both_named() -> None:
    rows = log()
    point = at(rows, 10)
    rows[3], rows[4] = {**rows[4], "seq": 4}, {**rows[3], "seq": 5}
    assert {seq for seq, _ in named(rows, point)} >= {4, 5}


def test_a_repeated_row_is_named() -> None:
    rows = log()
    assert named([*rows[:5], rows[4], *rows[5:]], at(rows, 10)) == [(5, "repeated")]


@pytest.mark.parametrize("tamper", ["change", "remove", "move", "insert"])
def test_a_chain_hashed_anew_is_caught_by_the_checkpoint_alone(tamper: str) -> None:
    rows = log()
    points = [at(rows, 3), at(rows, 10)]
    if tamper == "change":
        rows[4] = {**rows[4], "actor": "x"}
    elif tamper == "remove":
        del rows[4]
        rows.append(rows[-1])
    elif tamper == "move":
        rows[4], rows[5] = rows[5], rows[4]
    else:
        rows.insert(4, rows[0])
    anew = hashed(rows)
    assert named(anew) == []
    found = verify_events(anew, points)
    assert [(f.seq, f.what) for f in found] == [(10, "rewritten")]
    assert "between events 4 and 10" in found[0].explanation


def test_an_earlier_export_names_the_very_event_in_a_chain_hashed_anew() -> None:
    rows = log()
    anew = hashed([*rows[:4], {**rows[4], "actor": "x"}, *rows[5:]])
    assert [(f.seq, f.what) for f in compare(rows, anew)] == [(5, "changed")]
    assert [(f.seq, f.what) for f in compare(rows, rows[:6])] == [(7, "truncated")]
    assert compare(rows, log(12)) == []


def test_a_chain_that_was_emptied_is_named() -> None:
    assert named([], at(log(), 10)) == [(1, "truncated")]


@given(seq=st.integers(1, 10), part=st.sampled_from(["at", "actor", "kind", "subject", "data", "prev", "hash"]))
def test_any_part_of_any_row_that_changes_is_named_at_that_row(seq: int, part: str) -> None:
    rows = log()
    point = at(rows, 10)
    rows[seq - 1] = {**rows[seq - 1], part: rows[seq - 1][part] + "0"}
    assert seq in {number for number, _ in named(rows, point)}


@given(st.data())
def test_any_other_selection_or_order_of_the_rows_is_found(data: st.DataObject) -> None:
    rows = log(8)
    order = data.draw(st.lists(st.integers(0, 7), max_size=9))
    found = verify_events([rows[i] for i in order], [at(rows, 8)])
    assert (found == []) == (order == list(range(8)))


class TestFiles:
    def write(self, path: Path, rows: Rows, *points: Checkpoint) -> Path:
        path.write_text("".join([*(json.dumps(r) + "\n" for r in rows), *(p.to_json() + "\n" for p in points)]))
        return path

    def test_the_command_needs_nothing_but_the_files(self, tmp_path: Path) -> None:
        rows = log()
        export = self.write(tmp_path / "log", rows[:8], at(rows, 8))
        kept = self.write(tmp_path / "kept", [], at(rows, 10))
        code = "import sys; sys.modules['django'] = None; from lindung.audit.verify import main; sys.exit(main())"
        sound = subprocess.run([sys.executable, "-c", code, str(export)], capture_output=True, text=True, check=False)
        assert (sound.returncode, sound.stderr) == (0, "")
        cut = subprocess.run(
            [sys.executable, "-c", code, str(export), str(kept)], capture_output=True, text=True, check=False
        )
        assert cut.returncode == 1
        assert "9\ttruncated" in cut.stdout

    def test_a_file_that_was_cut_short_is_named(self, tmp_path: Path) -> None:
        export = self.write(tmp_path / "log", log())
        assert [(f.seq, f.what) for f in verify_export(export)] == [(0, "truncated")]
        assert main([str(export)]) == 1

    def test_an_unreadable_line_is_named_where_it_stands(self, tmp_path: Path) -> None:
        rows = log(4)
        export = self.write(tmp_path / "log", rows, at(rows, 4))
        lines = export.read_text().splitlines()
        lines[2] = lines[2][:30]
        export.write_text("\n".join(lines) + "\n")
        assert {(f.seq, f.what) for f in verify_export(export)} == {(3, "unreadable"), (3, "missing")}

    def test_what_is_no_checkpoint_is_refused(self) -> None:
        for line in (
            "",
            "{}",
            '{"checkpoint": {"seq": 1}}',
            '{"checkpoint": {"seq": 1, "hash": "x", "count": 1, "at": ""}}',
        ):
            with pytest.raises(ValueError, match="expected"):
                Checkpoint.from_json(line)
