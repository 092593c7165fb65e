"""From one or more reports to a case: everything that was told comes along, sealed anew under the case's own keys.

A report that was merged stands for all that are handled with it. The reports wait for their case from then on; their
mailboxes stay the child's way to us. An adult who fears harming a child never becomes a case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict
from lindung.core.ids import new_id
from lindung.reporting import answers as answering
from lindung.reporting import intake, rules_staff
from lindung.reporting.models import Report, ReportExclusion, TriageEntry
from lindung.reporting.models import State as ReportState
from lindung.reporting.rules import RISK_ORDER
from lindung.reporting.services import access as reports
from lindung.reporting.services import casing
from lindung.reporting.services.storing import storing
from lindung.vault import blind
from lindung.vault import services as vault
from lindung.vault.services import STAFF, Keyring, RecordKeys

from .. import facts, prefill, rules, rules_risk, shapes, signals
from ..errors import AlreadyACase, NoCaseFromHelp
from ..knowledge import standard
from ..models import (
    Case,
    CaseExclusion,
    CaseIncident,
    CaseReport,
    CaseWorker,
    Incident,
    Person,
    PersonRole,
    WorkerRole,
)
from ..models_rights import Barred, BarredKind
from . import pairing
from .access import encode, settle_free
from .child import authority_of

MOST_REPORTS = 50
ANSWERS = "answers"


@dataclass(frozen=True)
class _Source:
    """A report with what it told."""

    report: Report
    told: prefill.Told


def open_from_reports(
    actor: Actor,
    keyring: Keyring,
    report_ids: Sequence[UUID],
    *,
    for_child: Mapping[str, Any] | None = None,
    another_child: bool = False,
    take: bool = True,
) -> Case:
    """Open a case for one child from one or more reports of one team that the actor sees and holds.

    `for_child`: parts of the child that a colleague writes now (shapes.check_child); they outrank what a report told.
    `another_child`: a report that already has a case tells of a further child; the incident is shared then. `take`: the
    actor becomes the lead worker, unless they work with another child of that incident. Raises NotFound, NotAllowed,
    BadInput, NoCaseFromHelp, AlreadyACase, HeldByColleague, StopWaits, Conflict.
    """
    sources = gather(actor, keyring, report_ids)
    begun = prefill.begin([source.told for source in sources], for_child)
    values = _values(begun)
    with storing(), transaction.atomic():
        second = another_child and CaseReport.objects.filter(report__in=[s.report.pk for s in sources]).exists()
        locked = lock_reports(actor, sources, whoever_holds=second)
        known = set(CaseReport.objects.filter(report__in=locked).values_list("case_id", flat=True))
        if known and not another_child:
            raise AlreadyACase
        shared = _shared_incident(locked) if known else None
        if known:
            pairing.lock_group(known)
        case, keys = _new_case(actor, locked, authority_of(values["places"], values["child"]))
        _write(actor, case, keys, begun, values, shared, locked)
        keep_reports(actor, case, keys, sources)
        if take and rules.may_be_worker(actor.roles, case.team_id):
            _first_worker(actor, case)
        for report in locked:
            casing.became_case(actor, report)
        signals.case_opened.send(sender=Case, case=case)
        data: dict[str, Any] = {"reports": len(locked), "report": locked[0].pk, "another": bool(known)}
        audit.record("case.made", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return case


# --- reading the reports ---------------------------------------------------------------------------------------------


def gather(actor: Actor, keyring: Keyring, report_ids: Sequence[UUID]) -> list[_Source]:
    """Open the reports that a case is made from, with those that are handled together with them; in order."""
    wanted = list(dict.fromkeys(report_ids))
    if not wanted:
        raise BadInput("reports", _("Pilih paling sedikit satu laporan."))
    found = [reports.report_for(actor, pk, rules_staff.may_handle) for pk in [*wanted, *_merged_with(wanted)]]
    if len(found) > MOST_REPORTS:
        raise BadInput("reports", _("Terlalu banyak laporan untuk satu kasus."))
    if any(report.is_help for report in found):
        raise NoCaseFromHelp
    if len({report.team_id for report in found}) > 1:
        raise BadInput("reports", _("Laporan ini dipegang tim yang berbeda."))
    return [_Source(report, _told(report, reports.open_keys(report, keyring))) for report in found]


def _merged_with(report_ids: Sequence[UUID]) -> list[UUID]:
    """The reports that are handled together with these, whichever of them leads."""
    leads = Report.objects.filter(pk__in=report_ids).exclude(merged_into=None).values_list("merged_into", flat=True)
    heads = [*report_ids, *leads]
    rows = Report.objects.filter(Q(pk__in=heads) | Q(merged_into__in=heads)).exclude(pk__in=report_ids)
    return list(rows.order_by("received_at", "pk").values_list("pk", flat=True))


def _told(report: Report, keys: RecordKeys) -> prefill.Told:
    newest = TriageEntry.objects.filter(report=report).order_by("-at", "-id").first()
    sealed = vault.get_many(record_id=report.record_id, keys=keys)
    judged = json.loads(sealed[newest.field]) if newest and newest.field in sealed else {}
    taken_in = intake.decode(sealed[intake.FIELD]) if intake.FIELD in sealed else None
    return prefill.Told(
        report_id=report.pk,
        path=report.path,
        language=report.language,
        answers=answering.decode(sealed[ANSWERS]) if ANSWERS in sealed else {},
        forms=tuple(judged.get("forms", ())),
        caller=taken_in.consent.caller if taken_in and taken_in.consent else "",
    )


def lock_reports(actor: Actor, sources: Sequence[_Source], *, whoever_holds: bool = False) -> list[Report]:
    """Lock the reports, leads before what was merged into them; they must still be what was read."""
    order = sorted(sources, key=lambda source: (source.report.merged_into_id is not None, source.report.pk.hex))
    for source in order:
        seen = source.report
        row = reports.lock(Report.objects.filter(pk=seen.pk)).first()
        if row is None or (row.team_id, row.merged_into_id) != (seen.team_id, seen.merged_into_id):
            raise Conflict
        if row.state == ReportState.WITHDRAWN:
            raise Conflict
        seen.refresh_from_db()
        casing.check_free(actor, seen, whoever_holds=whoever_holds)
    return [source.report for source in sources]


# --- writing the case ------------------------------------------------------------------------------------------------


def _values(begun: prefill.Beginning) -> dict[str, Any]:
    """Every value of the first day, checked before anything is written."""
    people = [(new_id(), person, shapes.check_person(person.words)) for person in begun.people]
    return {
        "child": shapes.check_child(begun.child),
        "places": {role: shapes.check_place(place) for role, place in begun.places.items()},
        "incident": shapes.check_incident(begun.incident),
        "people": people,
    }


def _new_case(actor: Actor, found: Sequence[Report], authority: str) -> tuple[Case, RecordKeys]:
    now, first = clock.now(), found[0]
    risk = min((report.risk for report in found), key=RISK_ORDER.__getitem__)
    keys = vault.new_record(kind="case", team_id=first.team_id)
    case = Case(
        record_id=keys.record_id,
        team_id=first.team_id,
        risk=risk,
        standard=standard.newest(worktime.local_day(now, first.tz)).version,
        tz=first.tz,
        opened_at=now,
        opened_by_id=actor.user_id,
        review_due_at=rules_risk.review_due(risk, now, first.tz),
        authority=authority,
        changed_at=now,
    )
    case.save(force_insert=True)
    return case, keys


def _write(
    actor: Actor,
    case: Case,
    keys: RecordKeys,
    begun: prefill.Beginning,
    values: Mapping[str, Any],
    shared: Incident | None,
    found: Sequence[Report],
) -> None:
    now, by = case.opened_at, actor.user_id
    incident = shared or Incident.objects.create(created_at=now)
    told = CaseIncident.objects.create(case=case, incident=incident, report=found[0], added_at=now, added_by_id=by)
    sealed: dict[str, Mapping[str, Any]] = {"child": values["child"], told.field: values["incident"]}
    sealed |= {f"place:{role}": place for role, place in values["places"].items()}
    rows = []
    for pk, person, words in values["people"]:
        row = Person(
            id=pk, case=case, role=person.role, standing=person.standing, added_at=now, added_by_id=by
        )  # fmt: skip
        rows.append(row)
        sealed[row.field] = words
    Person.objects.bulk_create(rows)
    put_first(case, keys, sealed)
    tokens = facts.of_child(values["child"]) + facts.of_incidents([values["incident"]])
    tokens += [fact for role, place in values["places"].items() for fact in facts.of_place(role, place)]
    tokens += [("channel", report.channel) for report in found]
    facts.renew(case, {field for field, _ in tokens}, dict.fromkeys(tokens))
    _keep_away(actor, case, keys, values["child"].get("must_not_know", ""))
    index(case, [words for _, person, words in values["people"] if person.role == PersonRole.ALLEGED_OFFENDER],
          [values["incident"]])  # fmt: skip


def _keep_away(actor: Actor, case: Case, keys: RecordKeys, who: str) -> None:
    """Whoever must not know, in the teller's words, stands on the list that travels with every referral and export."""
    if not who.strip():
        return
    row = Barred.objects.create(
        case=case, kind=BarredKind.PERSON, added_at=case.opened_at, added_by_id=actor.user_id
    )  # fmt: skip
    put_first(case, keys, {row.field: {"what": who, "words": [], "keep": ""}})


def put_first(case: Case, keys: RecordKeys, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Seal the first version of several fields in one statement."""
    fields = {field: (STAFF, encode(field, value)) for field, value in values.items()}
    vault.put_first(record_id=case.record_id, keys=keys, fields=fields)


def index(case: Case, offenders: Collection[Mapping[str, Any]], incidents: Collection[Mapping[str, Any]]) -> None:
    """Put the identifiers of the other side into the blind index of the case, so that its reports find each other."""
    entries = [pair for person in offenders for pair in shapes.identifiers_of(person)]
    for incident in incidents:
        links = answering.identifiers({"media_url": incident.get("media_url", "")})
        entries += [(one.kind, one.text) for one in links]
    blind.index(record_id=case.record_id, entries=entries)


def keep_reports(actor: Actor, case: Case, keys: RecordKeys, sources: Sequence[_Source]) -> None:
    """Join reports to a case: what each told is sealed in it, and whoever may not know of one may not know of it."""
    now = clock.now()
    rows = [CaseReport(case=case, report=s.report, added_at=now, added_by_id=actor.user_id) for s in sources]
    try:
        with transaction.atomic():
            CaseReport.objects.bulk_create(rows)
    except IntegrityError:
        raise Conflict from None
    put_first(case, keys, {f"report:{s.told.hex}": as_told(s.report, s.told) for s in sources})
    hidden = ReportExclusion.objects.filter(report__in=[s.report.pk for s in sources]).values_list("team_id", flat=True)
    CaseExclusion.objects.bulk_create(
        [CaseExclusion(case=case, team_id=team) for team in sorted(set(hidden))], ignore_conflicts=True
    )


def as_told(report: Report, told: prefill.Told) -> dict[str, Any]:
    """What a report told, as it is kept in the case: it outlives the report's mailbox."""
    return {
        "answers": dict(told.answers),
        "caller": told.caller,
        "channel": report.channel,
        "language": told.language,
        "path": told.path,
        "received_at": moment(report.received_at),
    }


def moment(at: datetime) -> str:
    """A moment as it stands in a sealed value."""
    return at.isoformat(timespec="minutes")


def _shared_incident(found: Sequence[Report]) -> Incident | None:
    """The incident that one of these reports told of for another child."""
    row = CaseIncident.objects.filter(report__in=found).select_related("incident").order_by("added_at", "pk").first()
    return row.incident if row else None


def _first_worker(actor: Actor, case: Case) -> None:
    """The actor works with this child, unless they work with another child of its incident: then nobody does yet."""
    if actor.user_id in pairing.workers_of(pairing.together_with({case.pk})):
        return
    CaseWorker.objects.create(
        case=case,
        user_id=actor.user_id,
        role=WorkerRole.LEAD,
        since=case.opened_at,
        assigned_by_id=actor.user_id,
    )
    settle_free(case.pk)
