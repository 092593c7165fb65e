"""What the directory knows already about the bodies of a sheet, as plain values that compare with the sheet's."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..models import Organisation, Service, Succession
from ..rules import Hours
from .columns import QUESTIONS, WHOLE_COUNTRY

AT_ONCE = 400
"""Codes or ids in one query: SQLite takes few."""

PLAIN = ("name", "kind", "region", "address", "phone", "whatsapp", "email", "website", "tz", "public", "source",
         "since", "until", "verified_on")  # fmt: skip
PLAIN_OF_SERVICE = ("does", "age_from", "age_to", *QUESTIONS, "languages", "faith_and_food", "capacity", "fee",
                    "contact", "notes", "active")  # fmt: skip


@dataclass
class Known:
    """One body as it is. `services` by the code of the service, with its values as the sheet would hold them."""

    organisation: Organisation
    values: dict[str, Any]
    services: dict[str, tuple[Service, dict[str, Any]]] = field(default_factory=dict)


def pieces(items: Collection[Any]) -> Iterator[list[Any]]:
    """The same items a few hundred at a time."""
    everything = list(items)
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]


def codes(wanted: Collection[str]) -> set[str]:
    """Those of the codes that the directory knows."""
    return {
        code
        for piece in pieces(wanted)
        for code in Organisation.objects.filter(code__in=piece).values_list("code", flat=True)
    }


def load(wanted: Collection[str]) -> dict[str, Known]:
    """The bodies of these codes with everything that a sheet can say about them."""
    found: dict[str, Known] = {}
    for piece in pieces(wanted):
        rows = Organisation.objects.filter(code__in=piece).select_related("affiliation")
        for body in rows.prefetch_related("variants", "services__coverage", "services__hours"):
            found[body.code] = known(body)
        for row in Succession.objects.filter(before__code__in=piece).select_related("before", "after"):
            values = found[row.before.code].values
            values["successors"] = tuple(sorted({*values["successors"], row.after.code}))
    return found


def known(body: Organisation) -> Known:
    """One body with its prefetched rows."""
    values = {name: getattr(body, name) for name in PLAIN}
    values |= {
        "affiliation": body.affiliation.code if body.affiliation else "",
        "variants": tuple(sorted(one.name for one in body.variants.all())),
        "successors": (),
    }
    return Known(body, values, {one.service: (one, of_service(one)) for one in body.services.all()})


def of_service(service: Service) -> dict[str, Any]:
    """The values of one service."""
    values = {name: getattr(service, name) for name in PLAIN_OF_SERVICE}
    spans = sorted(Hours(row.weekday, row.opens, row.closes, row.holidays) for row in service.hours.all())
    values["hours"] = (service.always_open, tuple(spans))
    regions: Iterable[str] = sorted(row.region for row in service.coverage.all())
    values["coverage"] = (WHOLE_COUNTRY,) if service.whole_country else tuple(regions)
    return values
