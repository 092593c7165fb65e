"""The duty to report to the police within 3 x 24 calendar hours: the decision, its reason, who told the child."""

from __future__ import annotations

import json
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.vault.services import Keyring

from .. import rules_staff as rules
from .. import signals
from ..models import PoliceClock, PoliceDecision, Report
from .access import checked_choice, checked_text, lock, open_keys, report_for
from .handling import seal_for_staff
from .triage import start_police_clock

FIELD = "police"


def decide_police(
    actor: Actor, keyring: Keyring, report_id: UUID, decision: str, reason: str, who_told_child: str
) -> PoliceClock:
    """Record the decision: `reported`, `not_enough` (to report) or `lawyer_exception`.

    Always with the reason and with who told the child, or why nobody could.

    A report to the police is final; any other decision may later become another one, and each stays sealed as a version
    of its own. A report without a running clock gets one, at its receipt. Raises BadInput, or Conflict when a colleague
    decided at the same time.
    """
    checked_choice("decision", decision, PoliceDecision)
    reason = checked_text("reason", reason)
    who_told_child = checked_text("who_told_child", who_told_child)
    report = report_for(actor, report_id, rules.may_triage)
    keys = open_keys(report, keyring)
    words = json.dumps({"reason": reason, "who_told_child": who_told_child, "decision": decision}, ensure_ascii=False)
    with transaction.atomic():
        lock(Report.objects.filter(pk=report.pk)).get()
        row = start_police_clock(report)
        if row.decision == PoliceDecision.REPORTED:
            raise BadInput("decision", _("Laporan ke polisi sudah tercatat dan tidak bisa diubah."))
        changed = PoliceClock.objects.filter(pk=row.pk, decision=row.decision, decided_at=row.decided_at).update(
            decision=decision, decided_at=clock.now(), decided_by=actor.user_id
        )
        if changed != 1:
            raise Conflict
        seal_for_staff(report, keys, FIELD, words.encode())
        Report.objects.filter(pk=report.pk).update(version=F("version") + 1)
        row.refresh_from_db()
        signals.report_changed.send(sender=Report, report_id=report.pk, what="report.police_decided")
        audit.record(
            "report.police_decided",
            actor=actor.audit_name,
            subject=report.pk.hex,
            data={"decision": decision, "late": clock.now() > row.due_at},
        )
    return row
