"""Handling two reports as one, and taking them apart again.

Merging is a link. Neither record gets a key of the other: each receipt opens its own report and thread, no message is
copied, and an answer goes into the box that staff choose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import rules_staff, selectors, signals
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import OPEN_STATES, ClosureProposal, Report, Withdrawal, WithdrawalState
from lindung.reporting.rules import RISK_ORDER
from lindung.reporting.services import alerts
from lindung.reporting.services.access import lock, report_for, risk_code
from lindung.reporting.services.receiving import promise

from .. import rules
from ..errors import CannotMerge
from ..models import Merge
from ..rows import answered, earlier_police, police_apart, police_start, read, whose_turn, write
from ..rules import Snapshot

RUNNING = (WithdrawalState.WAITING, WithdrawalState.SUPERVISOR)

REFUSALS: dict[str, str | Promise] = {
    "closed": _("Hanya laporan yang masih terbuka bisa digabung."),
    "team": _("Hanya laporan dari tim yang sama bisa digabung."),
    "hidden_from": _("Salah satu laporan disembunyikan dari tim lain. Keduanya tidak bisa digabung."),
    "help": _("Permintaan bantuan untuk diri sendiri tidak digabung."),
    "lead_is_merged": _("Laporan induk sudah digabung dengan laporan lain. Pilih laporan itu sebagai induk."),
    "is_lead": _("Laporan ini sudah menjadi induk. Gabungkan yang lain ke laporan ini."),
    "already": _("Laporan ini sudah digabung dengan laporan lain."),
    "stopping": _("Ada permintaan berhenti yang belum diputuskan."),
}
"""Why two reports cannot be handled as one, in words for staff."""


@dataclass(frozen=True)
class Undone:
    """What an undoing could not put back because somebody changed it since: groups of `rules.GROUPS`, and police."""

    lead: tuple[str, ...]
    merged: tuple[str, ...]

    @property
    def stayed(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.lead + self.merged))


def merge(actor: Actor, merged_id: UUID, lead_id: UUID) -> Merge:
    """Handle `merged` together with `lead` from now on. Both must be free or the actor's own.

    The lead gets the worse risk, the earlier times and the marks of both, and the earlier police clock; it waits for us
    if either did. The merged one shares its state and leaves the queue. Merging the same again changes nothing. Raises
    NotFound, NotAllowed, BadInput for a report with itself, HeldByColleague, CannotMerge.
    """
    with transaction.atomic():
        merged, lead = (report_for(actor, pk, rules_staff.may_triage) for pk in (merged_id, lead_id))
        if merged.pk == lead.pk:
            raise BadInput("other", _("Ini laporan yang sama."))
        # In the order of their ids, so that two colleagues who merge both ways never wait for each other in a ring.
        rows = {row.pk: row for row in lock(Report.objects.filter(pk__in=[merged.pk, lead.pk]).order_by("pk"))}
        merged, lead = rows[merged.pk], rows[lead.pk]
        if merged.merged_into_id == lead.pk:
            return Merge.objects.get(merged=merged)
        refusal = _refusal(merged, lead)
        if refusal:
            raise CannotMerge(REFUSALS[refusal])
        if any(row.claimed_by_id not in (None, actor.user_id) for row in (merged, lead)):
            raise HeldByColleague
        made = _merge(actor, merged, lead)
        data: dict[str, str | UUID] = {"lead": lead.pk, "risk": lead.risk}
        audit.record("series.merged", actor=actor.audit_name, subject=merged.pk.hex, data=data)
    return made


def unmerge(actor: Actor, merged_id: UUID) -> Undone:
    """Take a merged report out again: both are put back as they were, except for what somebody changed since.

    Raises NotFound when it is not merged or the actor may not see both, NotAllowed.
    """
    with transaction.atomic():
        merged = report_for(actor, merged_id, rules_staff.may_triage)
        if merged.merged_into_id is None:
            raise NotFound
        report_for(actor, merged.merged_into_id, rules_staff.may_triage)
        undone = take_apart(merged.pk)
        if undone is None:
            raise Conflict
        data = {"stayed": "-".join(undone.stayed)[:60]}
        audit.record("series.unmerged", actor=actor.audit_name, subject=merged.pk.hex, data=data)
    return undone


def _refusal(merged: Report, lead: Report) -> str:
    """Why these two cannot be handled as one, as a code of REFUSALS; "" when they can. Both rows are locked."""
    if any(row.state not in OPEN_STATES for row in (merged, lead)):
        return "closed"
    if merged.team_id != lead.team_id:
        return "team"
    if selectors.facts_of(merged).excluded_team_ids != selectors.facts_of(lead).excluded_team_ids:
        # Somebody of a named team would else learn from the one of the other.
        return "hidden_from"
    if merged.is_help or lead.is_help:
        return "help"
    if lead.merged_into_id is not None:
        return "lead_is_merged"
    if merged.merged_into_id is not None:
        return "already"
    if Report.objects.filter(merged_into=merged).exists():
        return "is_lead"
    if Withdrawal.objects.filter(report__in=[merged, lead], state__in=RUNNING).exists():
        return "stopping"
    return ""


def _merge(actor: Actor, merged: Report, lead: Report) -> Merge:
    now = clock.coarse_now()
    lead_before, merged_before = read(lead), read(merged)
    risk = rules.worse(lead.risk, merged.risk)
    lead_after = rules.combined(
        lead_before,
        merged_before,
        due_if_raised=deadlines.response_due(risk_code(risk), lead.received_at, lead.tz),
        promised=clock.coarse(promise(lead.team, risk, now, lead.tz)),
    )
    state = rules.shared_state(lead_after.state, answered=answered(merged.pk))
    merged_after = _holding(merged_before, lead_after, state)
    police = police_start(lead.pk)
    earlier_police(lead, merged)
    write(lead, lead_after)
    write(merged, merged_after, merged_into=lead)
    ClosureProposal.objects.filter(report=merged, state=ClosureProposal.ProposalState.OPEN).update(
        state=ClosureProposal.ProposalState.REJECTED, confirmed_by=actor.user_id, confirmed_at=clock.now()
    )
    alerts.stop(merged.pk)
    made = Merge.objects.create(
        lead=lead,
        merged=merged,
        at=clock.now(),
        by_id=actor.user_id,
        police_before=police,
        lead_before=lead_before.to_json(),
        lead_after=lead_after.to_json(),
        merged_before=merged_before.to_json(),
        merged_after=merged_after.to_json(),
    )
    for row in (lead, merged):
        signals.report_changed.send(sender=Merge, report_id=row.pk, what="series.merged")
    return made


def _holding(merged: Snapshot, lead: Snapshot, state: str) -> Snapshot:
    return replace(merged, state=str(state), claimed_by=lead.claimed_by, claimed_at=lead.claimed_at)


def take_apart(merged_id: UUID) -> Undone | None:
    """End one merge inside the caller's transaction, whoever asks; None when there is none. No audit event.

    The lead is put back as if this one had never been merged into it: what others that are still merged brought stays.
    """
    lead_id = Merge.objects.filter(merged=merged_id).values_list("lead", flat=True).first()
    if lead_id is None:
        return None
    lead = lock(Report.objects.filter(pk=lead_id)).get()
    merged = lock(Report.objects.filter(pk=merged_id)).get()
    chain = list(Merge.objects.filter(lead=lead))
    gone = next((index for index, row in enumerate(chain) if row.merged_id == merged_id), None)
    if gone is None:  # somebody was faster
        return None
    found = chain[gone]
    risks = [row.merged_before["risk"] for row in chain if row.pk != found.pk]
    worst = min(risks, key=RISK_ORDER.__getitem__, default=lead.risk)
    due = deadlines.response_due(risk_code(worst), lead.received_at, lead.tz)
    links, would, was = rules.taken_out([_link(row) for row in chain], gone, due)
    rest = [row for row in chain if row.pk != found.pk]
    police = police_apart(lead, chain[0].police_before, chain[0].at, [row.merged_id for row in rest])
    if gone == 0 and rest:
        rest[0].police_before = found.police_before
    found.delete()
    for row, link in zip(rest, links, strict=True):
        row.lead_before, row.lead_after = link.before.to_json(), link.after.to_json()
        row.save(update_fields=["lead_before", "lead_after", "police_before"])
    lead_back = _stands_alone(lead.pk, rules.put_back(read(lead), would, was), waiting=_waits(rest))
    write(lead, lead_back.snapshot)
    before, after = Snapshot.from_json(found.merged_before), Snapshot.from_json(found.merged_after)
    merged_back = _stands_alone(merged.pk, rules.put_back(read(merged), before, after))
    write(merged, merged_back.snapshot, merged_into=None)
    for report in (lead, merged):
        signals.report_changed.send(sender=Merge, report_id=report.pk, what="series.unmerged")
    return Undone(lead_back.stayed + (("police",) if police else ()), merged_back.stayed)


def _link(row: Merge) -> rules.Link:
    return rules.Link(*(Snapshot.from_json(data) for data in (row.lead_before, row.lead_after, row.merged_before)))


def _waits(rest: list[Merge]) -> bool:
    return any(not answered(row.merged_id) for row in rest)


def _stands_alone(report_id: UUID, back: rules.PutBack, waiting: bool = False) -> rules.PutBack:
    """A state that was changed since goes by the report's own thread; `waiting`: one still merged into it waits."""
    if "state" not in back.stayed or waiting:
        return back
    said, asked = whose_turn(report_id)
    state = rules.own_state(back.snapshot.state, answered=said, asked=asked)
    return rules.PutBack(replace(back.snapshot, state=str(state)), back.stayed)
