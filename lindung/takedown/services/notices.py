"""Letters: grouping requests, reading and taking the text along, and noting that a person sent it.

A letter may be about several reports of the team. Whoever opens it sees the requests of the reports that they may see;
for somebody who may see none of them it does not exist.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import selectors as reports
from lindung.reporting.services.access import checked_choice, checked_text
from lindung.vault import services as vault
from lindung.vault.across import get_across
from lindung.vault.services import Keyring, RecordKeys

from .. import knowledge, letters, rules
from ..models import Addressee, Entry, Item, Notice, State
from ..state import Event
from .access import items_seen, moment, move
from .items import address_in, remind_after

MOST_ON_A_NOTICE = 100
TEXT, SHEET = "text", "sheet"
Data = dict[str, str | int | bool | UUID]


def make_notice(actor: Actor, item_ids: Collection[UUID]) -> Notice:
    """Put requests that wait to be sent on one letter to their addressee.

    All must be of one team, one addressee, one platform, and for a hosting provider of one report (two addresses may
    lie with two providers). Raises NotFound when one of them is not there for the actor, NotAllowed, BadInput, and
    Conflict when one is not waiting any more or stands on another letter already.
    """
    wanted = set(item_ids)
    if not wanted or len(wanted) > MOST_ON_A_NOTICE:
        raise BadInput("items", _("Pilih 1 sampai 100 permintaan untuk satu surat."))
    try:
        with transaction.atomic():
            items = list(items_seen(actor).filter(pk__in=wanted).select_related("report"))
            if len(items) != len(wanted):
                raise NotFound
            first = items[0]
            if not rules.may_act(actor, first.report.team_id):
                raise NotAllowed
            if len({group_key(item) for item in items}) > 1:
                raise BadInput("items", _("Satu surat hanya untuk satu penerima."))
            if any(item.state != State.DRAFT for item in items):
                raise Conflict
            notice = Notice.objects.create(
                team_id=first.report.team_id,
                addressee=first.addressee,
                platform=first.platform if first.addressee == Addressee.PLATFORM else "",
                template=knowledge.present_template(),
                created_by_id=actor.user_id,
                created_at=clock.now(),
            )
            Entry.objects.bulk_create([Entry(notice=notice, item=item) for item in items])
            data: Data = {"items": len(items), "addressee": notice.addressee}
            audit.record("takedown.notice_made", actor=actor.audit_name, subject=notice.pk.hex, data=data)
    except IntegrityError:
        raise Conflict from None
    return notice


def group_key(item: Item) -> tuple[str, ...]:
    """What must be equal for two requests to stand on one letter; `item.report` is loaded."""
    platform = item.platform if item.addressee == Addressee.PLATFORM else ""
    report = item.report_id.hex if item.addressee == Addressee.HOST else ""
    return item.report.team_id.hex, item.addressee, platform, report


@dataclass(frozen=True)
class NoticeLine:
    """One request on a letter, opened. `reference` is the addressee's, once it was sent."""

    item: Item
    entry: Entry
    address: str = field(repr=False)
    reference: str = field(default="", repr=False)


@dataclass(frozen=True)
class OpenedNotice:
    """A letter with the requests that the actor may see."""

    notice: Notice
    lines: tuple[NoticeLine, ...]

    def listed(self) -> list[letters.Listed]:
        """The lines as the letter and the sheet name them: each address once, however many reports told of it."""
        found: dict[tuple[str, str, str], letters.Listed] = {}
        for line in self.lines:
            one = letters.Listed(
                kind=line.item.kind,
                basis=line.item.basis,
                seen=worktime.local_day(line.item.report.received_at, line.item.report.tz),
                platform=reports.platform_label(line.item.platform) if line.item.platform else "",
                address=line.address,
            )
            found.setdefault((one.kind, one.address, one.basis), one)
        return list(found.values())

    def text(self, language: str) -> str:
        """The letter in "id" or "en"."""
        notice = self.notice
        return letters.letter(
            template=notice.template,
            language=language,
            number=notice.reference,
            organisation=notice.team.organisation.name,
            day=worktime.local_day(notice.sent_at or clock.now(), notice.team.tz),
            tz=notice.team.tz,
            items=self.listed(),
        )


def open_notice(actor: Actor, keyring: Keyring, notice_id: UUID) -> OpenedNotice:
    """Open a letter; audited. Raises NotFound, NotAllowed, SealBroken."""
    opened, _keys = _read(actor, keyring, notice_id)
    with transaction.atomic():
        audit.record("takedown.notice_opened", actor=actor.audit_name, subject=notice_id.hex)
    return opened


def _read(actor: Actor, keyring: Keyring, notice_id: UUID) -> tuple[OpenedNotice, dict[UUID, RecordKeys]]:
    notice, entries = _notice_for(actor, notice_id)
    records = {entry.item.report.record_id for entry in entries}
    keys = vault.open_many_with_team(record_ids=records, keyring=keyring)
    entries = [entry for entry in entries if entry.item.report.record_id in keys]
    if not entries:
        raise NotFound
    names = [name for entry in entries for name in (entry.item.field, entry.field)]
    words = get_across(keys=keys, fields=names)
    lines = tuple(
        NoticeLine(entry.item, entry, address_in(words[entry.item.field]), words.get(entry.field, b"").decode())
        for entry in entries
    )
    return OpenedNotice(notice, lines), keys


def notice_for(actor: Actor, notice_id: UUID) -> Notice:
    """A letter that the actor may see something of, unopened. Raises NotFound."""
    return _notice_for(actor, notice_id)[0]


def _notice_for(actor: Actor, notice_id: UUID) -> tuple[Notice, list[Entry]]:
    notice = Notice.objects.select_related("team__organisation").filter(pk=notice_id).first()
    if notice is None or not rules.may_see(actor, notice.team_id):
        raise NotFound
    seen = items_seen(actor).filter(report__team=notice.team_id)
    entries = Entry.objects.filter(notice=notice, item__in=seen).select_related("item__report")
    found = list(entries.order_by("item__created_at", "item"))
    if not found:
        raise NotFound
    return notice, found


def export(actor: Actor, keyring: Keyring, notice_id: UUID, form: str, language: str = "id") -> str:
    """Take the text of a letter along (`text`), or the sheet for the IWF's portal (`sheet`); audited.

    Raises NotFound, NotAllowed unless the actor may send, BadInput for another form, language, or a sheet of a letter
    to somebody else than the IWF.
    """
    checked_choice("form", form, (TEXT, SHEET))
    checked_choice("language", language, knowledge.LANGUAGES)
    opened, _keys = _read(actor, keyring, notice_id)
    if not rules.may_act(actor, opened.notice.team_id):
        raise NotAllowed
    if form == SHEET and opened.notice.addressee != Addressee.IWF:
        raise NotFound
    made = letters.sheet(opened.listed()) if form == SHEET else opened.text(language)
    with transaction.atomic():
        data: Data = {"form": form, "items": len(opened.lines)}
        audit.record("takedown.notice_exported", actor=actor.audit_name, subject=notice_id.hex, data=data)
    return made


def mark_sent(
    actor: Actor,
    keyring: Keyring,
    notice_id: UUID,
    *,
    reference: str = "",
    at: datetime | None = None,
) -> Notice:
    """Note that a person sent a letter, when, and the number that the addressee gave (sealed beside each request).

    What is not waiting any more, or is hidden from the actor, leaves the letter. Raises NotFound, NotAllowed, BadInput,
    and Conflict when it was sent already or nothing is left to send.
    """
    checked_text("reference", reference, required=False)
    opened, keys = _read(actor, keyring, notice_id)
    notice = opened.notice
    if not rules.may_act(actor, notice.team_id):
        raise NotAllowed
    when = moment("at", at, not_before=max(line.item.created_at for line in opened.lines))
    with transaction.atomic():
        rows = Notice.objects.filter(pk=notice.pk, state=Notice.NoticeState.DRAFT)
        if rows.update(state=Notice.NoticeState.SENT, sent_at=when, sent_by_id=actor.user_id) != 1:
            raise Conflict
        sent = [line for line in opened.lines if _send(line, when)]
        if not sent:
            raise Conflict
        Entry.objects.filter(notice=notice, sent_at=None).delete()
        if reference.strip():
            for line in sent:
                _keep_reference(line, keys, reference)
        data: Data = {"items": len(sent), "addressee": notice.addressee}
        audit.record("takedown.notice_sent", actor=actor.audit_name, subject=notice.pk.hex, data=data)
    notice.refresh_from_db()
    return notice


def _send(line: NoticeLine, when: datetime) -> bool:
    item = line.item
    try:
        move(
            item,
            Event.SEND,
            sent_at=when,
            first_sent_at=item.first_sent_at or when,
            answer="",
            remind_at=when + remind_after(),
            check_at=rules.check_due(State.SENT, when),
        )
    except Conflict:
        return False
    return Entry.objects.filter(pk=line.entry.pk, sent_at=None).update(sent_at=when) == 1


def _keep_reference(line: NoticeLine, keys: dict[UUID, RecordKeys], reference: str) -> None:
    record = line.item.report.record_id
    vault.put_first(record_id=record, keys=keys[record], fields={line.entry.field: (vault.STAFF, reference.encode())})


def discard(actor: Actor, notice_id: UUID) -> None:
    """Take a letter back before it is sent: its requests wait again. Raises NotFound, NotAllowed, Conflict."""
    with transaction.atomic():
        notice, _entries = _notice_for(actor, notice_id)
        if not rules.may_act(actor, notice.team_id):
            raise NotAllowed
        deleted, _rows = Notice.objects.filter(pk=notice.pk, state=Notice.NoticeState.DRAFT).delete()
        if not deleted:
            raise Conflict
        audit.record("takedown.notice_discarded", actor=actor.audit_name, subject=notice_id.hex)


def statistics_exported(actor: Actor, *, outside: bool) -> None:
    """Note that somebody took the statistics along. The right to see them is decided by what they are made of."""
    with transaction.atomic():
        audit.record("takedown.statistics_exported", actor=actor.audit_name, data={"outside": outside})
