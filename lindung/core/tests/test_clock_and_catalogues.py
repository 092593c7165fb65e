"""The clock can be held, times are cut to minutes, and translations are compiled without gettext."""

from __future__ import annotations

import gettext
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lindung.core import clock
from lindung.core.catalogues import compile_all


def test_a_frozen_clock_stands_still_and_runs_again() -> None:
    moment = datetime(2026, 3, 19, 18, 0, 59, 123456, tzinfo=UTC)
    with clock.frozen(moment):
        assert clock.now() == moment
        assert clock.coarse_now() == datetime(2026, 3, 19, 18, 0, tzinfo=UTC)
    assert clock.now() > moment


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.frozen(datetime(2026, 1, 1)):  # noqa: DTZ001
        pass


def test_a_changed_catalogue_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "room" / "locale" / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "anak"\nmsgstr "child"\n'
    )
    assert compile_all(tmp_path) == 1
    assert compile_all(tmp_path) == 0
    with (folder / "django.mo").open("rb") as handle:
        assert gettext.GNUTranslations(handle).gettext("anak") == "child"
