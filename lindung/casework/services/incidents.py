"""What happened to the child. Children of one incident are joined by it, and never share a worker from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import facts, selectors, shapes
from ..models import Case, CaseIncident, Incident
from . import pairing
from .access import decode, lock, open_case_for, open_keys, seal, touch, unseal
from .beside import hold, tell
from .people import reindex


def add_incident(actor: Actor, keyring: Keyring, case_id: UUID, words: Mapping[str, Any]) -> CaseIncident:
    """Write down something that happened (shapes.check_incident). Raises NotFound, NotAllowed, CaseClosed, BadInput."""
    value = shapes.check_incident(words)
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        now = clock.now()
        row = CaseIncident.objects.create(
            case=case, incident=Incident.objects.create(created_at=now), added_at=now, added_by_id=actor.user_id
        )
        seal(case, keys, row.field, value)
        _renew(case, keys)
        tell("case.incident_added", actor, case, incident=row.incident_id)
    return row


def change_incident(
    actor: Actor, keyring: Keyring, case_id: UUID, incident_id: UUID, words: Mapping[str, Any], *,
    version: int | None = None,
) -> CaseIncident:  # fmt: skip
    """Write parts of an incident of this child; what is not named stays, and what other cases say of it stays theirs.

    Raises like `add_incident`, and Conflict when the case changed since `version`.
    """
    shapes.check_incident({**words, shapes.ORIGIN: {}})
    row, case = _incident_for(actor, case_id, incident_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        lock(Case.objects.filter(pk=case.pk)).first()
        before = unseal(case, keys, row.field)
        value = shapes.check_incident({**before, **words, shapes.ORIGIN: {}})
        origin = shapes.without_origin(before, value)
        seal(case, keys, row.field, value | ({shapes.ORIGIN: origin} if origin else {}))
        touch(case, version=version)
        _renew(case, keys)
        tell("case.incident_changed", actor, case, incident=row.incident_id)
    return row


def share_incident(actor: Actor, case_id: UUID, incident_id: UUID, other_id: UUID) -> CaseIncident:
    """Say that another child's case is about the same incident. It gets no words: each case tells its own.

    The actor must be able to work on both, so it is a supervisor's. Raises NotFound, NotAllowed, CaseClosed,
    SharedWorker when somebody works with both children now, and Conflict when they share it already.
    """
    row, case = _incident_for(actor, case_id, incident_id)
    other = open_case_for(actor, other_id)
    if other.pk == case.pk:
        raise BadInput("other", _("Ini kasus yang sama."))
    with transaction.atomic():
        together = set(CaseIncident.objects.filter(incident=row.incident_id).values_list("case_id", flat=True))
        found = pairing.lock_group(together | {other.pk})
        if found[case.pk].team_id != case.team_id or found[other.pk].team_id != other.team_id:
            raise Conflict
        pairing.check_group(together | {other.pk})
        try:
            with transaction.atomic():
                shared = CaseIncident.objects.create(
                    case=other, incident_id=row.incident_id, added_at=clock.now(), added_by_id=actor.user_id
                )
        except IntegrityError:
            raise Conflict from None
        tell("case.incident_shared", actor, case, incident=row.incident_id, other=other.pk)
    return shared


def remove_incident(actor: Actor, keyring: Keyring, case_id: UUID, incident_id: UUID) -> None:
    """Take off an incident that was written down twice or by mistake; a case keeps at least one. Raises like above."""
    row, case = _incident_for(actor, case_id, incident_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        if not CaseIncident.objects.filter(case=case).exclude(pk=row.pk).exists():
            raise BadInput("incident", _("Satu kejadian tetap tercatat. Ubah saja isinya."))
        incident = row.incident_id
        if CaseIncident.objects.filter(pk=row.pk).delete()[0] != 1:
            raise Conflict
        Incident.objects.filter(pk=incident, cases=None).delete()
        _renew(case, keys)
        tell("case.incident_removed", actor, case, incident=incident)


def _incident_for(actor: Actor, case_id: UUID, incident_id: UUID) -> tuple[CaseIncident, Case]:
    row = CaseIncident.objects.filter(incident=incident_id, case=case_id, case__in=selectors.visible_to(actor)).first()
    if row is None:
        raise NotFound
    return row, open_case_for(actor, case_id)


def _renew(case: Case, keys: RecordKeys) -> None:
    """Facts and blind index follow what all incidents of the case say together."""
    sealed = vault.get_many(record_id=case.record_id, keys=keys, prefix="incident:")
    rows = CaseIncident.objects.filter(case=case)
    values = [decode(sealed[row.field]) for row in rows if row.field in sealed]
    facts.renew(case, facts.INCIDENT, facts.of_incidents(values))
    reindex(case, keys)
