"""What one line of the inbox shows, and reports whose columns SQLite chooses no index by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, UUIDField
from django.db.models import Func as Function

from lindung.accounts.actors import Actor
from lindung.places import selectors as places
from lindung.vault import facts as vault_facts

from . import selectors
from .models import Report, ReportFact, Withdrawal, WithdrawalState

HELP, REPORTS = "help", "reports"
"""The queues: questions of adults who fear harming a child, and everything else."""


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox. `age` since it was received; `late`: the next step is ours and its time has passed."""

    report: Report
    age: timedelta
    late: bool
    place: str
    queue: str
    new_message: bool
    withdrawal_waiting: bool
    mine: bool

    @property
    def due_at(self) -> datetime:
        return self.report.due_at

    @property
    def promised_at(self) -> datetime:
        return self.report.promised_at

    @property
    def stop_pressure(self) -> bool:
        """Safety signal: somebody told that they are pressed to stop."""
        return self.report.stop_pressure


def plain() -> QuerySet[Report]:
    """Reports whose columns are also known by names that no index goes by: plain_team, plain_state, …"""
    names = ("queue_rank", "risk", "state", "path", "channel", "language", "received_at")
    plain = {f"plain_{name}": _Unhinted(F(name)) for name in names}
    ids = {f"plain_{name}": _Unhinted(F(name), output_field=UUIDField()) for name in ("team", "claimed_by")}
    return Report.objects.alias(**plain, **ids)


def by(**wanted: Any) -> Q:
    """Conditions on columns by the names that `plain` gives them."""
    return Q(**{f"plain_{name}": value for name, value in wanted.items()})


class _Unhinted(Function):
    """A column that SQLite may not choose an index by: without statistics it would take the wrong one."""

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template="+%(expressions)s", **context)


def rows(actor: Actor, ids: list[UUID], now: datetime) -> list[InboxRow]:
    """The rows of these reports in this order: two queries."""
    if not ids:
        return []
    asked = Withdrawal.objects.filter(report=OuterRef("pk"), state=WithdrawalState.SUPERVISOR)
    seen = selectors.visible_to(actor, plain(), team="plain_team").filter(pk__in=ids).select_related("claimed_by")
    seen = seen.annotate(new_message=selectors.unread_message(), withdrawal_waiting=Exists(asked))
    found: dict[UUID, Any] = {report.pk: report for report in seen}
    labels = _place_labels(ids)
    reports = [found[pk] for pk in ids if pk in found]
    return [
        InboxRow(
            report=report,
            age=now - report.received_at,
            late=report.state in selectors.WAITING_ON_STAFF and report.due_at < now,
            place=labels.get(report.pk, ""),
            queue=HELP if report.is_help else REPORTS,
            new_message=report.new_message,
            withdrawal_waiting=report.withdrawal_waiting,
            mine=report.claimed_by_id == actor.user_id,
        )
        for report in reports
    ]


def _place_labels(ids: list[UUID]) -> dict[UUID, str]:
    """The district or else the province of each report, through the statistics key."""
    # All facts of the page: asked for two fields only, SQLite would read those of every report.
    rows = ReportFact.objects.filter(report__in=ids).values_list("report_id", "field", "token")
    wanted = [(pk, level, bytes(token)) for pk, level, token in rows if level in ("province", "regency")]
    if not wanted:
        return {}
    provinces = places.provinces()
    known = {
        "province": vault_facts.meanings("province", [p.code for p in provinces]),
        "regency": vault_facts.meanings("regency", [r.code for p in provinces for r in places.regencies(p.code)]),
    }
    labels: dict[UUID, str] = {}
    for pk, level, token in sorted(wanted, key=lambda row: row[1]):  # the regency comes last and wins
        place = places.get(known[level].get(token, ""))
        if place is not None:
            labels[pk] = place.name
    return labels
