"""Whose task a case is, with the bodies of the directory that it means, and one of them noted as the lead.

The rule (rules_places) says which level leads and why; a colleague notes which body took it, and who there agreed.
Nothing is sent by this, and help begins where the child is, whoever leads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.core.worktime import local_day
from lindung.directory.models import Kind, Organisation
from lindung.vault.services import Keyring

from .. import rules, rules_places
from ..models import Case
from .access import checked_text, open_case_for, open_keys, seal, touch
from .beside import tell

FIELD = "lead"
"""The sealed field with who agreed to lead and how."""

MINISTRY_CODE = "kemenpppa"
LEADING = frozenset({Kind.UPTD_DISTRICT, Kind.UPTD_PROVINCE, Kind.MINISTRY})


def lead_of(places: Mapping[str, Mapping[str, Any]], child: Mapping[str, Any]) -> rules_places.Lead:
    """Whose task a case is, by what its sealed places and child say."""
    known = {
        role: rules_places.Place(
            country=str(place.get("country") or rules_places.INDONESIA),
            province=str(place.get("province") or ""),
            regency=str(place.get("regency") or ""),
        )
        for role, place in places.items()
    }
    about = rules_places.ChildFacts(
        nationality=str(child.get("nationality") or ""),
        protection=str(child.get("protection") or ""),
        embassy_safe=child.get("embassy_safe"),
    )
    return rules_places.lead_for(known, about)


def bodies(lead: rules_places.Lead, day: date) -> list[Organisation]:
    """The bodies of the directory that can lead, in the order of the rule: one query. Those that ended are left out."""
    wanted = Q(pk=None)
    for agency in lead.leads:
        wanted |= _means(agency)
    there = Organisation.objects.filter(wanted).filter(Q(until=None) | Q(until__gt=day))
    order = {agency.kind: place for place, agency in enumerate(lead.leads)}
    return sorted(there, key=lambda body: (order.get(body.kind, len(order)), body.name))


def _means(agency: rules_places.Agency) -> Q:
    if agency == rules_places.MINISTRY:
        return Q(kind=Kind.MINISTRY, code=MINISTRY_CODE)
    return Q(kind=agency.kind, region=agency.region)


def choose_lead(
    actor: Actor, keyring: Keyring, case_id: UUID, organisation_id: UUID, *, words: str, version: int | None = None
) -> Case:
    """Note which body leads, and who there said yes. Raises NotFound, NotAllowed, CaseClosed, BadInput, Conflict.

    Any service unit or the ministry can be noted, also one that the rule would not have asked first: people agree on
    it by voice, and the words say why.
    """
    words = checked_text("words", words)
    case = open_case_for(actor, case_id, rules.may_work)
    day = local_day(clock.now(), case.tz)
    body = Organisation.objects.filter(pk=organisation_id, kind__in=LEADING).first()
    if body is None or (body.until is not None and body.until <= day):
        raise BadInput("organisation", _("Pilih unit layanan atau kementerian dari direktori."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        touch(case, version=version, lead_agency=body)
        seal(case, keys, FIELD, {"body": body.pk.hex, "words": words})
        tell("case.lead_agency_set", actor, case, body=body.pk.hex, level=body.kind)
    return case
