"""Two children of one incident never share a present worker: who must be asked, and how it holds against a race.

Whoever assigns, shares an incident or joins cases first locks every case that is concerned, in the order of their ids.
A case's incidents and workers change only under its lock, so what is read afterwards is what is written on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from lindung.core.errors import Conflict

from ..errors import SharedWorker
from ..models import Case, CaseIncident, CaseWorker
from .access import lock


def lock_group(case_ids: Iterable[UUID]) -> dict[UUID, Case]:
    """Lock these cases and all others that share an incident with one of them; return them by id.

    Raises Conflict when another case joined while this waited for the locks: look again, then try again.
    """
    wanted = set(case_ids)
    group = wanted | together_with(wanted)
    found = {case.pk: case for case in lock(Case.objects.filter(pk__in=group)).order_by("pk")}
    if not wanted <= set(found) or together_with(wanted) - group:
        raise Conflict
    return found


def together_with(case_ids: Collection[UUID]) -> set[UUID]:
    """The other cases that share an incident with one of these."""
    shared = CaseIncident.objects.filter(case__in=case_ids).values("incident")
    rows = CaseIncident.objects.filter(incident__in=shared).exclude(case__in=case_ids)
    return set(rows.values_list("case_id", flat=True))


def workers_of(case_ids: Collection[UUID]) -> set[UUID]:
    """Who works now with the children of these cases."""
    return set(CaseWorker.objects.filter(case__in=case_ids, until=None).values_list("user_id", flat=True))


def check_apart(case_id: UUID, user_ids: Collection[UUID]) -> None:
    """Raise SharedWorker when one of these people works now with another child of an incident of this case.

    For use after `lock_group`.
    """
    if workers_of(together_with({case_id})) & set(user_ids):
        raise SharedWorker


def check_group(case_ids: Collection[UUID]) -> None:
    """Raise SharedWorker when two of these cases, which are about to share an incident, share a present worker."""
    people = list(CaseWorker.objects.filter(case__in=case_ids, until=None).values_list("user_id", flat=True))
    if len(people) != len(set(people)):
        raise SharedWorker
