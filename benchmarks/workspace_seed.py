"""Fills a prepared installation with many reports of the intake team, for workspace.py. Prints JSON about what it made.

Two kinds. The *opened* ones come in through the platform's own services: a real receipt, real sealing, judged, answered
and written to; only these are opened by the benchmark. The *others* are rows written in bulk with the same columns and
sizes, but random bytes stand where ciphertext and wrapped keys would: nothing ever opens them, and no list reads
them. Facts are the real keyed tokens, because lists filter by them.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
django.setup()

from django.db import connection, transaction  # noqa: E402

from conftest import Cast  # noqa: E402
from lindung.accounts.models import Team, User  # noqa: E402
from lindung.accounts.selectors import actor_for  # noqa: E402
from lindung.core import clock, planner  # noqa: E402
from lindung.places import selectors as places  # noqa: E402
from lindung.reporting import knowledge, services  # noqa: E402
from lindung.reporting.models import Report  # noqa: E402
from lindung.reporting.services import mailbox  # noqa: E402
from lindung.vault import receipts  # noqa: E402
from lindung.vault import services as vault  # noqa: E402
from lindung.vault.facts import fact_token  # noqa: E402
from lindung.vault.models import TeamKey  # noqa: E402

BATCH = 20_000
STATES = {"new": 20, "claimed": 15, "waiting_reporter": 40, "waiting_staff": 15, "referred": 10}
AGES = {"u6": 4, "6-9": 8, "10-12": 20, "13-15": 38, "16-17": 22, "18plus": 2, "unknown": 6}
SEXES = {"female": 74, "male": 20, "other": 1, "unsaid": 5}
CHANNELS = {"portal": 82, "phone": 10, "whatsapp": 5, "partner": 3}
RISKS = {"high": 12, "medium": 73, "low": 15}
MINUTES_TO_ANSWER = {"high": 15, "medium": 360, "low": 4320}


def main() -> None:
    number, open_share, seed = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    began = time.monotonic()
    rng = random.Random(seed)
    team = Team.objects.get(kind="intake", organisation__name="organisation")
    prepare()
    for start in range(0, number, BATCH):
        write_batch(rng, team, min(BATCH, number - start), open_share)
    bulk = time.monotonic() - began
    opened = make_opened(team)
    settle()
    made = {"reports": Report.objects.count(), "seconds": time.monotonic() - began, "bulk_seconds": bulk, **opened}
    json.dump(made, sys.stdout)


def prepare() -> None:
    """Let SQLite write the bulk quickly; the server opens the file with its own settings afterwards."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -600000")
            cursor.execute("PRAGMA synchronous = OFF")


def settle() -> None:
    """What happens by itself within the hour: autovacuum on PostgreSQL, on SQLite the look of our own loop."""
    planner.refresh(clock.now())
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


# --- the others: rows in bulk -----------------------------------------------------------------------------------------


def write_batch(rng: random.Random, team: Team, number: int, open_share: float) -> None:
    reports = [one(rng, team, open_share) for _ in range(number)]
    key = TeamKey.objects.get(team=team.pk, state="active").pk
    with transaction.atomic():
        insert("vault_sealedrecord", ("id", "kind"), ((row["record_id"], "report") for row in reports))
        insert("reporting_report", tuple(reports[0]), (tuple(row.values()) for row in reports))
        insert("reporting_reportfact", ("report_id", "field", "token"), facts_of(rng, reports))
        insert(
            "vault_sealedfield", ("id", "record_id", "key_name", "field", "version", "ciphertext"),
            ((uuid4(), row["record_id"], "reporter", "answers", 1, rng.randbytes(1064)) for row in reports),
        )  # fmt: skip
        insert(
            "vault_wrappedkey", ("id", "record_id", "name", "recipient", "team_key_id", "wrapped"),
            (
                (uuid4(), row["record_id"], name, "team", key, rng.randbytes(96))
                for row in reports for name in ("reporter", "staff")
            ),
        )  # fmt: skip
        insert(
            "vault_blindentry", ("id", "record_id", "kind", "token"),
            ((uuid4(), row["record_id"], "handle", rng.randbytes(32)) for row in reports if rng.random() < 0.4),
        )  # fmt: skip
        insert("reporting_message", MESSAGE, messages_of(rng, reports))
        insert("reporting_alert", ALERT, alerts_of(reports))


def one(rng: random.Random, team: Team, open_share: float) -> dict[str, Any]:
    """One report as the columns of its row."""
    is_open = rng.random() < open_share
    state = pick(rng, STATES) if is_open else "closed"
    now = clock.coarse_now()
    received = now - timedelta(minutes=rng.randrange(1, 90 * 1440) if is_open else rng.randrange(1, 3 * 365 * 1440))
    risk = pick(rng, RISKS)
    due = received + timedelta(minutes=MINUTES_TO_ANSWER[risk] + (rng.randrange(60 * 1440) if state != "new" else 0))
    holder = rng.choice(_people()) if state not in {"new", "closed"} else None
    report, record = uuid4(), uuid4()
    closed = max(received, now - timedelta(minutes=rng.randrange(60 * 1440)))  # older ones would have been erased
    return {
        "id": report, "record_id": record, "receipt_tag": rng.randbytes(32), "walk_tag": rng.randbytes(32),
        "team_id": team.pk, "channel": pick(rng, CHANNELS),
        "path": "worried_self" if rng.random() < 0.01 else rng.choice(("child", "parent", "witness", "professional")),
        "language": "en" if rng.random() < 0.01 else "id", "tz": "Asia/Jakarta", "state": state, "risk": risk,
        "risk_source": "rules", "received_at": received, "due_at": due, "promised_at": due, "claimed_by_id": holder,
        "claimed_at": received if holder else None, "medical_until": None, "danger_now": risk == "high",
        "selfharm": rng.random() < 0.03, "stop_pressure": False, "closed_at": closed if state == "closed" else None,
        "outcome": "done" if state == "closed" else "", "legal_hold": False, "hold_reason": "", "version": 2,
    }  # fmt: skip


def facts_of(rng: random.Random, reports: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in reports:
        province, regency = rng.choice(_places())
        found = {("province", province), ("regency", regency), ("age_band", pick(rng, AGES)), ("sex", pick(rng, SEXES))}
        if row["path"] != "worried_self":
            found |= {("form", ranked(rng, _forms())) for _ in range(rng.choice((1, 1, 2)))}
            found |= {("platform", ranked(rng, _platforms())) for _ in range(rng.choice((0, 1, 1, 2)))}
        for name, value in found:
            yield row["id"], name, _token(name, value)


MESSAGE = (
    "id", "report_id", "direction", "kind", "author_id", "alias", "at", "sort", "read_by_staff", "read_by_reporter",
)  # fmt: skip


def messages_of(rng: random.Random, reports: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in reports:
        if row["state"] == "new" and rng.random() < 0.8:
            continue
        for sort in range(1, rng.choice((2, 3, 4))):
            incoming = sort % 2 == 0
            read = not incoming or row["state"] != "waiting_staff" or rng.random() < 0.3
            author = None if incoming else _people()[0]
            yield (
                uuid4(), row["id"], "in" if incoming else "out", "text", author, "" if incoming else "Kak Analyst",
                row["received_at"], sort, read, True,
            )  # fmt: skip


ALERT = ("id", "report_id", "level", "due_at", "sent_at", "stopped", "nobody", "mailed", "posted", "tries")


def alerts_of(reports: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """The calls for urgent reports went out long ago; else the loop beside the server would plan thousands now."""
    for row in reports:
        if row["risk"] == "high" and row["state"] in {"new", "claimed", "waiting_staff"}:
            for level in ("analyst", "second", "supervisor"):
                yield (uuid4(), row["id"], level, row["due_at"], row["due_at"], False, False, True, True, 1)


def pick(rng: random.Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), weights.values())[0]


def ranked(rng: random.Random, codes: list[str]) -> str:
    """The first ones often, the last ones hardly ever."""
    return codes[min(int(rng.expovariate(0.35)), len(codes) - 1)]


_known: dict[Any, Any] = {}


def _once(name: Any, make: Any) -> Any:
    if name not in _known:
        _known[name] = make()
    return _known[name]


def _people() -> list[UUID]:
    return _once("people", lambda: list(User.objects.filter(username__contains="analyst").values_list("pk", flat=True)))


def _places() -> list[tuple[str, str]]:
    return _once("places", lambda: [(p.code, r.code) for p in places.provinces() for r in places.regencies(p.code)])


def _forms() -> list[str]:
    return _once("forms", lambda: list(knowledge.forms()))


def _platforms() -> list[str]:
    return _once("platforms", lambda: list(knowledge.platforms()))


def _token(name: str, value: str) -> bytes:
    return _once((name, value), lambda: fact_token(name, value))


def insert(table: str, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" for _ in columns)
        cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", (sqlite(row) for row in rows))


def sqlite(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """As Django writes ids and moments into SQLite."""
    return tuple(
        value.hex if isinstance(value, UUID)
        else value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime)
        else value
        for value in row
    )  # fmt: skip


# --- the opened ones: through the services of the platform ------------------------------------------------------------


def make_opened(team: Team, full: int = 12, plain: int = 12, group: int = 40) -> dict[str, list[str]]:
    """Reports with everything on them, reports as they come in, and a group that names one account."""
    analyst = User.objects.get(username="analyst")
    keyring = vault.unlock(holder=analyst.pk, passphrase=Cast.passphrase_of(analyst))
    desk = (actor_for(analyst), keyring)
    return {
        "full": [fill(desk, *receive()) for _ in range(full)],
        "plain": [receive()[0] for _ in range(plain)],
        "group": [receive(accounts="IG: @akun_rekaan_77\n0812 0000 7777")[0] for _ in range(group)],
    }


def receive(**more: str) -> tuple[str, str]:
    code = receipts.generate()
    answers = {
        "path": "child", "danger": "no", "happened": ["approached"],
        "age_band": "13-15", "sex": "female", "province": "31", "regency": "31.71", "online_where": ["instagram"],
        "words": "Aku cerita sesuatu yang direka untuk pengukuran. " * 12, **more,
    }  # fmt: skip
    report = services.receive(
        answers=answers, code=code, walk_id=secrets.token_bytes(32), language="id", source="bench"
    )
    return str(report.pk), code


def fill(desk: tuple[Any, Any], report_id: str, code: str) -> str:
    """Judged twice, answered, written to, noted, handed over, tried, followed up, with the police clock running."""
    actor, keyring = desk
    pk = UUID(report_id)

    def version() -> int:
        return int(Report.objects.values_list("version", flat=True).get(pk=pk))

    for _ in range(2):
        entry = services.TriageInput(
            risk="high", reason="Dibaca, ada risiko.", next_step="safety_plan", selfharm=True, forms=("grooming",),
            safety_plan="Bersama bibi malam ini.", child_known=True,
        )  # fmt: skip
        services.triage(actor, keyring, pk, entry, version())
    visit = mailbox.enter(code, "bench")
    for number in range(5):
        services.post_staff_message(actor, keyring, pk, "Kami membaca ceritamu. Kamu tidak sendirian.", version())
        mailbox.write(visit, "Terima kasih, aku mau cerita lagi sedikit.", "text", f"{number}".encode())
        services.add_note(actor, keyring, pk, "Sudah dibicarakan dengan rekan jaga.")
    services.record_handover(actor, keyring, pk, "Ibu Rekaan, layanan daerah", True)
    services.log_attempt(actor, keyring, pk, "mailbox", "Ditulis lewat kotak pesan.", False, "")
    other = Report.objects.exclude(pk=pk).filter(team=Report.objects.get(pk=pk).team_id, state="closed").first()
    if other is not None:
        services.link_reports(actor, pk, other.pk, "told_before")
    return report_id


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lindung.config.settings")
    main()
