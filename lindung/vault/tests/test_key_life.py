"""Keys in life: what opens and what does not after each thing that happens to people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from lindung.core.errors import Conflict, NotAllowed, SealBroken
from lindung.core.ids import new_id
from lindung.vault import bundle, passphrases, primitives
from lindung.vault import services as vault
from lindung.vault.errors import BadRecoveryKey, WrongPassphrase
from lindung.vault.models import MemberKey, TeamKey, TeamKeyGrant, WrappedKey
from lindung.vault.services import Keyring
from lindung.vault.tests.conftest import PASSPHRASE, Cast, Person, Report

Opens = Callable[[Report, Keyring], bool]


def rotate(cast: Cast, keyring: Keyring, size: int = 2) -> TeamKey:
    """The whole of a rotation as the command line runs it."""
    new = vault.rotate_team_key(team_id=cast.team, keyring=keyring)
    finish(cast, keyring, size)
    return new


def finish(cast: Cast, keyring: Keyring, size: int = 2) -> None:
    while vault.rewrap_batch(team_id=cast.team, keyring=keyring, size=size):
        pass
    vault.destroy_old_keys(team_id=cast.team)


class TestPassphrases:
    def test_one_derivation_gives_a_verifier_and_a_wrapping_key_that_differ(self) -> None:
        keys = passphrases.derive(PASSPHRASE, b"0" * 16)
        assert keys == passphrases.derive(PASSPHRASE, b"0" * 16)
        assert keys.verifier != keys.wrapping
        assert keys != passphrases.derive(PASSPHRASE, b"1" * 16)
        assert keys != passphrases.derive(PASSPHRASE + " ", b"0" * 16)
        assert keys.wrapping.hex() not in repr(keys)
        assert "verifier" not in repr(keys)

    def test_a_stolen_database_without_the_pepper_offers_nothing_to_guess_against(
        self, tmp_path_factory: pytest.TempPathFactory, settings: object
    ) -> None:
        from lindung.vault.secrets import ensure_secrets

        before = passphrases.derive(PASSPHRASE, b"0" * 16)
        folder = tmp_path_factory.mktemp("secrets")
        ensure_secrets(folder)
        settings.LINDUNG_SECRETS_DIR = folder  # type: ignore[attr-defined]
        after = passphrases.derive(PASSPHRASE, b"0" * 16)
        assert before.verifier != after.verifier
        assert before.wrapping != after.wrapping

    @pytest.mark.django_db
    def test_the_right_one_opens_a_wrong_one_and_a_strangers_do_not(self) -> None:
        person = Person()
        assert person.keyring().holder == person.id
        for holder, passphrase in ((person.id, "salah"), (new_id(), PASSPHRASE)):
            with pytest.raises(WrongPassphrase):
                vault.unlock(holder=holder, passphrase=passphrase)

    @pytest.mark.django_db
    def test_keys_that_were_derived_for_sign_in_open_without_a_second_derivation(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = passphrases.derive_new(PASSPHRASE)
        holder = new_id()
        monkeypatch.setattr(passphrases, "hash_secret_raw", None)
        vault.create_member_key(holder=holder, keys=keys)
        assert vault.unlock_with(holder=holder, keys=keys).holder == holder

    @pytest.mark.django_db
    def test_somebody_has_one_active_key(self) -> None:
        person = Person()
        with pytest.raises(Conflict):
            vault.create_member_key(holder=person.id, passphrase="lain")

    def test_a_changed_passphrase_keeps_every_grant(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        vault.rewrap_member_key(holder=cast.melati.id, old=PASSPHRASE, new="layar baru terkembang")
        with pytest.raises(WrongPassphrase):
            cast.melati.keyring()
        cast.melati.passphrase = "layar baru terkembang"
        assert opens(report, cast.melati.keyring())

    def test_a_wrong_old_passphrase_changes_nothing(self, cast: Cast) -> None:
        with pytest.raises(WrongPassphrase):
            vault.rewrap_member_key(holder=cast.melati.id, old="salah", new="baru")
        assert cast.melati.keyring()

    def test_a_wrapped_key_moved_to_another_person_does_not_open(self, cast: Cast) -> None:
        melati = MemberKey.objects.get(holder=cast.melati.id)
        MemberKey.objects.filter(holder=cast.tono.id).update(
            salt=melati.salt, wrapped_private=melati.wrapped_private, public=melati.public
        )
        with pytest.raises(WrongPassphrase):
            cast.tono.keyring()

    def test_a_keyring_survives_the_way_through_a_session(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        packed = cast.melati.keyring().to_bytes()
        assert opens(report, Keyring.from_bytes(cast.melati.id, packed))
        with pytest.raises(SealBroken):
            Keyring.from_bytes(cast.melati.id, packed[:-1])


class TestGrants:
    def test_a_colleague_grants_and_the_new_member_reads_old_and_new(self, cast: Cast, opens: Opens) -> None:
        old = cast.report()
        assert not opens(old, cast.tono.keyring())
        assert not vault.holds_team_key(team_id=cast.team, member_key=cast.tono.key)
        vault.grant_team_key(team_id=cast.team, granter=cast.melati.keyring(), to=cast.tono.key)
        vault.grant_team_key(team_id=cast.team, granter=cast.dahlia.keyring(), to=cast.tono.key)
        assert vault.holds_team_key(team_id=cast.team, member_key=cast.tono.key)
        assert opens(old, cast.tono.keyring())
        assert opens(cast.report(), cast.tono.keyring())

    def test_nobody_grants_what_they_do_not_hold(self, cast: Cast) -> None:
        for team in (cast.team, new_id()):
            with pytest.raises(NotAllowed):
                vault.grant_team_key(team_id=team, granter=cast.tono.keyring(), to=cast.tono.key)

    def test_a_key_that_was_reset_since_the_call_is_not_granted_to(self, cast: Cast) -> None:
        stale = cast.tono.key
        vault.reset_member_key(holder=cast.tono.id, new_passphrase="baru")
        with pytest.raises(Conflict):
            vault.grant_team_key(team_id=cast.team, granter=cast.melati.keyring(), to=stale)

    def test_a_second_team_key_is_not_made_and_members_do_not_slip_in(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        again = vault.ensure_team_key(team_id=cast.team, organisation_id=new_id(), member_keys=[cast.tono.key])
        assert again.version == 1
        assert not opens(report, cast.tono.keyring())
        assert vault.has_team_key(team_id=cast.team)
        assert not vault.has_team_key(team_id=new_id())

    def test_a_grant_moved_to_another_member_or_team_does_not_open(self, cast: Cast) -> None:
        report = cast.report()
        grant = TeamKeyGrant.objects.get(member_key=cast.melati.key)
        TeamKeyGrant.objects.filter(pk=grant.pk).update(member_key=cast.tono.key)
        with pytest.raises(SealBroken):
            vault.open_with_team(record_id=report.id, keyring=cast.tono.keyring())

    def test_fingerprints_are_six_groups_of_five_and_differ(self, cast: Cast) -> None:
        one, two = cast.melati.key.fingerprint, cast.tono.key.fingerprint
        assert one != two
        assert [len(group) for group in one.split()] == [5] * 6
        assert one == vault.fingerprint(bytes(vault.member_key(holder=cast.melati.id).public))  # type: ignore[union-attr]


class TestLostPassphrase:
    def test_after_a_reset_nothing_opens_until_a_colleague_grants_again(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        before = cast.melati.keyring()
        cast.melati.key = vault.reset_member_key(holder=cast.melati.id, new_passphrase="frasa baru")
        with pytest.raises(WrongPassphrase):
            cast.melati.keyring()
        cast.melati.passphrase = "frasa baru"
        assert not opens(report, cast.melati.keyring())
        assert not opens(report, before)
        vault.grant_team_key(team_id=cast.team, granter=cast.dahlia.keyring(), to=cast.melati.key)
        assert opens(report, cast.melati.keyring())

    def test_an_administrator_who_resets_a_passphrase_opens_nothing_with_it(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        vault.reset_member_key(holder=cast.melati.id, new_passphrase="dipilih administrator")
        administrator = vault.unlock(holder=cast.melati.id, passphrase="dipilih administrator")
        assert not opens(report, administrator)
        with pytest.raises(NotAllowed):
            vault.grant_team_key(team_id=cast.team, granter=administrator, to=cast.melati.key)
        with pytest.raises(NotAllowed):
            vault.rotate_team_key(team_id=cast.team, keyring=administrator)
        assert opens(report, cast.dahlia.keyring())


class TestLeaver:
    def test_grants_and_key_are_taken_and_the_teams_are_named(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        unlocked = cast.melati.keyring()
        assert vault.teams_due_for_rotation() == []
        assert vault.revoke_member(holder=cast.melati.id) == [cast.team]
        assert vault.teams_due_for_rotation() == [cast.team]
        assert not opens(report, unlocked)
        with pytest.raises(WrongPassphrase):
            cast.melati.keyring()
        assert opens(report, cast.dahlia.keyring())

    def test_one_team_can_be_left_alone(self, cast: Cast, opens: Opens) -> None:
        vault.grant_team_key(team_id=cast.other_team, granter=cast.raka.keyring(), to=cast.melati.key)
        assert vault.revoke_grants(holder=cast.melati.id, team_id=cast.other_team)
        assert not vault.revoke_grants(holder=cast.melati.id, team_id=cast.other_team)
        assert vault.teams_due_for_rotation() == [cast.other_team]
        assert opens(cast.report(), cast.melati.keyring())

    def test_the_passphrase_and_every_key_a_leaver_kept_open_nothing_in_a_copy_taken_after_rotation(
        self, cast: Cast
    ) -> None:
        reports = [cast.report(words=b"lama") for _ in range(3)]
        kept = [cast.melati.keyring()._private]
        wrapped_then = MemberKey.objects.get(holder=cast.melati.id)
        vault.revoke_member(holder=cast.melati.id)
        rotate(cast, cast.dahlia.keyring())
        reports += [cast.report(words=b"baru")]
        derived = passphrases.derive(PASSPHRASE, bytes(wrapped_then.salt))
        kept += [derived.wrapping, derived.verifier]

        copy = list(_all_bytes("vault"))
        assert len(copy) > 20
        assert [blob for key in kept for blob in copy if _opens_as_anything(key, blob)] == []
        # The control: the same search finds what a colleague who stayed can open.
        assert [blob for blob in copy if _opens_as_anything(cast.dahlia.keyring()._private, blob)]

    def test_not_even_the_team_key_that_a_leaver_copied_opens_a_copy_taken_after_rotation(self, cast: Cast) -> None:
        cast.report()
        key, team_private = cast.melati.keyring().active_team_key(cast.team)
        vault.revoke_member(holder=cast.melati.id)
        rotate(cast, cast.dahlia.keyring())
        cast.report()
        copy = list(_all_bytes("vault"))
        assert [blob for blob in copy if _opens_as_anything(team_private, blob)] == []
        assert TeamKey.objects.get(pk=key.pk).state == TeamKey.State.DESTROYED


class TestLastMemberGone:
    def test_the_recovery_key_brings_the_team_back(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        for person in (cast.melati, cast.dahlia):
            vault.revoke_member(holder=person.id)
        vault.recover_team(team_id=cast.team, recovery_secret=cast.recovery.lower().replace(" ", "-"), to=cast.tono.key)
        assert opens(report, cast.tono.keyring())
        rotate(cast, cast.tono.keyring())
        assert opens(report, cast.tono.keyring())
        new = Person()
        vault.recover_team(team_id=cast.team, recovery_secret=cast.recovery, to=new.key)
        assert opens(report, new.keyring())

    def test_another_organisations_recovery_key_brings_nothing(self, cast: Cast) -> None:
        foreign = vault.create_recovery_key(organisation=new_id())
        with pytest.raises(NotAllowed):
            vault.recover_team(team_id=cast.team, recovery_secret=foreign, to=cast.tono.key)
        with pytest.raises(NotAllowed):
            vault.recover_team(team_id=cast.other_team, recovery_secret=cast.recovery, to=cast.tono.key)

    def test_a_mistyped_recovery_key_is_found_before_anything_is_tried(self, cast: Cast) -> None:
        text = cast.recovery
        wrong = ("2" if text[0] != "2" else "3") + text[1:]
        for attempt in (wrong, text[:-1], text + "0", "", "U" + text[1:]):
            with pytest.raises(BadRecoveryKey) as caught:
                vault.recover_team(team_id=cast.team, recovery_secret=attempt, to=cast.tono.key)
            assert attempt == "" or attempt not in str(caught.value)

    def test_a_recovery_key_is_printed_in_groups_and_read_back_however_it_is_typed(self) -> None:
        from lindung.vault.recovery import read_secret, write_secret

        for secret in (bytes(32), b"\xff" * 32, bytes(range(32))):
            text = write_secret(secret)
            assert [len(group) for group in text.split()] == [4] * 14
            assert read_secret(text.lower().replace("0", "o").replace("1", "l").replace(" ", "\n")) == secret

    def test_a_new_recovery_key_replaces_the_old_one_when_the_team_grants_it(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        fresh = vault.create_recovery_key(organisation=cast.organisation)
        vault.grant_recovery_key(team_id=cast.team, granter=cast.melati.keyring())
        with pytest.raises(NotAllowed):
            vault.recover_team(team_id=cast.team, recovery_secret=cast.recovery, to=cast.tono.key)
        vault.recover_team(team_id=cast.team, recovery_secret=fresh, to=cast.tono.key)
        assert opens(report, cast.tono.keyring())

    def test_the_secrets_of_a_backup_open_with_the_printed_key_alone(self, cast: Cast) -> None:
        sealed = bundle.seal_to_recovery(cast.organisation, b"pepper")
        assert b"pepper" not in sealed
        with connection.execute_wrapper(_no_queries):
            assert bundle.open_with_recovery(cast.recovery, sealed) == b"pepper"
        foreign = vault.create_recovery_key(organisation=new_id())
        for secret, data in ((foreign, sealed), (cast.recovery, sealed[:-1]), (cast.recovery, sealed[:10])):
            with pytest.raises(SealBroken):
                bundle.open_with_recovery(secret, data)
        with pytest.raises(NotAllowed):
            bundle.seal_to_recovery(new_id(), b"x")


class TestRotation:
    def test_everything_opens_before_during_and_after(self, cast: Cast, opens: Opens) -> None:
        old = [cast.report() for _ in range(3)]
        vault.rotate_team_key(team_id=cast.team, keyring=cast.melati.keyring())
        between = cast.report()
        assert all(opens(r, cast.dahlia.keyring()) for r in [*old, between])
        assert vault.rewrap_batch(team_id=cast.team, keyring=cast.melati.keyring(), size=2) == 4
        assert vault.destroy_old_keys(team_id=cast.team) == 0
        assert all(opens(r, cast.dahlia.keyring()) for r in [*old, between])
        finish(cast, cast.melati.keyring())
        assert all(opens(r, cast.dahlia.keyring()) for r in [*old, between])
        assert list(TeamKey.objects.filter(team=cast.team).order_by("version").values_list("state", flat=True)) == [
            "destroyed",
            "active",
        ]

    def test_new_records_are_sealed_to_the_new_key_alone(self, cast: Cast) -> None:
        new = vault.rotate_team_key(team_id=cast.team, keyring=cast.melati.keyring())
        report = cast.report()
        wraps = WrappedKey.objects.filter(record=report.id, recipient="team")
        assert set(wraps.values_list("team_key", flat=True)) == {new.pk}

    def test_rotating_twice_before_anything_was_wrapped_anew_loses_nothing(self, cast: Cast, opens: Opens) -> None:
        reports = [cast.report()]
        for _ in range(3):
            vault.rotate_team_key(team_id=cast.team, keyring=cast.melati.keyring())
            reports.append(cast.report())
        assert all(opens(r, cast.dahlia.keyring()) for r in reports)
        finish(cast, cast.dahlia.keyring(), size=1)
        assert all(opens(r, cast.dahlia.keyring()) for r in reports)
        assert TeamKey.objects.filter(team=cast.team, state="destroyed").count() == 3
        assert not TeamKey.objects.filter(state="destroyed", sealed_to_successor__isnull=False).exists()
        assert TeamKeyGrant.objects.filter(team_key__team=cast.team).count() == 3

    def test_a_withdrawn_record_keeps_the_old_key_until_its_receipt_decides(self, cast: Cast, opens: Opens) -> None:
        held, other = cast.report(), cast.report()
        vault.hold(record_id=held.id, receipt=held.receipt)
        rotate(cast, cast.melati.keyring())
        rotate(cast, cast.melati.keyring())
        assert TeamKey.objects.get(team=cast.team, version=1).state == "retiring"
        assert not TeamKeyGrant.objects.filter(team_key__team=cast.team, team_key__version=1).exists()
        assert opens(other, cast.dahlia.keyring())
        vault.release(record_id=held.id, receipt=held.receipt)
        assert opens(held, cast.dahlia.keyring())
        finish(cast, cast.dahlia.keyring())
        assert opens(held, cast.dahlia.keyring())
        assert TeamKey.objects.get(team=cast.team, version=1).state == "destroyed"

    def test_other_teams_keys_are_left_alone(self, cast: Cast) -> None:
        before = list(TeamKey.objects.filter(team=cast.other_team).values())
        rotate(cast, cast.melati.keyring())
        assert list(TeamKey.objects.filter(team=cast.other_team).values()) == before

    def test_an_interruption_at_any_statement_loses_nothing_and_the_rest_can_be_done_later(
        self, cast: Cast, opens: Opens
    ) -> None:
        reports = [cast.report() for _ in range(3)]
        vault.hold(record_id=reports[0].id, receipt=reports[0].receipt)
        broken_at = 0
        while True:
            broken_at += 1
            try:
                with interrupted(broken_at):
                    rotate(cast, cast.melati.keyring(), size=1)
                break
            except Interrupted:
                pass
            reports.append(cast.report())
            for report in reports[1:]:
                assert opens(report, cast.dahlia.keyring()), broken_at
            finish(cast, cast.dahlia.keyring())
            for report in reports[1:]:
                assert opens(report, cast.dahlia.keyring()), broken_at
            for report in reports[1:-1]:
                vault.shred(record_id=report.id)
            del reports[1:-1]
        assert broken_at >= 8, "the steps of a rotation change something this often"
        vault.release(record_id=reports[0].id, receipt=reports[0].receipt)
        finish(cast, cast.dahlia.keyring())
        assert all(opens(report, cast.dahlia.keyring()) for report in reports)
        assert not TeamKey.objects.filter(team=cast.team, state="retiring").exists()


class Interrupted(Exception):
    pass


@contextmanager
def interrupted(at: int) -> Iterator[None]:
    """Break off at the nth statement that changes something."""
    seen = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        if sql.split(" ")[0] in {"INSERT", "UPDATE", "DELETE"}:
            seen += 1
            if seen == at:
                raise Interrupted
        return execute(sql, params, many, context)

    # No transaction around it: the steps that were finished before stand, as separate commits do.
    with connection.execute_wrapper(wrapper):
        yield


def _no_queries(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    raise AssertionError("asked the database")


def _all_bytes(app: str) -> Iterator[bytes]:
    for model in apps.get_app_config(app).get_models():
        names = [f.attname for f in model._meta.fields if isinstance(f, models.BinaryField)]
        for row in model._default_manager.values_list(*names) if names else ():
            yield from (bytes(value) for value in row if value)


def _opens_as_anything(key: bytes, blob: bytes) -> bool:
    """Try a key on a blob as a private key of a sealed box, whatever is inside."""
    try:
        return bool(primitives.box_open(key, blob))
    except SealBroken:
        return False
