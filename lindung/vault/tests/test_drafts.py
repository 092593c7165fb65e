"""Half-written reports: sealed, forgotten in time, and never lost to a crash of the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.core import clock
from lindung.core.errors import Unavailable
from lindung.vault import drafts

ANSWERS = {"words": "aku takut 😀\r\n\u202e", "happened": ["a", "b"]}


def filled() -> drafts.Walk:
    walk = drafts.begin()
    walk.data["answers"] = dict(ANSWERS)
    assert drafts.save(walk)
    return walk


def on_disk(path: Path) -> bytes:
    return b"".join(p.read_bytes() for p in path.parent.glob(path.name + "*"))


def test_what_is_saved_is_loaded_with_both_cookies() -> None:
    walk = filled()
    again = drafts.load(walk.a, walk.b)
    assert again == walk
    assert again is not None
    assert again.data == {"answers": ANSWERS}
    assert again.began == walk.began
    assert again.kind == "walk"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_exactly(data: dict[str, Any]) -> None:
    walk = drafts.begin(data=data)
    loaded = drafts.load(walk.a, walk.b)
    assert loaded is not None
    assert loaded.data == data


def test_the_file_shows_neither_words_nor_cookies_nor_an_exact_time(settings: Any) -> None:
    walk = filled()
    content = on_disk(settings.LINDUNG_DRAFTS_PATH)
    for secret in ("aku takut", "happened", walk.a, walk.b, walk.id, walk.began.isoformat()):
        assert secret.encode() not in content
    assert Path(settings.LINDUNG_DRAFTS_PATH).stat().st_mode & 0o077 == 0
    row = sqlite3.connect(settings.LINDUNG_DRAFTS_PATH).execute("SELECT touched FROM draft").fetchone()
    assert row[0] * 60 <= clock.now().timestamp() < (row[0] + 2) * 60


def test_one_cookie_alone_or_a_wrong_one_opens_nothing() -> None:
    walk, other = filled(), filled()
    for a, b in ((walk.a, None), (None, walk.b), (walk.a, other.b), (walk.a, ""), (walk.a, "x"), (walk.a, walk.b + "A"),
                 (walk.a, "é" * 43), (walk.a, walk.b[:-1] + "*"), (walk.a, walk.a)):  # fmt: skip
        assert drafts.load(a, b) is None
        drafts.destroy(a, b)
    assert drafts.load(walk.a, walk.b) is not None


def test_a_row_that_was_swapped_or_changed_opens_nothing(settings: Any) -> None:
    one, two = filled(), filled()
    db = sqlite3.connect(settings.LINDUNG_DRAFTS_PATH)
    (id1, body1), (id2, body2) = db.execute("SELECT id, body FROM draft").fetchall()
    db.execute("UPDATE draft SET body = ? WHERE id = ?", (body2, id1))
    db.execute("UPDATE draft SET body = ? WHERE id = ?", (body1[:-1] + b"\x00", id2))
    db.commit()
    assert drafts.load(one.a, one.b) is None
    assert drafts.load(two.a, two.b) is None


def test_a_walk_keeps_one_name_from_beginning_to_end_and_no_two_share_it() -> None:
    walk, other = filled(), filled()
    loaded = drafts.load(walk.a, walk.b)
    assert loaded is not None
    assert loaded.id == walk.id != other.id
    assert len(walk.id) == 64


def test_a_destroyed_walk_is_gone_with_its_bytes_and_a_late_save_does_not_bring_it_back(settings: Any) -> None:
    walk = filled()
    body = sqlite3.connect(settings.LINDUNG_DRAFTS_PATH).execute("SELECT body FROM draft").fetchone()[0]
    assert body[:64] in on_disk(settings.LINDUNG_DRAFTS_PATH)
    drafts.destroy(walk.a, walk.b)
    assert drafts.load(walk.a, walk.b) is None
    assert not drafts.save(walk)
    assert drafts.count() == 0
    assert body[:64] not in on_disk(settings.LINDUNG_DRAFTS_PATH)


def test_an_idle_walk_expires_and_use_keeps_it_alive(settings: Any) -> None:
    start = clock.now()
    limit = settings.LINDUNG_WALK_IDLE_MINUTES
    with clock.frozen(start):
        used, idle = filled(), filled()
    with clock.frozen(start + timedelta(minutes=limit - 1)):
        assert drafts.load(used.a, used.b) is not None
    with clock.frozen(start + timedelta(minutes=limit + 1)):
        assert drafts.load(idle.a, idle.b) is None
        assert drafts.load(used.a, used.b) is not None
        assert drafts.purge() == 1
        assert drafts.count() == 1
    with clock.frozen(start + timedelta(minutes=3 * limit)):
        drafts.begin()
        assert drafts.count() == 1, "beginning a walk purges those that idled"


def test_a_visit_to_the_mailbox_has_a_row_of_its_own_kind() -> None:
    visit = drafts.begin("visit", {"record": "x"})
    loaded = drafts.load(visit.a, visit.b)
    assert loaded is not None
    assert loaded.kind == "visit"
    with pytest.raises(ValueError, match="walk or visit"):
        drafts.begin("other")


def test_too_many_rows_push_out_the_oldest_empty_walks_first(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "_begun", 0)
    settings.LINDUNG_DRAFTS_MAX_ROWS = 100
    start = clock.now()
    with clock.frozen(start):
        story = filled()
        visit = drafts.begin("visit", {"key": "x"})
        old = drafts.begin()
    with clock.frozen(start + timedelta(minutes=5)):
        for _ in range(300):
            last = drafts.begin()
        assert drafts.count() <= 100 + 64
        assert drafts.load(old.a, old.b) is None
        assert drafts.load(visit.a, visit.b) is not None
        assert drafts.load(story.a, story.b) == story
        assert drafts.load(last.a, last.b) is not None


def test_a_crowd_of_filled_walks_pushes_out_the_longest_untouched(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_begun", 0)
    settings.LINDUNG_DRAFTS_MAX_ROWS = 50
    start = clock.now()
    with clock.frozen(start):
        oldest = filled()
    with clock.frozen(start + timedelta(minutes=5)):
        for _ in range(130):
            newest = drafts.begin(data={"answers": ANSWERS})
        assert drafts.load(oldest.a, oldest.b) is None
        assert drafts.load(newest.a, newest.b) is not None


def test_the_file_may_be_deleted_while_running(settings: Any) -> None:
    walk = filled()
    Path(settings.LINDUNG_DRAFTS_PATH).unlink()
    assert drafts.load(walk.a, walk.b) is None
    walk.data["answers"] = {"words": "lagi"}
    assert drafts.save(walk), "what the visitor still has on the page is not lost"
    assert drafts.load(walk.a, walk.b) == walk


def test_a_damaged_file_is_begun_anew(settings: Any) -> None:
    walk = filled()
    drafts._forget()
    Path(settings.LINDUNG_DRAFTS_PATH).write_bytes(b"no database at all" * 100)
    assert drafts.load(walk.a, walk.b) is None
    assert drafts.save(walk)
    Path(settings.LINDUNG_DRAFTS_PATH).write_bytes(b"no database at all" * 500)
    for _ in range(2):
        try:
            drafts.save(walk)
        except Unavailable:
            continue
    assert drafts.load(walk.a, walk.b) is not None


def test_a_full_disk_is_said_and_what_was_saved_before_can_still_be_read() -> None:
    walk = filled()
    db = drafts._connection()
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages}")
    larger = drafts.load(walk.a, walk.b)
    assert larger is not None
    larger.data["answers"] = {"words": "x" * 500_000}
    with pytest.raises(Unavailable) as caught:
        drafts.save(larger)
    assert "full" not in str(caught.value)
    assert drafts.load(walk.a, walk.b) == walk


def test_empty_walks_make_room_for_a_story_on_a_full_disk() -> None:
    walk = filled()
    for _ in range(400):
        drafts.begin()
    db = drafts._connection()
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    # The limit belongs to the connection, so the retry must come from the same one.
    original = drafts._forget
    drafts._forget = lambda damaged=False: None  # type: ignore[assignment]
    try:
        db.execute(f"PRAGMA max_page_count = {pages}")
        walk.data["answers"] = {"words": "x" * 50_000}
        assert drafts.save(walk)
    finally:
        drafts._forget = original  # type: ignore[assignment]
    assert drafts.load(walk.a, walk.b) == walk


def test_a_file_that_is_held_for_too_long_is_said_and_nobody_is_thrown_out_for_it(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "_BUSY_SECONDS", 0.1)
    drafts._forget()
    begun, walk = drafts.begin(), filled()
    other = sqlite3.connect(settings.LINDUNG_DRAFTS_PATH, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(Unavailable):
            drafts.save(walk)
    finally:
        other.execute("ROLLBACK")
        other.close()
        drafts._forget()
    assert drafts.load(begun.a, begun.b) is not None, "a walk that has just begun is not pushed out by a crowd"


def test_a_folder_that_cannot_be_written_is_said(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings.LINDUNG_DRAFTS_PATH = tmp_path / "file" / "drafts.sqlite3"
    for attempt in (drafts.begin, drafts.purge, drafts.count):
        with pytest.raises(Unavailable):
            attempt()


def test_many_threads_write_at_once() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                walk = filled()
                assert drafts.load(walk.a, walk.b) == walk
        except BaseException as error:
            failures.append(error)
        finally:
            drafts._forget()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert drafts.count() == 80


def test_saved_walks_survive_the_sudden_death_of_the_process(settings: Any) -> None:
    code = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(LINDUNG_DRAFTS_PATH=Path(sys.argv[1]), LINDUNG_WALK_IDLE_MINUTES=30, USE_TZ=True)
from lindung.vault import drafts
while True:
    walk = drafts.begin(data={"answers": {"words": "x" * 900}})
    print(walk.a, walk.b, flush=True)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.LINDUNG_DRAFTS_PATH)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(40)]
    os.kill(process.pid, signal.SIGKILL)
    lines += process.stdout.read().splitlines()
    process.wait()
    whole = [line.split() for line in lines if len(line.strip()) == 87]
    assert len(whole) >= 40
    for a, b in whole:
        walk = drafts.load(a, b)
        assert walk is not None
        assert walk.data == {"answers": {"words": "x" * 900}}


def test_no_repr_shows_cookies_or_words() -> None:
    assert repr(filled()) == "Walk(kind='walk')"
