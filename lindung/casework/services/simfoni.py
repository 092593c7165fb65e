"""Simfoni PPA: the number there, who typed it, and the sheet from which somebody types it. Nothing is sent from here.

A case that another body typed is marked so: it is never counted a second time. Name, birth and address stand on the
sheet only with a consent or by a duty of law, and that ground is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict
from lindung.core.worktime import local_day
from lindung.places import selectors as regions
from lindung.reporting import knowledge as reporting
from lindung.reporting.models import PoliceDecision
from lindung.vault.services import Keyring, RecordKeys

from .. import outgoing, rules
from ..knowledge import ending, law
from ..models import Case, CaseIncident, Person, PersonRole, PlaceRole
from ..models_legal import Simfoni
from ..models_plan import Delivery
from . import consents, legal
from .access import case_for, checked_choice, checked_text, open_keys, seal, unseal
from .beside import hold, tell

FIELD = "simfoni"
CONSENT_SCOPE = "simfoni_identity"
IDENTITY = "identity"
"""The section of the gate that name, birth and address belong to."""


@dataclass(frozen=True)
class Line:
    """One column of the sheet, with what stands in it."""

    code: str
    label: str
    value: str
    identity: bool


def note(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    *,
    number: str,
    typed_on: date,
    elsewhere: bool = False,
    identity: str = "",
    duty: str = "",
) -> Simfoni:
    """Note that the case stands in Simfoni PPA: its number there, the day, and whether another body typed it.

    `identity`: on which ground the identity was given (consent, duty), or "" when it was not. `duty` says which duty.
    Raises BadInput, NoConsent, Conflict when somebody was faster.
    """
    said = {"number": checked_text("number", number), "duty": checked_text("duty", duty, required=False)}
    if identity:
        checked_choice("identity", identity, Simfoni.Ground)
    if identity == Simfoni.Ground.DUTY and not duty.strip():
        raise BadInput("duty", gettext_lazy("Tulis kewajiban hukumnya."))
    case = case_for(actor, case_id, rules.may_work)
    if typed_on > local_day(clock.now(), case.tz):
        raise BadInput("typed_on", gettext_lazy("Tanggal ini belum tiba."))
    keys = open_keys(case, keyring)
    if identity == Simfoni.Ground.CONSENT and not elsewhere:
        consents.basis_for(case, keys, CONSENT_SCOPE)
    columns = {
        "typed_on": typed_on,
        "typed_by_id": actor.user_id,
        "typed_elsewhere": elsewhere,
        "identity": identity,
        "recorded_at": clock.now(),
    }
    with transaction.atomic():
        hold(case, also_closed=True)
        if not Simfoni.objects.filter(case=case).update(**columns):
            try:
                with transaction.atomic():
                    Simfoni(case=case, **columns).save(force_insert=True)
            except IntegrityError:
                raise Conflict from None
        seal(case, keys, FIELD, said)
        tell("case.simfoni_noted", actor, case, elsewhere=elsewhere, identity=identity)
    return Simfoni.objects.get(case=case)


def sheet(
    actor: Actor, keyring: Keyring, case_id: UUID, *, identity: str = "", duty: str = ""
) -> tuple[Case, list[Line]]:
    """The sheet of one case, column by column; with the identity only on a ground (consent, duty). Audited.

    Raises NoConsent, BadInput, and Barred when what may not be told would stand on it.
    """
    if identity:
        checked_choice("identity", identity, Simfoni.Ground)
    if identity == Simfoni.Ground.DUTY and not duty.strip():
        raise BadInput("duty", gettext_lazy("Tulis kewajiban hukumnya."))
    case = case_for(actor, case_id, rules.may_work)
    keys = open_keys(case, keyring)
    if identity == Simfoni.Ground.CONSENT:
        consents.basis_for(case, keys, CONSENT_SCOPE)
    values = _values(case, keys)
    lines = [
        Line(column.code, column.label, values.get(column.code, ""), column.identity)
        for column in law.columns()
        if identity or not column.identity
    ]
    text = "\n".join(line.value for line in lines if line.value)
    outgoing.check(case, keys, text, sections=(IDENTITY,) if identity else ())
    with transaction.atomic():
        data = {"identity": identity}
        audit.record("case.simfoni_exported", actor=actor.audit_name, subject=case.pk.hex, data=data)
    return case, lines


def _values(case: Case, keys: RecordKeys) -> dict[str, str]:
    """What the case knows already: nothing is typed twice."""
    child = unseal(case, keys, "child")
    shared = CaseIncident.objects.filter(case=case).select_related("incident")
    incidents = [unseal(case, keys, incident.field) for incident in shared]
    forms = {code for incident in incidents for code in incident.get("forms", ())}
    return {
        "our_reference": case.reference,
        "opened_on": local_day(case.opened_at, case.tz).isoformat(),
        "name": str(child.get("name") or ""),
        "born_on": str(child.get("born_on") or ""),
        "address": str(child.get("address") or ""),
        "age_band": _option("age_band", child.get("age_band")),
        "sex": _option("sex", child.get("sex")),
        "disability": _("Ya") if child.get("disabilities") else "",
        "violence": "; ".join(label.label for label, some in law.violence().values() if some & forms),
        "channel": _channel(incidents),
        "event_regency": _regency(unseal(case, keys, f"place:{PlaceRole.EVENT.value}")),
        "home_regency": _regency(unseal(case, keys, f"place:{PlaceRole.HOME.value}")),
        "relation": _relations(case, keys),
        "services": _services(case),
        "police_report": _police(case),
        "outcome": ending.reasons()[case.outcome].label if case.outcome in ending.reasons() else "",
    }


def _option(question: str, code: Any) -> str:
    return reporting.option_label(question, str(code)) if code else ""


def _channel(incidents: Iterable[Mapping[str, Any]]) -> str:
    where = {place for incident in incidents for place in incident.get("where", ())}
    words = {"online": _("Daring"), "offline": _("Luring")}
    return "; ".join(words[code] for code in ("online", "offline") if code in where)


def _regency(place: Mapping[str, Any]) -> str:
    found = regions.get(str(place.get("regency") or place.get("province") or ""))
    return f"{found.code} {found.name}" if found else ""


def _relations(case: Case, keys: RecordKeys) -> str:
    people = Person.objects.filter(case=case, role=PersonRole.ALLEGED_OFFENDER, removed_at=None)
    said = [str(unseal(case, keys, person.field).get("relation") or "") for person in people]
    return "; ".join(dict.fromkeys(text for text in said if text))


def _services(case: Case) -> str:
    delivered = Delivery.objects.filter(goal__plan__case=case, child_came=True).order_by("goal__service")
    return "; ".join(dict.fromkeys(delivered.values_list("goal__service", flat=True)))


def _police(case: Case) -> str:
    reported = any(one.decision == PoliceDecision.REPORTED for one in legal.police_clocks(case))
    return _("Ya") if reported else _("Belum")
