"""After shredding nothing of a record's keys is left, on the disk either, and no backup brings it back."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from lindung.audit.tests.filedatabase import file_database
from lindung.core import clock
from lindung.core.errors import NotAllowed, NotFound
from lindung.core.ids import new_id
from lindung.vault import blind, cleaning, shredding
from lindung.vault import services as vault
from lindung.vault.models import (
    BlindEntry,
    SealedField,
    SealedRecord,
    TeamKey,
    TeamKeyGrant,
    Tombstone,
    WrappedKey,
)
from lindung.vault.signals import record_shredded
from lindung.vault.tests.conftest import Cast, Report


def secrets_of(record_id: UUID) -> list[bytes]:
    """Everything stored about a record that must not be on the disk any more after shredding."""
    found = [bytes(w.wrapped) for w in WrappedKey.objects.filter(record=record_id)]
    found += [bytes(e.token) for e in BlindEntry.objects.filter(record=record_id)]
    return found


def ciphertexts_of(record_id: UUID) -> list[bytes]:
    return [bytes(f.ciphertext) for f in SealedField.objects.filter(record=record_id)]


class TestShredding:
    def test_keys_fields_and_tokens_go_and_an_empty_anchor_stays(self, cast: Cast) -> None:
        report, other = cast.report(), cast.report()
        blind.index(record_id=report.id, entries=[("phone", "081234567890")])
        with clock.frozen(datetime(2026, 3, 4, 5, 6, 47, tzinfo=UTC)):
            assert vault.shred(record_id=report.id)
        assert secrets_of(report.id) == ciphertexts_of(report.id) == []
        minute = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
        assert SealedRecord.objects.get(pk=report.id).shredded_at == minute
        assert Tombstone.objects.get(record=report.id).at == minute
        with pytest.raises(NotFound):
            blind.index(record_id=report.id, entries=[("phone", "081234567890")])
        with pytest.raises(NotAllowed):
            vault.open_with_receipt(record_id=report.id, receipt=report.receipt)
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())
        assert secrets_of(other.id)

    def test_a_held_record_is_shredded_just_the_same(self, cast: Cast) -> None:
        report = cast.report()
        vault.hold(record_id=report.id, receipt=report.receipt)
        assert vault.shred(record_id=report.id)
        assert secrets_of(report.id) == []

    def test_shredding_again_or_nothing_says_so(self, cast: Cast) -> None:
        report = cast.report()
        assert vault.shred(record_id=report.id)
        assert not vault.shred(record_id=report.id)
        assert not vault.shred(record_id=new_id())
        assert Tombstone.objects.count() == 1

    def test_the_rooms_above_are_told_in_the_same_transaction(self, cast: Cast) -> None:
        report = cast.report()
        told: list[tuple[UUID, int]] = []

        def receiver(record_id: UUID, **_: Any) -> None:
            told.append((record_id, WrappedKey.objects.filter(record=record_id).count()))
            raise ZeroDivisionError

        record_shredded.connect(receiver)
        try:
            with pytest.raises(ZeroDivisionError):
                vault.shred(record_id=report.id)
        finally:
            record_shredded.disconnect(receiver)
        assert told == [(report.id, 0)]
        assert secrets_of(report.id)
        assert Tombstone.objects.count() == 0


class TestTombstones:
    def shred(self, cast: Cast, callbacks: Any) -> Report:
        report = cast.report()
        with callbacks(execute=True):
            vault.shred(record_id=report.id)
        return report

    def test_the_line_is_written_after_the_commit_and_not_when_it_is_undone(
        self, cast: Cast, settings: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        report = self.shred(cast, django_capture_on_commit_callbacks)
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            vault.shred(record_id=cast.report().id)
            transaction.set_rollback(True)
        assert vault.read_tombstones() == [report.id]
        lines = Path(settings.LINDUNG_TOMBSTONES).read_text().splitlines()
        assert len(lines) == 1
        assert lines[0].startswith(report.id.hex + " ")
        assert lines[0].endswith("Z")
        assert Path(settings.LINDUNG_TOMBSTONES).stat().st_mode & 0o077 == 0

    def test_what_a_crash_left_out_is_written_later_once(self, cast: Cast) -> None:
        reports = [cast.report(), cast.report()]
        for report in reports:
            vault.shred(record_id=report.id)  # the test's transaction never commits: as if the process died before
        assert vault.read_tombstones() == []
        assert vault.sync_tombstones() == 2
        assert vault.sync_tombstones() == 0
        assert set(vault.read_tombstones()) == {report.id for report in reports}

    def test_a_line_that_was_cut_short_is_passed_over_and_spoils_no_other(self, cast: Cast, settings: Any) -> None:
        whole, late = new_id(), cast.report()
        Path(settings.LINDUNG_TOMBSTONES).write_text(f"{whole.hex} 2026-03-04T05:06Z\n{new_id().hex[:20]}")
        vault.shred(record_id=late.id)
        assert vault.sync_tombstones() == 1
        assert vault.read_tombstones() == [whole, late.id]

    def test_a_full_disk_does_not_undo_the_shredding(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shredding.os, "fsync", full)
        report = self.shred(cast, django_capture_on_commit_callbacks)
        monkeypatch.undo()
        assert secrets_of(report.id) == []
        vault.sync_tombstones()
        assert report.id in vault.read_tombstones()

    def test_a_restored_record_is_shredded_again_before_anything_is_served(self, cast: Cast, settings: Any) -> None:
        back, kept = cast.report(), cast.report()
        gone = new_id()
        lines = "".join(f"{record.hex} 2026-03-04T05:06Z\n" for record in (gone, back.id, back.id))
        Path(settings.LINDUNG_TOMBSTONES).write_text(lines)
        assert vault.replay_tombstones() == 1
        assert vault.replay_tombstones() == 0
        assert secrets_of(back.id) == []
        assert secrets_of(kept.id)

    @pytest.mark.django_db
    def test_without_a_file_there_is_nothing_to_replay(self) -> None:
        assert vault.replay_tombstones() == 0
        assert vault.read_tombstones() == []


def spellings(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield secret[8:40]  # a part is as bad as the whole
    yield secret.hex().encode()
    yield base64.b64encode(secret)


class TestBytesInASqliteFile:
    @pytest.fixture(autouse=True)
    def _alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The file holds the tables of the vault only; the rooms above, which have none there, are not told."""
        monkeypatch.setattr(record_shredded, "receivers", [])

    def on_disk(self, folder: Path) -> bytes:
        return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())

    @pytest.mark.parametrize("held", [False, True])
    def test_nothing_of_a_shredded_record_is_left(self, tmp_path: Path, django_db_blocker: Any, held: bool) -> None:
        folder = tmp_path / "data"
        folder.mkdir()
        with django_db_blocker.unblock(), file_database(folder / "lindung.sqlite3", "vault"):
            cast = Cast()
            reports = [cast.report(words=b"x" * 3000) for _ in range(5)]
            chosen = reports[2]
            blind.index(record_id=chosen.id, entries=[("phone", "081234567890")])
            secrets = secrets_of(chosen.id)
            if held:
                vault.hold(record_id=chosen.id, receipt=chosen.receipt)
                secrets += secrets_of(chosen.id)
            ciphertexts = ciphertexts_of(chosen.id)
            before = self.on_disk(folder)
            assert all(secret in before for secret in secrets_of(chosen.id)), "the control must find them"
            assert all(secret[:64] in before for secret in ciphertexts)
            vault.shred(record_id=chosen.id)
            vault.after_shred()
            after = self.on_disk(folder)
        assert [s for secret in secrets for s in spellings(secret) if s in after] == []
        parts = [secret[at : at + 64] for secret in ciphertexts for at in (0, 100, 2000, 4000) if len(secret) > at + 64]
        assert [part for part in parts if part in after] == []

    def test_nothing_of_an_old_team_key_is_left_after_rotation(self, tmp_path: Path, django_db_blocker: Any) -> None:
        folder = tmp_path / "data"
        folder.mkdir()
        with django_db_blocker.unblock(), file_database(folder / "lindung.sqlite3", "vault"):
            cast = Cast()
            secrets = secrets_of(cast.report().id)
            secrets += [bytes(g.sealed_private) for g in TeamKeyGrant.objects.filter(team_key__team=cast.team)]
            before = self.on_disk(folder)
            assert all(secret in before for secret in secrets if len(secret) == 96)
            _rotate(cast)
            after = self.on_disk(folder)
        receipt_wraps = [secret for secret in secrets if len(secret) > 200]
        assert len(receipt_wraps) == 1
        gone = [secret for secret in secrets if secret not in receipt_wraps]
        assert [s for secret in gone for s in spellings(secret) if s in after] == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestBytesInThePostgresHeap:
    def on_disk(self) -> bytes:
        """Read every file of the vault's tables, their indexes and their overflow tables, as the disk has them."""
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute(
                "SELECT oid::regclass::text, pg_relation_filepath(oid) FROM pg_class "
                "WHERE relkind IN ('r', 'i', 't') AND (relname LIKE 'vault_%' OR oid IN "
                "(SELECT reltoastrelid FROM pg_class WHERE relname LIKE 'vault_%'))"
            )
            content = b""
            for _, path in cursor.fetchall():
                cursor.execute("SELECT pg_read_binary_file(%s)", [path])
                content += bytes(cursor.fetchone()[0])
        return content

    @pytest.mark.parametrize("held", [False, True])
    def test_nothing_of_a_shredded_record_is_left(self, held: bool) -> None:
        cast = Cast()
        reports = [cast.report() for _ in range(5)]
        chosen = reports[2]
        blind.index(record_id=chosen.id, entries=[("phone", "081234567890")])
        secrets = secrets_of(chosen.id)
        if held:
            vault.hold(record_id=chosen.id, receipt=chosen.receipt)
            secrets += secrets_of(chosen.id)
        before = self.on_disk()
        assert all(secret in before for secret in secrets_of(chosen.id)), "the control must find them"
        vault.shred(record_id=chosen.id)
        vault.after_shred()
        after = self.on_disk()
        assert [s for secret in secrets for s in spellings(secret) if s in after] == []
        assert all(secret in after for secret in secrets_of(reports[0].id))

    def test_a_plain_vacuum_would_not_be_enough(self) -> None:
        """Why the tables are rewritten: the newest rows lie where a vacuum leaves a hole and writes nothing."""
        cast = Cast()
        cast.report()
        newest = cast.report()
        secrets = secrets_of(newest.id)
        vault.shred(record_id=newest.id)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM vault_wrappedkey")
        assert any(secret in self.on_disk() for secret in secrets)
        vault.after_shred()
        assert not any(secret in self.on_disk() for secret in secrets)

    def test_nothing_of_an_old_team_key_is_left_after_rotation(self) -> None:
        cast = Cast()
        cast.report()
        secrets = [bytes(w.wrapped) for w in WrappedKey.objects.filter(recipient="team")]
        secrets += [bytes(g.sealed_private) for g in TeamKeyGrant.objects.filter(team_key__team=cast.team)]
        _rotate(cast)
        vault.after_shred()
        after = self.on_disk()
        assert [s for secret in secrets for s in spellings(secret) if s in after] == []

    @contextmanager
    def reader(self) -> Iterator[None]:
        """Somebody else's transaction, as a backup's, that has already looked at the database."""
        other = connection.copy()
        other.inc_thread_sharing()
        other.set_autocommit(False)
        try:
            with other.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT count(*) FROM vault_tombstone")
                yield
        finally:
            other.close()

    def test_a_transaction_that_still_reads_is_waited_for(self) -> None:
        report = Cast().report()
        secrets = secrets_of(report.id)
        with ExitStack() as reading:
            reading.enter_context(self.reader())
            vault.shred(record_id=report.id)
            ends = Timer(0.5, reading.close)
            ends.start()
            assert vault.after_shred()
            ends.join()
        assert not any(secret in self.on_disk() for secret in secrets)

    def test_one_that_lasts_too_long_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cleaning, "PATIENCE", 0.1)
        report = Cast().report()
        secrets = secrets_of(report.id)
        with self.reader():
            vault.shred(record_id=report.id)
            assert not vault.after_shred()
            assert any(secret in self.on_disk() for secret in secrets)
        assert vault.after_shred()
        assert not any(secret in self.on_disk() for secret in secrets)

    @pytest.mark.parametrize(
        ("xid", "older"), [(99, True), (100, False), (101, False), (2**32 - 5, True), (2**31 + 90, False)]
    )
    def test_numbers_of_transactions_go_round(self, xid: int, older: bool) -> None:
        assert cleaning._precedes(xid, 5 * 2**32 + 100) is older

    def test_cleaning_inside_a_transaction_is_refused(self) -> None:
        with transaction.atomic(), pytest.raises(RuntimeError, match="outside"):
            vault.after_shred()


def _rotate(cast: Cast) -> None:
    keyring = cast.melati.keyring()
    vault.rotate_team_key(team_id=cast.team, keyring=keyring)
    while vault.rewrap_batch(team_id=cast.team, keyring=keyring):
        pass
    assert vault.destroy_old_keys(team_id=cast.team) == 1
    assert TeamKey.objects.filter(team=cast.team, state="retiring").count() == 0
