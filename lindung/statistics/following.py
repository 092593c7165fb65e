"""Receivers of news from the rooms below: noting first answers, and counting what is about to be erased."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lindung.casework.models import Case
from lindung.core import clock
from lindung.reporting.models import HELP_PATH, Report

from .erased import keep
from .models import Counted, FirstAnswer
from .sources import cases, referrals, reports

ANSWERED = "report.message_sent"


def on_report_changed(sender: Any, *, report_id: UUID, what: str, **more: Any) -> None:
    """Receiver of reporting's `report_changed`: the first answer is measured by what had been promised until then."""
    if what != ANSWERED or more.get("carried") or FirstAnswer.objects.filter(report=report_id).exists():
        return
    promised = Report.objects.filter(pk=report_id).values_list("promised_at", flat=True).first()
    if promised is not None:
        FirstAnswer.objects.get_or_create(report_id=report_id, defaults={"in_time": clock.coarse_now() <= promised})


def on_report_erasing(sender: Any, *, report: Report, outcome: str, **_: Any) -> None:
    """Receiver of reporting's `report_erasing`: before anything is taken apart.

    A merged report is counted at the one that it was merged into. What remains of a group whose lead goes stands alone
    and has been counted with it.
    """
    if report.merged_into_id is not None or report.path == HELP_PATH:
        return
    if not Counted.objects.filter(report=report).exists():
        keep(reports.of_report(report, outcome))
    merged = Report.objects.filter(merged_into=report).values_list("pk", flat=True)
    Counted.objects.bulk_create([Counted(report_id=pk) for pk in merged], ignore_conflicts=True)


def on_case_erasing(sender: Any, *, case: Case, **_: Any) -> None:
    """Receiver of casework's `case_erasing`: before anything is taken apart."""
    for item in [*cases.of_case(case), *referrals.of_case(case)]:
        keep(item)
