"""How fast the series of a report are found: 100,000 identifiers over 60,000 open reports, on SQLite and PostgreSQL.

    python benchmarks/series.py [--reports 60000] [--identifiers 100000]

Prints the median and the 95th percentile of everything that the page of proposals asks the database, for a usual report
and for the worst case, a number that 2,000 reports name. Beside it: the floor, one look into the index of identifiers,
and the time of this process's own processor, which other work on the machine does not change. Exit code 1 when a 95th
percentile is above 100 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

LIMIT_MS = 100.0
COMMON = 2_000
DAYS = 180
BATCH = 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=60_000)
    parser.add_argument("--identifiers", type=int, default=100_000)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.reports, asked.identifiers)))
        return
    from tools.throwaway_postgres import Cluster

    print(f"{asked.identifiers:,} identifiers over {asked.reports:,} open reports, {COMMON:,} of which name one number")
    worst = _report("SQLite", _run(asked, ""))
    with Cluster() as cluster:
        worst = max(worst, _report("PostgreSQL", _run(asked, cluster.url)))
    if worst > LIMIT_MS:
        raise SystemExit(f"slower than {LIMIT_MS:.0f} ms: {worst:.0f} ms")


def _run(asked: argparse.Namespace, database: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "LINDUNG_DATA_DIR": folder, "LINDUNG_DATABASE": database}
        env |= {"LINDUNG_SECRETS_DIR": f"{folder}/secrets", "DJANGO_SETTINGS_MODULE": "lindung.config.settings"}
        command = [sys.executable, __file__, "--measure", f"--reports={asked.reports}"]
        command.append(f"--identifiers={asked.identifiers}")
        done = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _report(name: str, found: dict[str, Any]) -> float:
    """Print one database; return the worst 95th percentile of what has a limit."""
    print(f"\n{name} (filled in {found.pop('seconds'):.0f} s)")
    for what, (median, p95, own) in found.items():
        print(f"  {what:<46} median {median:7.2f} ms   p95 {p95:7.2f} ms   of our own processor {own:6.2f} ms")
    return max(p95 for what, (_median, p95, _own) in found.items() if not what.startswith("floor"))


def measure(reports: int, identifiers: int) -> dict[str, Any]:
    """Fill an empty database and measure. Runs in the environment of the installation."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from lindung.reporting import selectors as reporting
    from lindung.reporting.models import Report
    from lindung.series import selectors
    from lindung.series.proposals import proposals
    from lindung.vault.models import BlindEntry
    from lindung.vault.secrets import ensure_secrets

    Path(settings.LINDUNG_DATA_DIR).mkdir(parents=True, exist_ok=True)
    ensure_secrets(settings.LINDUNG_SECRETS_DIR)
    call_command("migrate", verbosity=0)
    chance = random.Random(7)
    began = time.monotonic()
    actor, common = _fill(chance, reports, identifiers)
    seconds = time.monotonic() - began
    shared = BlindEntry.objects.exclude(token=common)
    usual = chance.sample(list(shared.values_list("record__report", flat=True)[: reports // 2]), 200)
    busy = list(BlindEntry.objects.filter(token=common).values_list("record__report", flat=True)[:60])
    tokens = [bytes(token) for token in shared.values_list("token", flat=True)[:200]]
    rows = {row.pk: row for row in Report.objects.filter(pk__in=[*usual, *busy]).select_related("team")}
    found: dict[str, Any] = {"seconds": seconds}
    found["floor: one look into the index"] = _time(tokens, lambda token: list(BlindEntry.objects.filter(token=token)))
    for name, chosen in (("a usual report", usual), (f"a number that {COMMON:,} reports name", busy)):
        found[f"proposals, {name}"] = _time(chosen, lambda pk: proposals(rows[pk], actor))
    found["links on the page of such a report"] = _time(busy, lambda pk: reporting.links(rows[pk], actor))
    found["series and merges on the page"] = _time(
        usual, lambda pk: (selectors.series_beside(actor, rows[pk]), selectors.merges_of(actor, rows[pk]))
    )
    assert any(proposals(rows[pk], actor) for pk in usual[:20]), "nothing was proposed: the data is wrong"
    assert all(proposals(rows[pk], actor) for pk in busy[:3]), "nothing was proposed: the data is wrong"
    return found


def _time(chosen: list[Any], ask: Callable[[Any], Any]) -> tuple[float, float, float]:
    """Median and 95th percentile in milliseconds, after three that warm up, and the mean of processor time.

    The last tells what a busy machine hides; on SQLite the database is part of it.
    """
    for one in chosen[:3]:
        ask(one)
    spent, own = [], time.process_time()
    for one in chosen:
        began = time.perf_counter()
        ask(one)
        spent.append((time.perf_counter() - began) * 1000)
    own = (time.process_time() - own) * 1000 / len(chosen)
    spent.sort()
    return spent[len(spent) // 2], spent[int(len(spent) * 0.95)], own


def _fill(chance: random.Random, reports: int, identifiers: int) -> tuple[Any, bytes]:
    """Write the reports, their facts and their identifiers; return an analyst of the team and the common token."""
    from django.db import connection, transaction

    from lindung.accounts.actors import Actor
    from lindung.accounts.models import Organisation, Team, User
    from lindung.vault.models import MemberKey, TeamKey, TeamKeyGrant

    with transaction.atomic():
        home = Organisation.objects.create(name="network", kind="network")
        team = Team.objects.create(organisation=home, name="intake", kind="intake", intake_order=1)
        person = User.objects.create(organisation=home, username="analyst", display_name="Analyst")
        member = MemberKey.objects.create(holder=person.pk, public=bytes(32), salt=bytes(16), wrapped_private=b"x")
        key = TeamKey.objects.create(team=team.pk, organisation=home.pk, version=1, public=bytes(32))
        TeamKeyGrant.objects.create(team_key=key, member_key=member, sealed_private=b"x")
        common = _reports(chance, team, reports, identifiers)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return Actor(person.pk, "analyst", roles=frozenset({(team.pk, "analyst")})), common


def _reports(chance: random.Random, team: Any, reports: int, identifiers: int) -> bytes:
    from lindung.core import clock
    from lindung.core.ids import new_id
    from lindung.places import selectors as places
    from lindung.reporting import knowledge
    from lindung.reporting.models import OPEN_STATES, Report, ReportFact
    from lindung.vault.facts import fact_token
    from lindung.vault.models import BlindEntry, SealedRecord

    now = clock.coarse_now()
    regencies = [r.code for p in places.provinces() for r in places.regencies(p.code)]
    values = {
        "form": list(knowledge.forms()),
        "platform": list(knowledge.platforms()),
        "regency": regencies,
        "age_band": list(knowledge.questions()["age_band"].options),
        "sex": list(knowledge.questions()["sex"].options),
    }
    tokens = {field: [fact_token(field, code) for code in codes] for field, codes in values.items()}
    # A few forms and platforms are named most of the time, as in life.
    heavy = {field: [1 / (rank + 1) for rank in range(len(codes))] for field, codes in tokens.items()}
    made: list[Any] = []
    for start in range(0, reports, BATCH):
        records = [SealedRecord(id=new_id(), kind="report") for _ in range(min(BATCH, reports - start))]
        SealedRecord.objects.bulk_create(records)
        rows = []
        for record in records:
            at = clock.coarse(now - timedelta(minutes=chance.randrange(DAYS * 24 * 60)))
            tags = {"receipt_tag": chance.randbytes(32), "walk_tag": chance.randbytes(32)}
            times = {"received_at": at, "due_at": at, "promised_at": at}
            state, risk = chance.choice(OPEN_STATES), chance.choice(["high", "medium", "low"])
            rows.append(Report(id=new_id(), record=record, team=team, state=state, risk=risk, **tags, **times))
        Report.objects.bulk_create(rows)
        facts = []
        for row in rows:
            for field, known in tokens.items():
                many = 2 if field in {"form", "platform"} else 1
                for token in set(chance.choices(known, heavy[field], k=many)):
                    facts.append(ReportFact(report=row, field=field, token=token))
        ReportFact.objects.bulk_create(facts, batch_size=BATCH)
        made += records
    common = chance.randbytes(32)
    entries = {(record.pk, common) for record in chance.sample(made, min(COMMON, reports // 10))}
    while len(entries) < identifiers:  # most are named once or twice, some by a score of reports
        token, number = chance.randbytes(32), chance.choice([1, 1, 1, 2, 2, 3, 5, 20])
        entries |= {(record.pk, token) for record in chance.sample(made, number)}
    blind = [BlindEntry(record_id=record, kind="handle", token=token) for record, token in sorted(entries)]
    BlindEntry.objects.bulk_create(blind, batch_size=BATCH)
    return common


if __name__ == "__main__":
    main()
