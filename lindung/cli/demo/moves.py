"""Deeds of the demonstration's stories that carry a report from team to team."""

from __future__ import annotations

from typing import Any

from lindung.cli.demo.people import team_named
from lindung.reporting.models import Report
from lindung.reporting.models_moves import Transfer, TransferState
from lindung.reporting.services import transferring


def _offer(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    transferring.offer(actor, keyring, report.pk, team_named(step["team"]).pk, step["reason"], step["words"])


def _accept(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    row = Transfer.objects.get(report=report, state=TransferState.OFFERED)
    transferring.accept(actor, keyring, row.pk)


DEEDS = {"offer": _offer, "accept": _accept}
