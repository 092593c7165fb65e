"""Somebody who writes to the database alone never becomes a recipient of the next team key."""

from __future__ import annotations

import pytest

from lindung.vault import services as vault
from lindung.vault.errors import ForgedGrant
from lindung.vault.models import MemberKey, RecoveryKey, TeamKey, TeamKeyGrant
from lindung.vault.primitives import generate_keypair
from lindung.vault.tests.conftest import Cast, Person

pytestmark = pytest.mark.django_db


def _rotate(cast: Cast) -> TeamKey:
    return vault.rotate_team_key(team_id=cast.team, keyring=cast.melati.keyring())


def test_a_grant_that_was_written_in_stops_the_rotation(cast: Cast) -> None:
    key = TeamKey.objects.get(team=cast.team)
    true = TeamKeyGrant.objects.filter(team_key=key, member_key__isnull=False).first()
    assert true is not None
    thief = Person()
    TeamKeyGrant.objects.create(
        team_key=key, member_key=thief.key, sealed_private=b"junk", endorsed=bytes(true.endorsed)
    )
    with pytest.raises(ForgedGrant):
        _rotate(cast)
    assert TeamKey.objects.filter(team=cast.team).count() == 1


def test_a_swapped_public_key_stops_the_rotation(cast: Cast) -> None:
    _private, public = generate_keypair()
    MemberKey.objects.filter(pk=cast.dahlia.key.pk).update(public=public)
    with pytest.raises(ForgedGrant):
        _rotate(cast)


def test_a_swapped_recovery_key_stops_the_rotation(cast: Cast) -> None:
    _private, public = generate_keypair()
    RecoveryKey.objects.filter(organisation=cast.organisation).update(public=public)
    with pytest.raises(ForgedGrant):
        _rotate(cast)


def test_a_recovery_key_that_nobody_was_given_gets_nothing(cast: Cast) -> None:
    """A new one, true or written in, opens nothing until a member who compared it seals the team key to it."""
    secret = vault.create_recovery_key(organisation=cast.organisation)
    new = _rotate(cast)
    assert not TeamKeyGrant.objects.filter(team_key=new, recovery_key__isnull=False).exists()
    vault.grant_recovery_key(team_id=cast.team, granter=cast.melati.keyring())
    lost = Person()
    vault.recover_team(team_id=cast.team, recovery_secret=secret, to=lost.key)
    assert TeamKeyGrant.objects.filter(team_key=new, member_key=lost.key).exists()


def test_everybody_who_was_given_the_key_holds_the_next_one_and_the_one_after(cast: Cast) -> None:
    for _ in range(2):
        new = _rotate(cast)
        while vault.rewrap_batch(team_id=cast.team, keyring=cast.melati.keyring()):
            pass
        vault.destroy_old_keys(team_id=cast.team)
    holders = set(TeamKeyGrant.objects.filter(team_key=new).values_list("member_key", flat=True))
    assert {cast.melati.key.pk, cast.dahlia.key.pk} <= holders
