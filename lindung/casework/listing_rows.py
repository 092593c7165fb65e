"""What one line of a list of cases shows: how it stands, who works on it, and the coded facts that tell cases apart.

No sealed word is opened for a list: a colleague finds a case by its reference and by age, sex and district.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.places import selectors as places
from lindung.reporting import knowledge
from lindung.reporting.models import Direction, Message
from lindung.vault import facts as vault_facts

from . import listing, selectors
from .models import Case, CaseFact, CaseReport, CaseWorker, State, WorkerRole

SHOWN = ("age_band", "sex", "form", "present_regency", "present_province", "home_regency", "home_province")


@dataclass(frozen=True)
class CaseRow:
    """One line. `lead` is a colleague's name; `facts` hold values by field."""

    case: Case
    lead: str
    mine: bool
    taken: bool
    late_task: bool
    late_review: bool
    new_message: bool
    facts: dict[str, tuple[str, ...]]

    @property
    def place(self) -> str:
        """The name of the nearest known place: where the child is now, else where it comes from."""
        for name in ("present_regency", "home_regency", "present_province", "home_province"):
            found = places.get(self.facts.get(name, ("",))[0])
            if found is not None:
                return found.name
        return ""


def unread_messages() -> QuerySet[CaseReport]:
    """Links to reports in whose mailbox a child wrote something that nobody has read; a merged report counts too."""
    unread = Message.objects.filter(direction=Direction.IN, read_by_staff=False)
    own, merged = unread.values("report"), unread.filter(report__merged_into__isnull=False)
    return CaseReport.objects.filter(Q(report__in=own) | Q(report__in=merged.values("report__merged_into")))


def rows(actor: Actor, ids: list[UUID]) -> list[CaseRow]:
    """The lines of these cases in this order, as far as the person sees them: two queries."""
    if not ids:
        return []
    now = clock.now()
    present = CaseWorker.objects.filter(case=OuterRef("pk"), until=None)
    seen = selectors.visible_to(actor).filter(pk__in=ids)
    seen = seen.annotate(
        lead_name=Subquery(present.filter(role=WorkerRole.LEAD).values(name=F("user__display_name"))[:1]),
        is_mine=Exists(present.filter(user=actor.user_id)),
        is_taken=Exists(present),
        late_task=listing.overdue_task(now),
        new_message=Exists(unread_messages().filter(case=OuterRef("pk"))),
    )
    found: dict[UUID, Any] = {case.pk: case for case in seen}
    facts = facts_of(ids)
    return [
        CaseRow(
            case=case,
            lead=case.lead_name or "",
            mine=case.is_mine,
            taken=case.is_taken,
            late_task=case.late_task and case.state != State.CLOSED,
            late_review=case.state == State.OPEN and case.review_due_at is not None and case.review_due_at < now,
            new_message=case.new_message,
            facts=facts.get(case.pk, {}),
        )
        for case in (found[pk] for pk in ids if pk in found)
    ]


def facts_of(ids: list[UUID], fields: tuple[str, ...] = SHOWN) -> dict[UUID, dict[str, tuple[str, ...]]]:
    """The coded facts of these cases, read through the statistics key: one query."""
    # All facts of the page: asked for some fields only, SQLite would read those of every case.
    raw = CaseFact.objects.filter(case__in=ids).values_list("case_id", "field", "token")
    known = {name: vault_facts.meanings(name, vocabulary(name)) for name in fields}
    found: dict[UUID, dict[str, tuple[str, ...]]] = {}
    for pk, name, token in raw:
        value = known.get(name, {}).get(bytes(token))
        if value is not None:
            facts = found.setdefault(pk, {})
            facts[name] = (*facts.get(name, ()), value)
    return found


def vocabulary(name: str) -> list[str]:
    """The values that a fact of the lists may have."""
    if name.endswith("_province"):
        return [place.code for place in places.provinces()]
    if name.endswith("_regency"):
        return [near.code for place in places.provinces() for near in places.regencies(place.code)]
    if name == "form":
        return list(knowledge.forms())
    return list(knowledge.questions()[name].options)
