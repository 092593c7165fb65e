"""Telling what a child asked us to keep: an entry comes off the do-not-disclose list."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault.services import Keyring

from .. import rules_consent as rules
from .. import signals
from ..errors import NotYet
from ..models import Case
from ..models_rights import Barred
from . import decisions
from .access import case_for, checked_text, lock, open_keys, seal, unseal


def lift(actor: Actor, keyring: Keyring, case_id: UUID, barred_id: UUID, why: str, *, agreed: bool = False) -> Barred:
    """Take an entry off the list, with the reason: another person than the one who put it there.

    `agreed`: the child said that it may be told. Otherwise confidence is broken, and two people must have decided to go
    ahead (a best-interests decision, CRC General Comment 14). Raises NotFound, NotAllowed, BadInput for
    one's own entry or without that decision, Conflict when it was lifted already.
    """
    why = checked_text("why", why)
    case = case_for(actor, case_id)
    row = Barred.objects.filter(pk=barred_id, case=case).first()
    if row is None:
        raise NotFound
    if row.added_by_id == actor.user_id:
        raise BadInput("why", _("Orang lain yang mencabutnya, bukan yang menulisnya."))
    keys = open_keys(case, keyring)
    with transaction.atomic():
        if lock(Case.objects.filter(pk=case.pk, team=case.team_id)).first() is None:
            raise Conflict
        if not agreed:
            _need_decision(case)
        # Columns of the row itself, no join: PostgreSQL then looks at the row again after waiting for it.
        rows = Barred.objects.filter(pk=row.pk, lifted_at=None).exclude(added_by=actor.user_id)
        if rows.update(lifted_at=clock.now(), lifted_by=actor.user_id) != 1:
            raise Conflict
        row.refresh_from_db()
        seal(case, keys, row.field, {**unseal(case, keys, row.field), "lifted": why, "agreed": agreed})
        signals.case_changed.send(sender=Case, case_id=case.pk, what="case.barred_lifted")
        data: dict[str, str | bool] = {"barred": row.pk.hex, "kind": row.kind, "agreed": agreed}
        audit.record("case.barred_lifted", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return row


def _need_decision(case: Case) -> None:
    try:
        decisions.need_decision(case, rules.BROKEN)
    except NotYet:
        raise BadInput(
            "agreed",
            _(
                "Anak meminta ini dijaga. Tanyai dulu anak; kalau ia tidak setuju, dua orang perlu memutuskan: Membuka "
                "yang diminta dirahasiakan."
            ),
        ) from None
