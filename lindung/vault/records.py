"""Sealed records: two keys each, fields under them, and who may open what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef

from lindung.core.errors import Conflict, NotAllowed, NotFound
from lindung.core.ids import new_id
from lindung.vault.keyring import REPORTER, STAFF, Keyring, RecordKeys
from lindung.vault.locks import first_shared, need_transaction
from lindung.vault.models import SealedField, SealedRecord, TeamKey, WrappedKey
from lindung.vault.primitives import aead_open, aead_seal, context, hkdf, random_key
from lindung.vault.receipts import ReceiptKeys
from lindung.vault.teamkeys import lock_active_key, open_wrap, wrap_for_team

_TEAM, _RECEIPT, _HELD = WrappedKey.Recipient.TEAM, WrappedKey.Recipient.RECEIPT, WrappedKey.Recipient.HELD
_OFFERED = WrappedKey.Recipient.OFFERED
_FIELD = re.compile(r"[a-z0-9_.:\-]{1,100}")


def new_record(*, kind: str, team_id: UUID, receipt: ReceiptKeys | None = None) -> RecordKeys:
    """Make a record with two fresh keys, both sealed to the team, the reporter key to the receipt as well.

    Must run inside the transaction that also puts the fields (a record without its content would be half a report).
    Raises NotAllowed when the team has no key yet.
    """
    need_transaction("vault.new_record")
    team_key = lock_active_key(team_id)
    record = SealedRecord.objects.create(id=new_id(), kind=kind)
    keys = RecordKeys(record.pk, random_key(), random_key())
    wraps = team_wraps(keys, team_id, locked=team_key)
    if receipt is not None:
        sealed = aead_seal(receipt.key, keys.key(REPORTER), _receipt_context(record.pk))
        wraps.append(WrappedKey(record=record, name=REPORTER, recipient=_RECEIPT, wrapped=sealed))
    WrappedKey.objects.bulk_create(wraps)
    return keys


def put(*, record_id: UUID, keys: RecordKeys, key_name: str, field: str, plaintext: bytes) -> int:
    """Seal a new version of a field; return its number, from 1. Earlier versions stay.

    Raises NotAllowed when `keys` lacks that key, NotFound when the record was shredded, Conflict when somebody else
    wrote the same version first.
    """
    key = keys.key(key_name)
    _check(record_id, keys, field)
    try:
        with transaction.atomic():
            need_alive(record_id)
            last = SealedField.objects.filter(record=record_id, field=field).aggregate(last=Max("version"))["last"]
            version = (last or 0) + 1
            _row(record_id, key, key_name, field, version, plaintext).save(force_insert=True)
    except IntegrityError:
        raise Conflict from None
    return version


def put_first(*, record_id: UUID, keys: RecordKeys, fields: Mapping[str, tuple[str, bytes]]) -> None:
    """Seal the first version of several fields of a record that was made in this transaction, in one statement.

    `fields` maps the field to (key name, plaintext). Raises Conflict when one exists already.
    """
    need_transaction("vault.put_first")
    rows = []
    for field, (key_name, plaintext) in fields.items():
        _check(record_id, keys, field)
        rows.append(_row(record_id, keys.key(key_name), key_name, field, 1, plaintext))
    try:
        with transaction.atomic():
            SealedField.objects.bulk_create(rows)
    except IntegrityError:
        raise Conflict from None


def get(*, record_id: UUID, keys: RecordKeys, field: str, version: int | None = None) -> bytes:
    """Open a field, its latest version unless told. Raises NotFound, NotAllowed (key not held) or SealBroken."""
    if keys.record_id != record_id:
        raise NotAllowed
    rows = SealedField.objects.filter(record=record_id, field=field)
    if version is not None:
        rows = rows.filter(version=version)
    row = rows.order_by("-version").first()
    if row is None:
        raise NotFound
    return open_field(row, keys)


def get_many(*, record_id: UUID, keys: RecordKeys, prefix: str = "") -> dict[str, bytes]:
    """Open the latest version of every field that `keys` can open and whose name begins with `prefix`: one query."""
    if keys.record_id != record_id:
        raise NotAllowed
    latest: dict[str, SealedField] = {}
    rows = SealedField.objects.filter(record=record_id, field__startswith=prefix).order_by("field", "version")
    for row in rows:
        latest[row.field] = row
    held = {name for name, key in ((REPORTER, keys.reporter), (STAFF, keys.staff)) if key is not None}
    return {field: open_field(row, keys) for field, row in latest.items() if row.key_name in held}


def drop(*, record_id: UUID, field: str) -> int:
    """Delete every version of a field for good; return how many there were. Nothing is opened, so no key is needed.

    On PostgreSQL the old bytes leave the disk with the next `after_shred`.
    """
    return SealedField.objects.filter(record=record_id, field=field).delete()[0]


def fields(record_id: UUID) -> dict[str, int]:
    """Return the names of a record's fields with their latest version."""
    rows = SealedField.objects.filter(record=record_id).order_by("field").values_list("field")
    return dict(rows.annotate(last=Max("version")))


def open_with_team(*, record_id: UUID, keyring: Keyring) -> RecordKeys:
    """Open both keys with a team key. Raises NotAllowed without a grant, or while the record is held."""
    opened = open_many_with_team(record_ids=[record_id], keyring=keyring)
    if record_id not in opened:
        raise NotAllowed
    return opened[record_id]


def open_many_with_team(*, record_ids: Iterable[UUID], keyring: Keyring) -> dict[UUID, RecordKeys]:
    """Open the keys of several records in one query; those that the keyring does not open are left out."""
    rows = WrappedKey.objects.filter(record__in=list(record_ids), recipient=_TEAM).select_related("team_key")
    rows = rows.annotate(granted=keyring.grants_for(OuterRef("team_key")))
    found: dict[UUID, dict[str, bytes]] = {}
    refused: set[UUID] = set()
    for row in rows:
        if row.team_key is None or row.team_key.pk in refused:
            continue
        try:
            private = keyring.team_private(row.team_key, granted=row.granted)
        except NotAllowed:
            refused.add(row.team_key.pk)
            continue
        found.setdefault(row.record_id, {})[row.name] = open_wrap(row, private, bytes(row.team_key.public))
    return {pk: RecordKeys(pk, keys.get(REPORTER), keys.get(STAFF)) for pk, keys in found.items()}


def open_with_receipt(*, record_id: UUID, receipt: ReceiptKeys) -> RecordKeys:
    """Open the reporter key with the receipt. Raises NotAllowed without a wrap for one, SealBroken for a wrong one."""
    row = WrappedKey.objects.filter(record=record_id, recipient=_RECEIPT, name=REPORTER).first()
    if row is None:
        raise NotAllowed
    return RecordKeys(record_id, aead_open(receipt.key, bytes(row.wrapped), _receipt_context(record_id)))


def hold(*, record_id: UUID, receipt: ReceiptKeys) -> None:
    """Take the team's access away at once, by cryptography: its wraps are encrypted under the receipt.

    Only the receipt undoes it (`release`); it still does not read the staff key, whose wrap stays sealed to the team
    inside. An offer to another team ends. Holding twice is harmless. Raises NotAllowed or SealBroken when the receipt
    is not this record's. On PostgreSQL the old bytes leave the disk with the next `after_shred`.
    """
    key = _hold_key(receipt)
    with transaction.atomic():
        lock_record(record_id)
        open_with_receipt(record_id=record_id, receipt=receipt)
        WrappedKey.objects.filter(record=record_id, recipient=_OFFERED).delete()
        rows = list(WrappedKey.objects.select_for_update().filter(record=record_id, recipient=_TEAM))
        for row in rows:
            row.wrapped = aead_seal(key, bytes(row.wrapped), _held_context(row))
            row.recipient = _HELD
        WrappedKey.objects.bulk_update(rows, ["wrapped", "recipient"])


def release(*, record_id: UUID, receipt: ReceiptKeys) -> None:
    """Give the team its access back. Raises NotAllowed or SealBroken when the receipt is not this record's."""
    key = _hold_key(receipt)
    with transaction.atomic():
        lock_record(record_id)
        open_with_receipt(record_id=record_id, receipt=receipt)
        rows = list(WrappedKey.objects.select_for_update().filter(record=record_id, recipient=_HELD))
        for row in rows:
            row.wrapped = aead_open(key, bytes(row.wrapped), _held_context(row))
            row.recipient = _TEAM
        WrappedKey.objects.bulk_update(rows, ["wrapped", "recipient"])


def is_held(record_id: UUID) -> bool:
    """Tell whether the team's access is taken away."""
    return WrappedKey.objects.filter(record=record_id, recipient=_HELD).exists()


def transfer(*, record_id: UUID, keyring: Keyring, to_team_id: UUID) -> None:
    """Wrap a record to another team and drop the wraps of all that had it, and those of an offer.

    A share with a second team (`sharing`) ends too. Raises NotAllowed when the keyring does not open it or the other
    team has no key. A member of the old team who copied the record's keys keeps what was readable then.
    """
    with transaction.atomic():
        lock_record(record_id)
        keys = open_with_team(record_id=record_id, keyring=keyring)
        wraps = team_wraps(keys, to_team_id)
        WrappedKey.objects.filter(record=record_id, recipient__in=(_TEAM, _OFFERED)).delete()
        WrappedKey.objects.bulk_create(wraps)


def team_wraps(
    keys: RecordKeys, team_id: UUID, locked: TeamKey | None = None, recipient: WrappedKey.Recipient = _TEAM
) -> list[WrappedKey]:
    """Both keys wrapped to a team's active key, not saved yet. Raises NotAllowed for a team without one."""
    team_key = locked or lock_active_key(team_id)
    pairs = [(name, key) for name, key in ((REPORTER, keys.reporter), (STAFF, keys.staff)) if key is not None]
    return [
        WrappedKey(
            record_id=keys.record_id, name=name, recipient=recipient, team_key=team_key,
            wrapped=wrap_for_team(team_key, keys.record_id, name, key),
        )
        for name, key in pairs
    ]  # fmt: skip


def _check(record_id: UUID, keys: RecordKeys, field: str) -> None:
    if keys.record_id != record_id:
        raise NotAllowed
    if not _FIELD.fullmatch(field):
        raise ValueError("vault: expected a field name of lower-case letters, digits and _ . : -")


def _row(record_id: UUID, key: bytes, key_name: str, field: str, version: int, plaintext: bytes) -> SealedField:
    sealed = aead_seal(key, plaintext, _field_context(record_id, field, key_name, version))
    return SealedField(record_id=record_id, key_name=key_name, field=field, version=version, ciphertext=sealed)


def open_field(row: SealedField, keys: RecordKeys) -> bytes:
    """Open one version of one field. Raises NotAllowed (key not held) or SealBroken."""
    aad = _field_context(row.record_id, row.field, row.key_name, row.version)
    return aead_open(keys.key(row.key_name), bytes(row.ciphertext), aad)


def _field_context(record_id: UUID, field: str, key_name: str, version: int) -> bytes:
    return context("field", record_id.bytes, field, key_name, version)


def _receipt_context(record_id: UUID) -> bytes:
    return context("receipt wrap", record_id.bytes, REPORTER)


def _held_context(row: WrappedKey) -> bytes:
    return context("held wrap", row.record_id.bytes, row.name, row.team_key_id.bytes if row.team_key_id else b"")


def _hold_key(receipt: ReceiptKeys) -> bytes:
    return hkdf(receipt.key, "receipt/hold")


def need_alive(record_id: UUID) -> None:
    """Raise NotFound for a shredded record, and keep it from being shredded until the transaction ends."""
    if first_shared(SealedRecord.objects.filter(pk=record_id, shredded_at=None)) is None:
        raise NotFound


def lock_record(record_id: UUID) -> None:
    """Hold a record's row until the commit. Raises NotFound for a shredded one."""
    if SealedRecord.objects.select_for_update().filter(pk=record_id, shredded_at=None).first() is None:
        raise NotFound
