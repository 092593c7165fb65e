"""Deeds of the demonstration's stories that lead from a report to a case, and what happens in it then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lindung.accounts.models import User
from lindung.casework import services
from lindung.casework.models import Case
from lindung.core import clock
from lindung.reporting.models import Report


def of_report(report: Report, step: dict[str, Any]) -> Case:
    """The case that the report led to; `child: 2` names that of the second child."""
    rows = Case.objects.filter(case_reports__report=report).order_by("opened_at", "id")
    return list(rows)[int(step.get("child", 1)) - 1]


def _open(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.open_from_reports(
        actor, keyring, [report.pk], for_child=step.get("with"), another_child=bool(step.get("another")),
        take=bool(step.get("take", True)),
    )  # fmt: skip


def _assign(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    person = User.objects.get(username=step["to"])
    services.assign(actor, of_report(report, step).pk, person.pk, step.get("role", "lead"))


def _note(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.add_note(actor, keyring, of_report(report, step).pk, step["text"])


def _task(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    due = clock.now() + timedelta(hours=int(step["hours"]))
    services.add_task(actor, keyring, of_report(report, step).pk, step["text"], due, assignee_id=actor.user_id)


def _person(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.add_person(
        actor, keyring, of_report(report, step).pk, step["role"], step["with"], standing=step.get("standing", "")
    )


def _child(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.change_child(actor, keyring, of_report(report, step).pk, step["with"])


def _factors(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.set_factors(actor, keyring, of_report(report, step).pk, step["codes"])


def _statuses(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.set_statuses(actor, keyring, of_report(report, step).pk, step["codes"])


def _place(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.set_place(actor, keyring, of_report(report, step).pk, step["role"], step["with"])


DEEDS = {
    "case": _open,
    "case_assign": _assign,
    "case_note": _note,
    "case_task": _task,
    "case_person": _person,
    "case_child": _child,
    "case_factors": _factors,
    "case_statuses": _statuses,
    "case_place": _place,
}
