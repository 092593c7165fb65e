"""Whose yes is asked, when it counts, and what must be decided by two people: pure functions, no database.

The matrix itself is data (knowledge/consent.yaml). Here stands how its cells are read, and three rules that no file can
switch off: an implicated guardian never says yes for the child and is never told; a child's no is answered by nothing
but a decision that two people signed after it; a decision that is past its review date allows nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from .knowledge import rights as knowledge
from .knowledge.rights import MATURE, Outcome
from .models import Standing
from .models_rights import Answer, Giver

GO_AHEAD = "go_ahead"
LEFT_OUT, OVERRIDDEN, DISAGREES = "guardian_left_out", "consent_overridden", "child_disagrees"
BROKEN, LEAVES = "confidence_broken", "leaves_home"


@dataclass(frozen=True)
class ChildFacts:
    """What the matrix asks of the child: its age band, and whether it understands (None: nobody judged it yet)."""

    band: str = "unknown"
    mature: bool | None = None


@dataclass(frozen=True)
class Guardian:
    """A guardian of the child. `barred`: stands on the list of people who may not know."""

    id: UUID
    standing: str
    barred: bool = False

    @property
    def may_be_asked(self) -> bool:
        return self.standing == Standing.SAFE and not self.barred

    @property
    def never_contacted(self) -> bool:
        return self.standing == Standing.IMPLICATED or self.barred


@dataclass(frozen=True)
class Said:
    """One recorded answer for the scope in question."""

    id: UUID
    giver: str
    answer: str
    at: datetime
    person: UUID | None = None
    withdrawn_at: datetime | None = None

    @property
    def holds(self) -> bool:
        """A yes that was not taken back."""
        return self.answer == Answer.GIVEN and self.withdrawn_at is None


@dataclass(frozen=True)
class Ruling:
    """A best-interests decision that two people signed. `review_on` is the last day on which it holds."""

    id: UUID
    question: str
    scope: str
    choice: str
    signed_at: datetime
    review_on: date

    def in_force(self, today: date) -> bool:
        return today <= self.review_on


@dataclass(frozen=True)
class Basis:
    """Why a step may be taken: the yeses that count, or a decision. `ground` is a code of knowledge/grounds.yaml."""

    scope: str
    ground: str
    consent_ids: tuple[UUID, ...] = ()
    decision_id: UUID | None = None

    @property
    def consent_id(self) -> UUID | None:
        """The yes that leads: the first of those that were needed."""
        return self.consent_ids[0] if self.consent_ids else None


@dataclass(frozen=True)
class Finding:
    """What the matrix says of one scope today: the basis, or the codes of what is missing."""

    cell: Outcome
    basis: Basis | None
    missing: tuple[str, ...] = ()


def band_of(age: int | None) -> str:
    """The band of an age in whole years; "unknown" without one."""
    if age is None or age < 0:
        return "unknown"
    fitting = [band for band in knowledge.bands().values() if band.start is not None and band.start <= age]
    return max(fitting, key=lambda band: band.start or 0).code


def age_on(born: date, day: date) -> int:
    """Whole years on a day; who was born on 29 February has their birthday on 1 March of other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def situation(guardians: Collection[Guardian]) -> str:
    """What the guardians of a child mean together: safe, implicated, unknown or absent.

    One safe guardian whom nobody barred is enough to be asked, even where another is implicated. Without one the worst
    counts. No guardian on record is "unknown": nobody looked yet; "absent" is what a colleague recorded.
    """
    if any(guardian.may_be_asked for guardian in guardians):
        return Standing.SAFE.value
    standings = {Standing.IMPLICATED.value if g.never_contacted else g.standing for g in guardians}
    for worst in (Standing.IMPLICATED, Standing.UNKNOWN, Standing.ABSENT):
        if worst.value in standings:
            return worst.value
    return Standing.UNKNOWN.value


def cell(child: ChildFacts, guardians: str, reading: str) -> Outcome:
    """The cell for a child, what its guardians mean together, and a reading of the law. KeyError for no reading."""
    band = knowledge.bands().get(child.band) or knowledge.bands()["unknown"]
    row = band.code + MATURE if band.matures and child.mature else band.code
    return knowledge.matrix()[reading, guardians, row]


def newest(said: Iterable[Said]) -> dict[tuple[str, UUID | None], Said]:
    """The answer that counts of each giver: the newest of one person."""
    found: dict[tuple[str, UUID | None], Said] = {}
    for answer in sorted(said, key=lambda one: (one.at, one.id)):
        found[answer.giver, answer.person] = answer
    return found


def judge(
    *,
    child: ChildFacts,
    guardians: Collection[Guardian],
    said: Iterable[Said],
    rulings: Iterable[Ruling],
    scope: str,
    today: date,
    reading: str,
) -> Finding:
    """Decide whether a step of this scope may be taken today, and why.

    `said`: the answers for this scope; `rulings`: all signed decisions of the case. Consent counts when every giver of
    the cell says yes today and the decisions stand that are needed besides. Else a decision for this very scope that
    came after the last no; what the step itself needs decided (a child that leaves home) stands in any case. What
    people said before they were judged, or who may not be asked, counts for nothing.
    """
    found = cell(child, situation(guardians), reading)
    answers = newest(said)
    asked = {guardian.id for guardian in guardians if guardian.may_be_asked}
    heard = [a for (giver, person), a in answers.items() if giver != Giver.GUARDIAN or person in asked]
    standing = [ruling for ruling in rulings if ruling.choice == GO_AHEAD and ruling.in_force(today)]
    missing, yeses = _yeses(found, heard)
    decided = {ruling.question for ruling in standing if ruling.scope in ("", scope)}
    missing += [f"decision_{question}" for question in _needed(found, guardians, scope) if question not in decided]
    if not missing:
        return Finding(found, Basis(scope, found.ground, tuple(yeses)))
    override = _override(standing, heard, scope)
    of_scope = _of_scope(found, scope)
    if override is not None and (not of_scope or of_scope in decided):
        return Finding(found, Basis(scope, "best_interests", decision_id=override.id))
    return Finding(found, None, tuple(missing))


def _needed(found: Outcome, guardians: Collection[Guardian], scope: str) -> list[str]:
    """The questions on which a decision must stand beside the yeses."""
    left_out = found.also or (LEFT_OUT if _one_is_implicated(found, guardians) else "")
    return [question for question in (left_out, _of_scope(found, scope)) if question]


def _of_scope(found: Outcome, scope: str) -> str:
    """The question that the step itself needs decided by two, whoever says yes: a child that leaves home."""
    known = knowledge.scopes().get(scope)
    return known.also if known is not None and found.contact != "child_decides" else ""


def _one_is_implicated(found: Outcome, guardians: Collection[Guardian]) -> bool:
    """Two people decide on leaving an implicated guardian out, also where another one is safe and asked."""
    return found.contact != "child_decides" and any(one.standing == Standing.IMPLICATED for one in guardians)


def _yeses(found: Outcome, heard: list[Said]) -> tuple[list[str], list[UUID]]:
    """What is missing among the needed yeses, and which count. A no of anybody who may be asked stands in the way."""
    missing, yeses = [], []
    for giver in (Giver.CHILD.value, Giver.GUARDIAN.value, Giver.OFFICIAL.value):
        of_giver = [answer for answer in heard if answer.giver == giver]
        if any(not answer.holds for answer in of_giver) and (giver in found.needs or giver == Giver.CHILD):
            missing.append(f"{giver}_no")
        elif giver in found.needs and not of_giver:
            missing.append(f"{giver}_yes")
        elif giver in found.needs:
            yeses += [answer.id for answer in of_giver]
    order = {giver: number for number, giver in enumerate(found.needs)}
    by_id = {answer.id: order.get(answer.giver, 0) for answer in heard}
    return missing, sorted(yeses, key=lambda pk: by_id[pk])


def _override(standing: list[Ruling], heard: list[Said], scope: str) -> Ruling | None:
    """A decision for this scope that stands in the place of consent, newer than the last no."""
    noes = [answer.withdrawn_at or answer.at for answer in heard if not answer.holds]
    last_no = max(noes, default=None)
    questions = knowledge.questions()
    fitting = [
        ruling
        for ruling in standing
        if ruling.scope == scope
        and questions[ruling.question].overrides
        and (last_no is None or ruling.signed_at > last_no)
    ]
    return max(fitting, key=lambda ruling: (ruling.signed_at, ruling.id), default=None)


def mandatory(
    *,
    guardians: Collection[Guardian] = (),
    overrides: bool = False,
    child_says_no: bool = False,
    breaks_confidence: bool = False,
    leaves_home: bool = False,
) -> tuple[str, ...]:
    """The questions on which two people must have decided before a step: codes of knowledge/decisions.yaml.

    When consent is overridden, a guardian is implicated (or the alleged offender), the child disagrees, confidence is
    broken, or the child leaves home.
    """
    implicated = any(guardian.standing == Standing.IMPLICATED for guardian in guardians)
    asked = (
        (implicated, LEFT_OUT),
        (overrides, OVERRIDDEN),
        (child_says_no, DISAGREES),
        (breaks_confidence, BROKEN),
        (leaves_home, LEAVES),
    )
    return tuple(code for applies, code in asked if applies)


def satisfied(
    question: str, rulings: Iterable[Ruling], today: date, *, scope: str = "", after: datetime | None = None
) -> bool:
    """Tell whether two people decided to go ahead on a question, for this scope or in general, and it still holds.

    `after`: only decisions signed later than this count (a no of the child that came since).
    """
    return any(
        ruling.question == question
        and ruling.choice == GO_AHEAD
        and ruling.in_force(today)
        and ruling.scope in ("", scope)
        and (after is None or ruling.signed_at > after)
        for ruling in rulings
    )


def may_second(first: UUID | None, person: UUID) -> bool:
    """The second signature is another person's."""
    return first is not None and first != person
