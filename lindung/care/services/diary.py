"""A diary that only its writer reads: sealed to their own key, without any audit event (ADR 0018).

The holder of the keyring is the writer; there is no actor, because nobody else can ever call these for them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.casework.services.access import checked_text
from lindung.core.errors import BadInput, NotFound, SealBroken
from lindung.vault.services import Keyring

from ..models import Diary, DiaryEntry

MOODS = range(1, 6)
"""From very heavy to very well."""


@dataclass(frozen=True)
class Entry:
    """What somebody wrote on a day. `text` may be empty."""

    on: date
    mood: int = field(repr=False)
    text: str = field(repr=False)


def begin_diary(keyring: Keyring, today: date) -> Diary:
    """Choose to keep one; choosing twice changes nothing."""
    return Diary.objects.get_or_create(user_id=keyring.holder, defaults={"since": today})[0]


def end_diary(keyring: Keyring) -> None:
    """Stop keeping one: every entry is deleted at once."""
    with transaction.atomic():
        Diary.objects.filter(user_id=keyring.holder).delete()


def write_entry(keyring: Keyring, today: date, *, mood: int, text: str = "") -> Entry:
    """Write today's entry, over an earlier one of the day. Raises NotFound without a diary, BadInput."""
    if mood not in MOODS:
        raise BadInput("mood", _("Pilih salah satu dari daftar."))
    entry = Entry(today, mood, checked_text("text", text, required=False))
    if not Diary.objects.filter(user_id=keyring.holder).exists():
        raise NotFound
    sealed = keyring.seal_own(json.dumps({"mood": mood, "text": entry.text}).encode(), "diary", today.isoformat())
    if DiaryEntry.objects.filter(diary=keyring.holder, on=today).update(sealed=sealed) == 1:
        return entry
    try:
        with transaction.atomic():
            DiaryEntry(diary_id=keyring.holder, on=today, sealed=sealed).save(force_insert=True)
    except IntegrityError:  # another tab wrote it a moment ago
        DiaryEntry.objects.filter(diary=keyring.holder, on=today).update(sealed=sealed)
    return entry


def entries(keyring: Keyring) -> list[Entry]:
    """Open one's own entries, the newest first. What an earlier key sealed is passed over: nobody can read it."""
    found = []
    for row in DiaryEntry.objects.filter(diary=keyring.holder):
        try:
            value = json.loads(keyring.open_own(bytes(row.sealed), "diary", row.on.isoformat()))
        except SealBroken:
            continue
        found.append(Entry(row.on, int(value["mood"]), str(value["text"])))
    return found
