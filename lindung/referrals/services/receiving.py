"""What the receiver does with a referral: yes, no, what was delivered, how it ended, a word back.

For a body without an account here the sender writes down what it said by phone or letter (`answering.py`), through the
same functions. Words are sealed in the newest version that both sides open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.casework.models_plan import GoalState
from lindung.casework.services import from_outside
from lindung.casework.services.access import checked_choice, checked_text, encode
from lindung.core import clock, worktime
from lindung.core.errors import BadInput
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import knowledge, rules
from ..models import News, NewsKind, Referral, State, Version
from ..state import Event
from . import calling
from .access import hold_case, move, newest_for, received, unshare, write

LONGEST_MINUTES = 24 * 60


@dataclass(frozen=True)
class Side:
    """A referral as one side holds it: the row, the version where words go and its keys."""

    referral: Referral
    told_in: Version
    keys: RecordKeys = field(repr=False)
    receiver: bool


def as_receiver(actor: Actor, keyring: Keyring, referral_id: UUID) -> Side:
    """The receiver's side. Raises NotFound, NotAllowed."""
    referral = received(actor, referral_id, rules.may_answer)
    version, keys = newest_for(referral, keyring, receiver=True)
    return Side(referral, version, keys, receiver=True)


def accept(
    actor: Actor, keyring: Keyring, referral_id: UUID, *, words: str = "", version: int | None = None
) -> Referral:
    """Say yes. Of high risk the clock goes on until a named person says it by voice too (`voice`).

    Raises NotFound, NotAllowed, BadInput, and Conflict when it is not waiting any more or changed since `version`.
    """
    words = checked_text("words", words, required=False)
    return accepted(actor, as_receiver(actor, keyring, referral_id), words, version)


def accepted(actor: Actor, side: Side, words: str, version: int | None) -> Referral:
    """The same for either side."""
    referral = side.referral
    with transaction.atomic():
        hold_case(referral)
        stands: dict[str, Any] = {} if referral.high_risk else {"next_call_at": None}
        move(referral, Event.ACCEPT, version=version, accepted_at=clock.now(), accepted_by_id=actor.user_id, **stands)
        _note(actor, side, NewsKind.ACCEPTED, {"text": words})
        from_outside.under_way(referral.case_id, referral.goal_id)
        if not referral.waits:
            calling.end(referral, actor)
        _record("referral.accepted", actor, referral)
    return referral


def voice(
    actor: Actor, keyring: Keyring, referral_id: UUID, *, person: str, at: datetime | None = None,
    version: int | None = None,
) -> Referral:  # fmt: skip
    """Write down, as the receiver, that a named person of one's body accepted by voice. See `voiced`."""
    return voiced(actor, as_receiver(actor, keyring, referral_id), person, at, version)


def voiced(actor: Actor, side: Side, person: str, at: datetime | None, version: int | None) -> Referral:
    """Somebody with a name said yes by voice, when, and who wrote it down: only this stops the clock of high risk.

    The name is sealed. Raises BadInput, Conflict when it was recorded already or is over.
    """
    person = checked_text("person", person)
    referral, moment = side.referral, _heard(side.referral, at)
    with transaction.atomic():
        hold_case(referral)
        changes: dict[str, Any] = {"voice_at": moment, "voice_by_id": actor.user_id, "next_call_at": None}
        if referral.state == State.SENT:
            changes |= {"accepted_at": moment, "accepted_by_id": actor.user_id}
        move(referral, Event.VOICE, version=version, **changes)
        _note(actor, side, NewsKind.VOICE, {"person": person}, at=moment)
        from_outside.under_way(referral.case_id, referral.goal_id)
        calling.end(referral, actor)
        _record("referral.voice_accepted", actor, referral, receiver=side.receiver)
    return referral


def _heard(referral: Referral, at: datetime | None) -> datetime:
    now = clock.now()
    if at is None:
        return now
    if at > now:
        raise BadInput("at", _("Waktu ini belum tiba."))
    if referral.sent_at is not None and at < clock.coarse(referral.sent_at):
        raise BadInput("at", _("Waktu ini sebelum rujukan dikirim."))
    return at


def decline(
    actor: Actor, keyring: Keyring, referral_id: UUID, reason: str, *, words: str = "", version: int | None = None
) -> Referral:
    """Say no, with a reason; the receiver's keys go with the commit.

    Raises NotFound, NotAllowed, BadInput, Conflict.
    """
    _check_decline(reason, words)
    return declined(actor, as_receiver(actor, keyring, referral_id), reason, words, version)


def declined(actor: Actor, side: Side, reason: str, words: str, version: int | None) -> Referral:
    """The same for either side: the worker is asked for a second choice at once."""
    _check_decline(reason, words)
    referral, now = side.referral, clock.now()
    with transaction.atomic():
        hold_case(referral)
        following = now + timedelta(minutes=knowledge.declined_minutes()) if referral.high_risk else None
        move(
            referral, Event.DECLINE, version=version, reason=reason, ended_at=now, ended_by_id=actor.user_id,
            next_call_at=following, second_offered_at=referral.second_offered_at or now,
        )  # fmt: skip
        _note(actor, side, NewsKind.DECLINED, {"text": words})
        unshare(referral)
        calling.ask(referral, now)
        _record("referral.declined", actor, referral, reason=reason)
    calling.call_workers(referral)
    return referral


def _check_decline(reason: str, words: str) -> None:
    checked_choice("reason", reason, knowledge.decline_reasons())
    checked_text("words", words, required=reason == "other")


@dataclass(frozen=True)
class DeliveredInput:
    """A service that was given: the local day of the receiver, how long, whether the child was there, words."""

    on: date
    minutes: int | None = None
    child_came: bool = True
    words: str = field(default="", repr=False)


def deliver(
    actor: Actor, keyring: Keyring, referral_id: UUID, entry: DeliveredInput, *, version: int | None = None
) -> News:
    """Write down what was delivered; it also stands in the plan of the case. Raises NotFound, NotAllowed, BadInput,
    and Conflict before it was accepted or when it changed since `version`."""
    return delivered(actor, as_receiver(actor, keyring, referral_id), entry, version)


def delivered(actor: Actor, side: Side, entry: DeliveredInput, version: int | None) -> News:
    """The same for either side."""
    words = checked_text("words", entry.words, required=not entry.child_came)
    referral = side.referral
    _check_day(referral, entry)
    with transaction.atomic():
        hold_case(referral)
        move(referral, Event.SERVE, version=version, served_at=referral.served_at or clock.now())
        facts: dict[str, Any] = {"on": entry.on, "minutes": entry.minutes, "child_came": entry.child_came}
        row = _note(actor, side, NewsKind.DELIVERED, {"text": words}, **facts)
        what = from_outside.Delivered(
            entry.on, entry.minutes, referral.organisation_id, entry.child_came, actor.user_id
        )
        from_outside.delivered(referral.case_id, referral.goal_id, what)
        _record("referral.delivered", actor, referral, child_came=entry.child_came)
    return row


def _check_day(referral: Referral, entry: DeliveredInput) -> None:
    today = worktime.local_day(clock.now(), referral.organisation.tz)
    first = worktime.local_day(referral.sent_at or referral.made_at, referral.organisation.tz)
    if not first <= entry.on <= today:
        raise BadInput("on", _("Tanggal layanan tidak bisa sebelum rujukan dikirim, dan tidak di masa depan."))
    if entry.minutes is not None and not 1 <= entry.minutes <= LONGEST_MINUTES:
        raise BadInput("minutes", _("Tulis lamanya dalam menit, paling lama sehari."))


def complete(
    actor: Actor, keyring: Keyring, referral_id: UUID, outcome: str, *, words: str, version: int | None = None
) -> Referral:
    """Say how it ended. The goal of the plan follows; what was sent stays readable for some weeks.

    Raises NotFound, NotAllowed, BadInput, Conflict.
    """
    return completed(actor, as_receiver(actor, keyring, referral_id), outcome, words, version)


def completed(actor: Actor, side: Side, outcome: str, words: str, version: int | None) -> Referral:
    """The same for either side. An outcome that is not "reached" needs words about the service."""
    checked_choice("outcome", outcome, knowledge.outcomes())
    goal = knowledge.outcomes()[outcome].goal
    checked_text("words", words, required=goal != GoalState.REACHED)
    referral, now = side.referral, clock.now()
    keeps = now + timedelta(days=knowledge.keep_days()) if referral.receiving_team_id is not None else None
    with transaction.atomic():
        hold_case(referral)
        move(
            referral, Event.COMPLETE, version=version, reason=outcome, ended_at=now, ended_by_id=actor.user_id,
            next_call_at=None, unshare_at=keeps,
        )  # fmt: skip
        _note(actor, side, NewsKind.COMPLETED, {"text": words})
        from_outside.ended(referral.case_id, referral.goal_id, goal, actor.user_id)
        calling.end(referral, actor)
        _record("referral.completed", actor, referral, outcome=outcome)
    return referral


def say(actor: Actor, keyring: Keyring, referral_id: UUID, words: str, *, version: int | None = None) -> News:
    """Write to the sender, as the receiver. Raises NotFound, NotAllowed, BadInput, Conflict."""
    return said(actor, as_receiver(actor, keyring, referral_id), words, version)


def said(actor: Actor, side: Side, words: str, version: int | None) -> News:
    """The same for either side, while something is still to come."""
    words = checked_text("words", words)
    with transaction.atomic():
        hold_case(side.referral)
        write(side.referral, version=version)
        row = _note(actor, side, NewsKind.MESSAGE, {"text": words})
        _record("referral.said", actor, side.referral, receiver=side.receiver)
    return row


def _note(
    actor: Actor, side: Side, kind: NewsKind, words: dict[str, str], *, at: datetime | None = None, **facts: Any
) -> News:
    row = News.objects.create(
        referral=side.referral, told_in=side.told_in, kind=kind, at=at or clock.now(), by_id=actor.user_id,
        by_receiver=side.receiver, **facts,
    )  # fmt: skip
    if any(text.strip() for text in words.values()):
        record = side.told_in.record_id
        vault.put(
            record_id=record, keys=side.keys, key_name=vault.STAFF, field=row.field,
            plaintext=encode("words", words),
        )  # fmt: skip
    return row


def _record(kind: str, actor: Actor, referral: Referral, **data: str | int | bool) -> None:
    audit.record(kind, actor=actor.audit_name, subject=referral.pk.hex, data={"case": referral.case_id.hex, **data})


__all__ = [
    "DeliveredInput",
    "Side",
    "accept",
    "complete",
    "decline",
    "deliver",
    "say",
    "voice",
]
