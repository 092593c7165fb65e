"""Reads what never changes before the first visitor comes, so that no child waits for it."""

from __future__ import annotations

import gc

from lindung.api import description
from lindung.core import clock, worktime
from lindung.places import selectors as places
from lindung.portal import questions
from lindung.reporting import knowledge


def warm() -> None:
    """Load holidays, places, and the pages of the walk: about half a second, once a process.

    What is loaded by then stays for good, so the collector of garbage need not look at it again and again.
    """
    # Five working days ahead: a weekend alone would not ask for the table of holidays.
    worktime.add_working_days(clock.now(), 5, "Asia/Jakarta")
    places.search("warm")
    for load in (
        knowledge.questions,
        knowledge.statements,
        knowledge.forms,
        knowledge.platforms,
        knowledge.risk_rules,
        knowledge.steps,
        description.document,
        questions.screens,
        questions.pages,
        questions.paths,
        questions.intros,
    ):
        load()
    gc.collect()
    gc.freeze()
