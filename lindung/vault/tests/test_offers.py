"""A record that is offered to another team: who opens it before, after and when nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lindung.core.errors import Conflict, NotAllowed, NotFound, SealBroken
from lindung.vault import services as vault
from lindung.vault.models import TeamKey, WrappedKey
from lindung.vault.primitives import random_key
from lindung.vault.records import team_wraps
from lindung.vault.services import Keyring, RecordKeys
from lindung.vault.tests.conftest import Cast, Report

pytestmark = pytest.mark.django_db
Opens = Callable[[Report, Keyring], bool]


def offered(cast: Cast) -> Report:
    report = cast.report()
    vault.offer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
    return report


def rotate(team: object, keyring: Keyring) -> int:
    vault.rotate_team_key(team_id=team, keyring=keyring)  # type: ignore[arg-type]
    while vault.rewrap_batch(team_id=team, keyring=keyring, size=1):  # type: ignore[arg-type]
        pass
    return vault.destroy_old_keys(team_id=team)  # type: ignore[arg-type]


class TestBeforeItIsTakenOver:
    def test_only_the_first_team_opens_it(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        assert opens(report, cast.melati.keyring())
        assert not opens(report, cast.raka.keyring())
        assert not opens(report, cast.tono.keyring())
        assert vault.is_offered(report.id)
        many = vault.open_many_with_team(record_ids=[report.id], keyring=cast.raka.keyring())
        assert many == {}

    def test_it_is_offered_to_one_team_at_a_time_and_not_to_the_one_that_has_it(self, cast: Cast) -> None:
        report = offered(cast)
        for team in (cast.other_team, cast.team):
            with pytest.raises(Conflict):
                vault.offer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=team)
        with pytest.raises(Conflict):
            vault.offer(record_id=cast.report().id, keyring=cast.melati.keyring(), to_team_id=cast.team)

    def test_nobody_offers_what_they_cannot_open_or_to_a_team_without_a_key(self, cast: Cast) -> None:
        report = cast.report()
        with pytest.raises(NotAllowed):
            vault.offer(record_id=report.id, keyring=cast.tono.keyring(), to_team_id=cast.other_team)
        with pytest.raises(NotAllowed):
            vault.offer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.organisation)
        assert not vault.is_offered(report.id)

    def test_taken_back_it_is_as_before(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        assert vault.take_back(record_id=report.id)
        assert not vault.take_back(record_id=report.id)
        assert opens(report, cast.melati.keyring())
        with pytest.raises(NotAllowed):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert opens(report, cast.melati.keyring())


class TestTakingOver:
    def test_the_keys_change_hands(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        keys = vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert vault.get(record_id=report.id, keys=keys, field="note") == b"catatan"
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.melati.keyring())
        assert not vault.is_offered(report.id)
        assert vault.open_with_receipt(record_id=report.id, receipt=report.receipt).reporter
        with pytest.raises(NotAllowed):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())

    def test_is_for_holders_of_the_other_teams_key_alone(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        for person in (cast.melati, cast.tono):
            with pytest.raises(NotAllowed):
                vault.take_over(record_id=report.id, keyring=person.keyring())
        assert opens(report, cast.melati.keyring())

    def test_keys_that_somebody_put_in_their_place_never_cost_the_record(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        forged = team_wraps(RecordKeys(report.id, random_key(), random_key()), cast.other_team)
        for wrap in forged:
            rows = WrappedKey.objects.filter(record=report.id, recipient="offered", name=wrap.name)
            rows.update(wrapped=wrap.wrapped)
        with pytest.raises(SealBroken):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert opens(report, cast.melati.keyring())

    def test_half_an_offer_is_none(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        WrappedKey.objects.filter(record=report.id, recipient="offered", name="staff").delete()
        with pytest.raises(NotAllowed):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert opens(report, cast.melati.keyring())


class TestWhileItIsOffered:
    def test_a_rotation_of_either_team_changes_nothing(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        assert rotate(cast.team, cast.melati.keyring()) == 1
        assert rotate(cast.other_team, cast.raka.keyring()) == 1
        assert opens(report, cast.melati.keyring())
        assert not opens(report, cast.raka.keyring())
        vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert opens(report, cast.raka.keyring())

    def test_an_old_key_of_the_other_team_stays_until_the_offer_was_moved(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        vault.rotate_team_key(team_id=cast.other_team, keyring=cast.raka.keyring())
        assert vault.destroy_old_keys(team_id=cast.other_team) == 0
        vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert opens(report, cast.raka.keyring())
        assert vault.rewrap_batch(team_id=cast.other_team, keyring=cast.raka.keyring()) == 0
        assert vault.destroy_old_keys(team_id=cast.other_team) == 1
        assert TeamKey.objects.filter(team=cast.other_team, state="retiring").count() == 0
        assert opens(report, cast.raka.keyring())

    def test_a_wish_to_stop_ends_the_offer_and_undoing_gives_the_first_team_its_keys(
        self, cast: Cast, opens: Opens
    ) -> None:
        report = offered(cast)
        vault.hold(record_id=report.id, receipt=report.receipt)
        assert not vault.is_offered(report.id)
        with pytest.raises(NotAllowed):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())
        assert not opens(report, cast.melati.keyring())
        vault.release(record_id=report.id, receipt=report.receipt)
        assert opens(report, cast.melati.keyring())
        assert not opens(report, cast.raka.keyring())

    def test_shredding_leaves_nothing_to_take_over(self, cast: Cast) -> None:
        report = offered(cast)
        vault.shred(record_id=report.id)
        assert not WrappedKey.objects.filter(record=report.id).exists()
        with pytest.raises(NotFound):
            vault.take_over(record_id=report.id, keyring=cast.raka.keyring())

    def test_a_conflict_of_interest_moves_it_whatever_was_offered(self, cast: Cast, opens: Opens) -> None:
        report = offered(cast)
        vault.transfer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
        assert opens(report, cast.raka.keyring())
        assert not vault.is_offered(report.id)
