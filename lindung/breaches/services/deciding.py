"""How each affected person is told, or why nobody is told at home; the careful answer stands in incidents.yaml.

Nothing ever goes out by e-mail, letter or telephone: the platform writes one fixed sentence into the mailbox, which
only the code opens; everything else a person does, and notes here.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import answers as answering
from lindung.reporting import thread
from lindung.reporting.models import Direction, MessageKind, Report, State
from lindung.reporting.services.access import checked_choice, checked_text, lock
from lindung.reporting.services.receiving import ANSWERS
from lindung.vault import services as vault
from lindung.vault.services import STAFF, Keyring, RecordKeys

from .. import knowledge, rules, selectors
from ..models import Breach, Notice
from ..models import State as BreachState
from .registering import locked, record

AT_ONCE = 100
"""How many mailboxes one request writes to."""

_PROBLEMS: dict[str, str | Promise] = {
    "home_unsafe": _("Rumahnya tidak boleh diberitahu: ada tanda bahwa itu tidak aman. Pilih cara lain."),
    "home_not_judged": _(
        "Anak melapor sendiri. Centang hanya kalau seseorang sudah menilai rumahnya aman, dan tulis mengapa."
    ),
    "reason_missing": _("Tulis alasannya."),
}


def decide(
    actor: Actor, keyring: Keyring, notice_id: UUID, way: str, reason: str = "", home_safe: bool = False
) -> Notice:
    """Decide how the person behind one report is told: a code of `ways`, with the reason (sealed).

    By the mailbox the fixed sentence is written there in the same transaction, once. A decision to tell later, or of a
    person who cannot be recognised, may be changed; one that told somebody is final. Raises NotFound, BadInput with the
    field, Conflict when somebody was faster or the report is closed to us.
    """
    checked_choice("way", way, list(knowledge.ways()))
    reason = checked_text("reason", reason, required=False)
    with transaction.atomic():
        notice, breach, report = _notice_for(actor, notice_id)
        keys = vault.open_with_team(record_id=report.record_id, keyring=keyring)
        problem = rules.way_problem(way, unsafe=unsafe(report, keys), judged_safe=home_safe, reason=reason)
        if problem:
            raise BadInput(problem[0], _PROBLEMS[problem[1]])
        before = notice.way
        if before and knowledge.ways()[before].tells:
            raise Conflict
        told_home = home_safe if knowledge.ways()[way].tells_home else None
        rows = Notice.objects.filter(pk=notice.pk, way=before)
        now = clock.now()
        if rows.update(way=way, home_safe=told_home, decided_by=actor.user_id, decided_at=now) != 1:
            raise Conflict
        if reason.strip():
            _seal_reason(notice, breach, report, keys, keyring, reason)
        if knowledge.ways()[way].by_mailbox:
            _tell(report, keys)
        record("breach.decided", actor, breach, notice=notice.pk, way=way, late=now > breach.due_at)
    notice.refresh_from_db()
    return notice


def _notice_for(actor: Actor, notice_id: UUID) -> tuple[Notice, Breach, Report]:
    """A decision about a report that the actor's supervised team holds today; the report is locked."""
    seen = selectors.notices_here(actor).filter(pk=notice_id).first()
    if seen is None or seen.report_id is None:
        raise NotFound
    report = lock(Report.objects.filter(pk=seen.report_id)).first()
    notice = selectors.notices_here(actor).filter(pk=notice_id).first()
    if report is None or notice is None or notice.breach.state != BreachState.OPEN:
        raise Conflict
    return notice, notice.breach, report


def unsafe(report: Report, keys: RecordKeys) -> tuple[str, ...]:
    """Why the home must not be told, as codes."""
    fields = vault.get_many(record_id=report.record_id, keys=keys, prefix=ANSWERS)
    told = answering.decode(fields[ANSWERS]) if ANSWERS in fields else {}
    return rules.signs(report, told)


def signs_of(actor: Actor, keyring: Keyring, notice_id: UUID) -> tuple[str, ...]:
    """Why the home must not be told, for the page on which a supervisor decides. Raises NotFound, NotAllowed."""
    notice = selectors.notices_here(actor).filter(pk=notice_id).first()
    if notice is None or notice.report is None:
        raise NotFound
    return unsafe(notice.report, vault.open_with_team(record_id=notice.report.record_id, keyring=keyring))


def _seal_reason(
    notice: Notice, breach: Breach, report: Report, keys: RecordKeys, keyring: Keyring, reason: str
) -> None:
    """Under the incident's record when its team has the report, else under the report's: each opens only its own."""
    record_id, sealing = report.record_id, keys
    if breach.team_id == report.team_id:
        record_id, sealing = breach.record_id, vault.open_with_team(record_id=breach.record_id, keyring=keyring)
    vault.put(record_id=record_id, keys=sealing, key_name=STAFF, field=notice.field, plaintext=reason.encode())


def _tell(report: Report, keys: RecordKeys) -> None:
    if report.state == State.WITHDRAWN:
        raise Conflict
    sentence = knowledge.mailbox_sentence(report.language)
    thread.add(report, keys, direction=Direction.OUT, kind=MessageKind.SYSTEM, text=sentence)


def decide_all_by_mailbox(actor: Actor, keyring: Keyring, breach_id: UUID) -> tuple[int, int]:
    """Tell everybody for whom nothing is decided yet through their mailbox, up to AT_ONCE; return (told, left).

    One transaction for each, so that one that fails keeps nobody else waiting; it stays undecided.
    """
    with transaction.atomic():
        breach = locked(actor, breach_id)
    open_rows = selectors.own_notices(breach).filter(way="", report__isnull=False)
    told = 0
    for pk in list(open_rows.order_by("added_at", "id").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            decide(actor, keyring, pk, "mailbox")
        except (Conflict, NotFound):
            continue
        told += 1
    return told, open_rows.count()
