"""What the staff of the demonstration do about links: note them, send letters, record answers, look again."""

from __future__ import annotations

from typing import Any

from lindung.reporting.models import Report
from lindung.reporting.services import open_report
from lindung.takedown import addresses, services
from lindung.takedown.models import Item, State


def _ask(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    """Hand every link that the reporter gave to each of `to`."""
    opened = open_report(actor, keyring, report.pk)
    entries = [("url", text) for text in addresses.offered(opened.answers)]
    services.add(
        actor, keyring, report.pk, entries=entries, addressees=step["to"], bases=["iwf", "ite"], platform="website"
    )


def _send(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    waiting = Item.objects.filter(report=report, addressee=step["to"], state=State.DRAFT)
    notice = services.make_notice(actor, list(waiting.values_list("pk", flat=True)))
    services.mark_sent(actor, keyring, notice.pk, reference=step.get("reference", ""))


def _answer(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    for item in Item.objects.filter(report=report, addressee=step["to"]):
        services.answer(actor, keyring, item.pk, step["code"], words=step.get("words", ""))


def _check(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    for item in Item.objects.filter(report=report, addressee=step["to"]):
        services.check(actor, item.pk, step["method"], step["result"])


DEEDS = {
    "takedown": _ask,
    "takedown_send": _send,
    "takedown_answer": _answer,
    "takedown_check": _check,
}
