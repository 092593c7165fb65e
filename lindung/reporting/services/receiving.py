"""A report comes in: sealed, stored whole in one transaction or not at all, once however often it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from lindung.accounts.models import Team
from lindung.audit import services as audit
from lindung.core import clock, deadlines, worktime
from lindung.core.errors import Conflict, NotAllowed, Unavailable
from lindung.places import selectors as places
from lindung.vault import blind, gate, receipts
from lindung.vault import facts as vault_facts
from lindung.vault import services as vault
from lindung.vault.primitives import token
from lindung.vault.receipts import ReceiptKeys
from lindung.vault.secrets import key_for
from lindung.vault.services import REPORTER

from .. import answers as answering
from .. import knowledge, rules, selectors, signals
from ..memory import lately
from ..models import Platform, Report, ReportExclusion, ReportFact, Risk
from . import alerts
from .storing import one_at_a_time, storing

ANSWERS = "answers"
"""Name of the sealed field that holds what was answered."""

FIRST_LOOK = timedelta(minutes=15)
"""How long after the start of a shift the first answers may be promised."""


@dataclass(frozen=True)
class Typist:
    """Who of staff types what somebody told them, and what is sealed beside the answers: field -> (key name, words)."""

    audit_name: str
    sealed: Mapping[str, tuple[str, bytes]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class _Plan:
    """Everything that is decided before the transaction begins."""

    answers: answering.Answers
    sealed: bytes
    receipt: ReceiptKeys
    walk_tag: bytes
    team: Team
    excluded: frozenset[Any]
    risk: str
    received_at: datetime
    promised_at: datetime
    zone: str
    facts: list[ReportFact]
    identifiers: list[tuple[str, str]]


def receive(
    *,
    answers: Mapping[str, Any],
    code: str,
    walk_id: bytes,
    language: str,
    source: str,
    channel: str = "portal",
    typist: Typist | None = None,
) -> Report:
    """Take in one report and return it, durably stored. There is no actor: whoever sends it stays unknown.

    `typist`: somebody of staff who writes for a caller (services.staff_intake); the audit names them.

    `code`: the receipt that the walk was given; `walk_id`: what makes a repeated or doubled send the same one, so that
    it gives the same single report; `source`: kept in memory while it waits for its turn at the derivation, never
    written. An empty report is complete. Raises BadInput (unknown code, over-long text, media), BadReceipt, Conflict
    when this walk was already received under another receipt, and Unavailable when it cannot be stored now or nobody
    may receive it: then nothing is stored and the same call may be tried again.
    """
    digits = receipts.check(code)
    with storing():
        checked = answering.check(answers, platforms=_platforms_beyond(answers))
    with gate.turn("send", source):
        receipt = receipts.derive(digits)
    walk_tag = token(key_for("reporting/walk"), "walk", walk_id)
    with storing():
        plan = _plan(checked, receipt, walk_tag)
        try:
            with one_at_a_time(), transaction.atomic():
                return _store(plan, language=language, channel=channel, typist=typist)
        except IntegrityError:
            known = _received(walk_tag, receipt)
            if known is None:
                raise
            return known


def walk_was_received(walk_id: bytes) -> bool:
    """Tell whether a walk was already taken in, for a page that was sent again after the draft had gone."""
    with storing():
        return Report.objects.filter(walk_tag=token(key_for("reporting/walk"), "walk", walk_id)).exists()


def promise(team: Team, risk: str, start: datetime, zone: str) -> datetime:
    """The time by which an answer may be promised: the standard of the risk, but never before somebody reads.

    Outside of duty it is a first look after the next shift starts; without a roster the office hours of the team count.
    """
    due = deadlines.response_due(risk, start, zone)  # type: ignore[arg-type]
    on_duty, next_start = lately(("reading", team.pk, start), lambda: selectors.next_reading(team, start))
    if on_duty or (next_start is None and worktime.is_office_open(start, team.tz)):
        return due
    reading = next_start or worktime.next_opening(start, team.tz)
    return max(due, reading + FIRST_LOOK)


def _platforms_beyond(answers: Mapping[str, Any]) -> list[str]:
    """The table's platforms, asked for only when an answer names one that the knowledge file does not know."""
    chosen = answers.get("online_where")
    if not isinstance(chosen, (list, tuple)) or all(code in knowledge.platforms() for code in chosen):
        return []
    return list(Platform.objects.values_list("code", flat=True))


def _received(walk_tag: bytes, receipt: ReceiptKeys) -> Report | None:
    report = Report.objects.filter(walk_tag=walk_tag).first()
    if report is not None and bytes(report.receipt_tag) != receipt.tag:
        # Showing this receipt would promise a mailbox that it does not open.
        raise Conflict()
    return report


def _plan(answers: answering.Answers, receipt: ReceiptKeys, walk_tag: bytes) -> _Plan:
    concerns = answering.codes(answers, "concern")
    province, regency = answering.place_codes(answers)
    teams = lately("teams", selectors.team_facts)
    chosen = rules.recipient(concerns, teams, province=province)
    if chosen is None:
        raise Unavailable()
    team = lately(("team", chosen.id), lambda: Team.objects.get(pk=chosen.id))
    zone = str(places.zone_of(regency or province)) if (regency or province) else team.tz
    risk, _reasons = rules.initial_risk(answers)
    received_at = clock.coarse_now()
    return _Plan(
        answers=answers,
        sealed=answering.encode(answers),
        receipt=receipt,
        walk_tag=walk_tag,
        team=team,
        excluded=rules.excluded_teams(concerns, teams),
        risk=risk,
        received_at=received_at,
        promised_at=promise(team, risk, received_at, zone),
        zone=zone,
        facts=[
            ReportFact(field=field, token=vault_facts.fact_token(field, value))
            for field, value in answering.facts(answers)
        ],
        identifiers=[(entry.kind, entry.text) for entry in answering.identifiers(answers)],
    )


def _store(plan: _Plan, *, language: str, channel: str, typist: Typist | None = None) -> Report:
    try:
        keys = vault.new_record(kind="report", team_id=plan.team.pk, receipt=plan.receipt)
    except NotAllowed:
        raise Unavailable() from None  # the team lost its key since it was chosen
    more = typist.sealed if typist else {}
    vault.put_first(record_id=keys.record_id, keys=keys, fields={ANSWERS: (REPORTER, plan.sealed), **more})
    report = Report(
        record_id=keys.record_id,
        receipt_tag=plan.receipt.tag,
        walk_tag=plan.walk_tag,
        team=plan.team,
        channel=channel,
        path=str(plan.answers.get("path") or "child"),
        language="en" if language.startswith("en") else "id",
        tz=plan.zone,
        risk=plan.risk,
        received_at=plan.received_at,
        due_at=deadlines.response_due(plan.risk, plan.received_at, plan.zone),  # type: ignore[arg-type]
        promised_at=plan.promised_at,
        medical_until=_medical_until(plan),
        danger_now=plan.answers.get("danger") == "yes",
        selfharm=plan.answers.get("feeling") in {"selfharm", "yes"},
    )
    report.save(force_insert=True)
    for fact in plan.facts:
        fact.report = report
    if plan.facts:
        ReportFact.objects.bulk_create(plan.facts)
    if plan.identifiers:
        blind.index(record_id=keys.record_id, entries=plan.identifiers)
    if plan.excluded:
        ReportExclusion.objects.bulk_create(ReportExclusion(report=report, team_id=team) for team in plan.excluded)
    if report.risk == Risk.HIGH:
        alerts.plan(report, plan.received_at)
    signals.report_received.send(sender=Report, report=report)
    audit.record(
        "report.taken_in" if typist else "report.received",
        actor=typist.audit_name if typist else "",
        subject=report.id.hex,
        data={"team": plan.team.pk, "channel": channel, "risk": plan.risk},
        coarse=True,
    )
    return report


def _medical_until(plan: _Plan) -> datetime | None:
    """The medical window concerns harm to the body alone."""
    if "touched" not in answering.codes(plan.answers, "happened"):
        return None
    return deadlines.medical_window_until(str(plan.answers.get("when") or ""), plan.received_at)
