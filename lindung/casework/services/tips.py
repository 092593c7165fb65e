"""A lawful tip to the police or PPATK: what a colleague handed over, and on which basis. Nothing is sent from here."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.core.worktime import local_day
from lindung.vault.services import Keyring

from .. import outgoing, rules
from ..knowledge import law
from ..models_legal import Tip, TipTo
from . import consents
from .access import case_for, checked_choice, checked_text, open_keys, seal
from .beside import hold, tell

CONSENT_SCOPE = "tip"
"""The scope of consent that a tip on the ground of consent needs."""


def hand_over(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    to: str,
    basis: str,
    way: str,
    handed_on: date,
    told: str,
    taken_by: str,
) -> Tip:
    """Note what a colleague told the police or PPATK, on which ground, by which way, and who took it.

    Raises BadInput for a ground that does not fit whom it went to, Barred for what may not be told, NoConsent when it
    stands on a consent that was not given.
    """
    checked_choice("to", to, TipTo)
    checked_choice("way", way, law.codes("legal.yaml", "tip_ways"))
    checked_choice("basis", basis, law.tip_bases())
    if to not in law.tip_bases()[basis].to:
        raise BadInput("basis", _("Dasar ini bukan untuk lembaga itu."))
    said = {"told": checked_text("told", told), "taken_by": checked_text("taken_by", taken_by)}
    case = case_for(actor, case_id, rules.may_work)
    if handed_on > local_day(clock.now(), case.tz):
        raise BadInput("handed_on", _("Tanggal ini belum tiba."))
    keys = open_keys(case, keyring)
    if basis == "consent":
        consents.basis_for(case, keys, CONSENT_SCOPE)
    outgoing.check(case, keys, told, to_law=True)
    with transaction.atomic():
        hold(case, also_closed=True)
        row = Tip(
            case=case,
            to=to,
            basis=basis,
            way=way,
            handed_on=handed_on,
            recorded_at=clock.now(),
            recorded_by_id=actor.user_id,
        )
        row.save(force_insert=True)
        seal(case, keys, row.field, said)
        tell("case.tip_handed_over", actor, case, tip=row.pk.hex, to=to, basis=basis)
    return row
