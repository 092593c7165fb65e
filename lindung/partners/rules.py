"""Who makes tokens, what a token may do, and what a partner is told: pure functions, no database."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.accounts.rules import ADMINISTRATOR
from lindung.core.textsafe import holds_media
from lindung.reporting.models import State
from lindung.reporting.rules import TeamFacts, named_by

from .models import CoarseState, Purpose, Scope

LONGEST_VALIDITY = timedelta(days=365)
HIGHEST_DAILY_LIMIT = 5000

ISSUERS = frozenset({"network"})
"""Bodies whose administrators make tokens: those that run the platform."""

_EMBEDDED = re.compile(r"\bdata:[^,\s]{0,100},", re.IGNORECASE)

_SEEN: dict[str, CoarseState] = {
    State.NEW: CoarseState.RECEIVED,
    State.CLAIMED: CoarseState.IN_PROGRESS,
    State.WAITING_REPORTER: CoarseState.IN_PROGRESS,
    State.WAITING_STAFF: CoarseState.IN_PROGRESS,
    State.REFERRED: CoarseState.IN_PROGRESS,
    State.CLOSED: CoarseState.CLOSED,
}


def may_manage_tokens(actor: Actor, issuer_id: UUID, issuer_kind: str) -> bool:
    """Administrators of a network make and revoke the tokens of their own network, and so does the command line."""
    if issuer_kind not in ISSUERS:
        return False
    return actor.is_system or (actor.has_role(ADMINISTRATOR) and issuer_id in actor.organisation_ids)


def purpose_fits(purpose: str, organisation_kind: str) -> bool:
    """A school has tokens of a school: under another purpose it would learn outcomes."""
    return (organisation_kind == "school") == (purpose == Purpose.SCHOOL)


def scopes_problem(purpose: str, scopes: Collection[str]) -> str:
    """Why these scopes cannot be given, as a code, or "".

    none, unknown; school_receipt: a school never holds a child's key; receipt_alone: a receipt comes with a report.
    """
    if not scopes:
        return "none"
    if not set(scopes) <= set(Scope.values):
        return "unknown"
    if Scope.RECEIPT in scopes and purpose == Purpose.SCHOOL:
        return "school_receipt"
    if Scope.RECEIPT in scopes and Scope.SUBMIT not in scopes:
        return "receipt_alone"
    return ""


def expiry_fits(expires_on: date, today: date) -> bool:
    """Every token ends: tomorrow at the earliest, in a year at the latest."""
    return today < expires_on <= today + LONGEST_VALIDITY


def names_partner(concerns: Collection[str], organisation_kind: str) -> bool:
    """Tell whether a report with these concerns may be about somebody of the body that sent it."""
    kind = "intake" if organisation_kind in ISSUERS else "partner"
    return named_by(TeamFacts(UUID(int=0), kind, organisation_kind, None), concerns)


def told_now(*, told: str, state: str, hidden: bool) -> CoarseState:
    """What a partner may be told now, having been told `told` before.

    `hidden`: the report names the partner or a school sent it. Then nothing moves any more: neither on, nor back, which
    would tell as much. The same while somebody asks to stop. And nothing ever goes back to "received": a report that
    moved to other hands because of whom it names looks like one that is being worked on.
    """
    before = CoarseState(told)
    seen = _SEEN.get(state)
    if hidden or seen is None or (seen == CoarseState.RECEIVED and before != CoarseState.RECEIVED):
        return before
    return seen


def told_after_erasing(*, told: str, state: str, hidden: bool) -> CoarseState:
    """What a partner is told about a report that is gone.

    Work that somebody stopped ends like any other; what was never seen to begin never does, as with hidden ones.
    """
    before = CoarseState(told)
    if hidden or (state == State.WITHDRAWN and before == CoarseState.RECEIVED):
        return before
    return CoarseState.CLOSED


def carries_a_file(text: str) -> bool:
    """Tell whether a text holds a picture, film, sound or any other file as a data URL, base64 or hex."""
    return bool(_EMBEDDED.search(text)) or holds_media(text)
