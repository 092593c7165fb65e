"""Plays stories through the real services, all of them in one line of time, so that the audit log is in order."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from lindung.cli.demo import cases, casework, moves, takedowns
from lindung.cli.demo.people import Cast
from lindung.core import clock
from lindung.reporting import rules_staff, services
from lindung.reporting.models import ClosureProposal, Direction, FollowUp, Message, PoliceClock, Report
from lindung.series import services as series
from lindung.vault import receipts

_SPAN = re.compile(r"^(\d+)([mhd])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass
class Story:
    """One report and what happens to it. `steps` are mappings with `after`, `do` and what the deed needs.

    `key`: the number of the scenario and the letter of the report ("6a"), by which another one's deed names it.
    """

    at: datetime
    answers: dict[str, Any]
    steps: list[dict[str, Any]]
    title: str = ""
    show: bool = False
    key: str = ""
    code: str = field(default_factory=receipts.generate, repr=False)
    report_id: UUID | None = None
    version: int = 1


def span(text: str) -> timedelta:
    """Read a length such as 15m, 20h or 2d. Raises ValueError."""
    match = _SPAN.match(str(text))
    if match is None:
        raise ValueError(f"demonstration: {text!r}: expected a length such as 15m, 20h or 2d")
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


def run(stories: Iterable[Story], cast: Cast, now: datetime) -> list[dict[str, str]]:
    """Play everything that lies before `now`; return the receipts that are shown to visitors."""
    line: list[tuple[datetime, int, Story, int]] = []
    number = 0
    for story in stories:
        heapq.heappush(line, (story.at, number, story, -1))
        number += 1
    shown, known = [], {}
    while line:
        at, _, story, index = heapq.heappop(line)
        if at > now:
            continue
        with clock.frozen(at):
            if index < 0:
                _receive(story)
                known[story.key] = story.report_id
                if story.show:
                    shown.append({"title": story.title, "code": receipts.grouped(story.code)})
            else:
                _do(story, {"known": known, **story.steps[index]}, cast)
        if index + 1 < len(story.steps):
            number += 1
            heapq.heappush(line, (at + span(story.steps[index + 1]["after"]), number, story, index + 1))
    return sorted(shown, key=lambda entry: int(entry["title"].split(".")[0]))


def _receive(story: Story) -> None:
    report = services.receive(
        answers=story.answers,
        code=story.code,
        walk_id=story.code.encode(),
        language="id",
        source="demonstration",
    )
    story.report_id = report.pk


def _do(story: Story, step: dict[str, Any], cast: Cast) -> None:
    assert story.report_id is not None
    report = Report.objects.get(pk=story.report_id)
    deed = step["do"]
    if deed in {"write", "stop"}:
        visit = services.mailbox.enter(story.code, "demonstration")
        if deed == "write":
            services.mailbox.write(visit, step["text"], step.get("kind", "text"), f"{story.code} {clock.now()}")
        else:
            services.mailbox.ask_to_stop(visit, bool(step.get("pressured")))
        return
    name = step.get("by") or cast.members(report.team_id)[step.get("member", 0)]
    _DEEDS[deed](cast.actors[name], cast.keyrings[name], report, step)


def _claim(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.claim(actor, report.pk)
    if step.get("by"):
        services.open_report(actor, keyring, report.pk)


def _release(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.release(actor, report.pk)


def _read(actor: Any, keyring: Any, report: Report) -> None:
    """Open a report in which something waits to be read; opening all of them takes a third of the time."""
    if Message.objects.filter(report=report, direction=Direction.IN, read_by_staff=False).exists():
        services.open_report(actor, keyring, report.pk)


def _answer(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    _read(actor, keyring, report)
    services.post_staff_message(actor, keyring, report.pk, step["text"], report.version)


def _note(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.add_note(actor, keyring, report.pk, step["text"])


def _triage(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    entry = services.TriageInput(
        risk=step["risk"],
        reason=step["reason"],
        authority=step["authority"],
        next_step=step["next_step"],
        forms=tuple(step.get("forms", ())),
        selfharm=bool(step.get("selfharm")),
        safety_plan=step.get("safety_plan", ""),
        child_known=step.get("child_known"),
    )
    services.triage(actor, keyring, report.pk, entry, report.version)


def _police(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    """`if_running`: only where the judgement started the clock."""
    if step.get("if_running") and not PoliceClock.objects.filter(report=report, decision="").exists():
        return
    services.decide_police(actor, keyring, report.pk, step["decision"], step["reason"], step["who_told_child"])


def _handover(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.record_handover(actor, keyring, report.pk, step["name"], bool(step["by_voice"]))


def _follow_up(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    for row in FollowUp.objects.filter(report=report, done_at=None):
        services.complete_follow_up(actor, row.pk)


def _attempt(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    services.log_attempt(actor, keyring, report.pk, step["channel"], step["note"])


def _propose(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    _read(actor, keyring, report)
    services.propose_closure(actor, report.pk, step["reason"], rules_staff.needs_two_people(step["reason"]))


def _confirm(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    proposal = ClosureProposal.objects.get(report=report, state=ClosureProposal.ProposalState.OPEN)
    services.confirm_closure(actor, proposal.pk)


def _join(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    series.join(actor, report.pk, step["known"][step["with"]], "identifier")


def _merge(actor: Any, keyring: Any, report: Report, step: dict[str, Any]) -> None:
    series.merge(actor, report.pk, step["known"][step["with"]])


_DEEDS = {
    **takedowns.DEEDS,
    **moves.DEEDS,
    **cases.DEEDS,
    **casework.DEEDS,
    "join": _join,
    "merge": _merge,
    "claim": _claim,
    "release": _release,
    "answer": _answer,
    "note": _note,
    "triage": _triage,
    "police": _police,
    "handover": _handover,
    "follow_up": _follow_up,
    "attempt": _attempt,
    "propose_closure": _propose,
    "confirm_closure": _confirm,
}
