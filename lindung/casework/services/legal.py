"""The way through the law: steps of the proceedings, the duty to report, interviews, and what goes to court alone.

A step that was noted by mistake is struck out and stays readable. What comes after the end of a case (a verdict, a
payment) is noted there too.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.reporting.models import PoliceClock, PoliceDecision
from lindung.vault.services import Keyring, RecordKeys

from .. import rules, rules_legal
from ..knowledge import law
from ..models import Case, CaseReport, Person, PersonRole
from ..models_closing import Approval, ApprovalState, Subject
from ..models_legal import Interview, Milestone, PoliceDuty
from . import approving
from .access import case_for, checked_choice, checked_text, lock, open_keys, seal, touch, unseal
from .beside import hold, tell

POLICE = "police_duty"
"""The sealed field with the reason of a decision about the police report and with who told the child."""

WRONG: dict[str, str | Promise] = {
    "unknown": _("Pilih salah satu dari daftar."),
    "ahead": _("Tanggal ini belum tiba."),
    "event_after": _("Kejadiannya tidak mungkin setelah langkah ini."),
    "result_of_another_step": _("Hasil ini milik langkah lain."),
    "before_report": _("Tanggal ini lebih awal dari laporan polisi yang tercatat."),
    "before_earlier_step": _("Tanggal ini lebih awal dari langkah sebelumnya yang tercatat."),
    "after_later_step": _("Langkah berikutnya sudah tercatat dengan tanggal yang lebih awal."),
    "no_article_here": _("Langkah ini tidak memakai pasal."),
    "article_needed": _("Pilih dasar hukumnya, atau “Tidak ada pasal yang memadai”."),
    "reason_needed": _("Tulis mengapa tidak ada pasal yang memadai."),
    "not_in_force": _(
        "Aturan ini belum atau tidak lagi berlaku pada tanggal itu. Kalau kejadiannya lebih awal, isi tanggal kejadian."
    ),
}
"""What is wrong with a step, in words; the codes are those of rules_legal.problem."""


@dataclass(frozen=True)
class Police:
    """One clock of the duty to report, of a report or of the case itself: 3 x 24 calendar hours, never working days."""

    starts_at: datetime
    due_at: datetime
    decision: str
    decided_at: datetime | None
    report_id: UUID | None = None
    report: str = ""

    @property
    def running(self) -> bool:
        return self.decision == ""


# --- steps of the proceedings -----------------------------------------------------------------------------------------


def add_milestone(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    step: str,
    on: date,
    article: str = "",
    number: str = "",
    result: str = "",
    words: str = "",
    event_on: date | None = None,
) -> Milestone:
    """Note a step of the proceedings. `number` is the article within the law, as somebody who knows it says.

    `event_on`: the day of the event that it is about, for what is judged by the law of its time. Raises NotFound,
    NotAllowed, BadInput for a day, law or result that does not fit, with words that say why.
    """
    number, words = checked_text("number", number, required=False), checked_text("words", words, required=False)
    case = case_for(actor, case_id, rules.may_work)
    keys = open_keys(case, keyring)
    entry = rules_legal.Entry(step, on, article, result, event_on, reasoned=bool(words.strip()))
    with transaction.atomic():
        hold(case, also_closed=True)
        found = rules_legal.problem(
            entry, done_steps(case), local_day(clock.now(), case.tz), law.steps(), law.articles()
        )
        if found is not None:
            raise BadInput(found[0], WRONG[found[1]])
        row = Milestone(
            case=case,
            step=step,
            on=on,
            article=article,
            result=result,
            recorded_at=clock.now(),
            recorded_by_id=actor.user_id,
        )
        row.save(force_insert=True)
        said = {"number": number, "words": words, "event_on": event_on.isoformat() if event_on else ""}
        seal(case, keys, row.field, said)
        tell("case.milestone_added", actor, case, milestone=row.pk.hex, step=step, article=article, result=result)
    return row


def strike_milestone(actor: Actor, keyring: Keyring, case_id: UUID, milestone_id: UUID, words: str) -> Milestone:
    """Strike a step out as a mistake, with the reason. It stays readable. Raises NotFound, BadInput, Conflict."""
    words = checked_text("words", words)
    case = case_for(actor, case_id, rules.may_work)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = lock(Milestone.objects.filter(case=case, pk=milestone_id)).first()
        if row is None:
            raise NotFound
        said = unseal(case, keys, row.field)
        if Milestone.objects.filter(pk=row.pk, struck_at=None).update(struck_at=clock.now()) != 1:
            raise Conflict
        row.refresh_from_db()
        # Under other names: what was a mistake stays readable here and never leaves with the proceedings.
        seal(case, keys, row.field, {f"{name}_then": text for name, text in said.items()} | {"struck": words})
        tell("case.milestone_struck", actor, case, milestone=row.pk.hex, step=row.step)
    return row


def done_steps(case: Case) -> list[rules_legal.Done]:
    """The steps of a case that stand, as the rules see them."""
    rows = Milestone.objects.filter(case=case, struck_at=None).values_list("step", "on")
    return [rules_legal.Done(step, on) for step, on in rows]


# --- the duty to report -----------------------------------------------------------------------------------------------


def police_clocks(case: Case) -> list[Police]:
    """The clocks of the reports that the case was made from, and its own: two queries, the first to end first."""
    reports = CaseReport.objects.filter(case=case).values("report")
    found = [
        Police(row.starts_at, row.due_at, row.decision, row.decided_at, row.report_id, row.report.reference)
        for row in PoliceClock.objects.filter(report__in=reports).select_related("report")
    ]
    own = PoliceDuty.objects.filter(case=case).first()
    if own is not None:
        found.append(Police(own.starts_at, own.due_at, own.decision, own.decided_at))
    return sorted(found, key=lambda one: one.due_at)


def start_police_duty(case: Case, starts_at: datetime) -> PoliceDuty | None:
    """Let the 3 x 24 hours of a case run, unless the clock of one of its reports does. Inside a transaction."""
    if PoliceClock.objects.filter(report__in=CaseReport.objects.filter(case=case).values("report")).exists():
        return None
    due = deadlines.police_due(starts_at)
    row, new = PoliceDuty.objects.get_or_create(case=case, defaults={"starts_at": starts_at, "due_at": due})
    if new:
        audit.record("case.police_duty_started", actor="system", subject=case.pk.hex, data={})
    return row


def on_case_opened(sender: Any, *, case: Case, **_: Any) -> None:
    """Receiver of `signals.case_opened`: from here on the child is known as somebody to whom something was done."""
    start_police_duty(case, case.opened_at)


def decide_police(
    actor: Actor, keyring: Keyring, case_id: UUID, *, decision: str, reason: str, who_told_child: str
) -> PoliceDuty:
    """Decide on the duty of a case whose reports have no clock: reported, not_enough, lawyer_exception.

    Always with the reason and with who told the child, or why nobody could. A report to the police is final; any other
    decision may become another one later. Raises NotFound also when the clock of a report carries it, BadInput,
    Conflict when a colleague decided at the same time.
    """
    checked_choice("decision", decision, PoliceDecision)
    reason, who_told_child = checked_text("reason", reason), checked_text("who_told_child", who_told_child)
    case = case_for(actor, case_id, rules.may_work)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = lock(PoliceDuty.objects.filter(case=case)).first()
        if row is None:
            raise NotFound
        if row.decision == PoliceDecision.REPORTED:
            raise BadInput("decision", _("Laporan ke polisi sudah tercatat dan tidak bisa diubah."))
        rows = PoliceDuty.objects.filter(pk=row.pk, decision=row.decision, decided_at=row.decided_at)
        if rows.update(decision=decision, decided_at=clock.now(), decided_by=actor.user_id) != 1:
            raise Conflict
        seal(case, keys, POLICE, {"decision": decision, "reason": reason, "who_told_child": who_told_child})
        row.refresh_from_db()
        tell("case.police_decided", actor, case, decision=decision, late=clock.now() > row.due_at)
    return row


# --- interviews -------------------------------------------------------------------------------------------------------


def note_interview(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    on: date,
    agency: str,
    topics: Collection[str],
    recorded: bool = False,
    companion: bool = False,
    words: str = "",
) -> tuple[Interview, frozenset[str]]:
    """Note that the child was asked, by whom and on which topics; never what it said about them.

    Returns the row and the topics that an earlier one asked about too: said to the reader, never refused.
    """
    checked_choice("agency", agency, law.codes("interviews.yaml", "agencies"))
    known = law.codes("interviews.yaml", "topics")
    for topic in topics:
        checked_choice("topics", topic, known)
    if not topics:
        raise BadInput("topics", _("Pilih sedikitnya satu hal."))
    words = checked_text("words", words, required=False)
    case = case_for(actor, case_id, rules.may_work)
    if on > local_day(clock.now(), case.tz):
        raise BadInput("on", WRONG["ahead"])
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case, also_closed=True)
        earlier = Interview.objects.filter(case=case, on__lte=on).values_list("topics", flat=True)
        again = rules_legal.repeats(set(topics), [one.split() for one in earlier])
        row = Interview(
            case=case,
            on=on,
            agency=agency,
            topics=" ".join(sorted(set(topics), key=list(known).index)),
            recorded=recorded,
            companion=companion,
            noted_at=clock.now(),
            noted_by_id=actor.user_id,
        )
        row.save(force_insert=True)
        seal(case, keys, row.field, {"words": words})
        tell("case.interview_noted", actor, case, interview=row.pk.hex, agency=agency, again=len(again))
    return row, again


# --- out of court -----------------------------------------------------------------------------------------------------


def mediation_possible(case: Case) -> bool:
    """Whether settling out of court may even be asked about: every alleged offender of the case is a child."""
    people = Person.objects.filter(case=case, role=PersonRole.ALLEGED_OFFENDER, removed_at=None)
    children = list(people.values_list("also_child", flat=True))
    return rules_legal.may_ask_mediation(adult_suspects=children.count(False), child_suspects=children.count(True))


def ask_mediation(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    question: str,
    lawyer: str,
    answer: str,
    version: int | None = None,
) -> Approval:
    """Put to a second person what a lawyer said about settling out of court. It is offered to nobody by this.

    Only where every alleged offender is a child. Raises BadInput otherwise, Conflict when it is asked already.
    """
    question, lawyer = checked_text("question", question), checked_text("lawyer", lawyer)
    answer = checked_text("answer", answer)
    case = case_for(actor, case_id, rules.may_work)
    if not mediation_possible(case):
        raise BadInput(
            "question",
            _("Kekerasan seksual tidak diselesaikan di luar pengadilan, kecuali kalau semua terduga pelakunya anak."),
        )

    def write(case: Case, keys: RecordKeys, row: Approval) -> None:
        seal(case, keys, row.field, {"asked": question, "lawyer": lawyer, "lawyer_says": answer})

    return approving.ask(actor, keyring, case_id, Subject.MEDIATION, words=question, version=version, prepare=write)


def after_mediation(actor: Actor, case: Case, keys: RecordKeys, approval: Approval) -> approving.Told:
    """A second person read the lawyer's answer: the bar is lifted if every alleged offender is still a child."""
    if approval.state != ApprovalState.APPROVED:
        return None
    if not mediation_possible(case):
        raise Conflict
    touch(case, mediation_barred=False)
    return "case.mediation_lifted", {}
