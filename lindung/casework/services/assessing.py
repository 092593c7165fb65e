"""Risk and needs of a child, its safety plan, and the regular look at the whole case.

An assessment is added, never changed: the newest counts, the earlier ones stay readable. The rules suggest, a person
decides (rules_risk). Nothing here scores or blames what the child did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.core.worktime import local_day
from lindung.vault.services import Keyring

from .. import reviews, rules_risk
from ..knowledge import plan as knowledge
from ..models import Case, Risk, Stage, TaskKind
from ..models_plan import Assessment, CaseReview, Delivery, SafetyPlan
from . import ruled_tasks
from .access import checked_choice, checked_text, open_case_for, open_keys, seal, touch
from .beside import tell

SAFETY_PARTS = ("signs", "steps", "people", "places", "not_alone")
"""Words of a safety plan: signs of danger, what the child does, whom it calls, where it is safe, who stays with it."""

_PROBLEMS: dict[str, str | Promise] = {
    "unknown_risk": _("Pilih salah satu dari daftar."),
    "rationale_missing": _("Risikonya lebih rendah dari saran aturan. Tulis alasannya."),
}


@dataclass(frozen=True)
class AssessmentInput:
    """One assessment as the form gives it.

    `answers`: yes, no or unknown by question; what was not asked is left out. `notes`: words by area. `needs`: what the
    child says that it needs and hopes. `rationale` is needed below the suggestion. All words are sealed.
    """

    answers: Mapping[str, str]
    risk: str
    rationale: str = field(default="", repr=False)
    needs: str = field(default="", repr=False)
    notes: Mapping[str, str] = field(default_factory=dict, repr=False)


def assess(actor: Actor, keyring: Keyring, case_id: UUID, entry: AssessmentInput, version: int) -> Assessment:
    """Write an assessment. The case gets the risk that a person decided and a review date that follows from it.

    High risk is served at once: the task of the first service is due in the same minute, before any plan. Counted from
    the receipt of the first report, so that a late assessment shows as late. Raises BadInput, CaseClosed, Conflict when
    the case changed since `version`.
    """
    answers = _answers(entry.answers)
    suggestion = rules_risk.suggest(answers)
    problem = rules_risk.decision_problem(suggestion.risk, entry.risk, entry.rationale)
    if problem:
        raise BadInput(problem[0], _PROBLEMS[problem[1]])
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        now = clock.now()
        stage = Stage.ASSESSMENT if case.stage == Stage.INTAKE else Stage(case.stage)
        due = rules_risk.review_due(entry.risk, now, case.tz)
        touch(case, version=version, risk=entry.risk, stage=stage.value, review_due_at=due)
        row = Assessment.objects.create(
            case=case, at=now, by_id=actor.user_id, rules=knowledge.rules_version(), suggested=suggestion.risk,
            risk=entry.risk,
        )  # fmt: skip
        seal(case, keys, row.field, _assessment_words(entry, answers, suggestion))
        _first_service(case, entry.risk)
        tell("case.assessed", actor, case, assessment=row.pk.hex, suggested=suggestion.risk, risk=entry.risk)
    return row


def _answers(given: Mapping[str, str]) -> dict[str, str]:
    """The answers that were given, in the order of the questions. Raises BadInput for what is no question or answer."""
    for code, answer in given.items():
        checked_choice("answers", code, tuple(knowledge.items()))
        if answer:
            checked_choice("answers", answer, knowledge.ANSWERS)
    return {code: given[code] for code in knowledge.items() if given.get(code)}


def _assessment_words(
    entry: AssessmentInput, answers: Mapping[str, str], suggestion: rules_risk.Suggestion
) -> dict[str, Any]:
    areas = {area.code for area in knowledge.areas()}
    return {
        "answers": dict(answers),
        "fired": [rule.code for rule in suggestion.fired],
        "missing": list(suggestion.missing),
        "needs": entry.needs,
        "notes": {area: text for area, text in entry.notes.items() if area in areas and text.strip()},
        "rationale": entry.rationale,
    }


def _first_service(case: Case, risk: str) -> None:
    """The task of the first service, as long as nothing was delivered; a higher risk moves it forward, never back."""
    if Delivery.objects.filter(goal__plan__case=case).exists():
        return
    due = rules_risk.first_service_due(risk, reviews.received_at(case), case.tz)
    ruled_tasks.ask(case, TaskKind.FIRST, case.pk, max(due, clock.now()) if risk == Risk.HIGH else due, earlier=True)


@dataclass(frozen=True)
class SafetyInput:
    """A safety plan as the form gives it; `words` by SAFETY_PARTS, all sealed."""

    words: Mapping[str, str] = field(repr=False)
    with_child: bool
    review_on: date


def write_safety_plan(actor: Actor, keyring: Keyring, case_id: UUID, entry: SafetyInput, version: int) -> SafetyPlan:
    """Write a safety plan; the newest counts, the earlier ones stay readable. Its review date makes a task.

    Raises BadInput (what the child does is needed; the date lies between today and a year from now), CaseClosed,
    Conflict when the case changed since `version`.
    """
    words = {part: checked_text(part, entry.words.get(part, ""), required=part == "steps") for part in SAFETY_PARTS}
    case = open_case_for(actor, case_id)
    checked_day("review_on", entry.review_on, case)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        touch(case, version=version)
        row = SafetyPlan.objects.create(
            case=case, at=clock.now(), by_id=actor.user_id, with_child=entry.with_child, review_on=entry.review_on
        )
        seal(case, keys, row.field, words)
        ruled_tasks.end_kind(case, TaskKind.SAFETY, actor)
        ruled_tasks.ask(case, TaskKind.SAFETY, row.pk, rules_risk.on_day(entry.review_on, case.tz))
        tell("case.safety_plan", actor, case, plan=row.pk.hex, with_child=entry.with_child)
    return row


def checked_day(field_name: str, day: date, case: Case, *, days: int = 366) -> date:
    """Return a local date between today at the case's place and so many days later. Raises BadInput."""
    today = local_day(clock.now(), case.tz)
    if not today <= day <= today + timedelta(days=days):
        raise BadInput(field_name, _("Pilih tanggal antara hari ini dan setahun lagi."))
    return day


def review(
    actor: Actor, keyring: Keyring, case_id: UUID, words: str, version: int, *, next_on: date | None = None
) -> CaseReview:
    """Note that somebody looked at the whole case today; the next date follows from the risk, or is earlier.

    The risk itself is changed by an assessment. `next_on`: an earlier local date than the rule gives. Raises BadInput,
    CaseClosed, Conflict when the case changed since `version`.
    """
    words = checked_text("words", words)
    case = open_case_for(actor, case_id)
    due = _next_review(case, next_on)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        before = case.review_due_at
        touch(case, version=version, review_due_at=due)
        row = CaseReview.objects.create(case=case, at=clock.now(), by_id=actor.user_id, risk=case.risk, due_at=before)
        seal(case, keys, row.field, {"text": words})
        late = before is not None and before < row.at
        tell("case.reviewed", actor, case, review=row.pk.hex, risk=case.risk, late=late)
    return row


def _next_review(case: Case, next_on: date | None) -> datetime:
    latest = rules_risk.review_due(case.risk, clock.now(), case.tz)
    if next_on is None:
        return latest
    moment = rules_risk.on_day(checked_day("next_on", next_on, case), case.tz)
    if moment > latest:
        raise BadInput("next_on", _("Dengan risiko ini, tinjauan berikutnya tidak boleh selambat itu."))
    return moment
