"""Judging a report: risk, forms, whose task it is, self-harm, the medical window, the police clock, the next step.

A judgement is added, never changed: the newest counts, the earlier ones stay readable.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput
from lindung.vault.facts import fact_token
from lindung.vault.services import Keyring

from .. import knowledge, signals
from .. import rules_staff as rules
from ..models import (
    Authority,
    FollowUp,
    FollowUpKind,
    NextStep,
    PoliceClock,
    Report,
    ReportFact,
    Risk,
    RiskSource,
    TriageEntry,
)
from ..state import Event
from . import alerts
from .access import checked_choice, checked_text, move, open_keys, report_for, risk_code
from .handling import seal_for_staff
from .receiving import promise

_PLAN = _("Tulis rencana keselamatan: siapa yang menemani, apa yang dilakukan, nomor yang bisa dihubungi.")
_PROBLEMS = {
    "never_advice": _("Kalau ada risiko menyakiti diri, langkahnya bukan saran dan bukan penutupan."),
    "always_high": _("Risiko menyakiti diri selalu berarti risiko tinggi."),
    "plan_missing": _PLAN,
    "plan_without_selfharm": _PLAN,
}


@dataclass(frozen=True)
class TriageInput:
    """One judgement as the form gives it.

    `medical_until`: the end of the medical window that the analyst confirms; None leaves it as it stands, and
    `medical_over=True` takes it away. `child_known`: whether a child is known as a victim; None leaves it to the path
    of the report. `safety_plan`, `reason` are words and are sealed.
    """

    risk: str
    reason: str = field(repr=False)
    authority: str = Authority.DISTRICT
    next_step: str = NextStep.ADVICE
    forms: tuple[str, ...] = ()
    selfharm: bool = False
    safety_plan: str = field(default="", repr=False)
    medical_until: datetime | None = None
    medical_over: bool = False
    child_known: bool | None = None


def triage(actor: Actor, keyring: Keyring, report_id: UUID, entry: TriageInput, version: int) -> TriageEntry:
    """Write a judgement; the report must be free or the actor's own and is the actor's afterwards.

    In the same transaction: due times follow the risk (counted from the receipt: a judgement never resets the clock; a
    promise made to the reporter is never moved later), self-harm opens a follow-up within 24 calendar hours, a child
    known as a victim starts the police clock at the receipt. Nothing is closed here: out of scope and misuse need a
    closure proposal. Raises BadInput, or Conflict when the report changed since `version`.
    """
    check(entry)
    report = report_for(actor, report_id, rules.may_triage)
    keys = open_keys(report, keyring)
    applies, why = rules.police_clock_applies(
        path=report.path, next_step=entry.next_step, forms=entry.forms, child_known=entry.child_known
    )
    with transaction.atomic():
        now = clock.now()
        changes = _consequences(report, entry, now, unfinished_selfharm(report))
        move(report, Event.TRIAGE, actor, version=version, take=True, **changes)
        row = TriageEntry.objects.create(
            report=report,
            author_id=actor.user_id,
            at=now,
            risk=entry.risk,
            authority=entry.authority,
            next_step=entry.next_step,
            selfharm=entry.selfharm,
        )
        seal_for_staff(report, keys, row.field, _words(entry, why))
        _renew_forms(report, entry.forms)
        if entry.selfharm:
            _open_follow_up(report, now)
        if applies:
            start_police_clock(report)
        alerts.stop(report.pk)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.triaged")
        audit.record(
            "report.triaged",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"entry": row.pk.hex, "risk": entry.risk, "step": entry.next_step, "selfharm": entry.selfharm},
        )
    return row


def check(entry: TriageInput) -> None:
    """Raise BadInput, with the field, for a judgement that cannot stand."""
    checked_choice("risk", entry.risk, Risk)
    checked_choice("authority", entry.authority, Authority)
    checked_choice("next_step", entry.next_step, NextStep)
    checked_text("reason", entry.reason)
    checked_text("safety_plan", entry.safety_plan, required=False)
    for form in entry.forms:
        checked_choice("forms", form, tuple(knowledge.forms()))
    if entry.medical_until is not None and entry.medical_until.tzinfo is None:
        raise BadInput("medical_until", _("Tulis waktu beserta zonanya."))
    problem = rules.selfharm_problem(
        selfharm=entry.selfharm, next_step=entry.next_step, risk=entry.risk, safety_plan=entry.safety_plan
    )
    if problem:
        raise BadInput(problem[0], _PROBLEMS[problem[1]])


def _consequences(report: Report, entry: TriageInput, now: datetime, open_selfharm: bool) -> dict[str, Any]:
    """The columns that change with a judgement."""
    changes: dict[str, Any] = {
        "risk_source": RiskSource.STAFF,
        "selfharm": entry.selfharm or open_selfharm,
        "medical_until": None if entry.medical_over else entry.medical_until or report.medical_until,
    }
    if entry.risk != report.risk:
        changes |= {"risk": entry.risk, **due_times(report, entry.risk, now)}
    return changes


def due_times(report: Report, risk: str, now: datetime) -> dict[str, datetime]:
    """Due and promised time after a change of risk.

    Due: counted from the receipt, so that a report judged late shows as late. Promised: what the reporter reads in the
    mailbox; never later than it was, and counted from now, so that it does not lie in the past.
    """
    due = deadlines.response_due(risk_code(risk), report.received_at, report.tz)
    promised = promise(report.team, risk, now, report.tz)
    return {"due_at": due, "promised_at": clock.coarse(min(report.promised_at, promised))}


def _words(entry: TriageInput, police_code: str) -> bytes:
    return json.dumps(
        {
            "reason": entry.reason,
            "safety_plan": entry.safety_plan,
            "forms": list(entry.forms),
            "child_known": entry.child_known,
            "police": police_code,
            "taxonomy": knowledge.versions()["taxonomy"],
        },
        ensure_ascii=False,
    ).encode()


def _renew_forms(report: Report, forms: tuple[str, ...]) -> None:
    """What the analyst judged replaces what the plain sentences pointed to, in counts and links."""
    if not forms:
        return
    ReportFact.objects.filter(report=report, field="form").delete()
    ReportFact.objects.bulk_create(
        [ReportFact(report=report, field="form", token=fact_token("form", form)) for form in dict.fromkeys(forms)]
    )


def unfinished_selfharm(report: Report) -> bool:
    """Tell whether a follow-up of self-harm is still open: until then no later judgement takes the mark away."""
    return FollowUp.objects.filter(report=report, kind=FollowUpKind.SELFHARM_24H, done_at=None).exists()


def _open_follow_up(report: Report, now: datetime) -> None:
    """One open follow-up of self-harm at a time; an earlier due time stands."""
    if not unfinished_selfharm(report):
        FollowUp.objects.create(
            report=report, kind=FollowUpKind.SELFHARM_24H, due_at=deadlines.selfharm_follow_up_due(now)
        )


def start_police_clock(report: Report) -> PoliceClock:
    """Start the 3 x 24 calendar hours at the receipt of the report. Starting twice changes nothing."""
    clock_row, _created = PoliceClock.objects.get_or_create(
        report=report,
        defaults={"starts_at": report.received_at, "due_at": deadlines.police_due(report.received_at)},
    )
    return clock_row
