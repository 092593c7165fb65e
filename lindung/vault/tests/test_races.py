"""Things that happen at the same moment: reports come in while a key is rotated, withdrawn or shredded."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from lindung.audit.tests.filedatabase import file_database
from lindung.core.errors import Conflict, NotFound
from lindung.core.ids import new_id
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry, SealedField, TeamKey, TeamKeyGrant, WrappedKey
from lindung.vault.tests.conftest import Cast, Report

Opens = Callable[[Report, vault.Keyring], bool]


def together(*jobs: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            failures.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def rotation_among_reports(opens: Opens, rounds: int, each: int) -> None:
    cast = Cast()
    reports = [cast.report() for _ in range(3)]
    withdrawn = cast.report()
    done = threading.Event()

    def send() -> None:
        for _ in range(each):
            reports.append(cast.report())

    def rotate() -> None:
        try:
            for _ in range(rounds):
                keyring = cast.dahlia.keyring()
                vault.rotate_team_key(team_id=cast.team, keyring=keyring)
                while vault.rewrap_batch(team_id=cast.team, keyring=keyring, size=3):
                    pass
                vault.destroy_old_keys(team_id=cast.team)
        finally:
            done.set()

    def change_ones_mind() -> None:
        while not done.is_set():
            vault.hold(record_id=withdrawn.id, receipt=withdrawn.receipt)
            vault.release(record_id=withdrawn.id, receipt=withdrawn.receipt)

    together(send, send, rotate, change_ones_mind)
    keyring = cast.melati.keyring()
    while vault.rewrap_batch(team_id=cast.team, keyring=keyring):
        pass
    vault.destroy_old_keys(team_id=cast.team)
    assert len(reports) == 3 + 2 * each
    assert [r.id for r in [*reports, withdrawn] if not opens(r, cast.melati.keyring())] == []
    assert not WrappedKey.objects.filter(team_key__state="destroyed").exists()
    assert TeamKey.objects.filter(team=cast.team).exclude(state="destroyed").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    def test_no_report_is_lost_while_the_key_is_rotated(self, opens: Opens) -> None:
        rotation_among_reports(opens, rounds=6, each=20)

    def test_somebody_who_leaves_during_a_rotation_is_not_granted_the_new_key(self) -> None:
        for _ in range(5):
            cast = Cast()
            keyring = cast.dahlia.keyring()
            together(
                lambda: vault.revoke_member(holder=cast.melati.id) and None,  # noqa: B023
                lambda: vault.rotate_team_key(team_id=cast.team, keyring=keyring) and None,  # noqa: B023
            )
            assert not TeamKeyGrant.objects.filter(member_key__holder=cast.melati.id).exists()
            assert TeamKeyGrant.objects.filter(member_key__holder=cast.dahlia.id).exists()

    def test_nothing_is_added_to_a_record_that_is_being_shredded(self) -> None:
        cast = Cast()
        for _ in range(5):
            report = cast.report()

            def write() -> None:
                for _ in range(20):
                    try:
                        vault.put(
                            record_id=report.id,  # noqa: B023
                            keys=report.keys,  # noqa: B023
                            key_name="reporter",
                            field=f"message:{new_id().hex}",
                            plaintext=b"x",
                        )
                    except NotFound:
                        return

            together(write, write, lambda: vault.shred(record_id=report.id) and None)  # noqa: B023
            assert not SealedField.objects.filter(record=report.id).exists()
            assert not BlindEntry.objects.filter(record=report.id).exists()

    def test_two_who_write_the_same_field_get_different_versions_or_a_conflict(self) -> None:
        cast = Cast()
        report = cast.report()
        versions: list[int] = []

        def write() -> None:
            for _ in range(10):
                try:
                    versions.append(
                        vault.put(record_id=report.id, keys=report.keys, key_name="staff", field="note", plaintext=b"x")
                    )
                except Conflict:
                    continue

        together(write, write, write)
        assert len(versions) == len(set(versions)) > 10 // 2


@pytest.mark.sqlite
def test_no_report_is_lost_in_a_sqlite_file_while_the_key_is_rotated(
    tmp_path: Path, django_db_blocker: Any, opens: Opens
) -> None:
    with django_db_blocker.unblock(), file_database(tmp_path / "lindung.sqlite3", "vault"):
        rotation_among_reports(opens, rounds=2, each=5)
