"""Two sides, two loops, one moment: exactly one gets it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.casework.models import CaseExclusion
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.referrals import rules_clock, services, tasks
from lindung.referrals.models import SHARED, Referral, State, Version
from lindung.referrals.tests.people import MONDAY, Worker, provider
from lindung.reporting.tests.races import at_once, on_a_file
from lindung.vault import services as vault

Race = Callable[[Any], None]
LOST = (Conflict, NotAllowed, NotFound, BadInput)


def on_monday(job: Callable[[], Any], minutes: int = 0) -> Callable[[], Any]:
    """Threads have a clock of their own."""

    def run() -> Any:
        with clock.frozen(MONDAY + timedelta(minutes=minutes)):
            return job()

    return run


def sides(cast: Any) -> tuple[Worker, Worker, Worker]:
    return Worker(cast, cast.case_worker), Worker(cast, cast.supervisor), Worker(cast, cast.partner)


def sent(cast: Any, **more: Any) -> tuple[Referral, Worker, Worker, Worker]:
    sender, supervisor, receiver = sides(cast)
    with clock.frozen(MONDAY):
        referral = sender.sent(provider(cast.partner_team), sender.ready_case(**more))
    return referral, sender, supervisor, receiver


def readable(referral: Referral, worker: Worker) -> bool:
    try:
        for version in Version.objects.filter(referral=referral):
            vault.open_with_team(record_id=version.record_id, keyring=worker.keyring)
    except NotAllowed:
        return False
    return True


def one_winner(results: list[Any]) -> None:
    assert sum(not isinstance(r, Exception) for r in results) == 1, results
    assert all(isinstance(r, LOST) for r in results if isinstance(r, Exception)), results


def of_yes_and_taking_back_and_lapsing(cast: Any) -> None:
    """Accept, revoke and the clock that lets it lapse: one of them; who reads it afterwards follows from which."""
    referral, sender, _supervisor, receiver = sent(cast)
    due = rules_clock.times(MONDAY, "medium", "Asia/Jakarta").lapse
    assert due is not None
    Referral.objects.update(calls=rules_clock.LAST, next_call_at=MONDAY)
    jobs = [
        on_monday(lambda: receiver.accept(referral)),
        on_monday(lambda: sender.revoke(referral)),
        lambda: tasks.run(due),
    ]
    results = at_once(*jobs)
    assert not any(isinstance(r, Exception) and not isinstance(r, LOST) for r in results), results
    referral.refresh_from_db()
    ends = Event.objects.filter(kind__in=("referral.accepted", "referral.revoked", "referral.lapsed"))
    if referral.state == State.REVOKED and results[0].__class__ is Referral:
        assert ends.count() == 2, "it was accepted first, and then taken back: two steps, one after the other"
    else:
        assert ends.count() == 1, list(ends.values_list("kind", flat=True))
    assert readable(referral, receiver) == (referral.state in SHARED)
    assert readable(referral, sender)


def of_answers(cast: Any) -> None:
    """Yes, no and a voice from the same page."""
    referral, sender, _supervisor, receiver = sent(cast, risk="high")
    version = referral.version
    jobs = [
        lambda: receiver.accept(referral, version=version),
        lambda: receiver.decline(referral, version=version),
        lambda: services.heard_voice(sender.actor, sender.keyring, referral.pk, person="Bu Ratna", version=version),
    ]
    one_winner(at_once(*[on_monday(job) for job in jobs]))
    referral.refresh_from_db()
    assert referral.version == version + 1
    assert readable(referral, receiver) == (referral.state != State.DECLINED)


def of_sending(cast: Any) -> None:
    """The same draft is sent once, with one version shared."""
    sender, supervisor, receiver = sides(cast)
    with clock.frozen(MONDAY):
        draft = sender.draft(sender.ready_case(), provider(cast.partner_team))
    jobs = [lambda: sender.send(draft), lambda: supervisor.send(draft), lambda: sender.send(draft)]
    one_winner(at_once(*[on_monday(job) for job in jobs]))
    assert Version.objects.filter(shared_at__isnull=False).count() == 1
    assert readable(draft, receiver)


def of_sending_and_a_yes_that_is_taken_back(cast: Any) -> None:
    """Either it was never sent, or it was sent and stopped: never shared without the yes behind it."""
    sender, _supervisor, receiver = sides(cast)
    with clock.frozen(MONDAY):
        case = sender.ready_case()
        draft = sender.draft(case, provider(cast.partner_team))
    results = at_once(on_monday(lambda: sender.send(draft)), on_monday(lambda: sender.withdraw(case)))
    assert not isinstance(results[1], Exception), results
    draft.refresh_from_db()
    assert draft.state in (State.DRAFT, State.REVOKED), (draft.state, results)
    assert not readable(draft, receiver)


def of_a_version_and_taking_back(cast: Any) -> None:
    """A version that is written while it is taken back is not read by the receiver, or not written."""
    referral, sender, supervisor, receiver = sent(cast)
    results = at_once(on_monday(lambda: sender.amend(referral)), on_monday(lambda: supervisor.revoke(referral)))
    assert not any(isinstance(r, Exception) and not isinstance(r, LOST) for r in results), results
    referral.refresh_from_db()
    if referral.state == State.REVOKED:
        assert not Version.objects.filter(referral=referral, unshared_at=None, shared_at__isnull=False).exists()
        for version in Version.objects.filter(referral=referral):
            with pytest.raises(NotAllowed):
                vault.open_with_team(record_id=version.record_id, keyring=receiver.keyring)
    assert readable(referral, sender)


def of_sending_and_naming_the_team(cast: Any) -> None:
    """A case that comes to name the receiver in the same moment shares nothing with it."""
    from lindung.casework import signals

    sender, _supervisor, receiver = sides(cast)
    with clock.frozen(MONDAY):
        case = sender.ready_case()
        draft = sender.draft(case, provider(cast.partner_team))

    def name() -> None:
        from django.db import transaction

        from lindung.casework.models import Case

        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            CaseExclusion.objects.create(case=case, team=cast.partner_team)
            signals.case_excluded.send(sender=Case, case_id=case.pk, team_id=cast.partner_team.pk)

    at_once(on_monday(lambda: sender.send(draft)), on_monday(name))
    draft.refresh_from_db()
    assert draft.state in (State.DRAFT, State.REVOKED)
    assert not readable(draft, receiver)


def of_loops(cast: Any) -> None:
    """Four loops call once."""
    sent(cast, risk="high")
    results = at_once(*[lambda: tasks.run(MONDAY + timedelta(minutes=31))] * 4)
    assert sorted(results) == [0, 0, 0, 1], results
    assert Event.objects.filter(kind="referral.reminded").count() == 1


RACES: list[Race] = [
    of_yes_and_taking_back_and_lapsing, of_answers, of_sending, of_sending_and_a_yes_that_is_taken_back,
    of_a_version_and_taking_back, of_sending_and_naming_the_team, of_loops,
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
def test_on_postgres(race: Race, cast: Any) -> None:
    race(cast)
