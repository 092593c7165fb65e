"""The search for leaked words must itself be proved: each disguise that it claims to see through is planted here."""

from __future__ import annotations

import base64
import gzip
import tarfile
from pathlib import Path

import pytest

from tests.support import canary

WORD = canary.new_word("kontrol")
DISGUISES = {
    "raw": WORD.encode(),
    "upper": WORD.upper().encode(),
    "utf16le": ("ada " + WORD).encode("utf-16-le"),
    "utf16be": ("ada " + WORD).encode("utf-16-be"),
    "hex": b"\\x" + WORD.encode().hex().encode(),
    "base64_0": base64.b64encode(WORD.encode() + b" sesudah"),
    "base64_1": base64.b64encode(b"a" + WORD.encode() + b" sesudah"),
    "base64_2": base64.b64encode(b"ab" + WORD.encode() + b" sesudah"),
    "gzip": gzip.compress(b"padding " * 50 + WORD.encode()),
    "gzip_in_noise": b"\x00noise" + gzip.compress(base64.b64encode(WORD.encode())) + b"tail",
    "gzip_twice": gzip.compress(gzip.compress(WORD.encode())),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_planted_word_is_found(disguise: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"before " + DISGUISES[disguise] + b" after")
    assert {hit.word for hit in canary.search([tmp_path], [WORD])} == {WORD}


def test_a_planted_word_is_found_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "clear").write_bytes(WORD.encode())
    with tarfile.open(tmp_path / "backup.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "clear", "clear")
    (tmp_path / "clear").unlink()
    assert canary.search([tmp_path], [WORD])


def test_a_word_in_a_file_name_is_found(tmp_path: Path) -> None:
    (tmp_path / f"x{WORD}.log").write_bytes(b"")
    assert {hit.how for hit in canary.search([tmp_path], [WORD])} == {"file name"}


def test_an_absent_word_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"".join(DISGUISES.values()))
    assert canary.search([tmp_path], [canary.new_word("lain")]) == []
