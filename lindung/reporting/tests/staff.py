"""Short ways for the tests of the staff half."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lindung.accounts.models import User
from lindung.audit.models import Event
from lindung.core import clock
from lindung.reporting import services
from lindung.reporting.models import Report, TriageEntry
from lindung.reporting.services import TriageInput
from lindung.vault.services import Keyring

DANGER = {"path": "child", "danger": "yes", "words": "tolong"}
CALM = {"path": "child", "words": "aku mau cerita"}


def at(text: str) -> datetime:
    """A UTC moment: "2026-03-20 19:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@contextmanager
def later(**delta: float) -> Iterator[datetime]:
    """Move the frozen clock on from where it is."""
    moment = clock.now() + timedelta(**delta)
    with clock.frozen(moment):
        yield moment


class Desk:
    """One person of the cast at work: their actor and their keys, so that a test reads like a sentence."""

    def __init__(self, cast: Any, user: User) -> None:
        self.user = user
        self.actor = cast.actor(user)
        self.keyring: Keyring = cast.keyring(user)

    def open(self, report: Report) -> Any:
        return services.open_report(self.actor, self.keyring, report.pk)

    def claim(self, report: Report, **more: Any) -> Report:
        return services.claim(self.actor, report.pk, **more)

    def release(self, report: Report) -> Report:
        return services.release(self.actor, report.pk)

    def answer(self, report: Report, text: str = "Terima kasih sudah cerita.", version: int | None = None) -> Any:
        seen = Report.objects.get(pk=report.pk).version if version is None else version
        return services.post_staff_message(self.actor, self.keyring, report.pk, text, seen)

    def note(self, report: Report, text: str) -> Any:
        return services.add_note(self.actor, self.keyring, report.pk, text)

    def triage(self, report: Report, version: int | None = None, **entry: Any) -> TriageEntry:
        seen = Report.objects.get(pk=report.pk).version if version is None else version
        entry = {"risk": "medium", "reason": "Dibaca dan dinilai.", **entry}
        return services.triage(self.actor, self.keyring, report.pk, TriageInput(**entry), seen)

    def police(self, report: Report, decision: str, reason: str = "Alasan.", told: str = "Kak Analyst") -> Any:
        return services.decide_police(self.actor, self.keyring, report.pk, decision, reason, told)

    def hand_over(self, report: Report, name: str = "Ibu Sari", by_voice: bool = True) -> Any:
        return services.record_handover(self.actor, self.keyring, report.pk, name, by_voice)

    def attempt(self, report: Report, channel: str = "phone", note: str = "Tidak diangkat.", **more: Any) -> Any:
        return services.log_attempt(self.actor, self.keyring, report.pk, channel, note, **more)

    def propose(self, report: Report, reason: str = "done", safety_checked: bool = True) -> Any:
        return services.propose_closure(self.actor, report.pk, reason, safety_checked)

    def confirm(self, proposal: Any) -> Any:
        return services.confirm_closure(self.actor, proposal.pk)

    def reject(self, proposal: Any) -> Any:
        return services.reject_closure(self.actor, proposal.pk)


def events(subject: UUID | None = None, kind: str = "") -> list[Event]:
    """The audit trail, oldest first."""
    rows = Event.objects.order_by("seq")
    if subject is not None:
        rows = rows.filter(subject=subject.hex)
    return list(rows.filter(kind=kind) if kind else rows)
