"""Counts of a person: sealed to their own key, erased after thirty days, never in the audit."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import SealBroken
from lindung.desk import services, tasks
from lindung.desk.care import Day
from lindung.desk.models import OwnCount
from lindung.vault import services as vault

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 22)


def test_a_day_is_read_back_with_all_its_sessions(cast):
    keyring = cast.keyring(cast.analyst)
    first = services.keep_day(keyring, Day(TODAY, 3, 2, 1))
    services.keep_day(keyring, first.plus({"opened": 1, "heavy": 1}))
    services.keep_day(keyring, Day(TODAY, 10, 0, 0))
    services.keep_day(keyring, Day(TODAY - timedelta(days=3), 5, 5, 0))
    found = services.own_days(keyring, TODAY - timedelta(days=6))
    assert {day: (d.opened, d.heavy, d.rests) for day, d in found.items()} == {
        TODAY: (14, 3, 1), TODAY - timedelta(days=3): (5, 5, 0),
    }  # fmt: skip
    assert OwnCount.objects.count() == 3


def test_nobody_elses_key_opens_it_and_the_row_tells_nothing(cast):
    services.keep_day(cast.keyring(cast.analyst), Day(TODAY, 3, 2, 1))
    services.keep_day(cast.keyring(cast.analyst), Day(TODAY, 9999, 9999, 9999))
    small, large = OwnCount.objects.values_list("sealed", flat=True)
    assert len(small) == len(large)
    row = OwnCount.objects.first()
    for other in (cast.supervisor, cast.administrator, cast.second_analyst):
        keyring = cast.keyring(other)
        assert services.own_days(keyring, TODAY) == {}
        with pytest.raises(SealBroken):
            keyring.open_own(bytes(row.sealed), "own count", row.pk.bytes, row.day.isoformat())
        row.person = other
        row.save()
        assert services.own_days(keyring, TODAY) == {}, "put under another name it stays shut"


def test_a_row_of_another_day_or_of_another_row_does_not_open(cast):
    keyring = cast.keyring(cast.analyst)
    services.keep_day(keyring, Day(TODAY, 3, 2, 1))
    row = OwnCount.objects.get()
    OwnCount.objects.create(id=uuid4(), person=cast.analyst, day=TODAY, sealed=row.sealed)
    OwnCount.objects.filter(pk=row.pk).update(day=TODAY - timedelta(days=1))
    assert services.own_days(keyring, TODAY - timedelta(days=6)) == {}


def test_a_new_passphrase_keeps_them_and_a_reset_makes_them_unreadable(cast):
    services.keep_day(cast.keyring(cast.analyst), Day(TODAY, 3, 2, 1))
    old, new = cast.passphrase_of(cast.analyst), "lima kapal di laut biru"
    vault.rewrap_member_key(holder=cast.analyst.pk, old=old, new=new)
    keyring = vault.unlock(holder=cast.analyst.pk, passphrase=new)
    assert services.own_days(keyring, TODAY)[TODAY].opened == 3
    vault.reset_member_key(holder=cast.analyst.pk, new_passphrase=new)
    keyring = vault.unlock(holder=cast.analyst.pk, passphrase=new)
    assert services.own_days(keyring, TODAY) == {}


def test_thirty_days_later_they_are_gone(cast):
    keyring = cast.keyring(cast.analyst)
    for ago in (0, 29, 30, 31, 40):
        services.keep_day(keyring, Day(TODAY - timedelta(days=ago), 1, 0, 0))
    now = clock.now().replace(year=2026, month=11, day=22, hour=5)
    assert tasks.forget_counts(now) == 2
    assert tasks.forget_counts(now) == 0
    assert OwnCount.objects.count() == 3


def test_the_audit_never_hears_of_it(cast):
    before = Event.objects.count()
    services.keep_day(cast.keyring(cast.analyst), Day(TODAY, 3, 2, 1))
    assert Event.objects.count() == before


def test_the_loop_of_what_is_due_forgets_them():
    from lindung.reporting.tasks import run_due

    assert run_due()["desk.counts"] == 0
