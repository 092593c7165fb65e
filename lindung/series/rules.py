"""What makes reports alike, what is shown of a series, what merging does to two reports: pure, no database.

Every function gets the reports that a person may see and nothing of others, so that a hidden report can change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from lindung.reporting.models import OPEN_STATES, State
from lindung.reporting.rules import RISK_ORDER

from .knowledge import Alike

OURS = (State.NEW, State.CLAIMED, State.WAITING_STAFF)
"""States in which the next step is ours."""

FACTS = ("form", "platform", "regency", "age_band")
"""Coded facts that are compared."""


# --- likeness ---------------------------------------------------------------------------------------------------------


def signs(*, days_apart: int, same: Collection[str], named_by: Collection[int], rule: Alike) -> frozenset[str]:
    """What two reports have in common, as codes of knowledge/alike.yaml.

    `same`: coded facts that both have. `named_by`: for each identifier that both name, how many of the reports that the
    person may see name it, these two among them.
    """
    found = {field for field in same if field in FACTS}
    if any(number <= rule.common for number in named_by):
        found.add("identifier")
    elif named_by:
        found.add("common_identifier")
    if days_apart <= rule.near_days:
        found.add("near")
    elif days_apart <= rule.window_days:
        found.add("window")
    return frozenset(found)


def points(found: Collection[str], rule: Alike) -> int:
    """The sum of the points of the signs."""
    return sum(rule.points[code] for code in found)


def is_proposed(found: Collection[str], rule: Alike) -> bool:
    """Tell whether signs are enough: a shared identifier, or facts and dates together. Never dates or place alone."""
    if "identifier" in found or "common_identifier" in found:
        return True
    in_time = "near" in found or "window" in found
    needed = rule.needs_all <= set(found) and bool(rule.needs_any & set(found))
    return in_time and needed and points(found, rule) >= rule.enough


# --- series -----------------------------------------------------------------------------------------------------------


def is_shown(member_states: Iterable[str]) -> bool:
    """Tell whether a series is shown to somebody who may see members in these states: two of them, one still open.

    A single visible member is no series: that would tell of others.
    """
    states = list(member_states)
    return len(states) >= 2 and any(state in OPEN_STATES for state in states)


# --- merging ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Snapshot:
    """The columns of a report that merging and undoing touch: codes, ids and times."""

    state: str
    risk: str
    risk_source: str
    due_at: datetime
    promised_at: datetime
    claimed_by: UUID | None
    claimed_at: datetime | None
    medical_until: datetime | None
    danger_now: bool
    selfharm: bool
    stop_pressure: bool

    def to_json(self) -> dict[str, Any]:
        """Plain values: moments in ISO 8601, ids in hex."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Snapshot:
        """Read what `to_json` wrote."""
        moments = {name: datetime.fromisoformat(data[name]) if data[name] else None for name in _MOMENTS}
        holder = UUID(hex=data["claimed_by"]) if data["claimed_by"] else None
        return cls(**{**data, **moments, "claimed_by": holder})


_MOMENTS = ("due_at", "promised_at", "claimed_at", "medical_until")

GROUPS: dict[str, tuple[str, ...]] = {
    "state": ("state",),
    "risk": ("risk", "risk_source"),
    "due": ("due_at", "promised_at"),
    "claim": ("claimed_by", "claimed_at"),
    "marks": ("medical_until", "danger_now", "selfharm", "stop_pressure"),
}
"""What is put back together, or stays together."""

FIELDS = tuple(name for names in GROUPS.values() for name in names)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else value


def shared_state(lead_state: str, *, answered: bool) -> State:
    """The state of a merged report: that of its lead, except that its own box must not tell what is not so.

    `answered`: the last message of its own thread is ours. Nobody is told that we answered who has no answer, and
    nobody waits for one who has it.
    """
    state = State(lead_state)
    if state == State.WAITING_REPORTER and not answered:
        return State.WAITING_STAFF
    return State.WAITING_REPORTER if state in OURS and answered else state


def own_state(state: str, *, answered: bool, asked: bool) -> State:
    """The state of a report that stands alone again and was changed meanwhile: whose turn it is, by its own thread.

    `asked`: the last message is the reporter's.
    """
    if state == State.WAITING_STAFF and answered:
        return State.WAITING_REPORTER
    if state == State.WAITING_REPORTER and asked:
        return State.WAITING_STAFF
    return State(state)


def worse(one: str, other: str) -> str:
    """The more urgent of two risks."""
    return min(one, other, key=RISK_ORDER.__getitem__)


def combined(lead: Snapshot, merged: Snapshot, *, due_if_raised: datetime, promised: datetime) -> Snapshot:
    """The lead once another report is handled together with it: the worse risk, the earlier times, the marks of both.

    `due_if_raised`: when the lead must be answered at the other's risk. `promised`: the earliest that can be promised
    now. Whoever holds the other one holds both, unless the lead has a holder. What waits for us waits here.
    """
    risk = worse(lead.risk, merged.risk)
    held = lead if lead.claimed_by or not merged.claimed_by else merged
    state, waits = lead.state, merged.state in OURS
    if waits and state not in OURS:
        state = State.WAITING_STAFF
    if state == State.NEW and held.claimed_by:
        state = State.CLAIMED
    times = [lead.due_at] if lead.state in OURS else []
    times += [due_if_raised] if times and risk != lead.risk else []
    times += [merged.due_at] if waits else []
    promises = [lead.promised_at] if lead.state in OURS else []
    promises += [promised] if risk != lead.risk or lead.state not in OURS else []
    windows = [moment for moment in (lead.medical_until, merged.medical_until) if moment]
    return replace(
        lead,
        state=str(state),
        risk=risk,
        risk_source=lead.risk_source if risk == lead.risk else merged.risk_source,
        due_at=min(times) if times else lead.due_at,
        promised_at=min(promises) if state in OURS and promises else lead.promised_at,
        claimed_by=held.claimed_by,
        claimed_at=held.claimed_at,
        medical_until=min(windows) if windows else None,
        danger_now=lead.danger_now or merged.danger_now,
        selfharm=lead.selfharm or merged.selfharm,
        stop_pressure=lead.stop_pressure or merged.stop_pressure,
    )


@dataclass(frozen=True)
class PutBack:
    """What undoing writes, and the groups of GROUPS that stay because somebody changed them since."""

    snapshot: Snapshot
    stayed: tuple[str, ...]


def put_back(now: Snapshot, before: Snapshot, after: Snapshot) -> PutBack:
    """Put back, group by group, what merging changed; what was changed since stays as it is now."""
    values, stayed = {}, []
    for group, names in GROUPS.items():
        if all(getattr(now, name) == getattr(after, name) for name in names):
            values.update({name: getattr(before, name) for name in names})
        elif any(getattr(now, name) != getattr(before, name) for name in names):
            stayed.append(group)
    return PutBack(_agreeing(replace(now, **values)), tuple(stayed))


def _agreeing(snapshot: Snapshot) -> Snapshot:
    """A new report has no holder, a claimed one has."""
    if snapshot.state == State.NEW and snapshot.claimed_by:
        return replace(snapshot, state=str(State.CLAIMED))
    if snapshot.state == State.CLAIMED and not snapshot.claimed_by:
        return replace(snapshot, state=str(State.NEW))
    return snapshot


@dataclass(frozen=True)
class Link:
    """One merge into the same lead: the lead before and after, and the merged report before."""

    before: Snapshot
    after: Snapshot
    merged: Snapshot


def taken_out(chain: Sequence[Link], gone: int, due_if_raised: datetime) -> tuple[list[Link], Snapshot, Snapshot]:
    """Take one merge out of a lead's chain, oldest first, as if it had never been.

    Returns the links that stay, with what they would have found and left; what the lead would be by them all, to be
    written as `before`; and what it was by them all, to be compared with what it is now as `after` of `put_back`.
    """
    would, was = chain[gone].before, chain[gone].after
    kept = list(chain[:gone])
    for link in chain[gone + 1 :]:
        left = combined(would, link.merged, due_if_raised=due_if_raised, promised=link.after.promised_at)
        before, after, old = {}, {}, {}
        for names in GROUPS.values():
            unbroken = all(getattr(link.before, name) == getattr(was, name) for name in names)
            for name in names:
                before[name] = getattr(would if unbroken else link.before, name)
                after[name] = getattr(left if unbroken else link.after, name)
                old[name] = getattr(link.after, name)
        kept.append(Link(Snapshot(**before), Snapshot(**after), link.merged))
        would, was = Snapshot(**after), Snapshot(**old)
    return kept, would, was
