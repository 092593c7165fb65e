"""The cast of these tests: two organisations' worth of people, teams and a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from lindung.core.errors import NotAllowed
from lindung.core.ids import new_id
from lindung.vault import drafts, receipts
from lindung.vault import services as vault
from lindung.vault.models import MemberKey
from lindung.vault.receipts import ReceiptKeys
from lindung.vault.services import Keyring, RecordKeys

PASSPHRASE = "perahu kecil melawan ombak"


@dataclass
class Person:
    """Somebody with a key pair and a passphrase."""

    id: UUID = field(default_factory=new_id)
    passphrase: str = PASSPHRASE

    def __post_init__(self) -> None:
        self.key: MemberKey = vault.create_member_key(holder=self.id, passphrase=self.passphrase)

    def keyring(self) -> Keyring:
        return vault.unlock(holder=self.id, passphrase=self.passphrase)


@dataclass
class Report:
    keys: RecordKeys
    receipt: ReceiptKeys

    @property
    def id(self) -> UUID:
        return self.keys.record_id


@dataclass
class Cast:
    """A team of two (Melati, Dahlia), a partner's team of one (Raka), an outsider (Tono), and a recovery key."""

    organisation: UUID = field(default_factory=new_id)
    team: UUID = field(default_factory=new_id)
    other_team: UUID = field(default_factory=new_id)

    def __post_init__(self) -> None:
        self.recovery = vault.create_recovery_key(organisation=self.organisation)
        self.melati, self.dahlia, self.raka, self.tono = Person(), Person(), Person(), Person()
        members = [self.melati.key, self.dahlia.key]
        vault.ensure_team_key(team_id=self.team, organisation_id=self.organisation, member_keys=members)
        vault.ensure_team_key(team_id=self.other_team, organisation_id=new_id(), member_keys=[self.raka.key])

    def report(self, words: bytes = b"aku takut", note: bytes = b"catatan") -> Report:
        receipt = receipts.derive(receipts.generate())
        with transaction.atomic():
            keys = vault.new_record(kind="report", team_id=self.team, receipt=receipt)
            sealed = {"answers": (vault.REPORTER, words), "note": (vault.STAFF, note)}
            vault.put_first(record_id=keys.record_id, keys=keys, fields=sealed)
        return Report(keys, receipt)


@pytest.fixture
def cast(db: None) -> Cast:
    return Cast()


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.LINDUNG_TOMBSTONES = tmp_path / "tombstones"
    settings.LINDUNG_DRAFTS_PATH = tmp_path / "drafts.sqlite3"
    yield
    drafts._forget()


@pytest.fixture
def opens() -> Callable[[Report, Keyring], bool]:
    """Tell whether a keyring opens both fields of a report."""

    def check(report: Report, keyring: Keyring) -> bool:
        try:
            keys = vault.open_with_team(record_id=report.id, keyring=keyring)
        except NotAllowed:
            return False
        return len(vault.get_many(record_id=report.id, keys=keys)) == 2

    return check
