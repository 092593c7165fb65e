"""A copy of the real database file, in the hands of somebody who left or who was given a new passphrase.

The thief is stronger than the promise asks for: the secrets that are not on the data disk are there too, and everything
that could be written down while it was allowed (salts, the own private key, the team's private key).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.installation import ROOT, Installation

pytestmark = pytest.mark.sqlite


class House:
    """An installation on SQLite, and copies of its file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installation = Installation(folder).prepare()
        self.file = folder / "data" / "lindung.sqlite3"

    def phrase(self, name: str) -> str:
        return str(self.installation.people[name]["passphrase"])

    def do(self, deed: str, copy: str = "", **asked: Any) -> dict[str, Any]:
        """Do something in the installation, or in the environment of a copy."""
        env = {**self.installation.env}
        if copy:
            env["LINDUNG_DATA_DIR"] = str(self.folder / copy)
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests" / "support" / "key_life.py")],
            env=env, input=json.dumps({"do": deed, **asked}), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def steal(self, name: str) -> bytes:
        (self.folder / name).mkdir()
        shutil.copy(self.file, self.folder / name / self.file.name)
        return self.file.read_bytes()

    def rotate(self) -> None:
        arguments = ("key", "rotate", "--team", "intake", "--member", "supervisor")
        self.installation.run(*arguments, stdin=self.phrase("supervisor") + "\n")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "installation")


def test_what_a_leaver_and_a_reset_open_in_a_copy_of_the_file(house: House) -> None:
    house.do("report", words="lama satu")
    house.do("report", words="lama dua")
    leaver = {"who": "analyst", "words": [house.phrase("analyst")]}
    kept = house.do("keep", who="analyst", passphrase=house.phrase("analyst"))
    sealed = [bytes.fromhex(blob) for blob in kept.pop("sealed")]
    before = house.steal("before")
    found = house.do("try", "before", **leaver, **kept)
    assert found["stories"] == ["lama dua", "lama satu"], "the control: in the copy from before everything opens"
    assert found["blobs"] > 0
    assert all(blob in before for blob in sealed)

    house.do("leave", who="analyst")
    house.do("report", words="sesudah pergi")
    house.steal("left")
    found = house.do("try", "left", who="analyst", words=leaver["words"], keys=[], salts=kept["salts"])
    assert (found["member_keys"], found["blobs"], found["stories"]) == (0, 0, []), "the passphrase alone"

    house.rotate()
    house.do("report", words="sesudah putar")
    after = house.steal("after")
    found = house.do("try", "after", **leaver, **kept)
    assert (found["member_keys"], found["blobs"], found["stories"]) == (0, 0, []), "with every key that was copied"
    assert found["tried"] >= 4
    assert [blob for blob in sealed if blob in after] == [], "no wrapped key of before is left in the file"
    stayed = house.do("try", "after", who="supervisor", words=[house.phrase("supervisor")], keys=[], salts=[])
    assert stayed["stories"] == ["lama dua", "lama satu", "sesudah pergi", "sesudah putar"]

    # An administrator resets a passphrase: neither the new nor the old one opens anything, nor the administrator's own.
    temporary = house.do("reset", who="second-analyst")["passphrase"]
    house.steal("reset")
    phrases = [temporary, house.phrase("second_analyst")]
    found = house.do("try", "reset", who="second-analyst", words=phrases, keys=[], salts=kept["salts"])
    assert found["member_keys"] == 1, "the temporary passphrase opens a new key pair, which opens nothing"
    assert (found["blobs"], found["stories"]) == (0, [])
    own = house.do("try", "reset", who="administrator", words=[house.phrase("administrator")], keys=[], salts=[])
    assert (own["blobs"], own["stories"]) == (0, [])
