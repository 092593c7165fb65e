"""An opened mailbox: who holds the receipt of a report, and what that opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from lindung.vault import gate, receipts
from lindung.vault import services as vault
from lindung.vault.receipts import ReceiptKeys
from lindung.vault.services import RecordKeys

from .. import keepers
from ..errors import WrongReceipt
from ..models import NextStep, PoliceClock, PoliceDecision, Report
from .storing import storing


@dataclass(frozen=True)
class Visit:
    """An opened mailbox. Goes into the sealed store of visits (`to_dict`), never into a session, address or log."""

    report_id: UUID
    tag: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def receipt(self) -> ReceiptKeys:
        return ReceiptKeys(tag=self.tag, key=self.key)

    def to_dict(self) -> dict[str, str]:
        """Plain text values for a JSON store that is sealed."""
        return {"report": self.report_id.hex, "tag": self.tag.hex(), "key": self.key.hex()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Visit:
        """Read what `to_dict` wrote. Raises WrongReceipt for anything else."""
        try:
            return cls(UUID(hex=data["report"]), bytes.fromhex(data["tag"]), bytes.fromhex(data["key"]))
        except (KeyError, TypeError, ValueError):
            raise WrongReceipt() from None


def enter(code: str, source: str) -> Visit:
    """Open a mailbox. Raises BadReceipt for a mistyped receipt (its check digits tell) and WrongReceipt for any other.

    A receipt that opens nothing costs the same derivation and the same look-up as one that does. There is no lock:
    guessing 59.8 random bits behind this derivation needs centuries.
    """
    digits = receipts.check(code)
    with gate.turn("mailbox", source):
        keys = receipts.derive(digits)
    with storing():
        found = Report.objects.filter(receipt_tag=keys.tag).values_list("id", flat=True).first()
    if found is None:
        raise WrongReceipt()
    return Visit(found, keys.tag, keys.key)


def opened(visit: Visit, *, lock: bool = False) -> tuple[Report, RecordKeys]:
    """The report of a visit and its reporter key. `lock` holds the row until the transaction ends.

    Raises WrongReceipt when the report has been erased.
    """
    rows = Report.objects.select_related("team", "claimed_by")
    if lock:
        # What it was merged into comes first, as for staff: two who write never wait for each other in a ring.
        list(Report.objects.filter(merged=visit.report_id).select_for_update(of=("self",)))
        # Alone, without its team: PostgreSQL would drop a row whose team changed while this waited for the lock.
        list(Report.objects.filter(pk=visit.report_id).select_for_update())
    report = rows.filter(pk=visit.report_id, receipt_tag=visit.tag).first()
    if report is None:
        raise WrongReceipt()
    return report, vault.open_with_receipt(record_id=report.record_id, receipt=visit.receipt)


def withdrawal_facts(report: Report) -> dict[str, Any]:
    """What `rules.withdrawal_needs_supervisor` asks of a report."""
    decision = PoliceClock.objects.filter(report=report).values_list("decision", flat=True).first()
    return {
        "risk": report.risk,
        "danger_now": report.danger_now,
        "police_clock_running": decision == "",
        "legal_hold": report.legal_hold,
        "state": report.state,
        "in_other_hands": report.outcome == NextStep.CASE
        or decision == PoliceDecision.REPORTED
        or bool(keepers.standing(report.pk)),
    }
