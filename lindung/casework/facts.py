"""Coded facts of a case as keyed tokens: written anew from the sealed values that they are read from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lindung.vault.facts import fact_token

from .models import Case, CaseFact, PlaceRole
from .rules_places import FOREIGN

CHILD = ("age_band", "sex", "language", "status", "vulnerability", "disability", "foreign")
INCIDENT = ("form", "platform")


def of_child(child: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts that the child's sealed value gives."""
    found = [(field, str(child.get(field) or "")) for field in ("age_band", "sex", "language")]
    for field, part in (("status", "statuses"), ("vulnerability", "factors"), ("disability", "disabilities")):
        found += [(field, code) for code in child.get(part, ())]
    if child.get("protection"):
        found.append(("foreign", str(child["protection"])))
    elif child.get("nationality") == FOREIGN:
        found.append(("foreign", FOREIGN))
    return [(field, value) for field, value in found if value]


def of_incidents(incidents: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The facts that all incidents of a case give together."""
    found = []
    for incident in incidents:
        found += [("form", code) for code in incident.get("forms", ())]
        found += [("platform", code) for code in incident.get("platforms", ())]
    return list(dict.fromkeys(found))


def of_place(role: str, place: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts that one of the four places gives."""
    found = [(f"{role}_{level}", str(place.get(level) or "")) for level in ("province", "regency")]
    return [(field, value) for field, value in found if value]


def place_fields(role: str) -> tuple[str, str]:
    """The names of the facts of a place."""
    return f"{PlaceRole(role).value}_province", f"{PlaceRole(role).value}_regency"


def renew(case: Case, fields: Iterable[str], facts: Iterable[tuple[str, str]]) -> None:
    """Replace the tokens of some fields; inside the transaction that wrote the sealed value."""
    wanted = {(field, fact_token(field, value)) for field, value in facts}
    rows = {(row.field, bytes(row.token)): row.pk for row in CaseFact.objects.filter(case=case, field__in=list(fields))}
    gone = [pk for key, pk in rows.items() if key not in wanted]
    if gone:
        CaseFact.objects.filter(pk__in=gone).delete()
    new = sorted(wanted - set(rows))
    CaseFact.objects.bulk_create([CaseFact(case=case, field=field, token=token) for field, token in new])
