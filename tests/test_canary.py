"""A stolen disk tells nothing: canary words go in through every door, and nothing that lies anywhere shows one.

A real server, started as a user starts it, on both databases. What is searched: the folder of the installation (data,
sessions, drafts, secrets, outbox, tombstones, static files, temporary files, logs), a backup, and of PostgreSQL the
whole data directory with its write-ahead log, its own log and a plain dump. How: see tests/support/canary.py; sessions
are unpacked besides. Every visitor comes from one telling address with a telling name of the browser.

Not sealed, and so not among the canaries: names, aliases and addresses of staff, teams and organisations, and the names
of platforms that everybody may choose from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support import canary, doors_intake
from tests.support.doors import ADDRESS, CHILD_PAGES, WITNESS_PAGES, Doors
from tests.support.doors_care import care_for_staff
from tests.support.doors_casework import work_on_case
from tests.support.doors_desk import use_desk
from tests.support.doors_legal import go_through_law
from tests.support.doors_moves import hand_on
from tests.support.doors_partners import send_by_machine
from tests.support.doors_plan import plan_case
from tests.support.doors_referrals import refer
from tests.support.doors_rights import stand_for
from tests.support.doors_series import group
from tests.support.doors_statistics import take_numbers
from tests.support.doors_takedown import ask_for_removal
from tools.installation import ROOT, Installation
from tools.throwaway_postgres import Cluster

# Each run tries the database that it is about.
ENGINES = ["postgresql"] if os.environ.get("LINDUNG_DATABASE") else ["sqlite"]


class Place:
    """An installation and everything that a thief could carry away from it."""

    def __init__(self, folder: Path, cluster: Cluster | None) -> None:
        self.folder, self.cluster = folder, cluster
        (folder / "tmp").mkdir(parents=True)
        self.installation = Installation(
            folder, cluster.url if cluster else "", DJANGO_SETTINGS_MODULE="tests.support.breaking_settings",
            TMPDIR=str(folder / "tmp"),
        ).prepare()  # fmt: skip
        self.roots = [folder, cluster.root] if cluster else [folder]

    def ask(self, **asked: Any) -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests" / "support" / "open_all.py")],
            env=self.installation.env, input=json.dumps(asked), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, str] = json.loads(done.stdout)
        return found

    def keep_copies(self, name: str) -> None:
        """What leaves the disk on purpose: a backup, and a dump as somebody in a hurry makes it."""
        self.installation.run("backup", "create", str(self.folder / f"backup-{name}"))
        if self.cluster is not None:
            program = self.cluster.binaries / "pg_dump"
            with (self.folder / f"dump-{name}.sql").open("wb") as out:
                subprocess.run([str(program), self.cluster.url], stdout=out, check=True)

    def settle(self) -> None:
        """Bring everything that PostgreSQL holds in memory to the disk."""
        if self.cluster is not None:
            program = self.cluster.binaries / "psql"
            subprocess.run([str(program), "-qc", "CHECKPOINT", self.cluster.url], check=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def place(engine: str, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster()) if engine == "postgresql" else None
        made = Place(tmp_path / "installation", cluster)
        stack.callback(made.installation.stop)
        made.installation.start()
        yield made


def carry_through(place: Place) -> Doors:
    """Through every door, as reporters and as staff."""
    doors = Doors(place.installation)
    unsent = doors.walk("aman", CHILD_PAGES, ("do", "cannot_call"), "draft")
    doors.drafts.append([unsent.cookies["a"], unsent.cookies["b"]])
    doors.secrets |= {"draft a": unsent.cookies["a"], "draft b": unsent.cookies["b"]}
    began = time.monotonic()
    child = doors.walk("aman", CHILD_PAGES, ("do", "cannot_call"), "reporter", breaking=True)
    witness = doors.walk("tautan", WITNESS_PAGES, ("do", "next"), "reporter")
    doors.probe_portal()
    # While the walks wait for their time: the doors of staff.
    analyst, auditor = doors.sign_in("analyst"), doors.sign_in("auditor")
    doors.change_passphrase(analyst, "analyst")
    doors.check_audit(auditor)
    send_by_machine(doors)
    codes = [doors.send(phone, began) for phone in (child, witness)]
    doors.use_mailbox(codes[1], stop=True)
    doors.use_mailbox(codes[0], stop=False)
    doors.work(analyst)
    doors_intake.take_in(doors, analyst)
    doors_intake.watch_media(doors, analyst)
    use_desk(doors, analyst)
    ask_for_removal(doors, analyst)
    group(doors, analyst)
    hand_on(doors, analyst)
    case = work_on_case(doors, analyst)
    stand_for(doors, analyst, case)
    plan_case(doors, analyst, case)
    refer(doors, analyst, case)
    care_for_staff(doors, analyst, case)
    take_numbers(doors)
    go_through_law(doors, analyst)
    return doors


def hits(place: Place, words: list[str]) -> list[str]:
    found = canary.search(place.roots, words)
    return sorted({f"{hit.path}: {hit.word} ({hit.how})" for hit in found})


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_no_word_no_address_and_no_browser_is_found_anywhere(place: Place) -> None:
    doors = carry_through(place)
    place.installation.run("work", "--once")
    # One search for what all words of this run share, and one for each secret and for the address.
    wanted = [doors.mark, ADDRESS, *doors.secrets.values()]
    place.settle()
    assert hits(place, wanted) == [], "while it is served"
    place.keep_copies("live")
    place.installation.stop()
    place.settle()

    opened = place.ask(
        codes=doors.codes,
        passphrases={"analyst": place.installation.people["analyst"]["passphrase"]},
        drafts=doors.drafts,
    )
    log = place.installation.log.read_text()
    assert log.count("Broken at breaking.py") > 40, "the errors must have been logged, without their words"
    assert hits(place, wanted) == [], "after it was stopped"
    assert doors.mark not in opened["sessions"]
    everything = {name: word for known in doors.words.values() for name, word in known.items()}
    assert len(everything) > 150
    check_keys(doors, opened)
    check_control(place, doors.mark)


def check_keys(doors: Doors, opened: dict[str, str]) -> None:
    """Every word that is kept opens with its key and with no other."""
    words = doors.words
    lost = {name for name, word in words["reporter"].items() if word not in opened["receipt"]}
    assert not lost, "the receipts open everything of the reporters"
    lost = {name for name, word in words["staff"].items() if word not in opened["team"]}
    assert not lost, "the team's key opens everything of staff"
    assert not {name for name, word in words["staff"].items() if word in opened["receipt"]}
    assert not {name for name, word in words["draft"].items() if word not in opened["draft"]}
    kept = opened["receipt"] + opened["team"] + opened["draft"]
    assert not {name for name, word in words["nowhere"].items() if word in kept}


def check_control(place: Place, mark: str) -> None:
    """The same search finds a clear word in every one of these places."""
    word = f"{mark}kontrol"
    sessions = place.ask(plant=word)["sessions"]
    assert word in sessions
    with place.installation.log.open("a") as log:
        log.write(f"{word}\n")
    (place.folder / "tmp" / "left").write_text(word)
    place.keep_copies("control")
    place.settle()
    found = {hit.path for hit in canary.search(place.roots, [word])}
    parts = ["/server.log", "/tmp/", "/outbox/", "/tombstones", "/drafts.sqlite3", "/backup-control/lindung-"]
    parts += ["/data/base/", "/data/pg_wal/", "/dump-control.sql"] if place.cluster else ["/lindung.sqlite3"]
    missing = [part for part in parts if not any(part in path for path in found)]
    assert not missing, f"the search is blind in {missing}; it found {sorted(found)}"
