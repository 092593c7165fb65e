"""A record that two teams open: who opens it while it is shared, afterwards, and what happens to it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lindung.audit.tests.filedatabase import file_database
from lindung.core.errors import Conflict, NotAllowed, NotFound
from lindung.vault import services as vault
from lindung.vault.models import TeamKey, WrappedKey
from lindung.vault.services import Keyring
from lindung.vault.tests.conftest import Cast, Report
from lindung.vault.tests.test_offers import rotate
from lindung.vault.tests.test_races import together

pytestmark = pytest.mark.django_db
Opens = Callable[[Report, Keyring], bool]


def shared(cast: Cast) -> Report:
    report = cast.report()
    vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
    return report


class TestWhileItIsShared:
    def test_both_teams_open_it_and_nobody_else(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        assert opens(report, cast.melati.keyring())
        assert opens(report, cast.dahlia.keyring())
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.tono.keyring())

    def test_what_either_of_them_adds_both_read(self, cast: Cast) -> None:
        report = shared(cast)
        theirs = vault.open_with_team(record_id=report.id, keyring=cast.raka.keyring())
        vault.put(record_id=report.id, keys=theirs, key_name=vault.STAFF, field="news:1", plaintext=b"diterima")
        ours = vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())
        assert vault.get(record_id=report.id, keys=ours, field="news:1") == b"diterima"

    def test_it_is_shared_once_and_not_with_the_team_that_made_it(self, cast: Cast) -> None:
        report = shared(cast)
        for team in (cast.other_team, cast.team):
            with pytest.raises(Conflict):
                vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=team)

    def test_nobody_shares_what_they_cannot_open_or_with_a_team_without_a_key(self, cast: Cast) -> None:
        report = cast.report()
        with pytest.raises(NotAllowed):
            vault.share(record_id=report.id, keyring=cast.tono.keyring(), to_team_id=cast.other_team)
        with pytest.raises(NotAllowed):
            vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.organisation)
        assert WrappedKey.objects.filter(record=report.id, recipient="team").count() == 2

    def test_a_rotation_of_either_team_loses_nothing_for_the_other(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        assert rotate(cast.team, cast.melati.keyring()) == 1
        assert opens(report, cast.raka.keyring())
        assert rotate(cast.other_team, cast.raka.keyring()) == 1
        assert opens(report, cast.dahlia.keyring())
        assert opens(report, cast.raka.keyring())
        assert WrappedKey.objects.filter(record=report.id, team_key__isnull=False).count() == 4

    def test_a_held_one_is_closed_to_both_and_comes_back_to_both(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        vault.hold(record_id=report.id, receipt=report.receipt)
        assert not opens(report, cast.melati.keyring())
        assert not opens(report, cast.raka.keyring())
        vault.release(record_id=report.id, receipt=report.receipt)
        assert opens(report, cast.melati.keyring())
        assert opens(report, cast.raka.keyring())

    def test_shredding_takes_it_from_both(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        vault.shred(record_id=report.id)
        assert not WrappedKey.objects.filter(record=report.id).exists()
        assert not opens(report, cast.melati.keyring())
        with pytest.raises(NotFound):
            vault.unshare(record_id=report.id, team_id=cast.other_team)

    def test_a_third_team_takes_over_from_the_one_that_offered_alone(self, cast: Cast, opens: Opens) -> None:
        team = cast.organisation  # any id that has no key yet
        vault.ensure_team_key(team_id=team, organisation_id=cast.organisation, member_keys=[cast.tono.key])
        report = shared(cast)
        vault.offer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=team)
        with pytest.raises(Conflict):
            vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=team)
        assert not opens(report, cast.tono.keyring())
        vault.take_over(record_id=report.id, keyring=cast.tono.keyring(), from_team_id=cast.team)
        assert opens(report, cast.tono.keyring())
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.melati.keyring())

    def test_it_can_be_shared_while_it_is_offered_to_a_third(self, cast: Cast, opens: Opens) -> None:
        team = cast.organisation
        vault.ensure_team_key(team_id=team, organisation_id=cast.organisation, member_keys=[cast.tono.key])
        report = cast.report()
        vault.offer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=team)
        vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
        assert opens(report, cast.raka.keyring())
        vault.take_back(record_id=report.id)
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.tono.keyring())


class TestTakenBack:
    def test_the_other_team_opens_it_no_more_and_the_first_one_does(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        assert vault.unshare(record_id=report.id, team_id=cast.other_team)
        assert not vault.unshare(record_id=report.id, team_id=cast.other_team)
        assert not opens(report, cast.raka.keyring())
        assert opens(report, cast.melati.keyring())

    def test_it_can_be_shared_again(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        vault.unshare(record_id=report.id, team_id=cast.other_team)
        vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
        assert opens(report, cast.raka.keyring())

    def test_the_last_team_is_never_shut_out_by_it(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        with pytest.raises(Conflict):
            vault.unshare(record_id=report.id, team_id=cast.team)
        assert opens(report, cast.melati.keyring())

    def test_a_held_one_does_not_come_back_to_them(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        vault.hold(record_id=report.id, receipt=report.receipt)
        assert vault.unshare(record_id=report.id, team_id=cast.other_team)
        vault.release(record_id=report.id, receipt=report.receipt)
        assert opens(report, cast.melati.keyring())
        assert not opens(report, cast.raka.keyring())

    def test_from_a_team_that_is_just_asked_to_take_it_over_the_offer_stays(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        vault.unshare(record_id=report.id, team_id=cast.other_team, still_offered=True)
        assert not opens(report, cast.raka.keyring())
        vault.take_over(record_id=report.id, keyring=cast.raka.keyring(), from_team_id=cast.team)
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.melati.keyring())

    def test_in_the_middle_of_their_rotation_nothing_is_left_behind(self, cast: Cast, opens: Opens) -> None:
        report = shared(cast)
        other = shared(cast)
        vault.rotate_team_key(team_id=cast.other_team, keyring=cast.raka.keyring())
        vault.rewrap_batch(team_id=cast.other_team, keyring=cast.raka.keyring(), size=1)
        vault.unshare(record_id=report.id, team_id=cast.other_team)
        while vault.rewrap_batch(team_id=cast.other_team, keyring=cast.raka.keyring()):
            pass
        assert vault.destroy_old_keys(team_id=cast.other_team) == 1
        assert not opens(report, cast.raka.keyring())
        assert opens(other, cast.raka.keyring())

    def test_keys_that_were_copied_before_open_that_record_and_none_that_is_made_later(self, cast: Cast) -> None:
        """What cannot be promised, and what is promised instead: a later version has keys of its own."""
        report = shared(cast)
        copied = vault.open_with_team(record_id=report.id, keyring=cast.raka.keyring())
        vault.unshare(record_id=report.id, team_id=cast.other_team)
        assert vault.get(record_id=report.id, keys=copied, field="note") == b"catatan"
        later = cast.report(note=b"versi berikut")
        with pytest.raises(NotAllowed):
            vault.get(record_id=later.id, keys=copied, field="note")
        assert later.keys.staff != copied.staff


def sharing_among_rotations(opens: Opens, rounds: int) -> None:
    """A record is shared and taken back again and again while both teams rotate: nobody loses or keeps too much."""
    cast = Cast()
    report, kept = cast.report(), shared(cast)

    def turn() -> None:
        for _ in range(rounds):
            vault.share(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
            vault.unshare(record_id=report.id, team_id=cast.other_team)

    def rotating(team: Any, keyring: Keyring) -> Callable[[], None]:
        def run() -> None:
            for _ in range(rounds):
                rotate(team, keyring)

        return run

    ring = cast.dahlia.keyring()
    together(turn, rotating(cast.team, ring), rotating(cast.other_team, cast.raka.keyring()))
    for team, keyring in ((cast.team, ring), (cast.other_team, cast.raka.keyring())):
        while vault.rewrap_batch(team_id=team, keyring=keyring):
            pass
        vault.destroy_old_keys(team_id=team)
        assert TeamKey.objects.filter(team=team).exclude(state="destroyed").count() == 1
    assert opens(report, cast.melati.keyring())
    assert not opens(report, cast.raka.keyring())
    assert opens(kept, cast.melati.keyring())
    assert opens(kept, cast.raka.keyring())
    assert not WrappedKey.objects.filter(record=report.id, team_key__team=cast.other_team).exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sharing_goes_on_while_both_teams_rotate_on_postgres(opens: Opens) -> None:
    sharing_among_rotations(opens, rounds=6)


@pytest.mark.sqlite
def test_sharing_goes_on_while_both_teams_rotate_in_a_sqlite_file(
    tmp_path: Path, django_db_blocker: Any, opens: Opens
) -> None:
    with django_db_blocker.unblock(), file_database(tmp_path / "lindung.sqlite3", "vault"):
        sharing_among_rotations(opens, rounds=2)
