"""Opening a case: a query for its row, one for its keys, one for all sealed words, one each for people and incidents.

Every opening leaves a trace, once a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import rules
from ..models import Case, CaseIncident, Person
from ..opened import OpenedCase, incident_view, person_view
from .access import case_for, decode, open_keys


def open_case(actor: Actor, keyring: Keyring, case_id: UUID) -> OpenedCase:
    """Open everything on a case for one colleague who may see it; audited each time.

    Raises NotFound for a case that the actor may not see, NotAllowed without the team's key, SealBroken when a sealed
    value was changed.
    """
    case = case_for(actor, case_id, rules.may_open)
    opened = read_all(case, open_keys(case, keyring))
    with transaction.atomic():
        audit.record("case.opened", actor=actor.audit_name, subject=case.pk.hex)
    return opened


def read_all(case: Case, keys: RecordKeys) -> OpenedCase:
    """Open everything on a case. The caller has checked the right to it and writes the audit event."""
    sealed = vault.get_many(record_id=case.record_id, keys=keys)
    people = Person.objects.filter(case=case)
    incidents = CaseIncident.objects.filter(case=case).order_by("added_at", "pk")
    return OpenedCase(
        case=case,
        child=_value(sealed, "child"),
        places={name.partition(":")[2]: decode(sealed[name]) for name in sealed if name.startswith("place:")},
        people=tuple(person_view(row, _value(sealed, row.field)) for row in people),
        incidents=tuple(incident_view(row, _value(sealed, row.field)) for row in incidents),
        reports={name.partition(":")[2]: decode(sealed[name]) for name in sealed if name.startswith("report:")},
        rest=sealed,
    )


def _value(sealed: Mapping[str, bytes], name: str) -> dict[str, Any]:
    return decode(sealed[name]) if name in sealed else {}
