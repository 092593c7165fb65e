"""Opening a referral from either side; every opening leaves a trace.

The sender reads every version, the news and what stays in the case. The receiver reads what is shared with it at
present and nothing else: the query names the versions, and the vault opens no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.audit import services as audit
from lindung.casework import rules as casework
from lindung.casework.opened import OpenedCase
from lindung.casework.services.access import open_keys, unseal
from lindung.vault import services as vault
from lindung.vault.models import SealedField
from lindung.vault.records import open_field
from lindung.vault.services import Keyring, RecordKeys

from .. import rules
from ..models import News, Referral, Version
from . import contents
from .access import of_opened, received, sent
from .contents import Contents


@dataclass(frozen=True)
class VersionView:
    """One version, opened. `shared`: the receiver opens it now; `was_shared`: it did at some time."""

    number: int
    made_at: datetime
    shared: bool
    was_shared: bool
    words: Contents = field(repr=False)


@dataclass(frozen=True)
class NewsView:
    """Something that was told. `person`: who accepted by voice. Names as the other side may know them."""

    kind: str
    at: datetime
    by: str
    by_receiver: bool
    on: date | None
    minutes: int | None
    child_came: bool | None
    text: str = field(repr=False)
    person: str = field(repr=False)


@dataclass(frozen=True)
class OpenedReferral:
    """A referral as one side reads it, the newest version first. `kept` is the sender's alone."""

    referral: Referral
    versions: tuple[VersionView, ...] = field(repr=False)
    news: tuple[NewsView, ...] = field(repr=False)
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def newest(self) -> Contents:
        return self.versions[0].words if self.versions else Contents("", {})


def open_sent(
    actor: Actor, keyring: Keyring, referral_id: UUID, opened_case: OpenedCase | None = None
) -> OpenedReferral:
    """Open a referral of a case that the actor may open. `opened_case`: that case, if it is open already.

    Raises NotFound, NotAllowed, SealBroken.
    """
    if opened_case is None:
        referral = sent(actor, referral_id, casework.may_open)
    else:
        referral = of_opened(opened_case.case, referral_id)
    versions = list(Version.objects.filter(referral=referral).order_by("number"))
    opened = _open(referral, versions, keyring, receiver=False)
    if opened_case is not None:
        kept = opened_case.words(referral.field)
    else:
        kept = unseal(referral.case, open_keys(referral.case, keyring), referral.field)
    _trace("referral.opened", actor, referral)
    return OpenedReferral(referral, *opened, kept)


def open_received(actor: Actor, keyring: Keyring, referral_id: UUID) -> OpenedReferral:
    """Open what was sent to a team of the actor's. After sharing ended there are no versions: only that it was there.

    Raises NotFound, NotAllowed, SealBroken.
    """
    referral = received(actor, referral_id, rules.receives)
    versions: list[Version] = []
    if rules.may_read_as_receiver(actor, _facts(referral)):
        shared = Version.objects.filter(referral=referral, shared_at__isnull=False, unshared_at=None)
        versions = list(shared.order_by("number"))
    opened = _open(referral, versions, keyring, receiver=True)
    if versions:
        _trace("referral.received_opened", actor, referral)
    return OpenedReferral(referral, *opened)


def _facts(referral: Referral) -> rules.ReferralFacts:
    from ..selectors import facts_of

    return facts_of(referral)


def _open(
    referral: Referral, versions: list[Version], keyring: Keyring, *, receiver: bool
) -> tuple[tuple[VersionView, ...], tuple[NewsView, ...]]:
    keys = vault.open_many_with_team(record_ids=[row.record_id for row in versions], keyring=keyring)
    fields = _fields(keys)
    views: list[VersionView] = []
    told: dict[str, dict[str, Any]] = {}
    for row in versions:
        if row.record_id not in keys:
            continue
        words, news = contents.from_fields(fields.get(row.record_id, {}))
        told |= news
        shared = row.shared_at is not None and row.unshared_at is None
        views.append(VersionView(row.number, row.made_at, shared, row.shared_at is not None, words))
    rows = News.objects.filter(referral=referral)
    if receiver:
        rows = rows.filter(told_in__in=[row.pk for row in versions])
    return tuple(reversed(views)), _news(rows.select_related("by"), told, receiver=receiver)


def _fields(keys: Mapping[UUID, RecordKeys]) -> dict[UUID, dict[str, bytes]]:
    """The latest version of every field of these records, opened: one query."""
    rows = SealedField.objects.filter(record__in=list(keys)).order_by("record", "field", "version")
    latest = {(row.record_id, row.field): row for row in rows}
    found: dict[UUID, dict[str, bytes]] = {}
    for (record_id, name), row in latest.items():
        found.setdefault(record_id, {})[name] = open_field(row, keys[record_id])
    return found


def _news(rows: Iterable[News], told: Mapping[str, Mapping[str, Any]], *, receiver: bool) -> tuple[NewsView, ...]:
    """Who writes from the other side shows with the alias, colleagues with their names."""
    found = []
    for row in rows:
        words = told.get(row.field, {})
        name = _name(row.by, own=row.by_receiver == receiver)
        view = NewsView(
            row.kind, row.at, name, row.by_receiver, row.on, row.minutes, row.child_came,
            str(words.get("text", "")), str(words.get("person", "")),
        )  # fmt: skip
        found.append(view)
    return tuple(found)


def _name(user: User, *, own: bool) -> str:
    return user.display_name if own or not user.alias else user.alias


def _trace(kind: str, actor: Actor, referral: Referral) -> None:
    with transaction.atomic():
        audit.record(kind, actor=actor.audit_name, subject=referral.pk.hex, data={"case": referral.case_id.hex})
