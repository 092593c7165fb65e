"""What is known of the child: who it is, what it needs, what it is before the law, and the four places.

A form changes parts and leaves the others; what a colleague writes anew no longer counts as told by a report. Coded
facts and whose task the case is follow in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core.errors import BadInput
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import facts, shapes
from ..models import Case, PlaceRole, Status
from .access import checked_choice, decode, lock, open_case_for, open_keys, seal, touch, unseal
from .beside import tell
from .places import lead_of

CHILD = "child"
OWN_PARTS = frozenset({"statuses", "factors"})
"""Parts that have a page and an event of their own."""

NEVER_UNDER_12 = frozenset({"13-15", "16-17", "18plus"})
NEVER_OVER_12 = frozenset({"u6", "6-9"})


def change_child(
    actor: Actor, keyring: Keyring, case_id: UUID, parts: Mapping[str, Any], *, version: int | None = None
) -> Case:
    """Write parts of the child (shapes.check_child); an empty one takes it away, what is not named stays.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, and Conflict when the case changed since `version`.
    """
    if set(parts) & OWN_PARTS:
        raise BadInput(min(set(parts) & OWN_PARTS), _("Bagian ini tidak dikenal."))
    return _write(actor, keyring, case_id, lambda child: {**child, **parts}, "case.child_changed", version)


def set_statuses(
    actor: Actor, keyring: Keyring, case_id: UUID, statuses: Collection[str], *, version: int | None = None
) -> Case:
    """Say what the child is before the law and in our care: one or more. None of them takes a service away.

    Raises like `change_child`, and BadInput for a status that the child's age rules out: a child under 12 is never
    prosecuted.
    """
    chosen = list(dict.fromkeys(statuses))

    def change(child: Mapping[str, Any]) -> dict[str, Any]:
        problem = status_problem(chosen, str(child.get("age_band") or ""))
        if problem:
            raise BadInput("statuses", _PROBLEMS[problem])
        return {**child, "statuses": chosen}

    return _write(actor, keyring, case_id, change, "case.statuses_changed", version)


def set_factors(
    actor: Actor, keyring: Keyring, case_id: UUID, factors: Collection[str], *, version: int | None = None
) -> Case:
    """Say what makes it harder for the child to be safe (knowledge/vulnerability.yaml). Raises like `change_child`."""
    chosen = list(dict.fromkeys(factors))
    change: Callable[[Mapping[str, Any]], dict[str, Any]] = lambda child: {**child, "factors": chosen}  # noqa: E731
    return _write(actor, keyring, case_id, change, "case.factors_changed", version)


_PROBLEMS = {
    "none": _("Pilih paling sedikit satu."),
    "too_old": _("Umur anak ini 13 tahun atau lebih. Pilih yang 12 sampai 17 tahun."),
    "too_young": _("Anak di bawah 12 tahun tidak dituntut. Pilih status lain."),
    "both": _("Pilih satu kelompok umur saja."),
}


def status_problem(statuses: Collection[str], age_band: str) -> str:
    """The code of what is wrong with these statuses for a child of this age, or "". Pure."""
    if not statuses:
        return "none"
    if {Status.HSB_UNDER_12, Status.HSB_12_17} <= set(statuses):
        return "both"
    if Status.HSB_UNDER_12 in statuses and age_band in NEVER_UNDER_12:
        return "too_old"
    if {Status.HSB_12_17, Status.IN_CONFLICT} & set(statuses) and age_band in NEVER_OVER_12:
        return "too_young"
    return ""


def _write(
    actor: Actor,
    keyring: Keyring,
    case_id: UUID,
    change: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    kind: str,
    version: int | None,
) -> Case:
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        lock(Case.objects.filter(pk=case.pk)).first()
        before = unseal(case, keys, CHILD)
        changed = shapes.check_child({**change(before), shapes.ORIGIN: {}})
        origin = shapes.without_origin(before, changed)
        child = changed | ({shapes.ORIGIN: origin} if origin else {})
        seal(case, keys, CHILD, child)
        facts.renew(case, facts.CHILD, facts.of_child(child))
        touch(case, version=version, authority=authority_of(places_of(case, keys), child))
        tell(kind, actor, case)
    return case


# --- the four places --------------------------------------------------------------------------------------------------


def set_place(
    actor: Actor, keyring: Keyring, case_id: UUID, role: str, place: Mapping[str, Any], *, version: int | None = None
) -> Case:
    """Write one of the four places anew (shapes.check_place); {} says that nobody knows it. Raises like above."""
    checked_choice("role", role, PlaceRole)
    checked = shapes.check_place({**place, shapes.ORIGIN: {}})
    case = open_case_for(actor, case_id)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        lock(Case.objects.filter(pk=case.pk)).first()
        field = f"place:{role}"
        origin = shapes.without_origin(unseal(case, keys, field), checked)
        value = checked | ({shapes.ORIGIN: origin} if origin else {})
        places = {**places_of(case, keys), role: value}
        seal(case, keys, field, value)
        facts.renew(case, facts.place_fields(role), facts.of_place(role, value))
        touch(case, version=version, authority=authority_of(places, unseal(case, keys, CHILD)))
        tell("case.place_changed", actor, case, role=role)
    return case


def places_of(case: Case, keys: RecordKeys) -> dict[str, dict[str, Any]]:
    """The four places as far as they are known, by role: one query."""
    sealed = vault.get_many(record_id=case.record_id, keys=keys, prefix="place:")
    return {name.partition(":")[2]: decode(raw) for name, raw in sealed.items()}


def authority_of(places: Mapping[str, Mapping[str, Any]], child: Mapping[str, Any]) -> str:
    """Whose task a case is, as a code; "" while no place is known."""
    return lead_of(places, child).authority
