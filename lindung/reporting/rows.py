"""The rows that hang on one report, of a dozen tables, read in one query.

Each table gives its columns into slots by their kind (id, moment, text, flag, number), and what comes back is made into
the instances of its model again. A page with everything on it asks once instead of a dozen times.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    DateTimeField,
    F,
    Field,
    IntegerField,
    Model,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast

from .models import (
    Alert,
    Attempt,
    ClosureProposal,
    FollowUp,
    Handover,
    Message,
    Note,
    PoliceClock,
    Report,
    TriageEntry,
    Withdrawal,
)
from .models_moves import Reassignment, Transfer

_MODELS: dict[str, type[Model]] = {
    "messages": Message,
    "triages": TriageEntry,
    "notes": Note,
    "follow_ups": FollowUp,
    "handovers": Handover,
    "attempts": Attempt,
    "closures": ClosureProposal,
    "alerts": Alert,
    "reassignments": Reassignment,
    "transfers": Transfer,
    "police": PoliceClock,
    "withdrawals": Withdrawal,
}
_KINDS: dict[str, type[Field[Any, Any]]] = {
    "UUIDField": UUIDField,
    "DateTimeField": DateTimeField,
    "BooleanField": BooleanField,
    "CharField": CharField,
    "BinaryField": BinaryField,
}


class _Shape(NamedTuple):
    """Which column of each model fills which slot."""

    slots: tuple[str, ...]
    columns: dict[str, tuple[str | None, ...]]


def _kind(field: Field[Any, Any]) -> str:
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]
    kind = "DateTimeField" if isinstance(field, DateTimeField) else field.get_internal_type()
    return kind if kind in _KINDS else "IntegerField"


@cache
def _shape() -> _Shape:
    kinds = {
        name: [(_kind(field), field.attname) for field in model._meta.concrete_fields]
        for name, model in _MODELS.items()
    }
    slots: list[str] = []
    for kind in (*_KINDS, "IntegerField"):
        slots += [kind] * max(sum(k == kind for k, _ in fields) for fields in kinds.values())
    columns = {}
    for name, fields in kinds.items():
        left, filled = list(fields), []
        for slot in slots:
            fitting = next((pair for pair in left if pair[0] == slot), None)
            filled.append(fitting[1] if fitting else None)
            if fitting:
                left.remove(fitting)
        columns[name] = tuple(filled)
    return _Shape(tuple(slots), columns)


def rows_of(report: Report) -> dict[str, list[Any]]:
    """Everything of `_MODELS` that belongs to a report, each list in the order of its model: one query."""
    shape = _shape()
    names = ["table", *(f"slot_{number}" for number in range(len(shape.slots)))]
    branches = [
        model._default_manager.filter(report=report)
        .order_by()
        .annotate(
            table=Value(name, output_field=CharField()), **dict(zip(names[1:], _columns(shape, name), strict=True))
        )
        .values_list(*names)
        for name, model in _MODELS.items()
    ]
    found: dict[str, list[Any]] = {name: [] for name in _MODELS}
    for name, *values in branches[0].union(*branches[1:], all=True):
        row, model = dict(zip(shape.columns[name], values, strict=True)), _MODELS[name]
        columns = [field.attname for field in model._meta.concrete_fields]
        found[name].append(model.from_db(connection.alias, columns, [row[column] for column in columns]))
    for name, model in _MODELS.items():
        for column in reversed(model._meta.ordering or ()):
            found[name].sort(key=attrgetter(str(column)))
    return found


def _columns(shape: _Shape, name: str) -> list[Any]:
    return [
        F(column) if column else Cast(Value(None), _KINDS.get(slot, IntegerField)())
        for slot, column in zip(shape.slots, shape.columns[name], strict=True)
    ]
