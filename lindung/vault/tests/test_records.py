"""Sealed records: who opens what, and that nothing can be changed, swapped or read by the wrong hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from lindung.core.errors import Conflict, NotAllowed, NotFound, SealBroken
from lindung.core.ids import new_id
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.models import SealedField, SealedRecord, WrappedKey
from lindung.vault.services import Keyring
from lindung.vault.tests.conftest import Cast, Report

Opens = Callable[[Report, Keyring], bool]


class TestWhoOpensWhat:
    def test_the_team_reads_both_keys_and_the_receipt_only_the_reporters(self, cast: Cast) -> None:
        report = cast.report(b"aku takut", b"catatan")
        staff = vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())
        child = vault.open_with_receipt(record_id=report.id, receipt=report.receipt)
        assert vault.get_many(record_id=report.id, keys=staff) == {"answers": b"aku takut", "note": b"catatan"}
        assert vault.get_many(record_id=report.id, keys=child) == {"answers": b"aku takut"}
        with pytest.raises(NotAllowed):
            vault.get(record_id=report.id, keys=child, field="note")
        with pytest.raises(NotAllowed):
            vault.put(record_id=report.id, keys=child, key_name=vault.STAFF, field="note", plaintext=b"x")

    def test_other_teams_and_outsiders_open_nothing(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        assert opens(report, cast.dahlia.keyring())
        assert not opens(report, cast.raka.keyring())
        assert not opens(report, cast.tono.keyring())
        assert vault.open_many_with_team(record_ids=[report.id], keyring=cast.tono.keyring()) == {}

    def test_another_receipt_opens_nothing(self, cast: Cast) -> None:
        report, other = cast.report(), cast.report()
        with pytest.raises(SealBroken):
            vault.open_with_receipt(record_id=report.id, receipt=other.receipt)

    def test_keys_of_one_record_do_not_serve_another(self, cast: Cast) -> None:
        report, other = cast.report(), cast.report()
        for attempt in (
            lambda: vault.get(record_id=other.id, keys=report.keys, field="answers"),
            lambda: vault.get_many(record_id=other.id, keys=report.keys),
            lambda: vault.put(record_id=other.id, keys=report.keys, key_name="reporter", field="a", plaintext=b""),
        ):
            with pytest.raises(NotAllowed):
                attempt()

    def test_a_record_without_receipt_is_opened_by_the_team_alone(self, cast: Cast) -> None:
        with transaction.atomic():
            keys = vault.new_record(kind="case", team_id=cast.team)
        assert vault.open_with_team(record_id=keys.record_id, keyring=cast.melati.keyring()) == keys
        with pytest.raises(NotAllowed):
            vault.open_with_receipt(record_id=keys.record_id, receipt=receipts.derive(receipts.generate()))

    def test_a_team_without_a_key_receives_nothing(self, cast: Cast) -> None:
        with pytest.raises(NotAllowed), transaction.atomic():
            vault.new_record(kind="report", team_id=new_id())

    def test_a_whole_inbox_is_opened_with_few_queries(self, cast: Cast) -> None:
        reports = [cast.report() for _ in range(5)]
        keyring = cast.melati.keyring()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            opened = vault.open_many_with_team(record_ids=[r.id for r in reports], keyring=keyring)
        assert opened == {r.id: r.keys for r in reports}
        assert len(queries) <= 2

    def test_a_new_report_costs_few_queries(self, cast: Cast) -> None:
        with CaptureQueriesContext(connection) as queries:
            cast.report()
        assert len([q for q in queries if "SAVEPOINT" not in q["sql"]]) <= 6


class TestFields:
    @pytest.mark.parametrize(
        "text", [b"", b"\x00", b"a\r\nb\r\n", "😀\u202e'; DROP".encode(), b"\x80" * 300, b"x" * 200_000]
    )
    def test_what_goes_in_comes_out_byte_for_byte(self, cast: Cast, text: bytes) -> None:
        report = cast.report(words=text)
        assert vault.get(record_id=report.id, keys=report.keys, field="answers") == text

    def test_versions_count_up_and_stay(self, cast: Cast) -> None:
        report = cast.report(b"satu")
        version = vault.put(
            record_id=report.id, keys=report.keys, key_name="reporter", field="answers", plaintext=b"dua"
        )
        assert version == 2
        assert vault.get(record_id=report.id, keys=report.keys, field="answers") == b"dua"
        assert vault.get(record_id=report.id, keys=report.keys, field="answers", version=1) == b"satu"
        assert vault.fields(report.id) == {"answers": 2, "note": 1}
        assert vault.get_many(record_id=report.id, keys=report.keys, prefix="ans") == {"answers": b"dua"}

    def test_a_missing_field_or_version_is_not_found(self, cast: Cast) -> None:
        report = cast.report()
        for field, version in (("message:1", None), ("answers", 7)):
            with pytest.raises(NotFound):
                vault.get(record_id=report.id, keys=report.keys, field=field, version=version)

    def test_the_same_version_is_not_written_twice(self, cast: Cast) -> None:
        report = cast.report()
        with pytest.raises(Conflict), transaction.atomic():
            vault.put_first(record_id=report.id, keys=report.keys, fields={"answers": ("reporter", b"lagi")})
        assert vault.get(record_id=report.id, keys=report.keys, field="answers") == b"aku takut"

    @pytest.mark.parametrize("field", ["", "A", "a b", "a\n", "x" * 101, "é"])
    def test_field_names_are_codes(self, cast: Cast, field: str) -> None:
        report = cast.report()
        with pytest.raises(ValueError, match="field name"):
            vault.put(record_id=report.id, keys=report.keys, key_name="reporter", field=field, plaintext=b"")

    def test_nothing_is_added_to_a_shredded_record(self, cast: Cast) -> None:
        report = cast.report()
        vault.shred(record_id=report.id)
        with pytest.raises(NotFound):
            vault.put(record_id=report.id, keys=report.keys, key_name="reporter", field="late", plaintext=b"x")
        assert SealedField.objects.count() == 0


class TestTampering:
    def test_a_changed_field_fails_loudly(self, cast: Cast) -> None:
        report = cast.report()
        row = SealedField.objects.get(record=report.id, field="answers")
        row.ciphertext = bytes(row.ciphertext)[:-1] + bytes([bytes(row.ciphertext)[-1] ^ 1])
        row.save()
        with pytest.raises(SealBroken):
            vault.get(record_id=report.id, keys=report.keys, field="answers")

    @pytest.mark.parametrize("change", ["field", "version", "record", "key_name"])
    def test_a_field_that_was_moved_fails_loudly(self, cast: Cast, change: str) -> None:
        report, other = cast.report(), cast.report()
        values = {"field": "message:1", "version": 9, "record": other.id, "key_name": "staff"}
        keys = report.keys
        if change == "record":  # even if the thief of the place knew the key
            SealedField.objects.filter(record=other.id).delete()
            keys = vault.RecordKeys(other.id, report.keys.reporter, report.keys.staff)
        SealedField.objects.filter(record=report.id, field="answers").update(**{change: values[change]})
        field = "message:1" if change == "field" else "answers"
        with pytest.raises(SealBroken):
            vault.get(record_id=keys.record_id, keys=keys, field=field)

    def test_two_fields_that_changed_places_fail_loudly(self, cast: Cast) -> None:
        report = cast.report()
        vault.put(record_id=report.id, keys=report.keys, key_name="reporter", field="words", plaintext=b"x")
        one, two = (SealedField.objects.get(record=report.id, field=f) for f in ("answers", "words"))
        one.ciphertext, two.ciphertext = two.ciphertext, one.ciphertext
        one.save()
        two.save()
        with pytest.raises(SealBroken):
            vault.get_many(record_id=report.id, keys=report.keys)

    @pytest.mark.parametrize("recipient", ["team", "receipt"])
    def test_a_changed_or_foreign_wrapped_key_fails_loudly(self, cast: Cast, recipient: str) -> None:
        report, other = cast.report(), cast.report()

        def attempt() -> None:
            if recipient == "team":
                vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())
            else:
                vault.open_with_receipt(record_id=report.id, receipt=report.receipt)

        row = WrappedKey.objects.get(record=report.id, name="reporter", recipient=recipient)
        foreign = WrappedKey.objects.get(record=other.id, name="reporter", recipient=recipient)
        right = bytes(row.wrapped)
        for wrong in (right[:-1] + bytes([right[-1] ^ 1]), right[:40], b"", bytes(foreign.wrapped)):
            row.wrapped = wrong
            row.save()
            with pytest.raises(SealBroken):
                attempt()

    def test_the_reporter_and_staff_wraps_cannot_change_places(self, cast: Cast) -> None:
        report = cast.report()
        one = WrappedKey.objects.get(record=report.id, name="reporter", recipient="team")
        two = WrappedKey.objects.get(record=report.id, name="staff", recipient="team")
        one.wrapped, two.wrapped = two.wrapped, one.wrapped
        one.save()
        two.save()
        with pytest.raises(SealBroken):
            vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())


class TestWithdrawal:
    def test_the_team_is_shut_out_at_once_and_the_receipt_still_reads_its_own(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        before = {bytes(w.wrapped) for w in WrappedKey.objects.filter(record=report.id, recipient="team")}
        vault.hold(record_id=report.id, receipt=report.receipt)
        assert vault.is_held(report.id)
        assert not opens(report, cast.melati.keyring())
        stored = {bytes(w.wrapped) for w in WrappedKey.objects.filter(record=report.id)}
        assert len(before) == 2
        assert not before & stored
        child = vault.open_with_receipt(record_id=report.id, receipt=report.receipt)
        assert vault.get(record_id=report.id, keys=child, field="answers") == b"aku takut"
        assert child.staff is None

    def test_the_receipt_undoes_it_with_both_keys(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        vault.hold(record_id=report.id, receipt=report.receipt)
        vault.hold(record_id=report.id, receipt=report.receipt)
        vault.release(record_id=report.id, receipt=report.receipt)
        vault.release(record_id=report.id, receipt=report.receipt)
        assert not vault.is_held(report.id)
        assert opens(report, cast.melati.keyring())

    def test_another_receipt_neither_holds_nor_releases(self, cast: Cast, opens: Opens) -> None:
        report, other = cast.report(), cast.report()
        with pytest.raises(SealBroken):
            vault.hold(record_id=report.id, receipt=other.receipt)
        assert opens(report, cast.melati.keyring())
        vault.hold(record_id=report.id, receipt=report.receipt)
        with pytest.raises(SealBroken):
            vault.release(record_id=report.id, receipt=other.receipt)
        assert not opens(report, cast.melati.keyring())

    def test_no_key_of_the_team_opens_a_held_wrap(self, cast: Cast) -> None:
        report = cast.report()
        vault.hold(record_id=report.id, receipt=report.receipt)
        WrappedKey.objects.filter(record=report.id, recipient="held").update(recipient="team")
        with pytest.raises(SealBroken):
            vault.open_with_team(record_id=report.id, keyring=cast.melati.keyring())

    def test_a_held_record_is_not_transferred(self, cast: Cast) -> None:
        report = cast.report()
        vault.hold(record_id=report.id, receipt=report.receipt)
        with pytest.raises(NotAllowed):
            vault.transfer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)

    def test_a_shredded_record_is_neither_held_nor_released(self, cast: Cast) -> None:
        report = cast.report()
        vault.shred(record_id=report.id)
        for act in (vault.hold, vault.release):
            with pytest.raises(NotFound):
                act(record_id=report.id, receipt=report.receipt)


class TestTransfer:
    def test_the_other_team_opens_it_and_the_old_one_no_longer(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        vault.transfer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.other_team)
        assert opens(report, cast.raka.keyring())
        assert not opens(report, cast.melati.keyring())
        assert vault.open_with_receipt(record_id=report.id, receipt=report.receipt).reporter == report.keys.reporter

    def test_an_outsider_transfers_nothing_and_nothing_is_lost_when_it_fails(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        for keyring, team in ((cast.tono.keyring(), cast.other_team), (cast.melati.keyring(), new_id())):
            with pytest.raises(NotAllowed):
                vault.transfer(record_id=report.id, keyring=keyring, to_team_id=team)
        assert opens(report, cast.melati.keyring())

    def test_to_the_same_team_changes_nothing_that_is_seen(self, cast: Cast, opens: Opens) -> None:
        report = cast.report()
        vault.transfer(record_id=report.id, keyring=cast.melati.keyring(), to_team_id=cast.team)
        assert opens(report, cast.dahlia.keyring())


def test_no_repr_and_no_pickle_shows_a_key(cast: Cast) -> None:
    import pickle

    keyring = cast.melati.keyring()
    report = cast.report()
    shown = repr(keyring) + str(keyring) + repr(report.keys) + repr(report.receipt) + repr(cast.melati.key)
    for secret in (keyring._private, report.keys.reporter, report.keys.staff, report.receipt.key):
        assert secret is not None
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    with pytest.raises(TypeError):
        pickle.dumps(keyring)


@pytest.mark.django_db(transaction=True)
def test_a_record_is_made_inside_a_transaction_only() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        vault.new_record(kind="report", team_id=new_id())
    assert SealedRecord.objects.count() == 0
