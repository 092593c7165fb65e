"""What the command says is said in both languages."""

from __future__ import annotations

import re

import pytest

from lindung_redflags import telling
from tests.test_scanning import redflags


def test_both_languages_say_the_same_things() -> None:
    indonesian, english = (telling._TEXTS[language] for language in ("id", "en"))
    assert indonesian.keys() == english.keys()
    for name, text in indonesian.items():
        assert sorted(re.findall(r"{(\w+)}", text)) == sorted(re.findall(r"{(\w+)}", english[name])), name
        assert text != english[name]


def test_numbers_are_written_as_the_language_does() -> None:
    said = {
        language: telling.say("scanned", language, transactions=1_234_567, accounts=12) for language in ("id", "en")
    }
    assert said == {"id": "1.234.567 transaksi dari 12 rekening", "en": "1,234,567 transactions of 12 accounts"}
    assert telling.step("reading", "id") == "membaca"
    assert telling.step("R01, R02", "id") == "R01, R02"


@pytest.mark.parametrize(
    "command", ["scan", "catalogue", "explain", "synth", "goaml", "evaluate", "update", "backtest", "tune"]
)
def test_each_command_takes_a_language(command: str) -> None:
    assert "--language" in redflags(command, "--help").stdout
