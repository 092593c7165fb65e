"""The people around the child: who they are to it, what a guardian means for its safety, how they are recognised.

Accounts and numbers of alleged offenders go into the blind index of the case, so that reports and cases about the same
ones find each other. Those of another child never do: no child becomes an entry in a list of offenders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import answers as answering
from lindung.vault import blind
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules, selectors, shapes
from ..models import Case, CaseIncident, Person, PersonRole, Standing
from .access import case_for, checked_choice, decode, open_case_for, open_keys, seal, unseal
from .beside import hold, tell


def add_person(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    role: str,
    words: Mapping[str, Any],
    *,
    standing: str = "",
    also_child: bool = False,
) -> Person:
    """Write down somebody around the child. `words`: shapes.check_person. A guardian is unknown until somebody judged.

    Raises NotFound, NotAllowed, CaseClosed, BadInput.
    """
    standing = checked_standing(role, standing)
    value = shapes.check_person(words)
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        row = Person(
            case=case, role=role, standing=standing, also_child=also_child, added_at=clock.now(),
            added_by_id=actor.user_id,
        )  # fmt: skip
        row.save(force_insert=True)
        seal(case, keys, row.field, value)
        reindex(case, keys)
        tell("case.person_added", actor, case, person=row.pk, role=role, standing=standing)
    return row


def change_person(
    actor: Actor,
    keyring: Keyring,
    person_id: UUID,
    *,
    words: Mapping[str, Any],
    role: str,
    standing: str = "",
    also_child: bool = False,
    version: int | None = None,
) -> Person:
    """Write parts of somebody; an empty one takes it away, what is not named stays.

    That an implicated guardian is none any more is for a supervisor to say.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, and Conflict when the person changed since `version`.
    """
    standing = checked_standing(role, standing)
    shapes.check_person({**words, shapes.ORIGIN: {}})
    row, case = _person_for(actor, person_id)
    if row.standing == Standing.IMPLICATED and standing != Standing.IMPLICATED:
        _check_supervisor(actor, case)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        seen = row.version if version is None else version
        rows = Person.objects.filter(pk=row.pk, version=seen, removed_at=None)
        if rows.update(role=role, standing=standing, also_child=also_child, version=F("version") + 1) != 1:
            raise Conflict
        was, row = row.standing, Person.objects.get(pk=row.pk)
        before = unseal(case, keys, row.field)
        value = shapes.check_person({**before, **words, shapes.ORIGIN: {}})
        origin = shapes.without_origin(before, value)
        seal(case, keys, row.field, value | ({shapes.ORIGIN: origin} if origin else {}))
        reindex(case, keys)
        tell("case.person_changed", actor, case, person=row.pk, role=role, standing=standing, was=was)
    return row


def remove_person(actor: Actor, keyring: Keyring, person_id: UUID, *, version: int | None = None) -> Person:
    """Take somebody off who was written down by mistake; what was said stays sealed in the record.

    An implicated guardian stays: the rule that nothing reaches that person hangs on the row. Raises like above.
    """
    row, case = _person_for(actor, person_id)
    if row.standing == Standing.IMPLICATED:
        raise BadInput("person", _("Wali yang diduga terlibat tetap tercatat, supaya tak ada yang sampai kepadanya."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        seen = row.version if version is None else version
        rows = Person.objects.filter(pk=row.pk, version=seen, removed_at=None)
        if rows.update(removed_at=clock.now(), version=F("version") + 1) != 1:
            raise Conflict
        row.refresh_from_db()
        reindex(case, keys)
        tell("case.person_removed", actor, case, person=row.pk)
    return row


def checked_standing(role: str, standing: str) -> str:
    """What a guardian means for the child; "" for anybody else. Raises BadInput."""
    checked_choice("role", role, PersonRole)
    if role != PersonRole.GUARDIAN:
        if standing:
            raise BadInput("standing", _("Ini hanya untuk wali atau orang tua."))
        return ""
    return checked_choice("standing", standing or Standing.UNKNOWN.value, Standing)


def reindex(case: Case, keys: RecordKeys) -> None:
    """Write the blind index of a case anew, from its alleged offenders and incidents; inside a transaction."""
    sealed = vault.get_many(record_id=case.record_id, keys=keys)
    entries: list[tuple[str, str]] = []
    offenders = Person.objects.filter(case=case, role=PersonRole.ALLEGED_OFFENDER, also_child=False, removed_at=None)
    for row in offenders:
        if row.field in sealed:
            entries += shapes.identifiers_of(decode(sealed[row.field]))
    for incident in CaseIncident.objects.filter(case=case):
        if incident.field in sealed:
            links = answering.identifiers({"media_url": decode(sealed[incident.field]).get("media_url", "")})
            entries += [(link.kind, link.text) for link in links]
    blind.remove(record_id=case.record_id)
    blind.index(record_id=case.record_id, entries=entries)


def _person_for(actor: Actor, person_id: UUID) -> tuple[Person, Case]:
    row = Person.objects.filter(pk=person_id, case__in=selectors.visible_to(actor).values("pk")).first()
    if row is None:
        raise NotFound
    case = open_case_for(actor, row.case_id)
    if row.removed_at is not None:
        raise Conflict
    return row, case


def _check_supervisor(actor: Actor, case: Case) -> None:
    """Raise BadInput for anybody but a supervisor: what protects the child from a guardian is not lifted in passing."""
    seen = case_for(actor, case.pk)
    if not rules.may_supervise(actor, selectors.facts_seen(actor, seen)):
        raise BadInput("standing", _("Hanya supervisor yang bisa mengubah wali yang diduga terlibat."))
