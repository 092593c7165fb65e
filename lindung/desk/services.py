"""Every write of this room. Canned answers: actor first, one transaction, one audit event. Counts: sealed, no event."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound, SealBroken
from lindung.core.ids import new_id
from lindung.core.textsafe import holds_media
from lindung.desk import casefree, knowledge, rules, selectors
from lindung.desk.care import Day
from lindung.desk.models import CannedAnswer, CannedVersion, OwnCount
from lindung.vault.services import Keyring

LONGEST_TITLE, LONGEST_TEXT = 80, 4_000

_State = CannedVersion.State
_REFUSED: dict[str, str | Promise] = {
    casefree.NUMBER: _("Ada nomor yang bukan nomor umum. Jawaban untuk banyak orang tidak boleh memuatnya."),
    casefree.HANDLE: _("Ada nama akun. Jawaban untuk banyak orang tidak boleh memuatnya."),
    casefree.ADDRESS: _("Ada alamat yang tidak ada di daftar alamat umum. Hapus dulu."),
}


@dataclass(frozen=True)
class AnswerInput:
    """An answer as somebody wrote it, in both languages."""

    topic: str
    title_id: str
    title_en: str
    text_id: str
    text_en: str


def propose_answer(actor: Actor, entry: AnswerInput, team_id: UUID | None = None) -> CannedAnswer:
    """Write a new answer, for one team or for the whole organisation. It is offered when a second person approves it.

    Raises BadInput for an empty or too long text, and for one that holds a number, a handle or an address of a case.
    """
    entry = _checked(entry)
    organisation_id = User.objects.values_list("organisation_id", flat=True).get(pk=actor.user_id)
    if not rules.may_edit(actor, organisation_id, team_id):
        raise NotAllowed
    with transaction.atomic():
        answer = CannedAnswer.objects.create(organisation_id=organisation_id, team_id=team_id)
        _write(actor, answer, 1, entry)
        _record("desk.answer_proposed", actor, answer, 1)
    return answer


def change_answer(actor: Actor, answer_id: UUID, entry: AnswerInput, seen: int) -> CannedVersion:
    """Write the next version; what is offered stays until somebody else approves this one.

    `seen` is the newest number that the writer knew. Raises Conflict when there is a newer one, BadInput as above.
    """
    entry = _checked(entry)
    with transaction.atomic():
        answer = _answer(actor, answer_id)
        newest = answer.versions.values_list("number", flat=True).first() or 0
        if newest != seen:
            raise Conflict
        answer.versions.filter(state=_State.PROPOSED).update(state=_State.SUPERSEDED)
        try:
            with transaction.atomic():
                version = _write(actor, answer, newest + 1, entry)
        except IntegrityError:
            raise Conflict from None
        _record("desk.answer_proposed", actor, answer, version.number)
    return version


def decide_answer(actor: Actor, answer_id: UUID, number: int, *, approve: bool) -> None:
    """Approve a proposal or send it back. NotAllowed for whoever wrote it; Conflict when it is no longer open."""
    with transaction.atomic():
        answer = _answer(actor, answer_id)
        version = answer.versions.filter(number=number).first()
        if version is None:
            raise NotFound
        if not rules.may_decide(actor, answer.organisation_id, answer.team_id, version.author_id):
            raise NotAllowed
        state = _State.APPROVED if approve else _State.REJECTED
        decided = CannedVersion.objects.filter(pk=version.pk, state=_State.PROPOSED).update(
            state=state, decided_by=actor.user_id, decided_at=clock.now()
        )
        if decided != 1:
            raise Conflict
        _record("desk.answer_approved" if approve else "desk.answer_rejected", actor, answer, number)


def retire_answer(actor: Actor, answer_id: UUID, *, retired: bool = True) -> None:
    """Offer an answer no longer, or again. Its versions stay readable. Raises Conflict when it is so already."""
    with transaction.atomic():
        answer = _answer(actor, answer_id)
        if CannedAnswer.objects.filter(pk=answer.pk, retired=not retired).update(retired=retired) != 1:
            raise Conflict
        kind = "desk.answer_retired" if retired else "desk.answer_restored"
        audit.record(kind, actor=actor.audit_name, subject=answer.pk.hex)


def take_over_starters(actor: Actor, codes: Iterable[str]) -> int:
    """Copy starter answers into the organisation's list, as proposals of this person; returns how many were new."""
    wanted = [knowledge.starters()[code] for code in dict.fromkeys(codes) if code in knowledge.starters()]
    organisation_id = User.objects.values_list("organisation_id", flat=True).get(pk=actor.user_id)
    if not rules.may_edit(actor, organisation_id, None):
        raise NotAllowed
    known = set(CannedAnswer.objects.filter(organisation=organisation_id).values_list("starter", flat=True))
    made = 0
    for starter in wanted:
        if starter.code in known:
            continue
        entry = AnswerInput(
            starter.topic, starter.title.label_id, starter.title.label_en, starter.text.label_id, starter.text.label_en
        )
        try:
            with transaction.atomic():
                answer = CannedAnswer.objects.create(organisation_id=organisation_id, starter=starter.code)
                _write(actor, answer, 1, entry)
                _record("desk.answer_proposed", actor, answer, 1)
        except IntegrityError:  # a colleague was faster
            continue
        made += 1
    return made


def keep_day(keyring: Keyring, day: Day) -> Day:
    """Seal what a session counted on a day to the person's own key: one statement. Returns the day with its row."""
    if day.row is None:
        day = day.kept_in(new_id())
        OwnCount.objects.create(id=day.row, person_id=keyring.holder, day=day.date, sealed=_seal(keyring, day))
    elif OwnCount.objects.filter(pk=day.row, person=keyring.holder).update(sealed=_seal(keyring, day)) != 1:
        OwnCount.objects.create(id=day.row, person_id=keyring.holder, day=day.date, sealed=_seal(keyring, day))
    return day


def own_days(keyring: Keyring, since: date) -> dict[date, Day]:
    """Open one's own counts, a day each: one query. What an earlier key sealed is passed over, nobody can read it."""
    found: dict[date, Day] = {}
    rows = OwnCount.objects.filter(person=keyring.holder, day__gte=since)
    for row in rows:
        try:
            counts = json.loads(keyring.open_own(bytes(row.sealed), "own count", row.pk.bytes, row.day.isoformat()))
        except SealBroken:
            continue
        found[row.day] = found.get(row.day, Day(row.day)).plus(counts)
    return found


def _seal(keyring: Keyring, day: Day) -> bytes:
    assert day.row is not None
    return keyring.seal_own(json.dumps(day.counts()).encode(), "own count", day.row.bytes, day.date.isoformat())


def _answer(actor: Actor, answer_id: UUID) -> CannedAnswer:
    answer = selectors.visible_to(actor).select_for_update().filter(pk=answer_id).first()
    if answer is None:
        raise NotFound
    if not rules.may_edit(actor, answer.organisation_id, answer.team_id):
        raise NotAllowed
    return answer


def _write(actor: Actor, answer: CannedAnswer, number: int, entry: AnswerInput) -> CannedVersion:
    return CannedVersion.objects.create(answer=answer, number=number, author_id=actor.user_id, **entry.__dict__)


def _record(kind: str, actor: Actor, answer: CannedAnswer, number: int) -> None:
    data: dict[str, str | int | bool | UUID] = {"version": number}
    if answer.starter:
        data["starter"] = answer.starter
    audit.record(kind, actor=actor.audit_name, subject=answer.pk.hex, data=data)


def _checked(entry: AnswerInput) -> AnswerInput:
    if entry.topic not in knowledge.topics():
        raise BadInput("topic", _("Pilih satu dari daftar."))
    clean = {}
    for field in ("title_id", "title_en", "text_id", "text_en"):
        text = getattr(entry, field).replace("\r\n", "\n").replace("\r", "\n").strip()
        longest = LONGEST_TITLE if field.startswith("title") else LONGEST_TEXT
        if not text:
            raise BadInput(field, _("Isi dulu bagian ini."))
        if len(text) > longest:
            raise BadInput(field, _("Terlalu panjang untuk satu jawaban. Pendekkan, atau pecah jadi dua."))
        if holds_media(text):
            raise BadInput(field, _("Gambar, suara, atau video tidak pernah diterima. Tulis saja."))
        refused = casefree.refused(text)
        if refused:
            raise BadInput(field, _REFUSED[refused[0]])
        clean[field] = text
    return AnswerInput(entry.topic, **clean)
