"""The secrets off the data disk: made once, readable by their owner alone, missed loudly."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lindung.vault.errors import SecretMissing
from lindung.vault.secrets import FILES, ensure_secrets, key_for, load_secrets


def test_they_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "secrets"
    assert ensure_secrets(folder) == list(FILES)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {(folder / name).stat().st_mode & 0o777 for name in FILES} == {0o400}
    before = {name: (folder / name).read_bytes() for name in FILES}
    assert ensure_secrets(folder) == []
    assert {name: (folder / name).read_bytes() for name in FILES} == before
    assert len(set(before.values())) == 4
    assert {path.name for path in folder.iterdir()} == set(FILES)


def test_a_secret_that_is_there_is_never_written_again(tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text("ab" * 32)
    assert "pepper" not in ensure_secrets(tmp_path)
    assert load_secrets(tmp_path).pepper == bytes.fromhex("ab" * 32)


def test_two_processes_that_begin_at_once_agree(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(ensure_secrets(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == sorted(FILES)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_secret_is_named(tmp_path: Path, name: str) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(SecretMissing, match=name):
        load_secrets(tmp_path)


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31])
def test_a_damaged_secret_is_named_and_not_shown(tmp_path: Path, content: str) -> None:
    ensure_secrets(tmp_path)
    (tmp_path / "pepper").unlink()
    (tmp_path / "pepper").write_text(content)
    with pytest.raises(SecretMissing, match="pepper") as caught:
        load_secrets(tmp_path)
    assert not content or content not in str(caught.value)


def test_no_secret_shows_in_a_repr(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    assert repr(load_secrets(tmp_path)) == "Secrets()"


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert key_for("a") != key_for("b")
    assert len(key_for("a")) == 32
