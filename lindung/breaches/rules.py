"""Clocks, rights and duties of the register: pure functions over plain values.

Both notices have 3 x 24 calendar hours from the discovery: nights, weekends, Lebaran and zones change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ADMINISTRATOR, SUPERVISOR
from lindung.reporting import rules_staff

from . import knowledge

NEAR = timedelta(hours=6)
RUNNING, CLOSE, OVERDUE, DONE, DONE_LATE = "running", "near", "overdue", "done", "done_late"
EVERY_DAY = timedelta(hours=24)


def notice_due(discovered_at: datetime) -> datetime:
    """The end of the time for both notices: exactly 72 calendar hours later, in UTC."""
    if discovered_at.tzinfo is None:
        raise ValueError("notice_due: expected an aware datetime")
    return discovered_at.astimezone(UTC) + timedelta(hours=knowledge.notice_hours())


def clock_state(due_at: datetime, now: datetime, done_at: datetime | None) -> str:
    """Where a clock stands: running, near (6 hours left), overdue; done or done_late once it was seen to."""
    if done_at is not None:
        return DONE if done_at <= due_at else DONE_LATE
    if now >= due_at:
        return OVERDUE
    return CLOSE if due_at - now <= NEAR else RUNNING


def next_reminder(discovered_at: datetime, after: datetime) -> datetime:
    """The next reminder after a moment: at 24, 48 and 66 hours, at the end of the time, then every 24 hours."""
    for hours in (*knowledge.reminder_hours(), knowledge.notice_hours()):
        moment = discovered_at + timedelta(hours=hours)
        if moment > after:
            return moment
    over = after - notice_due(discovered_at)
    return notice_due(discovered_at) + (over // EVERY_DAY + 1) * EVERY_DAY


def may_open(actor: Actor, team_id: UUID, team_kind: str, organisation_id: UUID) -> bool:
    """Enter an incident for a team: its supervisors; administrators for a team of their organisation.

    Any supervisor may enter one for an independent team, for it may concern colleagues. Whoever only enters reads
    nothing of it afterwards.
    """
    if actor.has_role_in(team_id, SUPERVISOR):
        return True
    if actor.has_role(ADMINISTRATOR) and organisation_id in actor.organisation_ids:
        return True
    return team_kind == "independent" and actor.has_role(SUPERVISOR)


def may_work(actor: Actor, team_id: UUID) -> bool:
    """Read an incident, write measures, decide, note the notice to the authority: supervisors of its team."""
    return actor.has_role_in(team_id, SUPERVISOR)


def may_close(actor: Actor, team_id: UUID, proposed_by: UUID) -> bool:
    """The second person who closes: another analyst or supervisor of the team."""
    return actor.user_id != proposed_by and rules_staff.may_triage(actor, team_id)


def signs(report: Any, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Why the home of this report's child must not be told, as codes of incidents.yaml; empty when nothing says so.

    `report` has the clear columns, `answers` what was told.
    """
    found = {
        "danger_now": report.danger_now or answers.get("danger") == "yes",
        "stop_pressure": report.stop_pressure,
        "selfharm": report.selfharm,
        "high_risk": report.risk == "high",
        "must_not_know": bool(str(answers.get("must_not_know") or "").strip()),
        "code_only": answers.get("reach") == "code_only",
        "child_path": report.path in {"child", "young_child"},
    }
    return tuple(code for code in knowledge.unsafe_signs() if found[code])


def way_problem(way: str, *, unsafe: Collection[str], judged_safe: bool, reason: str) -> tuple[str, str] | None:
    """Return (field, code) of what is wrong with a decision, or None.

    The home is told only when no sign speaks against it; that the child reports alone is outweighed by a person who
    judged the home safe (`judged_safe`) and says why. Every other sign outweighs the person.
    """
    chosen = knowledge.ways()[way]
    if chosen.tells_home:
        if set(unsafe) - {"child_path"}:
            return "way", "home_unsafe"
        if unsafe and not judged_safe:
            return "home_safe", "home_not_judged"
    if chosen.reason and not reason.strip():
        return "reason", "reason_missing"
    return None


def obstacles(*, measures: bool, authority: bool, undecided: int, later: int) -> tuple[str, ...]:
    """What must be done before an incident can be closed, as codes."""
    found = []
    if not measures:
        found.append("measures")
    if not authority:
        found.append("authority")
    if undecided:
        found.append("undecided")
    if later:
        found.append("later")
    return tuple(found)
