"""What stays of something that was counted and is erased: one more in a group of the same facts, without any id."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from lindung.vault.facts import fact_token

from .counts import Counts, Scope
from .models import Erased, ErasedFact
from .vocabulary import codes


@dataclass(frozen=True)
class Item:
    """One counted thing: values by dimension, and the tenths of an hour until it was accepted, if that is measured."""

    source: str
    team_id: UUID
    month: date
    named: bool
    facts: Mapping[str, Sequence[str]]
    length: int | None = None


def keep(item: Item) -> None:
    """Count it for good; inside the transaction that erases it. Of two at once the slower one adds to the group."""
    facts = sorted({(field, value) for field, values in item.facts.items() for value in values})
    cell = fact_token("statistics", json.dumps([facts, item.length]))
    wanted = {
        "source": item.source, "team_id": item.team_id, "month": item.month, "named": item.named, "cell": cell,
    }  # fmt: skip
    if Erased.objects.filter(**wanted).update(count=F("count") + 1):
        return
    try:
        with transaction.atomic():
            group = Erased.objects.create(**wanted, length=item.length, count=1)
            tokens = [(field, fact_token(field, value)) for field, value in facts]
            ErasedFact.objects.bulk_create([ErasedFact(erased=group, field=f, token=token) for f, token in tokens])
    except IntegrityError:
        Erased.objects.filter(**wanted).update(count=F("count") + 1)


def add_to(found: Counts, scope: Scope, source: str, year: int) -> None:
    """Add what was erased to what is there: two queries."""
    groups = Erased.objects.filter(
        source=source, team__in=[team for team, _tz in scope.teams],
        month__gte=date(year, 1, 1), month__lt=date(year + 1, 1, 1),
    )  # fmt: skip
    if not scope.named:
        groups = groups.filter(named=False)
    for month, length, number in groups.values_list("month", "length", "count"):
        found.totals[month.month - 1] += number
        if length is not None:
            found.lengths[month.month - 1] += [length] * number
    facts = ErasedFact.objects.filter(erased__in=groups).values_list("erased__month", "field", "token", "erased__count")
    for month, field, token, number in facts:
        value = codes(field).get(bytes(token))
        if value is not None:
            found.add(field, value, month.month - 1, number)
