"""Fills a prepared installation with many cases of the intake team, for casework.py. Prints JSON about what it made.

As workspace_seed.py: the *opened* cases come in through the platform's own services and are opened by the benchmark;
the *others* are rows in bulk with random bytes where ciphertext would stand, which nothing ever opens. Facts are the
real keyed tokens, because lists filter by them. Sixty open cases belong to the case worker, most of the others to
colleagues who never sign in, a few to nobody yet.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.db import transaction  # noqa: E402

from benchmarks import workspace_seed as bulk  # noqa: E402
from conftest import Cast, fingerprint_of  # noqa: E402
from lindung.accounts import second_factor  # noqa: E402
from lindung.accounts.models import Team, User  # noqa: E402
from lindung.accounts.selectors import actor_for  # noqa: E402
from lindung.casework import services  # noqa: E402
from lindung.casework.models import Case  # noqa: E402
from lindung.core import clock  # noqa: E402
from lindung.vault import services as vault  # noqa: E402
from lindung.vault.models import TeamKey  # noqa: E402

BATCH = 20_000
OWN, FREE = 60, 0.01
STAGES = {"intake": 10, "assessment": 20, "plan": 15, "service": 35, "monitoring": 15, "termination": 5}
RISKS = {"high": 15, "medium": 60, "low": 25}
STATUSES = {"victim": 90, "witness": 6, "in_conflict": 2, "hsb_12_17": 2}
COLLEAGUES = 40


def main() -> None:
    number, open_share, seed = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    began = time.monotonic()
    rng = random.Random(seed)
    team = Team.objects.get(kind="intake", organisation__name="organisation")
    worker = User.objects.get(username="case-worker")
    bulk.prepare()
    colleagues = make_colleagues(team)
    own = 0
    for start in range(0, number, BATCH):
        own += write_batch(rng, team, min(BATCH, number - start), open_share, (colleagues, worker.pk, OWN - own))
    made: dict[str, Any] = make_opened(worker)
    bulk.settle()
    people = {
        name: {
            "username": name, "passphrase": Cast.passphrase_of(user), "totp": second_factor.open_seed(user),
            "fingerprint": fingerprint_of(user.pk),
        }
        for name in ("case-worker", "supervisor") for user in [User.objects.get(username=name)]
    }  # fmt: skip
    made |= {"cases": Case.objects.count(), "seconds": time.monotonic() - began, "people": people}
    json.dump(made, sys.stdout)


def make_colleagues(team: Team) -> list[UUID]:
    """Rows of people who only hold cases; they have no key and never sign in."""
    rows = [
        User(username=f"rekan-{n}", display_name=f"Rekan {n}", alias=f"Kak {n}", organisation=team.organisation)
        for n in range(COLLEAGUES)
    ]
    return [user.pk for user in User.objects.bulk_create(rows)]


# --- the others: rows in bulk -----------------------------------------------------------------------------------------


def write_batch(
    rng: random.Random, team: Team, number: int, open_share: float, people: tuple[list[UUID], UUID, int]
) -> int:
    """Write so many cases; returns how many of them the case worker got."""
    colleagues, worker, wished = people
    cases = [one(rng, team, open_share, colleagues[0]) for _ in range(number)]
    key = TeamKey.objects.get(team=team.pk, state="active").pk
    present = [row for row in cases if row["state"] != "closed"]
    own = {row["id"] for row in present[:wished]}
    held = [row for row in present if row["id"] in own or rng.random() > FREE]
    for row in held:
        row["free"] = False
    with transaction.atomic():
        bulk.insert("vault_sealedrecord", ("id", "kind"), ((row["record_id"], "case") for row in cases))
        bulk.insert("casework_case", tuple(cases[0]), (tuple(row.values()) for row in cases))
        bulk.insert("casework_casefact", ("case_id", "field", "token"), facts_of(rng, cases))
        bulk.insert(
            "vault_sealedfield", ("id", "record_id", "key_name", "field", "version", "ciphertext"),
            (
                (uuid4(), row["record_id"], "staff", name, 1, rng.randbytes(size))
                for row in cases for name, size in (("child", 900), ("place:present", 120))
            ),
        )  # fmt: skip
        bulk.insert(
            "vault_wrappedkey", ("id", "record_id", "name", "recipient", "team_key_id", "wrapped"),
            ((uuid4(), row["record_id"], "staff", "team", key, rng.randbytes(96)) for row in cases),
        )  # fmt: skip
        bulk.insert("casework_caseworker", WORKER, workers_of(rng, held, own, worker, colleagues))
        bulk.insert("casework_casetask", TASK, tasks_of(rng, present, own, worker))
        bulk.insert("casework_casenote", ("id", "case_id", "author_id", "at"), notes_of(rng, present, colleagues))
        bulk.insert("casework_person", PERSON, people_of(rng, cases, colleagues[0]))
        bulk.insert("casework_approval", APPROVAL, approvals_of(rng, present, colleagues))
    return len(own)


def one(rng: random.Random, team: Team, open_share: float, opener: UUID) -> dict[str, Any]:
    """One case as the columns of its row."""
    is_open, now = rng.random() < open_share, clock.coarse_now()
    age = rng.randrange(1, 400 * 1440) if is_open else rng.randrange(100 * 1440, 4 * 365 * 1440)
    opened = now - timedelta(minutes=age)
    changed = opened + timedelta(minutes=rng.randrange(age))
    closed = None if is_open else changed
    due = now + timedelta(minutes=rng.randrange(-3 * 1440, 60 * 1440)) if is_open and rng.random() < 0.9 else None
    return {
        "id": uuid4(), "record_id": uuid4(), "team_id": team.pk, "state": "open" if is_open else "closed",
        "stage": bulk.pick(rng, STAGES) if is_open else "termination", "risk": bulk.pick(rng, RISKS),
        "standard": "2026.1", "tz": "Asia/Jakarta", "authority": "district", "lead_agency_id": None,
        "opened_at": opened, "opened_by_id": opener, "review_due_at": due, "closed_at": closed,
        "outcome": "" if is_open else "done", "legal_hold": False, "hold_reason": "", "mediation_barred": True,
        "changed_at": changed, "free": is_open, "version": 3,
    }  # fmt: skip


def facts_of(rng: random.Random, cases: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in cases:
        province, regency = rng.choice(bulk._places())
        found = {
            ("present_province", province), ("present_regency", regency), ("age_band", bulk.pick(rng, bulk.AGES)),
            ("sex", bulk.pick(rng, bulk.SEXES)), ("status", bulk.pick(rng, STATUSES)),
            ("form", bulk.ranked(rng, bulk._forms())),
        }  # fmt: skip
        for name, value in sorted(found):
            yield row["id"], name, bulk._token(name, value)


WORKER = ("id", "case_id", "user_id", "role", "since", "until", "assigned_by_id")


def workers_of(
    rng: random.Random, held: list[dict[str, Any]], own: set[UUID], worker: UUID, colleagues: list[UUID]
) -> Iterator[tuple[Any, ...]]:
    for row in held:
        lead = worker if row["id"] in own else rng.choice(colleagues)
        yield uuid4(), row["id"], lead, "lead", row["opened_at"], None, lead


TASK = (
    "id", "case_id", "kind", "subject", "assignee_id", "due_at", "created_at", "created_by_id", "done_at", "done_by_id",
)  # fmt: skip


def tasks_of(
    rng: random.Random, present: list[dict[str, Any]], own: set[UUID], worker: UUID
) -> Iterator[tuple[Any, ...]]:
    now = clock.coarse_now()
    for row in present:
        for kind in ("review", "goal", "hand")[: rng.randrange(4)]:
            due = now + timedelta(minutes=rng.randrange(-2 * 1440, 40 * 1440))
            done = due if rng.random() < 0.5 else None
            mine = worker if row["id"] in own else None
            yield uuid4(), row["id"], kind, None, mine, due, row["opened_at"], None, done, None


def notes_of(rng: random.Random, present: list[dict[str, Any]], colleagues: list[UUID]) -> Iterator[tuple[Any, ...]]:
    for row in present:
        for _ in range(rng.randrange(4)):
            yield uuid4(), row["id"], rng.choice(colleagues), row["changed_at"]


PERSON = ("id", "case_id", "role", "standing", "also_child", "added_at", "added_by_id", "removed_at", "version")


def people_of(rng: random.Random, cases: list[dict[str, Any]], adder: UUID) -> Iterator[tuple[Any, ...]]:
    for row in cases:
        standing = rng.choice(("safe", "safe", "unknown", "implicated"))
        yield uuid4(), row["id"], "guardian", standing, False, row["opened_at"], adder, None, 1


APPROVAL = ("id", "case_id", "subject", "plan_id", "state", "asked_by_id", "asked_at", "decided_by_id", "decided_at")


def approvals_of(
    rng: random.Random, present: list[dict[str, Any]], colleagues: list[UUID]
) -> Iterator[tuple[Any, ...]]:
    for row in present:
        if rng.random() < 0.02:
            yield uuid4(), row["id"], "closure", None, "open", rng.choice(colleagues), row["changed_at"], None, None


# --- the opened ones: through the services of the platform ------------------------------------------------------------


def make_opened(worker: User, full: int = 12, plain: int = 12) -> dict[str, list[str]]:
    """Cases with much on them, and cases as they begin; all of them the case worker's."""
    keyring = vault.unlock(holder=worker.pk, passphrase=Cast.passphrase_of(worker))
    desk = (actor_for(worker), keyring)
    return {"full": [fill(desk) for _ in range(full)], "plain": [begin(desk) for _ in range(plain)]}


def begin(desk: tuple[Any, Any]) -> str:
    report_id, _ = bulk.receive(accounts="IG: @akun_rekaan_77\n0812 0000 7777")
    case = services.open_from_reports(*desk, [UUID(report_id)])
    return str(case.pk)


def fill(desk: tuple[Any, Any]) -> str:
    pk = UUID(begin(desk))
    actor, keyring = desk
    for _ in range(10):
        services.add_note(actor, keyring, pk, "Sudah dibicarakan dengan rekan; anak tenang.")
        services.add_task(actor, keyring, pk, "Telepon UPTD untuk jadwal.", due_at=clock.now() + timedelta(days=2))
    return str(pk)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lindung.config.settings")
    main()
