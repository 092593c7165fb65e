"""A report turns out to name somebody of a team: that team must neither read nor find it, and it goes on elsewhere."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, Team
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import Conflict, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from .. import answers as answering
from .. import keepers, rules, rules_staff, selectors, signals
from .. import state as states
from ..errors import NoRecipient
from ..models import ClosureProposal, Report, ReportExclusion, Risk
from . import alerts
from .access import hold_lead, open_keys, report_for
from .receiving import ANSWERS, promise
from .storing import storing


def mark_conflict(actor: Actor, keyring: Keyring, report_id: UUID, excluded_team_id: UUID) -> Report:
    """Hide a report from a team that its words name. When that team holds it, the next recipient gets the keys.

    The team's own keys are dropped in the same transaction, nobody of it sees the report again in any list, link or
    count, and whoever had it lets go. Raises NotFound, NotAllowed, Conflict when the report changed meanwhile, and
    NoRecipient (nothing changed) when every team that could receive it is named.
    """
    with storing(), transaction.atomic():
        report = report_for(actor, report_id, rules_staff.may_handle)
        hold_lead(report)
        keys = open_keys(report, keyring)
        if not Team.objects.filter(pk=excluded_team_id).exists():
            raise NotFound()
        sealed = vault.get(record_id=report.record_id, keys=keys, field=ANSWERS)
        ReportExclusion.objects.get_or_create(report=report, team_id=excluded_team_id)
        old_team = report.team_id
        if excluded_team_id == old_team:
            _move(report, keyring, answering.decode(sealed))
            keepers.follow(actor, keyring, report.pk, old_team, report.team_id)
        else:
            _let_go(report, excluded_team_id)
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.moved")
        data = {"excluded": excluded_team_id, "from": old_team, "to": report.team_id}
        audit.record("report.moved", actor=actor.audit_name, subject=report.pk.hex, data=data)
    return report


def _let_go(report: Report, excluded_team_id: UUID) -> None:
    """The report stays; somebody of the named team who has it in hand lets go, so that it does not wait for them."""
    changes: dict[str, object] = {"version": F("version") + 1}
    holder = Membership.objects.filter(user=report.claimed_by_id, team=excluded_team_id)
    if report.claimed_by_id is not None and holder.exists() and states.allowed(report.state, states.Event.RELEASE):
        target = states.next_state(report.state, states.Event.RELEASE)
        changes |= {"state": target, "claimed_by": None, "claimed_at": None}
    if Report.objects.filter(pk=report.pk, state=report.state, version=report.version).update(**changes) != 1:
        raise Conflict()
    report.refresh_from_db()


def _move(report: Report, keyring: Keyring, answers: answering.Answers) -> None:
    old_team = report.team_id
    excluded = set(ReportExclusion.objects.filter(report=report).values_list("team_id", flat=True))
    province, _regency = answering.place_codes(answers)
    concerns = answering.codes(answers, "concern")
    chosen = rules.recipient(concerns, selectors.team_facts(), province=province, excluded=excluded)
    if chosen is None:
        raise NoRecipient()
    team = Team.objects.get(pk=chosen.id)
    target = states.next_state(report.state, states.Event.MOVE)
    now = clock.coarse_now()
    rows = Report.objects.filter(pk=report.pk, team=old_team, state=report.state, version=report.version)
    moved = rows.update(
        team=team,
        state=target,
        claimed_by=None,
        claimed_at=None,
        due_at=deadlines.response_due(report.risk, now, report.tz),  # type: ignore[arg-type]
        promised_at=promise(team, report.risk, now, report.tz),
        version=F("version") + 1,
    )
    if moved != 1:
        raise Conflict()
    vault.transfer(record_id=report.record_id, keyring=keyring, to_team_id=team.pk)
    ClosureProposal.objects.filter(report=report, state=ClosureProposal.ProposalState.OPEN).update(
        state=ClosureProposal.ProposalState.REJECTED
    )
    report.refresh_from_db()
    alerts.stop(report.pk)
    if report.risk == Risk.HIGH:
        alerts.plan(report, now)
    signals.report_moved.send(sender=Report, report_id=report.pk, from_team=old_team, to_team=team.pk)
