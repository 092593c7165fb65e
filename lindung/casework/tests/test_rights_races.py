"""Two hands on one decision, one consent, one entry of the list: exactly one wins, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.casework.errors import NoConsent
from lindung.casework.models_rights import Barred, Decision, DecisionState, Outgoing
from lindung.casework.services import consents, decisions, lifting
from lindung.core.errors import Conflict
from lindung.reporting.tests.races import at_once, on_a_file

from .rights import Worker, decided, pair

Race = Callable[[Any], None]


def _third(cast: Any, worker: Worker) -> Worker:
    return Worker(cast, cast.supervisor, worker.case)


def of_first_signatures(cast: Any) -> None:
    """Three who sign at once: one signature stands, and the decision does not hold yet."""
    worker, second = pair(cast)
    row = worker.drafts()
    seen = {"version": row.version, "sealed_version": row.sealed_version}
    people = [worker, second, _third(cast, worker)]
    results = at_once(*[lambda w=w: w.signs(row, **seen) for w in people])
    assert sum(isinstance(r, Conflict) for r in results) == 2, results
    row = Decision.objects.get()
    assert row.state == DecisionState.DRAFT
    assert row.second_signed_by is None


def of_second_signatures(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.signs(worker.drafts())
    seen = {"version": row.version, "sealed_version": row.sealed_version}
    results = at_once(*[lambda w=w: w.signs(row, **seen) for w in (second, _third(cast, worker))])
    assert sum(isinstance(r, Conflict) for r in results) == 1, results
    row = Decision.objects.get()
    assert row.state == DecisionState.SIGNED
    assert row.second_signed_by_id in {second.user.pk, cast.supervisor.pk}


def of_a_signature_and_a_change(cast: Any) -> None:
    """Whoever signs while a colleague changes the text signs nothing that they did not read."""
    worker, second = pair(cast)
    row = worker.signs(worker.drafts())
    seen = {"version": row.version, "sealed_version": row.sealed_version}

    def change() -> Decision:
        entry = worker.entry(choice="not_now")
        return decisions.change(worker.actor, worker.keyring, worker.case.pk, row.pk, entry, row.version)

    results = at_once(lambda: second.signs(row, **seen), change)
    assert sum(isinstance(r, Conflict) for r in results) == 1, results
    row = Decision.objects.get()
    signed = row.state == DecisionState.SIGNED
    assert (row.choice, row.sealed_version) == (("go_ahead", 1) if signed else ("not_now", 2))
    assert signed or row.first_signed_by is None


def of_a_letter_and_a_yes_taken_back(cast: Any) -> None:
    """Either the letter came first, or there is none."""
    worker, _ = pair(cast)
    mother = worker.guardian()
    [child] = worker.says("child", "guardian_contact")
    worker.says("guardian", "guardian_contact", person_id=mother.pk)
    results = at_once(
        lambda: worker.writes("invite_guardian", person_id=mother.pk),
        lambda: consents.withdraw(worker.actor, worker.keyring, worker.case.pk, child.pk),
    )
    made, withdrawn = results
    assert not isinstance(withdrawn, Exception), results
    assert isinstance(made, NoConsent) or Outgoing.objects.get().at <= withdrawn.withdrawn_at


def of_lifting(cast: Any) -> None:
    worker, second = pair(cast)
    row = worker.bars(words=["Kejora"])
    results = at_once(
        *[
            lambda w=w: lifting.lift(w.actor, w.keyring, w.case.pk, row.pk, "Boleh.", agreed=True)
            for w in (second, _third(cast, worker))
        ]
    )
    assert sum(isinstance(r, Conflict) for r in results) == 1, results
    assert Barred.objects.get().lifted_by_id in {second.user.pk, cast.supervisor.pk}


def of_taking_back(cast: Any) -> None:
    worker, second = pair(cast)
    [row] = worker.says("child")
    decided(worker, second)
    results = at_once(*[lambda w=w: consents.withdraw(w.actor, w.keyring, w.case.pk, row.pk) for w in (worker, second)])
    assert sum(isinstance(r, Conflict) for r in results) == 1, results


RACES: list[Race] = [
    of_first_signatures, of_second_signatures, of_a_signature_and_a_change, of_a_letter_and_a_yes_taken_back,
    of_lifting, of_taking_back,
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Race, cast: Any, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Race, cast: Any) -> None:
    race(cast)
