"""From hits to alerts: episodes, scores, and the rule that a possible victim is not raised as a suspect.

An alert is one episode of one account in one class. A hit within 30 days of the last one of its class joins it. The
score is the sum over groups of the largest weight hit; supporting indicators count only beside a primary one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from lindung_redflags.catalogue.model import Catalogue, Indicator
from lindung_redflags.reference import Hit
from lindung_redflags.rows import Account

TOGETHER = 30 * 86400
"""Seconds after its last hit within which a further hit joins an episode."""

THRESHOLD = 30
"""Points from which an episode is an alert."""

VICTIM = "possible_victim"

Decided = Mapping[tuple[int, str], Sequence[tuple[int, int]]]
"""By account number and class, the spans of seconds (both included) of which a person decided that what is held back in
them is raised."""

NOTHING: Decided = {}


@dataclass(frozen=True)
class Episode:
    """Hits of one account in one class that belong together, in the order of time. Times in seconds."""

    a: int
    subject: str
    hits: tuple[Hit, ...]
    score: int
    raised: int | None
    """When the score reached the threshold; None: it never did."""
    signs: tuple[str, ...] = ()
    """It would be an alert about a suspect, but these primary indicators say that the account may be a victim's in the
    same time."""
    released: bool = False
    """A person decided that it is raised nevertheless."""

    @property
    def first(self) -> int:
        return self.hits[0].at

    @property
    def last(self) -> int:
        return self.hits[-1].at

    @property
    def held_back(self) -> bool:
        return bool(self.signs) and not self.released

    @property
    def alerts(self) -> bool:
        return self.raised is not None and not self.held_back


def episodes(
    found: Iterable[Hit], catalogue: Catalogue, threshold: int = THRESHOLD, decided: Decided = NOTHING
) -> list[Episode]:
    """Group hits into episodes and score them; those about suspects beside signs of a possible victim are held back.

    A primary hit is such a sign even if it is far from an alert by itself. `decided`: an episode that lies wholly in
    one of these spans is released.
    """
    by_class = sorted(
        found, key=lambda hit: (hit.a, catalogue.indicators[hit.indicator].subject, hit.at, hit.n, hit.indicator)
    )
    made: list[Episode] = []
    for (a, subject), mine in groupby(by_class, key=lambda hit: (hit.a, catalogue.indicators[hit.indicator].subject)):
        for together in _split(list(mine)):
            score, raised = _score(together, catalogue.indicators, threshold)
            made.append(Episode(a, subject, tuple(together), score, raised))
    victims: dict[int, list[Episode]] = {}
    for one in made:
        if one.subject == VICTIM and one.score:
            victims.setdefault(one.a, []).append(one)
    return [
        _held(one, victims[one.a], catalogue.indicators, decided)
        if one.subject != VICTIM and one.raised is not None and one.a in victims
        else one
        for one in made
    ]


def _held(one: Episode, victims: Iterable[Episode], indicators: Mapping[str, Indicator], decided: Decided) -> Episode:
    signs = {
        hit.indicator
        for other in victims
        if _overlap(one, other)
        for hit in other.hits
        if indicators[hit.indicator].kind == "primary"
    }
    released = any(begin <= one.first and one.last <= end for begin, end in decided.get((one.a, one.subject), ()))
    return replace(one, signs=tuple(sorted(signs)), released=bool(signs) and released)


def _split(mine: Sequence[Hit]) -> list[list[Hit]]:
    parts: list[list[Hit]] = []
    for hit in mine:
        if parts and hit.at - parts[-1][-1].at <= TOGETHER:
            parts[-1].append(hit)
        else:
            parts.append([hit])
    return parts


def _overlap(one: Episode, other: Episode) -> bool:
    return one.first <= other.last + TOGETHER and other.first <= one.last + TOGETHER


def _score(hits: Sequence[Hit], indicators: Mapping[str, Indicator], threshold: int) -> tuple[int, int | None]:
    best: dict[str, int] = {}
    primary, score, raised = False, 0, None
    for _, same in groupby(hits, key=lambda hit: hit.at):
        for hit in same:
            one = indicators[hit.indicator]
            primary = primary or one.kind == "primary"
            best[one.group] = max(best.get(one.group, 0), one.weight)
            now = hit.at
        score = sum(best.values()) if primary else 0
        if raised is None and score >= threshold:
            raised = now
    return score, raised


def alert_id(account: Account, one: Episode, version: str) -> str:
    """The name of an alert: the same account, class, beginning and catalogue give the same."""
    return hashlib.sha256(f"{account.account_id}\n{one.subject}\n{one.first}\n{version}".encode()).hexdigest()


def case_ids(alerts: Sequence[tuple[str, str, str, int, int]]) -> dict[str, str]:
    """A case for each alert: alerts of one holder in one class that lie within 30 days of each other share one.

    `alerts`: alert id, holder id, class, first and last second of the episode.
    """
    found: dict[str, str] = {}
    ordered = sorted(alerts, key=lambda entry: (entry[1], entry[2], entry[3], entry[0]))
    for (holder, subject), mine in groupby(ordered, key=lambda entry: (entry[1], entry[2])):
        until, case = None, ""
        for name, _, _, first, last in mine:
            if until is None or first > until + TOGETHER:
                case = hashlib.sha256(f"{holder}\n{subject}\n{first}".encode()).hexdigest()[:16]
            until = max(until or last, last)
            found[name] = case
    return found
