"""A body without an account here: what it said by telephone or letter, written down by whoever works on the case.

Also for a body with an account that called back: acceptance by voice of high risk is written by whoever heard it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.casework import outgoing
from lindung.casework.services.access import checked_text, open_keys
from lindung.casework.services.beside import hold
from lindung.core.errors import NotAllowed
from lindung.vault.services import Keyring

from ..models import News, Referral, Way
from . import receiving
from .access import newest_for, sent
from .receiving import DeliveredInput, Side


def as_sender(actor: Actor, keyring: Keyring, referral_id: UUID) -> Side:
    """The sender's side of a referral on which somebody works. Raises NotFound, NotAllowed."""
    referral = sent(actor, referral_id)
    version, keys = newest_for(referral, keyring, receiver=False)
    return Side(referral, version, keys, receiver=False)


def _for_them(actor: Actor, keyring: Keyring, referral_id: UUID) -> Side:
    """Only a body that cannot say it itself: with an account here it is the receiver who answers."""
    side = as_sender(actor, keyring, referral_id)
    if side.referral.way == Way.PLATFORM:
        raise NotAllowed
    return side


def heard_voice(
    actor: Actor, keyring: Keyring, referral_id: UUID, *, person: str, at: datetime | None = None,
    version: int | None = None,
) -> Referral:  # fmt: skip
    """A named person of the body said yes by voice to whoever calls. See `receiving.voiced`."""
    return receiving.voiced(actor, as_sender(actor, keyring, referral_id), person, at, version)


def heard_yes(
    actor: Actor, keyring: Keyring, referral_id: UUID, *, words: str = "", version: int | None = None
) -> Referral:
    """A body without an account said yes in writing."""
    words = checked_text("words", words, required=False)
    return receiving.accepted(actor, _for_them(actor, keyring, referral_id), words, version)


def heard_no(
    actor: Actor, keyring: Keyring, referral_id: UUID, reason: str, *, words: str = "", version: int | None = None
) -> Referral:
    """A body without an account said no."""
    return receiving.declined(actor, _for_them(actor, keyring, referral_id), reason, words, version)


def heard_delivery(
    actor: Actor, keyring: Keyring, referral_id: UUID, entry: DeliveredInput, *, version: int | None = None
) -> News:
    """A body without an account told what it delivered."""
    return receiving.delivered(actor, _for_them(actor, keyring, referral_id), entry, version)


def heard_outcome(
    actor: Actor, keyring: Keyring, referral_id: UUID, outcome: str, *, words: str, version: int | None = None
) -> Referral:
    """A body without an account told how it ended."""
    return receiving.completed(actor, _for_them(actor, keyring, referral_id), outcome, words, version)


def say(actor: Actor, keyring: Keyring, referral_id: UUID, words: str, *, version: int | None = None) -> News:
    """Write to the receiver, through the gate. Raises NotFound, NotAllowed, BadInput, Barred, Conflict."""
    side = as_sender(actor, keyring, referral_id)
    case = side.referral.case
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)  # the list of what may not be told stands still until this is written
        outgoing.check(case, keys, words, to_body=side.referral.organisation)
        return receiving.said(actor, side, words, version)
