"""A further report of a case: what nobody told before is filled in, and what it told stays readable beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.reporting.services import casing
from lindung.reporting.services.storing import storing
from lindung.vault.services import Keyring, RecordKeys

from .. import facts, prefill, shapes, signals
from ..models import Case, CaseIncident, CaseReport, Incident, Person, PersonRole
from ..opened import OpenedCase
from .access import lock, open_case_for, open_keys, seal, touch
from .child import authority_of, places_of
from .opening import gather, index, keep_reports, lock_reports
from .reading import read_all

LISTS = ("accommodations", "forms", "statements", "where", "platforms", "given")
"""Parts that several reports tell together."""


def add_report(actor: Actor, keyring: Keyring, case_id: UUID, report_id: UUID) -> Case:
    """Add a further report of the same team to a case; what is handled together with it comes along.

    Nothing that a colleague wrote changes. Raises NotFound, NotAllowed, CaseClosed, BadInput for a report of another
    team, NoCaseFromHelp, HeldByColleague, StopWaits, and Conflict when it belongs to the case already.
    """
    case = open_case_for(actor, case_id)
    sources = gather(actor, keyring, [report_id])
    keys = open_keys(case, keyring)
    if any(source.report.team_id != case.team_id for source in sources):
        raise BadInput("reports", _("Laporan ini dipegang tim yang berbeda."))
    begun = prefill.begin([source.told for source in sources])
    with storing(), transaction.atomic():
        locked = lock_reports(actor, sources)
        if lock(Case.objects.filter(pk=case.pk, team=case.team_id)).first() is None:
            raise Conflict
        known = set(CaseReport.objects.filter(case=case).values_list("report_id", flat=True))
        if report_id in known:
            raise Conflict
        new = [source for source in sources if source.report.pk not in known]
        opened = read_all(case, keys)
        keep_reports(actor, case, keys, new)
        _fill(actor, opened, keys, begun)
        for report in locked:
            casing.became_case(actor, report)
        touch(case)
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.report_added")
        data: dict[str, UUID | int] = {"report": report_id, "reports": len(new)}
        audit.record("case.report_added", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return case


def joined(value: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """A value with what another one knows besides: parts that were empty, and further codes of a list. Pure."""
    origin = dict(value.get(shapes.ORIGIN) or {})
    told = more.get(shapes.ORIGIN) or {}
    found = {part: words for part, words in value.items() if part != shapes.ORIGIN}
    for part, words in more.items():
        if part == shapes.ORIGIN:
            continue
        if part in LISTS and part in found:
            found[part] = [*found[part], *(code for code in words if code not in found[part])]
        elif part not in found:
            found[part] = words
            if part in told:
                origin[part] = told[part]
    return found | ({shapes.ORIGIN: origin} if origin else {})


def _fill(actor: Actor, opened: OpenedCase, keys: RecordKeys, begun: prefill.Beginning) -> None:
    case = opened.case
    child = shapes.check_child(joined(opened.child, {**begun.child, "statuses": opened.child.get("statuses", [])}))
    if child != opened.child:
        seal(case, keys, "child", child)
        facts.renew(case, facts.CHILD, facts.of_child(child))
    for role, told in begun.places.items():
        before = opened.places.get(role, {})
        place = before if before.get("province") else shapes.check_place(joined(before, told))
        if place != before:
            seal(case, keys, f"place:{role}", place)
            facts.renew(case, facts.place_fields(role), facts.of_place(role, place))
    places = places_of(case, keys)
    Case.objects.filter(pk=case.pk).update(authority=authority_of(places, child))
    incident = _fill_incident(actor, opened, keys, begun.incident)
    offenders = _add_people(actor, opened, keys, begun)
    index(case, offenders, [incident])


def _fill_incident(actor: Actor, opened: OpenedCase, keys: RecordKeys, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of a case with one incident the report tells more about it; else it stands for itself until somebody looks."""
    case, known = opened.case, opened.incidents
    if not told:
        return {}
    if len(known) == 1:
        row, words = CaseIncident.objects.get(pk=known[0].id), known[0].words
    else:
        now = clock.now()
        row = CaseIncident.objects.create(
            case=case, incident=Incident.objects.create(created_at=now), added_at=now, added_by_id=actor.user_id
        )
        words = {}
    value = shapes.check_incident(joined(words, told))
    seal(case, keys, row.field, value)
    others = [view.words for view in known if view.id != row.pk]
    facts.renew(case, facts.INCIDENT, facts.of_incidents([*others, value]))
    return value


def _add_people(
    actor: Actor, opened: OpenedCase, keys: RecordKeys, begun: prefill.Beginning
) -> list[Mapping[str, Any]]:
    """People whom the case does not know yet, by what is told of them; returns the words of new alleged offenders."""
    known = [_without_origin(person.words) for person in opened.people]
    offenders: list[Mapping[str, Any]] = []
    for person in begun.people:
        words = shapes.check_person(person.words)
        if _without_origin(words) in known:
            continue
        row = Person.objects.create(
            case=opened.case,
            role=person.role,
            standing=person.standing,
            added_at=clock.now(),
            added_by_id=actor.user_id,
        )
        seal(opened.case, keys, row.field, words)
        if person.role == PersonRole.ALLEGED_OFFENDER:
            offenders.append(words)
    return offenders


def _without_origin(words: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part, value in words.items() if part != shapes.ORIGIN}
