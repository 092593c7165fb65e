"""What happened in a case, in one line of time and one query: from every table that knows when something was done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, UUIDField, Value
from django.db.models.functions import Cast

from . import models_closing as closing
from . import models_legal as legal
from . import models_plan as plan
from . import models_rights as rights
from .models import Case, CaseNote, CaseReport, CaseTask, CaseWorker, ChildEvent, Person


@dataclass(frozen=True)
class Line:
    """One thing that happened. `kind` is a code that the page has a sentence for, `code` tells more, `ref` the row.

    `by` is the name of a colleague, "" for what a rule did.
    """

    at: datetime
    kind: str
    by: str
    code: str
    ref: UUID


def lines(case: Case, more: Iterable[QuerySet[Any, Any]] = ()) -> list[Line]:
    """Everything that happened in a case, the latest first. `more`: parts of the rooms above, made by `part`."""
    first, *others = [*_parts(case), *more]
    rows = first.union(*others, all=True)
    found = [Line(at, kind, by or "", code, ref) for at, kind, by, code, ref in rows]
    return sorted(found, key=lambda line: (line.at, line.kind, line.ref), reverse=True)


def _parts(case: Case) -> Iterator[QuerySet[Any, Any]]:
    yield part("opened", Case.objects.filter(pk=case.pk), "opened_at", "opened_by")
    yield part("report", CaseReport.objects.filter(case=case), "added_at", "added_by", ref="report")
    yield part("worker", CaseWorker.objects.filter(case=case), "since", "user", "role")
    yield part("worker_left", CaseWorker.objects.filter(case=case), "until", "user", "role")
    yield part("note", CaseNote.objects.filter(case=case), "at", "author")
    yield part("event", ChildEvent.objects.filter(case=case), "at", "by", "kind")
    yield part("task", CaseTask.objects.filter(case=case), "done_at", "done_by", "kind")
    new_people = Person.objects.filter(case=case, added_at__gt=case.opened_at)
    yield part("person", new_people, "added_at", "added_by", "role")
    yield part("assessment", plan.Assessment.objects.filter(case=case), "at", "by", "risk")
    yield part("safety_plan", plan.SafetyPlan.objects.filter(case=case), "at", "by")
    yield part("plan", plan.Plan.objects.filter(case=case), "made_at", "made_by")
    deliveries = plan.Delivery.objects.filter(goal__plan__case=case)
    yield part("delivery", deliveries, "recorded_at", "recorded_by", "goal__service")
    yield part("conference", plan.Conference.objects.filter(case=case), "held_at", "by")
    yield part("consent", rights.Consent.objects.filter(case=case), "recorded_at", "recorded_by", "answer")
    yield part("consent_withdrawn", rights.Consent.objects.filter(case=case), "withdrawn_at", "withdrawn_by", "giver")
    decisions = rights.Decision.objects.filter(case=case)
    yield part("decision", decisions, "second_signed_at", "second_signed_by", "question")
    approvals = closing.Approval.objects.filter(case=case)
    yield part("approval_asked", approvals, "asked_at", "asked_by", "subject")
    yield part("approval_decided", approvals, "decided_at", "decided_by", "state")
    yield part("reopened", closing.Closure.objects.filter(case=case), "reopened_at", "reopened_by")
    yield part("follow_up", closing.FollowUp.objects.filter(case=case), "done_at", "done_by", "result")
    yield part("move", closing.CaseMove.objects.filter(case=case), "offered_at", "offered_by")
    yield part("moved", closing.CaseMove.objects.filter(case=case), "answered_at", "answered_by", "state")
    yield part("milestone", legal.Milestone.objects.filter(case=case), "recorded_at", "recorded_by", "step")
    yield part("interview", legal.Interview.objects.filter(case=case), "noted_at", "noted_by", "agency")
    yield part("demand", legal.Demand.objects.filter(case=case), "recorded_at", "recorded_by", "agency")
    yield part("tip", legal.Tip.objects.filter(case=case), "recorded_at", "recorded_by", "to")


def part(kind: str, rows: QuerySet[Any], at: str, by: str, code: str = "", *, ref: str = "pk") -> QuerySet[Any, Any]:
    """One table as (when, kind, who, code, row); what has no time yet did not happen."""
    text: Any = Cast(F(code), CharField()) if code else Value("", CharField())
    rows = rows.filter(**{f"{at}__isnull": False}).order_by()
    return rows.values_list(F(at), Value(kind, CharField()), F(f"{by}__display_name"), text, Cast(F(ref), UUIDField()))
