"""The queue: whatever way the database goes, it shows what a plain look at every report would show."""

from __future__ import annotations

import random
import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from lindung.core import clock
from lindung.reporting import inbox
from lindung.reporting.inbox import Mark, Wanted
from lindung.reporting.models import OURS, THEIRS, Message, Report, ReportExclusion, ReportFact, State
from lindung.vault.facts import fact_token
from lindung.vault.models import SealedRecord

from .conftest import MONDAY

pytestmark = pytest.mark.django_db

WISHES: list[dict[str, Any]] = [
    {}, {"state": "all"}, {"state": "closed"}, {"state": "referred"}, {"state": "claimed"}, {"risk": "high"},
    {"risk": "low", "state": "all"}, {"only": "late"}, {"only": "late", "risk": "medium"}, {"only": "message"},
    {"whose": "mine"}, {"whose": "free"}, {"queue": "help"}, {"queue": "reports"}, {"channel": "phone"},
    {"language": "en"}, {"facts": {"sex": "female"}}, {"facts": {"sex": "female", "age_band": "13-15"}},
    {"facts": {"sex": "male"}, "only": "message"}, {"sort": "newest"}, {"sort": "newest", "state": "closed"},
    {"since": MONDAY - timedelta(hours=30), "before": MONDAY}, {"facts": {"sex": "male"}, "sort": "newest"},
    {"risk": "nothing"}, {"state": "withdrawn"}, {"facts": {"sex": "nobody"}}, {"facts": {"story": "x"}},
]  # fmt: skip


@pytest.fixture
def crowd(cast: Any) -> list[Report]:
    """Sixty reports of every kind, in two teams of one person."""
    rng, made = random.Random(7), []
    for number in range(60):
        received = MONDAY - timedelta(minutes=rng.randrange(3000))
        report = Report.objects.create(
            record=SealedRecord.objects.create(kind="report"),
            receipt_tag=secrets.token_bytes(32),
            walk_tag=secrets.token_bytes(32),
            team=rng.choice([cast.intake, cast.intake, cast.other_intake]),
            state=rng.choice(list(State)),
            risk=rng.choice(["high", "medium", "low"]),
            path=rng.choice(["child", "child", "parent", "worried_self"]),
            channel=rng.choice(["portal", "phone"]),
            language=rng.choice(["id", "en"]),
            received_at=received,
            due_at=received + timedelta(minutes=rng.choice([15, 15, 360, 4000])),
            promised_at=received,
            claimed_by=rng.choice([None, cast.analyst, cast.second_analyst]),
            merged_into=made[0] if number % 15 == 14 else None,
        )
        facts = {"sex": rng.choice(["female", "male"]), "age_band": rng.choice(["13-15", "10-12"])}
        ReportFact.objects.bulk_create(
            ReportFact(report=report, field=name, token=fact_token(name, value)) for name, value in facts.items()
        )
        if rng.random() < 0.3:
            Message.objects.create(report=report, direction="in", at=received, read_by_staff=rng.random() < 0.3)
        if rng.random() < 0.1:
            ReportExclusion.objects.create(report=report, team=cast.other_intake)
        made.append(report)
    return made


def fits(report: Report, wanted: Wanted, user_id: Any) -> bool:
    """The filter as a person would explain it."""
    facts = {(fact.field, bytes(fact.token)) for fact in report.facts.all()}
    asked = {(name, fact_token(name, value)) for name, value in wanted.facts.items()}
    heard = [*report.messages.all(), *(m for r in report.merged.all() for m in r.messages.all())]
    late = report.state in {"new", "claimed", "waiting_staff"} and report.due_at < clock.now()
    states = {"": report.state != "closed", "all": True}
    return (
        states.get(wanted.state, report.state == wanted.state)
        and wanted.risk in ("", report.risk)
        and (wanted.only != "late" or late)
        and (wanted.only != "message" or any(not m.read_by_staff for m in heard))
        and {"": True, "mine": report.claimed_by_id == user_id, "free": report.claimed_by_id is None}[wanted.whose]
        and (not wanted.queue or (wanted.queue == "help") == report.is_help)
        and wanted.channel in ("", report.channel)
        and wanted.language in ("", report.language)
        and asked <= facts
        and (wanted.since is None or report.received_at >= wanted.since)
        and (wanted.before is None or report.received_at < wanted.before)
    )


@pytest.mark.parametrize("way", ["chosen", "along the queue", "from a condition"])
def test_every_way_shows_what_a_plain_look_would_show(
    cast: Any, crowd: list[Report], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = cast.actor(cast.analyst)
    if way != "chosen":
        costs = 10**9 if way == "along the queue" else 0
        monkeypatch.setattr(inbox, "_weights", lambda actor, sources: [1, *(costs for _ in sources[1:])])
    rows = Report.objects.prefetch_related("facts", "messages", "merged__messages").exclude(state="withdrawn")
    seen = [row for row in rows.filter(team=cast.intake, merged_into=None)]
    with clock.frozen(MONDAY):
        for wish in WISHES:
            wanted = Wanted(**wish)
            expected = [row for row in seen if fits(row, wanted, cast.analyst.pk)]
            if wanted.sort == "newest":
                expected.sort(key=lambda row: (-row.received_at.timestamp(), row.pk))
            else:
                expected.sort(key=lambda row: (row.queue_rank, row.due_at, row.pk))
            assert walked(actor, wanted) == [row.pk for row in expected], wish
            page = inbox.page(actor, wanted, limit=7)
            assert (page.total, page.many) == (len(expected), False), wish


def walked(actor: Any, wanted: Wanted) -> list[Any]:
    """The whole list by pages of seven, forwards; backwards it must be the same."""
    forwards: list[Any] = []
    page = inbox.page(actor, wanted, limit=7)
    while True:
        forwards += [row.report.pk for row in page.rows]
        if page.after is None:
            break
        page = inbox.page(actor, wanted, limit=7, after=Mark.read(str(page.after)))
    backwards: list[Any] = []
    page = inbox.page(actor, wanted, limit=7, last=True)
    while True:
        backwards = [row.report.pk for row in page.rows] + backwards
        if page.before is None:
            break
        page = inbox.page(actor, wanted, limit=7, before=page.before)
    assert forwards == backwards
    return forwards


def test_the_place_in_the_queue_follows_every_change_by_itself(cast: Any, crowd: list[Report]) -> None:
    report = Report.objects.filter(merged_into=None, merged=None).exclude(state="withdrawn").first()
    assert report is not None
    for risk, state, path, rank in (
        ("high", "new", "child", 0), ("medium", "claimed", "child", 1), ("low", "waiting_staff", "witness", 2),
        ("high", "new", "worried_self", 3), ("high", "referred", "child", 4), ("low", "waiting_reporter", "child", 6),
        ("low", "waiting_reporter", "worried_self", 7), ("high", "closed", "child", 8),
        ("high", "withdrawn", "child", 9),
    ):  # fmt: skip
        Report.objects.filter(pk=report.pk).update(risk=risk, state=state, path=path)
        assert Report.objects.get(pk=report.pk).queue_rank == rank
        assert rank in (*OURS, *THEIRS, 8, 9)


def test_numbers_above_the_limit_say_so(cast: Any, crowd: list[Report], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "COUNTED_TO", 3)
    monkeypatch.setattr(inbox, "FITTING_TO", 3)
    with clock.frozen(MONDAY), transaction.atomic():
        page = inbox.page(cast.actor(cast.analyst), Wanted(), limit=2)
        assert (page.total, page.many) == (3, True)
        assert max(vars(inbox.summary(cast.actor(cast.analyst))).values()) == 4
