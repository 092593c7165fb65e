"""Police, prosecutors or a court ask for records: their letter, its basis, the lawyer, and what was given.

Nothing is given before a lawyer was named, and what is given goes through the one gate of everything that leaves.
The platform sends nothing: a colleague hands it over and notes it here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.vault.services import Keyring, RecordKeys

from .. import outgoing, rules, rules_legal
from ..knowledge import law
from ..models import Case, TaskKind
from ..models_legal import Demand, DemandState
from . import ruled_tasks
from .access import case_for, checked_choice, checked_text, lock, open_keys, seal, unseal
from .beside import hold, tell

OPEN = (DemandState.OPEN, DemandState.WITH_LAWYER)


def receive(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    agency: str,
    basis: str,
    received_on: date,
    who: str,
    number: str,
    wanted: str,
) -> Demand:
    """Note a letter that asks for records: who signed it, its number, what it asks for. Nothing leaves by this."""
    checked_choice("agency", agency, law.codes("legal.yaml", "agencies"))
    checked_choice("basis", basis, law.codes("legal.yaml", "demand_bases"))
    said = {"who": checked_text("who", who), "number": checked_text("number", number)}
    said["wanted"] = checked_text("wanted", wanted)
    case = case_for(actor, case_id, rules.may_work)
    if received_on > local_day(clock.now(), case.tz):
        raise BadInput("received_on", _("Tanggal ini belum tiba."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = Demand(
            case=case,
            agency=agency,
            basis=basis,
            received_on=received_on,
            recorded_at=clock.now(),
            recorded_by_id=actor.user_id,
        )
        row.save(force_insert=True)
        seal(case, keys, row.field, said)
        ruled_tasks.ask(case, TaskKind.DEMAND, row.pk, rules_legal.demand_due(clock.now(), case.tz))
        tell("case.demand_received", actor, case, demand=row.pk.hex, agency=agency, basis=basis)
    return row


def give_to_lawyer(
    actor: Actor, keyring: Keyring, demand_id: UUID, *, lawyer: str, advice: str = "", version: int | None = None
) -> Demand:
    """Name the lawyer who looks at it, and what they say. Only then anything can be given."""
    said = {"lawyer": checked_text("lawyer", lawyer), "advice": checked_text("advice", advice, required=False)}
    return _write(
        actor, keyring, demand_id, said, "case.demand_with_lawyer", version, {"state": DemandState.WITH_LAWYER}
    )


def answer(
    actor: Actor,
    keyring: Keyring,
    demand_id: UUID,
    *,
    sections: Collection[str],
    given: str,
    answered_on: date,
    version: int | None = None,
) -> Demand:
    """Note what was given: sections (codes of knowledge/sections.yaml) and in words. Through the gate, or not at all.

    Raises BadInput without a lawyer, for a day that does not fit or without anything given, Barred when the text or a
    section holds what may not be told, Conflict when it is answered already.
    """
    given = checked_text("given", given)
    if not sections:
        raise BadInput("sections", _("Pilih bagian yang diberikan."))

    def check(case: Case, keys: RecordKeys, row: Demand) -> None:
        if row.state != DemandState.WITH_LAWYER:
            raise BadInput("sections", _("Catat dulu ahli hukum yang memeriksa permintaan ini."))
        _check_day(case, row, answered_on)
        outgoing.check(case, keys, given, sections=tuple(sections), to_law=True)

    changes: dict[str, Any] = {
        "state": DemandState.ANSWERED,
        "given": " ".join(sections),
        "answered_on": answered_on,
    }
    said = {"given": given}
    return _write(actor, keyring, demand_id, said, "case.demand_answered", version, changes, check=check)


def refuse(
    actor: Actor, keyring: Keyring, demand_id: UUID, *, reason: str, answered_on: date, version: int | None = None
) -> Demand:
    """Note that nothing is given, with the reason, after a lawyer has looked at it too."""
    reason = checked_text("reason", reason)

    def check(case: Case, keys: RecordKeys, row: Demand) -> None:
        if row.state != DemandState.WITH_LAWYER:
            raise BadInput("reason", _("Catat dulu ahli hukum yang memeriksa permintaan ini."))
        _check_day(case, row, answered_on)

    changes = {"state": DemandState.REFUSED, "answered_on": answered_on}
    return _write(actor, keyring, demand_id, {"refused": reason}, "case.demand_refused", version, changes, check=check)


def _check_day(case: Case, row: Demand, on: date) -> None:
    if on > local_day(clock.now(), case.tz):
        raise BadInput("answered_on", _("Tanggal ini belum tiba."))
    if on < row.received_on:
        raise BadInput("answered_on", _("Tanggal ini lebih awal dari suratnya."))


def _write(
    actor: Actor,
    keyring: Keyring,
    demand_id: UUID,
    said: dict[str, str],
    kind: str,
    version: int | None,
    changes: dict[str, Any],
    check: Any = None,
) -> Demand:
    found = Demand.objects.filter(pk=demand_id).only("case_id").first()
    if found is None:
        raise NotFound
    case = case_for(actor, found.case_id, rules.may_work)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = lock(Demand.objects.filter(pk=demand_id, case=case)).first()
        if row is None:
            raise NotFound
        if row.state not in OPEN or (version is not None and row.version != version):
            raise Conflict
        if check is not None:
            check(case, keys, row)
        rows = Demand.objects.filter(pk=row.pk, state=row.state, version=row.version)
        if rows.update(version=F("version") + 1, **changes) != 1:
            raise Conflict
        seal(case, keys, row.field, {**unseal(case, keys, row.field), **said})
        row.refresh_from_db()
        if row.state not in OPEN:
            ruled_tasks.end(case, TaskKind.DEMAND, row.pk, actor)
        tell(kind, actor, case, demand=row.pk.hex)
    return row
