"""Adding requests, recording what addressees answer and what people find when they look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict
from lindung.reporting.models import Platform, Report
from lindung.reporting.models import State as ReportState
from lindung.reporting.services.access import checked_choice, checked_text, lock, open_keys, report_for
from lindung.vault import services as vault
from lindung.vault.primitives import token
from lindung.vault.secrets import key_for
from lindung.vault.services import Keyring

from .. import addresses, knowledge, rules
from ..models import Addressee, Answer, AnswerCode, Check, EndReason, Entry, Item, Kind, Method, Result, State
from ..state import Event
from .access import item_for, leave_notice, moment, move

MOST_AT_ONCE = 60
"""Addresses that are added in one go."""


def add(
    actor: Actor,
    keyring: Keyring,
    report_id: UUID,
    *,
    entries: Sequence[tuple[str, str]],
    addressees: Sequence[str],
    bases: Sequence[str],
    platform: str = "",
) -> list[Item]:
    """Hand addresses or hashes of a report to addressees: one request for each pair, not sent yet.

    `entries` are (kind, text). Each addressee gets the first of `bases` that fits it. What is there already is passed
    over. Raises NotFound, NotAllowed, BadInput (an empty or wrong entry, no addressee, no ground that fits, everything
    there already), Conflict while a withdrawal locks the report.
    """
    wanted = _checked_entries(entries)
    grounds = _grounds(addressees, bases)
    _check_platform(addressees, platform)
    report = report_for(actor, report_id, rules.may_act)
    if report.is_help:
        raise BadInput("entries", _("Ini permintaan bantuan, bukan laporan tentang materi."))
    keys = open_keys(report, keyring)
    with transaction.atomic():
        locked = lock(Report.objects.filter(pk=report.pk)).get()
        if locked.state == ReportState.WITHDRAWN or locked.team_id != report.team_id:
            raise Conflict
        known = {bytes(tag) for tag in Item.objects.filter(report=report).values_list("tag", flat=True)}
        made: list[Item] = []
        sealed: dict[str, tuple[str, bytes]] = {}
        for kind, text in wanted:
            for addressee, basis in grounds.items():
                item = _new(report, actor, kind, text, addressee, basis, platform)
                if (tag := bytes(item.tag)) not in known:
                    known.add(tag)
                    made.append(item)
                    sealed[item.field] = (vault.STAFF, f"{kind}\n{text}".encode())
        if not made:
            raise BadInput("entries", _("Semua ini sudah ada di daftar."))
        Item.objects.bulk_create(made)
        vault.put_first(record_id=report.record_id, keys=keys, fields=sealed)
        audit.record("takedown.added", actor=actor.audit_name, subject=report.pk.hex, data={"items": len(made)})
    return made


def _checked_entries(entries: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, text in entries:
        checked_choice("kind", kind, Kind)
        clean = addresses.clean(kind, text)
        if clean is None:
            raise BadInput("entries", _WRONG_FORM[Kind(kind)])
        found.setdefault((kind, addresses.same(kind, clean)), (kind, clean))
    if not found:
        raise BadInput("entries", _("Pilih atau tulis sedikitnya satu alamat atau hash."))
    if len(found) > MOST_AT_ONCE:
        raise BadInput("entries", _("Terlalu banyak sekaligus. Tambahkan dalam beberapa bagian."))
    return list(found.values())


_WRONG_FORM = {
    Kind.URL: _("Ini bukan alamat internet. Satu baris satu alamat, tanpa spasi."),
    Kind.MD5: _("MD5 terdiri dari 32 angka dan huruf a sampai f."),
    Kind.SHA1: _("SHA-1 terdiri dari 40 angka dan huruf a sampai f."),
    Kind.SHA256: _("SHA-256 terdiri dari 64 angka dan huruf a sampai f."),
    Kind.PHOTODNA: _("Hash PhotoDNA terdiri dari 144 bita: angka berkoma, heksadesimal, atau base64."),
    Kind.PDQ: _("PDQ terdiri dari 64 angka dan huruf a sampai f."),
}


def _grounds(addressees: Sequence[str], bases: Sequence[str]) -> dict[str, str]:
    if not addressees:
        raise BadInput("addressees", _("Pilih sedikitnya satu penerima."))
    for code in bases:
        checked_choice("bases", code, knowledge.bases())
    found = {}
    for addressee in dict.fromkeys(addressees):
        checked_choice("addressees", addressee, Addressee)
        fitting = [code for code in bases if addressee in knowledge.bases()[code].addressees]
        if not fitting:
            raise BadInput("bases", _("Pilih dasar yang cocok untuk setiap penerima."))
        found[addressee] = fitting[0]
    return found


def _check_platform(addressees: Sequence[str], platform: str) -> None:
    if platform and not Platform.objects.filter(code=platform).exists():
        raise BadInput("platform", _("Pilih salah satu dari daftar."))
    if not all(rules.platform_fits(addressee, platform) for addressee in addressees):
        raise BadInput("platform", _("Pilih platform yang diminta menghapus."))


def _new(report: Report, actor: Actor, kind: str, text: str, addressee: str, basis: str, platform: str) -> Item:
    now = clock.now()
    key, same = key_for("takedown/item"), f"{report.pk.hex} {kind} {addresses.same(kind, text)}"
    whom = f"{addressee} {platform if addressee == Addressee.PLATFORM else ''}"
    return Item(
        report=report, tag=token(key, f"item {whom}", same), address=token(key, "address", same), kind=kind,
        addressee=addressee, platform=platform, basis=basis,
        created_by_id=actor.user_id, created_at=now, changed_at=now,
    )  # fmt: skip


# --- reading one ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AnswerView:
    at: datetime
    by: str
    code: str
    words: str = field(repr=False)


@dataclass(frozen=True)
class SendingView:
    """One letter on which the item went out. `notice_id` is None when the letter is another team's."""

    at: datetime
    notice_id: UUID | None
    notice_reference: str
    reference: str = field(repr=False)


@dataclass(frozen=True)
class OpenedItem:
    """Everything on one request. `waits_on` is the letter on which it is to go out next."""

    item: Item
    address: str = field(repr=False)
    sendings: tuple[SendingView, ...]
    answers: tuple[AnswerView, ...]
    checks: tuple[tuple[Check, str], ...]
    waits_on: UUID | None

    @property
    def not_there_days(self) -> int:
        """On how many days nothing was found since it was last sent."""
        tz = self.item.report.tz
        return len(_empty_days([check for check, _ in self.checks], self.item, tz))


def open_item(actor: Actor, keyring: Keyring, item_id: UUID) -> OpenedItem:
    """Open one request for a colleague; audited each time. Raises NotFound, NotAllowed, SealBroken."""
    item = item_for(actor, item_id, rules.may_see)
    keys = open_keys(item.report, keyring)
    words = vault.get_many(record_id=item.report.record_id, keys=keys, prefix="takedown")
    entries = list(Entry.objects.filter(item=item).select_related("notice").order_by("sent_at", "id"))
    answers, checks = list(Answer.objects.filter(item=item)), list(Check.objects.filter(item=item))
    people = {row.by_id for row in answers} | {row.by_id for row in checks}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "display_name"))
    with transaction.atomic():
        audit.record("takedown.opened", actor=actor.audit_name, subject=item.pk.hex)
    return OpenedItem(
        item=item,
        address=address_in(words[item.field]),
        sendings=tuple(_sending(row, item, words) for row in entries if row.sent_at),
        answers=tuple(
            AnswerView(a.at, names.get(a.by_id, ""), a.code, words.get(a.field, b"").decode()) for a in answers
        ),
        checks=tuple((row, names.get(row.by_id, "")) for row in checks),
        waits_on=next((row.notice_id for row in entries if row.sent_at is None), None),
    )


def _sending(entry: Entry, item: Item, words: dict[str, bytes]) -> SendingView:
    ours = entry.notice.team_id == item.report.team_id
    assert entry.sent_at is not None
    return SendingView(
        at=entry.sent_at,
        notice_id=entry.notice_id if ours else None,
        notice_reference=entry.notice.reference,
        reference=words.get(entry.field, b"").decode(),
    )


def address_in(sealed: bytes) -> str:
    """The address or hash in an opened field."""
    return sealed.decode().partition("\n")[2]


# --- what happens to it -----------------------------------------------------------------------------------------------

_ANSWERS = {
    AnswerCode.REMOVED: Event.ANSWER_REMOVED,
    AnswerCode.REFUSED: Event.ANSWER_REFUSED,
    AnswerCode.ASKS_MORE: Event.ANSWER_ASKS_MORE,
}


def answer(
    actor: Actor,
    keyring: Keyring,
    item_id: UUID,
    code: str,
    *,
    words: str = "",
    at: datetime | None = None,
    version: int | None = None,
) -> Item:
    """Record what the addressee answered. `words`: what they wrote, in short, sealed.

    "Removed" is only what they say: from now on a person looks again. Raises NotFound, NotAllowed, BadInput, and
    Conflict when the request changed since `version` or waits for no answer.
    """
    checked_choice("code", code, AnswerCode)
    checked_text("words", words, required=False)
    item = item_for(actor, item_id)
    when = moment("at", at, not_before=item.sent_at)
    keys = open_keys(item.report, keyring) if words.strip() else None
    with transaction.atomic():
        changes = {"answer": code, "remind_at": None, "first_answered_at": item.first_answered_at or when}
        due = item.check_at if item.state == State.CHECKING else rules.check_due(code, when)
        move(item, _ANSWERS[AnswerCode(code)], version=version, check_at=due, **changes)
        row = Answer.objects.create(item=item, at=when, by_id=actor.user_id, code=code)
        if keys is not None:
            sealed = {row.field: (vault.STAFF, words.encode())}
            vault.put_first(record_id=item.report.record_id, keys=keys, fields=sealed)
        audit.record("takedown.answered", actor=actor.audit_name, subject=item.pk.hex, data={"code": code})
    return item


def check(
    actor: Actor,
    item_id: UUID,
    method: str,
    result: str,
    *,
    at: datetime | None = None,
    version: int | None = None,
) -> Item:
    """Record that a person looked again, how, and what they found.

    "Not there" on settings.LINDUNG_TAKEDOWN_DAYS different days of the place closes the request as gone; "there"
    begins the count anew and asks to send again, also for one that was closed as gone. Raises NotFound, NotAllowed,
    BadInput, and Conflict when the request changed since `version` or was never sent.
    """
    checked_choice("method", method, Method)
    checked_choice("result", result, Result)
    item = item_for(actor, item_id)
    earlier = list(Check.objects.filter(item=item))
    latest = max([row.at for row in earlier] + ([item.sent_at] if item.sent_at else []), default=None)
    when = moment("at", at, not_before=latest)
    event, changes = _found(item, result, when, earlier)
    with transaction.atomic():
        turn = item.round
        move(item, event, version=version, last_result=_last(item, result), **changes)
        Check.objects.create(item=item, at=when, by_id=actor.user_id, method=method, result=result, round=turn)
        data = {"method": method, "result": result, "state": item.state}
        audit.record("takedown.checked", actor=actor.audit_name, subject=item.pk.hex, data=data)
    return item


def _found(item: Item, result: str, when: datetime, earlier: list[Check]) -> tuple[Event, dict[str, object]]:
    if result == Result.THERE:
        return Event.THERE, {"round": item.round + 1, "check_at": None, "remind_at": None}
    if result == Result.COULD_NOT_TELL:
        return Event.COULD_NOT_TELL, {"check_at": when + rules.CHECK_AGAIN}
    changes: dict[str, object] = {"remind_at": None, "first_not_there_at": item.first_not_there_at or when}
    tz = item.report.tz
    done = rules.completes(_empty_days(earlier, item, tz), worktime.local_day(when, tz), days_needed())
    if done:
        return Event.LAST_NOT_THERE, {**changes, "check_at": None}
    return Event.NOT_THERE, {**changes, "check_at": rules.check_due(State.CHECKING, when)}


def _empty_days(checks: Sequence[Check], item: Item, tz: str) -> set[date]:
    return {
        worktime.local_day(row.at, tz) for row in checks if row.result == Result.NOT_THERE and row.round == item.round
    }


def _last(item: Item, result: str) -> str:
    return result if result in rules.TELLING else item.last_result


def days_needed() -> int:
    """On how many different days nothing must be found before a request is closed as gone."""
    return int(settings.LINDUNG_TAKEDOWN_DAYS)


def remind_after() -> timedelta:
    """How long after sending an unanswered request calls for attention."""
    return timedelta(hours=int(settings.LINDUNG_TAKEDOWN_REMIND_HOURS))


def end(actor: Actor, item_id: UUID, event: str, reason: str, *, version: int | None = None) -> Item:
    """End a request without an outcome: `give_up` (nobody can be asked) or `withdraw` (we take it back).

    `reason`: a code of EndReason. Raises NotFound, NotAllowed, BadInput, Conflict.
    """
    checked_choice("event", event, (Event.GIVE_UP, Event.WITHDRAW))
    checked_choice("reason", reason, EndReason)
    item = item_for(actor, item_id)
    with transaction.atomic():
        move(item, Event(event), version=version, end_reason=reason, check_at=None, remind_at=None)
        leave_notice(item)
        data = {"event": event, "reason": reason}
        audit.record("takedown.ended", actor=actor.audit_name, subject=item.pk.hex, data=data)
    return item


def renew(actor: Actor, item_id: UUID, *, version: int | None = None) -> Item:
    """Ask again: after a refusal, a question, silence, or an ending. Raises NotFound, NotAllowed, Conflict."""
    item = item_for(actor, item_id)
    with transaction.atomic():
        turn = item.round + (item.sent_at is not None)
        move(item, Event.RENEW, version=version, round=turn, end_reason="", check_at=None, remind_at=None)
        audit.record("takedown.renewed", actor=actor.audit_name, subject=item.pk.hex, data={"round": turn})
    return item


__all__ = ["add", "answer", "check", "days_needed", "end", "open_item", "remind_after", "renew"]
