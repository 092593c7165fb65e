"""An incident is entered, worked on and closed. Words are sealed under the key of its team."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, LindungError, NotAllowed, NotFound
from lindung.reporting.selectors import visible_to
from lindung.reporting.services.access import checked_choice, checked_text
from lindung.vault import services as vault
from lindung.vault.services import STAFF, Keyring, RecordKeys

from .. import knowledge, rules, selectors
from ..models import Breach, Notice, State

MEASURES, AUTHORITY = "measures", "authority"

OBSTACLES: dict[str, str | Promise] = {
    "measures": _("Belum ditulis apa yang terjadi dan apa yang dilakukan."),
    "authority": _("Pemberitahuan kepada lembaga belum dicatat."),
    "undecided": _("Ada laporan yang cara memberitahunya belum diputuskan."),
    "later": _("Ada orang yang belum diberitahu."),
}


class NotYetClosable(LindungError):
    """Something must be done first: codes of OBSTACLES."""

    code = "not_yet"
    message = _("Insiden ini belum bisa ditutup.")

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__()


@dataclass(frozen=True)
class Opened:
    """An incident with its words. `reasons` by the id of the decision."""

    breach: Breach
    measures: str = field(repr=False)
    authority: str = field(repr=False)
    reasons: dict[UUID, str] = field(repr=False)
    notices: tuple[Notice, ...]
    missing: tuple[str, ...]


def open_breach(
    actor: Actor,
    team_id: UUID,
    discovered_at: datetime,
    kinds: Collection[str],
    systems: Collection[str],
    people_band: str,
    words: str,
) -> Breach:
    """Enter an incident; the clocks run from `discovered_at` (a time without a zone is the team's local time).

    Nobody needs a key for this: the words are sealed to the team and whoever only enters reads nothing afterwards. The
    team's supervisors are called by the loop. Raises NotFound for a team that the actor may not enter for, BadInput.
    """
    team = next((t for t in selectors.teams_to_enter_for(actor) if t.pk == team_id), None)
    if team is None:
        raise NotFound
    moment = _discovered(team, discovered_at)
    kinds, systems = _codes("kinds", kinds), _codes("systems", systems)
    checked_choice("people_band", people_band, list(knowledge.choices("bands")))
    words = checked_text("words", words)
    with transaction.atomic():
        keys = vault.new_record(kind="breach", team_id=team.pk)
        vault.put_first(record_id=keys.record_id, keys=keys, fields={MEASURES: (STAFF, words.encode())})
        now = clock.now()
        breach = Breach.objects.create(
            record_id=keys.record_id, team=team, discovered_at=moment, due_at=rules.notice_due(moment), kinds=kinds,
            systems=systems, people_band=people_band, opened_by_id=actor.user_id, opened_at=now, remind_at=now,
        )  # fmt: skip
        record("breach.opened", actor, breach, team=team.pk, band=people_band)
    return breach


def _discovered(team: Team, moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(team.tz))
    if aware > clock.now():
        raise BadInput("discovered_at", _("Waktu diketahui tidak bisa di masa depan."))
    return clock.coarse(aware)


def _codes(name: str, chosen: Collection[str]) -> list[str]:
    known = knowledge.choices(name)
    if not chosen:
        raise BadInput(name, _("Pilih paling sedikit satu."))
    for code in chosen:
        checked_choice(name, code, list(known))
    return [code for code in known if code in set(chosen)]


def breach_for(actor: Actor, breach_id: UUID, *, second: bool = False) -> Breach:
    """Return an incident that the actor works on (`second`: may sign). Raises NotFound, shown alike for all reasons."""
    breach = selectors.visible_breaches(actor).filter(pk=breach_id).first()
    if breach is None or not (second or rules.may_work(actor, breach.team_id)):
        raise NotFound
    return breach


def locked(actor: Actor, breach_id: UUID, *, second: bool = False) -> Breach:
    """Like `breach_for`, with the row held until the commit, and open. Raises Conflict once it is closed."""
    breach_for(actor, breach_id, second=second)
    breach = Breach.objects.select_for_update(of=("self",)).select_related("team").get(pk=breach_id)
    if breach.state != State.OPEN:
        raise Conflict
    return breach


def read(actor: Actor, keyring: Keyring, breach_id: UUID) -> Opened:
    """Open an incident with its words, audited each time. Raises NotFound, NotAllowed without the key."""
    breach = breach_for(actor, breach_id, second=True)
    keys = vault.open_with_team(record_id=breach.record_id, keyring=keyring)
    texts = vault.get_many(record_id=breach.record_id, keys=keys)
    notices = tuple(selectors.own_notices(breach).select_related("report", "decided_by"))
    with transaction.atomic():
        record("breach.read", actor, breach)
    reference = json.loads(texts[AUTHORITY]) if AUTHORITY in texts else {}
    return Opened(
        breach=breach,
        measures=texts.get(MEASURES, b"").decode(),
        authority=str(reference.get("reference", "")),
        reasons={notice.pk: texts.get(notice.field, b"").decode() for notice in notices},
        notices=notices,
        missing=missing(breach),
    )


def missing(breach: Breach) -> tuple[str, ...]:
    """What stands in the way of closing, as codes of OBSTACLES."""
    rows = selectors.own_notices(breach)
    return rules.obstacles(
        measures=MEASURES in vault.fields(breach.record_id),
        authority=breach.authority_told_at is not None,
        undecided=rows.filter(way="", report__isnull=False).count(),
        later=rows.filter(way="later", report__isnull=False).count(),
    )


def write_measures(
    actor: Actor, keyring: Keyring, breach_id: UUID, words: str, people_band: str, version: int
) -> Breach:
    """Write anew what happened and what was done; earlier versions stay sealed. Raises Conflict since `version`."""
    words = checked_text("words", words)
    checked_choice("people_band", people_band, list(knowledge.choices("bands")))
    with transaction.atomic():
        breach = locked(actor, breach_id)
        keys = vault.open_with_team(record_id=breach.record_id, keyring=keyring)
        _bump(breach, version, people_band=people_band)
        seal(breach, keys, MEASURES, words)
        record("breach.changed", actor, breach, band=people_band)
    return breach


def note_authority(actor: Actor, keyring: Keyring, breach_id: UUID, told_at: datetime, reference: str) -> Breach:
    """Note when the authority was told, and under which reference (sealed). Once; later ones are Conflict."""
    reference = checked_text("reference", reference)
    with transaction.atomic():
        breach = locked(actor, breach_id)
        keys = vault.open_with_team(record_id=breach.record_id, keyring=keyring)
        moment = _told(breach, told_at)
        rows = Breach.objects.filter(pk=breach.pk, authority_told_at=None)
        if rows.update(authority_told_at=moment, authority_by=actor.user_id, version=F("version") + 1) != 1:
            raise Conflict
        seal(breach, keys, AUTHORITY, json.dumps({"reference": reference}, ensure_ascii=False))
        breach.refresh_from_db()
        record("breach.authority_told", actor, breach, late=moment > breach.due_at)
    return breach


def _told(breach: Breach, moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(breach.team.tz))
    if aware > clock.now() or aware < breach.discovered_at:
        raise BadInput("told_at", _("Waktunya harus antara saat diketahui dan sekarang."))
    return clock.coarse(aware)


# --- affected reports -----------------------------------------------------------------------------------------------


def add_report(actor: Actor, breach_id: UUID, report_id: UUID) -> Notice:
    """Say that a report of the team is affected. Adding it again gives the same. Raises NotFound for a hidden one."""
    with transaction.atomic():
        breach = locked(actor, breach_id)
        report = visible_to(actor).filter(pk=report_id, team=breach.team_id).first()
        if report is None:
            raise NotFound
        notice, created = Notice.objects.get_or_create(breach=breach, report=report, defaults={"added_at": clock.now()})
        if created:
            record("breach.reports_added", actor, breach, count=1)
    return notice


def add_all(actor: Actor, breach_id: UUID) -> int:
    """Say that every report that the team has is affected (a stolen database); return how many were added."""
    with transaction.atomic():
        breach = locked(actor, breach_id)
        known = Notice.objects.filter(breach=breach, report__isnull=False).values("report")
        reports = visible_to(actor).filter(team=breach.team_id).exclude(pk__in=known)
        now = clock.now()
        rows = [Notice(breach=breach, report_id=pk, added_at=now) for pk in reports.values_list("pk", flat=True)]
        try:
            with transaction.atomic():
                Notice.objects.bulk_create(rows, batch_size=500)
        except IntegrityError:
            raise Conflict from None
        if rows:
            record("breach.reports_added", actor, breach, count=len(rows))
    return len(rows)


def remove_report(actor: Actor, breach_id: UUID, notice_id: UUID) -> None:
    """Take a report off that was added by mistake, as long as nothing was decided. Raises NotFound, Conflict."""
    with transaction.atomic():
        breach = locked(actor, breach_id)
        notice = selectors.own_notices(breach).filter(pk=notice_id).first()
        if notice is None:
            raise NotFound
        if notice.way or not Notice.objects.filter(pk=notice.pk, way="").delete()[0]:
            raise Conflict
        record("breach.report_removed", actor, breach)


# --- the end --------------------------------------------------------------------------------------------------------


def propose_closure(actor: Actor, breach_id: UUID) -> Breach:
    """Propose to close, as the first of two. Raises NotYetClosable with what is missing, Conflict when proposed."""
    with transaction.atomic():
        breach = locked(actor, breach_id)
        _check_closable(breach)
        rows = Breach.objects.filter(pk=breach.pk, closing_by=None, state=State.OPEN)
        if rows.update(closing_by=actor.user_id, closing_at=clock.now(), version=F("version") + 1) != 1:
            raise Conflict
        record("breach.closure_proposed", actor, breach)
    breach.refresh_from_db()
    return breach


def close(actor: Actor, breach_id: UUID) -> Breach:
    """Agree to close, as the second person; reminders end. Raises NotFound, NotAllowed, Conflict, NotYetClosable."""
    with transaction.atomic():
        breach = locked(actor, breach_id, second=True)
        if breach.closing_by_id is None:
            raise Conflict
        if not rules.may_close(actor, breach.team_id, breach.closing_by_id):
            raise NotAllowed
        _check_closable(breach)
        rows = Breach.objects.filter(pk=breach.pk, state=State.OPEN)
        changes: dict[str, Any] = {"closed_by": actor.user_id, "closed_at": clock.now(), "remind_at": None}
        if rows.update(state=State.CLOSED, version=F("version") + 1, **changes) != 1:
            raise Conflict
        record("breach.closed", actor, breach, proposed_by=breach.closing_by_id)
    breach.refresh_from_db()
    return breach


def reject_closure(actor: Actor, breach_id: UUID) -> Breach:
    """Disagree with closing, or take back one's own proposal."""
    with transaction.atomic():
        breach = locked(actor, breach_id, second=True)
        rows = Breach.objects.filter(pk=breach.pk, closing_by__isnull=False)
        if rows.update(closing_by=None, closing_at=None, version=F("version") + 1) != 1:
            raise Conflict
        record("breach.closure_rejected", actor, breach)
    breach.refresh_from_db()
    return breach


def _check_closable(breach: Breach) -> None:
    found = missing(breach)
    if found:
        raise NotYetClosable(found)


def _bump(breach: Breach, version: int, **changes: Any) -> None:
    rows = Breach.objects.filter(pk=breach.pk, version=version, state=State.OPEN)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise Conflict
    breach.refresh_from_db()


def seal(breach: Breach, keys: RecordKeys, name: str, words: str) -> None:
    """Seal one text of an incident under its staff key."""
    vault.put(record_id=breach.record_id, keys=keys, key_name=STAFF, field=name, plaintext=words.encode())


def record(kind: str, actor: Actor, breach: Breach, **data: Any) -> None:
    """Write the event of a deed about an incident; the data holds ids, codes and numbers only."""
    audit.record(kind, actor=actor.audit_name, subject=breach.pk.hex, data=data)
