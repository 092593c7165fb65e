"""A report that is sent again and again is one report, with one answer: in a row, at the same moment, after a crash."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from benchmarks.idempotency import storm
from lindung.audit.models import Event
from lindung.core import clock
from lindung.partners import limits, retention, services
from lindung.partners.errors import KeyReused
from lindung.partners.models import StoredResponse, Submission
from lindung.partners.services import submitting
from lindung.reporting.models import Report
from lindung.reporting.tests.races import at_once, on_a_file
from lindung.vault import receipts, responses
from lindung.vault.models import SealedRecord

from .machines import MINIMAL, REPORTS, Machine, machine, new_key

pytestmark = pytest.mark.django_db


def test_the_same_request_gives_the_same_answer_and_one_report(helpline: Machine) -> None:
    key = new_key()
    answers = [helpline.send(key=key) for _ in range(5)]
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert [a["Idempotency-Replayed"] for a in answers] == ["false", *["true"] * 4]
    assert Report.objects.count() == Submission.objects.count() == SealedRecord.objects.count() == 1
    assert Event.objects.filter(kind="partners.report_submitted").count() == 1


def test_the_order_of_fields_and_empty_ones_make_no_other_report(helpline: Machine) -> None:
    key = new_key()
    first = helpline.send({"words": "x", "sex": "male"}, key)
    again = helpline.send({"sex": "male", "danger": None, "words": "x"}, key)
    assert (first.content, again["Idempotency-Replayed"]) == (again.content, "true")


def test_the_same_key_for_another_report_is_refused(helpline: Machine) -> None:
    key = new_key()
    first = helpline.send({"words": "satu"}, key)
    other = helpline.send({"words": "dua"}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert helpline.send({"words": "satu"}, key).content == first.content
    assert Report.objects.count() == 1


def test_a_key_belongs_to_its_token(cast: Any, helpline: Machine) -> None:
    other, key = machine(cast.organisation, cast.partner_organisation), new_key()
    first, second = helpline.send(key=key).json(), other.send(key=key).json()
    assert first["reference"] != second["reference"]
    assert first["receipt"] != second["receipt"]
    assert Report.objects.count() == 2


def test_a_repetition_costs_no_derivation_and_writes_nothing(helpline: Machine) -> None:
    key = new_key()
    helpline.send(key=key)
    with mock.patch.object(receipts, "derive", side_effect=AssertionError), CaptureQueriesContext(connection) as seen:
        assert helpline.send(key=key)["Idempotency-Replayed"] == "true"
    statements = [q["sql"] for q in seen]
    assert len(statements) <= 3, statements
    assert all(sql.startswith("SELECT") for sql in statements)


def test_the_database_holds_neither_key_nor_answer(helpline: Machine) -> None:
    key = "kunci-yang-bisa-ditebak-0001"
    told = helpline.send(key=key).json()
    row = StoredResponse.objects.get()
    kept = b"|".join(bytes(v) for v in (row.tag, row.body_tag, row.sealed))
    for needle in (key, told["receipt"], told["reference"], helpline.text.rpartition("_")[2]):
        assert needle.encode() not in kept
        assert needle.encode().hex().encode() not in kept
    # Whoever guesses the key, and even has the pepper, lacks the secret of the token.
    guessed = responses.keys_of(caller=helpline.token.pk.bytes, secret=bytes(helpline.token.secret_hash), name=key)
    assert guessed.tag != bytes(row.tag)
    assert guessed.receipt != told["receipt"]


def test_a_repetition_whose_first_one_comes_in_between_two_looks_gets_its_answer(helpline: Machine) -> None:
    key = new_key()
    told = helpline.send(key=key).json()
    looked: list[None] = []
    real = submitting._stored

    def too_early_once(*args: Any) -> Any:
        looked.append(None)
        return real(*args) if len(looked) > 1 else None

    with mock.patch.object(submitting, "_stored", too_early_once):
        again = helpline.send(key=key)
    assert (again.status_code, again.json()) == (201, told)
    assert len(looked) == 2
    assert Report.objects.count() == 1


def test_after_a_month_the_report_is_still_the_only_one(helpline: Machine) -> None:
    key = new_key()
    helpline.send(key=key)
    now = clock.now()
    assert retention.forget_old(now + timedelta(days=settings.LINDUNG_IDEMPOTENCY_DAYS)) == 0
    assert retention.forget_old(now + timedelta(days=settings.LINDUNG_IDEMPOTENCY_DAYS + 1)) == 1
    answer = helpline.send(key=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_expired")
    Submission.objects.all().delete()  # the reference is forgotten as well: the walk's tag still holds
    assert helpline.send(key=key).status_code == 409
    assert Report.objects.count() == 1


def test_report_reference_and_answer_come_together_or_not_at_all(helpline: Machine) -> None:
    helpline.client.raise_request_exception = False
    with mock.patch.object(StoredResponse.objects, "create", side_effect=RuntimeError("crash")):
        assert helpline.send().status_code == 500
    assert Report.objects.count() == Submission.objects.count() == SealedRecord.objects.count() == 0


def test_a_days_limit_counts_reports_and_not_repetitions(cast: Any) -> None:
    few, key = machine(cast.organisation, cast.partner_organisation, daily_limit=2), new_key()
    assert [few.send(key=key).status_code for _ in range(4)] == [201] * 4
    assert few.send().status_code == 201
    refused = few.send()
    assert (refused.status_code, refused.json()["code"]) == (429, "daily_limit_reached")
    assert 60 <= int(refused["Retry-After"]) <= 86400
    assert few.send(key=key).status_code == 201
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert few.send().status_code == 201


@override_settings(LINDUNG_API_SENDS_AT_ONCE=1)
def test_machines_never_take_the_threads_of_people(cast: Any, helpline: Machine) -> None:
    others = [machine(cast.organisation, cast.partner_organisation) for _ in range(2)]
    with limits.place(helpline.token.pk):
        refused = helpline.send()
        assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (429, "too_many_requests", "1")
        with limits.place(others[0].token.pk):
            assert others[1].send().status_code == 429
        assert others[1].send().status_code == 201
    assert helpline.send().status_code == 201
    assert not limits._taken


# --- at the same moment ---------------------------------------------------------------------------------------------

Race = Callable[[Machine], None]


def of_one_key(helpline: Machine) -> None:
    key = new_key()
    answers = at_once(*[lambda: _posted(helpline, key, MINIMAL)] * 8)
    assert {status for status, _ in answers} == {201}, answers
    assert len({body for _, body in answers}) == 1
    assert Report.objects.count() == Submission.objects.count() == StoredResponse.objects.count() == 1


def of_two_bodies(helpline: Machine) -> None:
    key = new_key()
    bodies = [{"words": f"cerita {n % 2}"} for n in range(6)]
    answers = at_once(*[lambda body=body: _posted(helpline, key, body) for body in bodies])
    assert sorted(status for status, _ in answers) == [201] * 3 + [422] * 3, answers
    assert Report.objects.count() == Submission.objects.count() == 1


def of_services(helpline: Machine) -> None:
    caller, key = helpline.caller, new_key()
    content = services.Content(answers={"words": "cerita"})
    results = at_once(*[lambda: services.submit(caller, key=key, content=content, body=b"x")] * 4)
    results += at_once(*[lambda: services.submit(caller, key=key, content=content, body=b"y")] * 2)
    assert [isinstance(r, services.Answer) for r in results] == [True] * 4 + [False] * 2, results
    assert sum(not r.replayed for r in results[:4]) == 1
    assert all(isinstance(r, KeyReused) for r in results[4:])


def of_three_hundred(helpline: Machine) -> None:
    result = storm(
        lambda key, body: _posted(helpline, key, body), requests=300, threads=16, others=4, key=str(uuid.uuid4())
    )
    assert result.problems == []
    assert result.answers == 1
    assert Report.objects.count() == Submission.objects.count() == 1 + result.other_reports


RACES: list[Race] = [of_one_key, of_two_bodies, of_services, of_three_hundred]


def _posted(helpline: Machine, key: str, body: Any) -> tuple[int, bytes]:
    """One request as a thread of its own sends it."""
    client = Client(raise_request_exception=False)
    headers = {**helpline.auth, "Idempotency-Key": key}
    response = client.post(REPORTS, json.dumps(body), content_type="application/json", headers=headers)
    return response.status_code, response.content


@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Race, cast: Any, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(machine(cast.organisation, cast.partner_organisation))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Race, cast: Any) -> None:
    race(machine(cast.organisation, cast.partner_organisation))
