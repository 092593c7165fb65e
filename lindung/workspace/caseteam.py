"""Who works on a case and which cases belong to it, as the first page of a case shows them."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from lindung.casework import rules, selectors
from lindung.casework.knowledge import child as knowledge
from lindung.casework.models import Case, CaseLink, State
from lindung.casework.services import workers
from lindung.workspace.casepage import CasePage


def team(page: CasePage) -> dict[str, Any]:
    """The present workers, and what this person may change about it."""
    closed = page.case.state == State.CLOSED
    leads = page.lead is not None and page.lead.user_id == page.actor.user_id
    assigns = page.may_work and (page.may_supervise or leads)
    return {
        "may_take": not closed and rules.may_take(page.actor, page.facts),
        "may_assign": assigns,
        "rows": [
            {
                "id": row.user_id,
                "name": row.user.display_name,
                "role": row.get_role_display(),
                "since": page.at(row.since),
                "may_end": not closed and (assigns or row.user_id == page.actor.user_id),
                "own": row.user_id == page.actor.user_id,
            }
            for row in page.workers
        ],
    }


def choices(case: Case) -> list[tuple[str, str]]:
    """Who could be given a case, with how many each of them has now."""
    people = list(workers.who_can(case).order_by("display_name", "pk").values_list("pk", "display_name"))
    loads = workers.loads([pk for pk, _ in people])
    return [(str(pk), f"{name} ({loads[pk]})") for pk, name in people]


def linked(page: CasePage) -> list[dict[str, Any]]:
    """Cases that a colleague linked, as far as this person may see them: two queries at most."""
    rows = list(CaseLink.objects.filter(Q(case=page.case) | Q(other=page.case)).order_by("created_at", "pk"))
    if not rows:
        return []
    other = {row.pk: row.other_id if row.case_id == page.case.pk else row.case_id for row in rows}
    seen = {case.pk: case for case in selectors.visible_to(page.actor).filter(pk__in=other.values())}
    reasons = knowledge.link_reasons()
    return [
        {
            "id": row.pk,
            "case": seen[other[row.pk]],
            "reason": reasons[row.reason].label if row.reason in reasons else "",
        }
        for row in rows
        if other[row.pk] in seen
    ]
