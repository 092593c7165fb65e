"""A record changes hands: offered to another team, taken over by it, or not.

While it is offered the first team keeps its wraps and the other one has *offered* wraps. The door of the vault opens
none of these before `take_over`. Stated limit: they are sealed to the other team's key, so this is a rule of the
platform and not of cryptography; a member of that team who also reads the database could open them.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from lindung.core.errors import Conflict, NotAllowed
from lindung.vault.keyring import REPORTER, STAFF, Keyring, RecordKeys
from lindung.vault.models import SealedField, WrappedKey
from lindung.vault.records import lock_record, open_field, open_with_team, team_wraps
from lindung.vault.teamkeys import open_wrap

_TEAM, _OFFERED = WrappedKey.Recipient.TEAM, WrappedKey.Recipient.OFFERED


def offer(*, record_id: UUID, keyring: Keyring, to_team_id: UUID) -> None:
    """Wrap both keys of a record for another team, which opens them only after `take_over`.

    Raises NotAllowed when the keyring does not open the record or the other team has no key, Conflict when the record
    is offered already or that team has it.
    """
    with transaction.atomic():
        lock_record(record_id)
        keys = open_with_team(record_id=record_id, keyring=keyring)
        rows = WrappedKey.objects.filter(record=record_id)
        if rows.filter(recipient=_OFFERED).exists() or rows.filter(team_key__team=to_team_id).exists():
            raise Conflict
        WrappedKey.objects.bulk_create(team_wraps(keys, to_team_id, recipient=_OFFERED))


def take_over(*, record_id: UUID, keyring: Keyring, from_team_id: UUID | None = None) -> RecordKeys:
    """Make the offered wraps those of the team and drop the wraps of the team that offered; return the keys.

    `from_team_id`: only the wraps of that team are dropped, so that a share with a third team goes on.
    Whoever takes over proves first that the offered keys open what is sealed, so that keys that somebody put in their
    place never cost the record. Raises NotAllowed when nothing is offered or the keyring does not open it, SealBroken
    when it does not open the record: nothing is changed then. On PostgreSQL the old bytes leave the disk with the next
    `after_shred`.
    """
    with transaction.atomic():
        lock_record(record_id)
        rows = list(
            WrappedKey.objects.select_for_update(of=("self",))
            .filter(record=record_id, recipient=_OFFERED)
            .select_related("team_key")
        )
        opened: dict[str, bytes] = {}
        for row in rows:
            if row.team_key is not None:
                private = keyring.team_private(row.team_key)
                opened[row.name] = open_wrap(row, private, bytes(row.team_key.public))
        keys = RecordKeys(record_id, opened.get(REPORTER), opened.get(STAFF))
        if {REPORTER, STAFF} - set(opened):
            raise NotAllowed
        _prove(keys)
        before = WrappedKey.objects.filter(record=record_id, recipient=_TEAM)
        if from_team_id is not None:
            before = before.filter(team_key__team=from_team_id)
        before.delete()
        WrappedKey.objects.filter(pk__in=[row.pk for row in rows]).update(recipient=_TEAM)
    return keys


def take_back(*, record_id: UUID) -> bool:
    """Drop the offered wraps; True when there were some. Needs no key: it only takes away."""
    with transaction.atomic():
        return bool(WrappedKey.objects.filter(record=record_id, recipient=_OFFERED).delete()[0])


def is_offered(record_id: UUID) -> bool:
    """Tell whether a record is offered to another team."""
    return WrappedKey.objects.filter(record=record_id, recipient=_OFFERED).exists()


def _prove(keys: RecordKeys) -> None:
    """Open one field under each key; raises SealBroken for a key that is not the record's."""
    for name in (REPORTER, STAFF):
        row = SealedField.objects.filter(record=keys.record_id, key_name=name).order_by("id").first()
        if row is not None:
            open_field(row, keys)
