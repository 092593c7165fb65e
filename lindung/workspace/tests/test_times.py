"""Times in words, worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from lindung.workspace import times

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # Friday 16:00 in Jakarta


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "kurang dari 1 menit"),
        (timedelta(minutes=1), "1 menit"),
        (timedelta(hours=3, minutes=20), "3 jam 20 menit"),
        (timedelta(days=2, hours=3, minutes=9), "2 hari 3 jam"),
        (timedelta(days=1), "1 hari"),
    ],
)
def test_spans(length, words):
    with override("id"):
        assert times.span(length) == words
        assert times.span(-length) == words


def test_english_has_plurals():
    with override("en"):
        assert times.span(timedelta(days=1, hours=2)) == "1 day 2 hours"
        assert times.deadline(NOW + timedelta(minutes=1), NOW, "Asia/Jakarta").text == "1 minute left"


def test_deadlines_in_three_zones():
    due = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    with override("id"):
        said = {tz: times.deadline(due, NOW, tz).at for tz in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")}
    assert list(said.values()) == ["Jum 20 Nov, 23.30 WIB", "Sab 21 Nov, 00.30 WITA", "Sab 21 Nov, 01.30 WIT"]


def test_near_and_late():
    with override("id"):
        assert times.deadline(NOW + timedelta(minutes=60), NOW, "Asia/Jakarta").kind == "near"
        assert times.deadline(NOW + timedelta(minutes=61), NOW, "Asia/Jakarta").kind == "calm"
        late = times.deadline(NOW - timedelta(minutes=5), NOW, "Asia/Jakarta")
        assert (late.text, late.kind) == ("terlambat 5 menit", "late")


def test_the_lowest_risk_is_counted_in_working_days():
    wednesday = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    with override("id"):
        assert times.deadline(wednesday, NOW, "Asia/Jakarta", working_days=True).text == "sisa 3 hari kerja"
        assert times.deadline(wednesday, NOW, "Asia/Jakarta").text == "sisa 5 hari"
