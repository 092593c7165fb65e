"""What a step of the proceedings must hold, which days fit, what an interview repeats: pure functions, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lindung.core.worktime import Zone, add_working_days

from .knowledge.law import NONE_ADEQUATE, Article, Step

DEMAND_WORKING_DAYS = 3


@dataclass(frozen=True)
class Done:
    """A step that was noted and not struck out."""

    step: str
    on: date


@dataclass(frozen=True)
class Entry:
    """A step as somebody wants to note it. `event_on`: the day of the event that it is about, when they know it."""

    step: str
    on: date
    article: str = ""
    result: str = ""
    event_on: date | None = None
    reasoned: bool = False


def problem(
    entry: Entry, done: Iterable[Done], today: date, steps: Mapping[str, Step], articles: Mapping[str, Article]
) -> tuple[str, str] | None:
    """Return (field, code) of what is wrong with a step, or None. The codes have their words in services.legal.

    A step lies in the past, never before one that precedes it nor after one that follows it. A law must have applied on
    the day of the step or on that of the event: what happened before a law is judged by the one of its time. That no
    article fits needs its reason.
    """
    step = steps.get(entry.step)
    if step is None:
        return "step", "unknown"
    if entry.on > today:
        return "on", "ahead"
    if entry.event_on is not None and entry.event_on > entry.on:
        return "event_on", "event_after"
    if entry.result and entry.result not in step.results:
        return "result", "result_of_another_step"
    out_of_order = _out_of_order(step, entry.on, done, steps)
    if out_of_order:
        return "on", out_of_order
    return _article_problem(entry, step, articles)


def _out_of_order(step: Step, on: date, done: Iterable[Done], steps: Mapping[str, Step]) -> str:
    for other in done:
        rank = steps[other.step].rank if other.step in steps else step.rank
        if rank < step.rank and on < other.on:
            return "before_report" if other.step == "report" else "before_earlier_step"
        if rank > step.rank and on > other.on:
            return "after_later_step"
    return ""


def _article_problem(entry: Entry, step: Step, articles: Mapping[str, Article]) -> tuple[str, str] | None:
    if step.article == "none":
        return ("article", "no_article_here") if entry.article else None
    if not entry.article:
        return ("article", "article_needed") if step.article == "needed" else None
    article = articles.get(entry.article)
    if article is None:
        return "article", "unknown"
    if entry.article == NONE_ADEQUATE:
        return None if entry.reasoned else ("words", "reason_needed")
    days = [entry.on, *([entry.event_on] if entry.event_on else [])]
    if not any(article.applies_on(day) for day in days):
        return "article", "not_in_force"
    return None


def repeats(topics: Collection[str], earlier: Iterable[Collection[str]]) -> frozenset[str]:
    """Topics that an earlier interview asked about already."""
    asked = {topic for one in earlier for topic in one}
    return frozenset(topics) & asked


def demand_due(received: datetime, zone: Zone) -> datetime:
    """By when a demand for records should have been looked at by a lawyer: three working days of the place."""
    return add_working_days(received, DEMAND_WORKING_DAYS, zone)


def may_ask_mediation(*, adult_suspects: int, child_suspects: int) -> bool:
    """Whether settling out of court may even be a question for a lawyer: only where every alleged offender is a child.

    A sexual offence is never settled outside court (UU 12/2022 art. 23, to be confirmed by a lawyer).
    """
    return child_suspects > 0 and adult_suspects == 0
