"""A partner asks how far a report is: three words, and for many reports only the first of them."""

from __future__ import annotations

from lindung.core.errors import NotFound
from lindung.reporting.models import State
from lindung.reporting.services.storing import storing
from lindung.vault import responses

from .. import rules, selectors
from ..models import CoarseState, Purpose, Scope, Submission
from .tokens import Caller, need


def read_state(caller: Caller, reference: str) -> CoarseState:
    """Return the coarse state of a report that the caller's organisation sent.

    Raises MissingScope, NotFound for every reference that is not one of theirs, and Unavailable. A practice token knows
    its practice references alone; a token of a school is told "received" whatever it asks about.
    """
    need(caller, Scope.STATE)
    if caller.token.sandbox:
        if not responses.is_practice(caller=caller.id, secret=caller.secret, reference=reference):
            raise NotFound
        return CoarseState.RECEIVED
    with storing():
        row = selectors.submission_for(caller.token, reference)
        if row is None:
            raise NotFound
        if caller.token.purpose == Purpose.SCHOOL:
            return CoarseState.RECEIVED
        return _tell(row)


def _tell(row: Submission) -> CoarseState:
    report = row.report
    if report is None:
        return CoarseState(row.told)
    lead = report.merged_into or report
    hidden = row.quiet or selectors.hidden_from(row.token.organisation_id, report, lead)
    # Handled together with another report, it moves on with that one; a wish to stop is its own.
    state = report.state if report.state == State.WITHDRAWN else lead.state
    now = rules.told_now(told=row.told, state=state, hidden=hidden)
    if now != row.told:
        # What was told stands, so that a later change of mind in the rules above never takes it back.
        Submission.objects.filter(pk=row.pk, report=report, told=row.told).update(told=now)
    return now
