"""Changing single entries: one body, one of its services, that somebody asked again, that a body ended.

Every change counts the version of the body, and a form carries the version that it was made from: whoever comes second
is told, and nothing is lost. A changed way of reaching a body has to be verified again, unless that was just done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

from .. import checks, knowledge, rules, selectors
from ..checks import Wrong
from ..models import Coverage, Does, Kind, NameVariant, OpeningHours, Organisation, Service, Succession
from ..names import name_key
from ..sheets.columns import QUESTIONS
from ..sheets.faults import sentence
from .importing import WAYS


@dataclass(frozen=True)
class OrganisationInput:
    """What a form gives about a body. `variants`: other names. `affiliation`: the code of another body, or ""."""

    code: str
    name: str
    kind: str
    variants: tuple[str, ...] = ()
    affiliation: str = ""
    region: str = ""
    address: str = ""
    phone: str = ""
    whatsapp: str = ""
    email: str = ""
    website: str = ""
    tz: str = ""
    public: bool = False
    source: str = ""
    since: date | None = None


@dataclass(frozen=True)
class ServiceInput:
    """What a form gives about a service. `hours` as people write them; `coverage` codes, empty with `whole_country`."""

    service: str
    does: str
    coverage: tuple[str, ...] = ()
    whole_country: bool = False
    age_from: int = 0
    age_to: int = 17
    accepts_boys: bool | None = None
    accepts_girls: bool | None = None
    siblings: bool | None = None
    with_mother: bool | None = None
    lgbt_safe: bool | None = None
    wheelchair: bool | None = None
    sign_language: bool | None = None
    night_admission: bool | None = None
    hours: str = ""
    languages: str = "id"
    faith_and_food: str = ""
    capacity: int | None = None
    fee: str = ""
    contact: str = ""
    notes: str = ""
    active: bool = True


# --- bodies ---------------------------------------------------------------------------------------------------------


def save_organisation(
    actor: Actor,
    entry: OrganisationInput,
    organisation_id: UUID | None = None,
    version: int | None = None,
    *,
    verified: bool = False,
) -> Organisation:
    """Add or change a body. `verified`: everything was asked again just now.

    Raises NotAllowed, NotFound, BadInput (a double by name too), and Conflict when it changed meanwhile or the code is
    taken.
    """
    _may_edit(actor)
    values, names = _checked_body(entry, organisation_id)
    moment = clock.now()
    try:
        with transaction.atomic():
            if organisation_id is None:
                body = Organisation(**values, changed_at=moment)
                _stamp(body, actor, verified)
                body.save(force_insert=True)
            else:
                body = _changed(actor, organisation_id, values, version, verified)
            NameVariant.objects.filter(organisation=body).delete()
            NameVariant.objects.bulk_create(NameVariant(organisation=body, name=n, key=k) for k, n in names.items())
            kind = "directory.added" if organisation_id is None else "directory.changed"
            audit.record(kind, actor=actor.audit_name, subject=body.pk.hex)
    except IntegrityError:
        raise Conflict(_("Kode ini sudah dipakai lembaga lain.")) from None
    return body


def _checked_body(entry: OrganisationInput, but: UUID | None) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {
        "code": _taken("code", checks.code, entry.code),
        "name": _taken("name", checks.name, entry.name),
        "kind": entry.kind,
        "region": _taken("region", checks.region, entry.region),
        "address": _taken("address", checks.text, entry.address, 300),
        "phone": _taken("phone", checks.phone, entry.phone),
        "whatsapp": _taken("whatsapp", checks.phone, entry.whatsapp),
        "email": _taken("email", checks.email, entry.email),
        "website": _taken("website", checks.website, entry.website),
        "source": _taken("source", checks.text, entry.source, 200),
        "public": entry.public,
        "since": entry.since,
    }
    if entry.kind not in Kind.values:
        raise BadInput("kind", _("Pilih salah satu dari daftar."))
    values["tz"] = _taken("tz", checks.zone, entry.tz, values["region"])
    values["name_key"] = name_key(values["name"], values["region"])
    if entry.kind in rules.NO_ADDRESS and values["address"]:
        raise BadInput("address", sentence("secret_address"))
    if entry.kind in rules.NEVER_PUBLIC and entry.public:
        raise BadInput("public", sentence("not_public"))
    values["affiliation"] = _body_of("affiliation", entry.affiliation, but)
    names = {name_key(one, values["region"]): _taken("variants", checks.name, one) for one in reversed(entry.variants)}
    for field, text in [("name", values["name"]), *(("variants", one) for one in names.values())]:
        if double := selectors.same_name(text, values["region"], but=but):
            raise BadInput(field, sentence("duplicate_name", other=double[0].code))
    return values, names


def _body_of(field: str, code: str, but: UUID | None) -> Organisation | None:
    if not code.strip():
        return None
    body = selectors.by_code(_taken(field, checks.code, code))
    if body is None or body.pk == but:
        raise BadInput(field, sentence("unknown_body" if body is None else "itself"))
    return body


def _taken(field: str, check: Any, *given: Any) -> Any:
    """The checked value, or BadInput in the words of the import."""
    try:
        return check(*given)
    except Wrong as wrong:
        raise BadInput(field, sentence(wrong.code, **wrong.more)) from None


def _changed(
    actor: Actor, organisation_id: UUID, values: dict[str, Any], version: int | None, verified: bool
) -> Organisation:
    body = _found(organisation_id)
    changes = dict(values)
    if verified:
        changes |= {"verified_on": selectors.today(), "verified_by": None if actor.is_system else actor.user_id}
    elif any(getattr(body, name) != values[name] for name in WAYS):
        changes |= {"verified_on": None, "verified_by": None}
    _touch(body, version, **changes)
    return body


def verify(actor: Actor, organisation_id: UUID, version: int | None = None) -> Organisation:
    """Note that somebody asked today and everything about the body and its services is right.

    Raises NotAllowed, NotFound, Conflict.
    """
    _may_edit(actor)
    with transaction.atomic():
        body = _found(organisation_id)
        by = None if actor.is_system else actor.user_id
        _touch(body, version, verified_on=selectors.today(), verified_by=by)
        audit.record("directory.verified", actor=actor.audit_name, subject=body.pk.hex)
    return body


def end(
    actor: Actor, organisation_id: UUID, on: date, successors: Iterable[str] = (), version: int | None = None
) -> Organisation:
    """Note that a body no longer exists under this name from a day on, and who has its tasks now (by their codes).

    Raises NotAllowed, NotFound, Conflict, BadInput.
    """
    _may_edit(actor)
    body = _found(organisation_id)
    if body.since is not None and on < body.since:
        raise BadInput("on", sentence("dates"))
    after = [one for code in successors if (one := _body_of("successors", code, organisation_id)) is not None]
    with transaction.atomic():
        _touch(body, version, until=on)
        Succession.objects.filter(before=body).delete()
        Succession.objects.bulk_create(
            Succession(before=body, after=one, on=on, source=body.source) for one in dict.fromkeys(after)
        )
        audit.record("directory.ended", actor=actor.audit_name, subject=body.pk.hex)
    return body


def link_team(actor: Actor, organisation_id: UUID, team_id: UUID | None, version: int | None = None) -> Organisation:
    """Say which team on this platform works for a body, or none: a referral to the body then goes to it.

    Raises NotAllowed, NotFound, BadInput for a team that works for another one, Conflict.
    """
    if not rules.may_link_team(actor):
        raise NotAllowed
    body = _found(organisation_id)
    if team_id is not None and not Team.objects.filter(pk=team_id).exists():
        raise NotFound
    if team_id is not None and Organisation.objects.filter(team=team_id).exclude(pk=body.pk).exists():
        raise BadInput("team", _("Tim ini sudah bekerja untuk lembaga lain."))
    try:
        with transaction.atomic():
            _touch(body, version, team_id=team_id)
            audit.record("directory.team_linked", actor=actor.audit_name, subject=body.pk.hex,
                         data={"team": team_id.hex if team_id else "none"})  # fmt: skip
    except IntegrityError:
        raise Conflict from None
    return body


# --- services -------------------------------------------------------------------------------------------------------


def save_service(
    actor: Actor,
    organisation_id: UUID,
    entry: ServiceInput,
    service_id: UUID | None = None,
    version: int | None = None,
) -> Service:
    """Add or change a service of a body. `version` is that of the body.

    Raises NotAllowed, NotFound, BadInput, and Conflict when the body changed meanwhile or has the service already.
    """
    _may_edit(actor)
    values, spans = _checked_service(entry)
    try:
        with transaction.atomic():
            body = _found(organisation_id)
            _touch(body, version)
            if service_id is None:
                service = Service.objects.create(organisation=body, **values)
            elif Service.objects.filter(pk=service_id, organisation=body).update(**values) != 1:
                raise NotFound
            else:
                service = Service.objects.get(pk=service_id)
            Coverage.objects.filter(service=service).delete()
            OpeningHours.objects.filter(service=service).delete()
            codes = [] if entry.whole_country else _regions(entry.coverage)
            Coverage.objects.bulk_create(Coverage(service=service, region=code) for code in codes)
            OpeningHours.objects.bulk_create(
                OpeningHours(service=service, weekday=s.weekday, opens=s.opens, closes=s.closes, holidays=s.holidays)
                for s in spans
            )
            audit.record("directory.service_saved", actor=actor.audit_name, subject=body.pk.hex,
                         data={"service": service.pk.hex})  # fmt: skip
    except IntegrityError:
        raise Conflict(_("Lembaga ini sudah punya layanan itu.")) from None
    return service


def _checked_service(entry: ServiceInput) -> tuple[dict[str, Any], Iterable[rules.Hours]]:
    if entry.service not in knowledge.services():
        raise BadInput("service", _("Pilih salah satu dari daftar."))
    if entry.does not in Does.values:
        raise BadInput("does", _("Pilih salah satu dari daftar."))
    if bool(_regions(entry.coverage)) == entry.whole_country:
        raise BadInput("coverage", sentence("whole_and_part" if entry.whole_country else "required"))
    if not 0 <= entry.age_from <= entry.age_to <= checks.OLDEST:
        raise BadInput("age_from", sentence("ages"))
    if entry.capacity is not None and not 0 <= entry.capacity <= checks.MOST_PLACES:
        raise BadInput("capacity", sentence("number", most=checks.MOST_PLACES))
    always, spans = _taken("hours", checks.open_hours, entry.hours)
    values: dict[str, Any] = {name: getattr(entry, name) for name in QUESTIONS}
    values |= {
        "service": entry.service, "does": entry.does, "whole_country": entry.whole_country, "active": entry.active,
        "age_from": entry.age_from, "age_to": entry.age_to, "capacity": entry.capacity, "always_open": always,
        "languages": _taken("languages", checks.languages, entry.languages),
        "faith_and_food": _taken("faith_and_food", checks.text, entry.faith_and_food, 120),
        "fee": _taken("fee", checks.text, entry.fee, 120),
        "contact": _taken("contact", checks.text, entry.contact, 120),
        "notes": _taken("notes", checks.text, entry.notes, 300),
    }  # fmt: skip
    return values, spans


def _regions(codes: Iterable[str]) -> list[str]:
    return sorted({code for one in codes if (code := _taken("coverage", checks.region, one))})


def retire_service(actor: Actor, organisation_id: UUID, service_id: UUID, version: int | None = None) -> Service:
    """Note that a body does not offer a service any more. It stays, so that old referrals can say what it was.

    Raises NotAllowed, NotFound, Conflict.
    """
    _may_edit(actor)
    with transaction.atomic():
        body = _found(organisation_id)
        _touch(body, version)
        if Service.objects.filter(pk=service_id, organisation=body, active=True).update(active=False) != 1:
            raise NotFound
        audit.record("directory.service_removed", actor=actor.audit_name, subject=body.pk.hex,
                     data={"service": service_id.hex})  # fmt: skip
    return Service.objects.get(pk=service_id)


# --- what all begin with --------------------------------------------------------------------------------------------


def _may_edit(actor: Actor) -> None:
    if not rules.may_edit(actor):
        raise NotAllowed


def _found(organisation_id: UUID) -> Organisation:
    body = Organisation.objects.filter(pk=organisation_id).first()
    if body is None:
        raise NotFound
    return body


def _stamp(body: Organisation, actor: Actor, verified: bool) -> None:
    if verified:
        body.verified_on = selectors.today()
        body.verified_by_id = None if actor.is_system else actor.user_id


def _touch(body: Organisation, version: int | None, **changes: Any) -> None:
    """One conditional UPDATE: the version must still be what the person saw. Raises Conflict and writes nothing."""
    rows = Organisation.objects.filter(pk=body.pk, version=body.version if version is None else version)
    if rows.update(version=F("version") + 1, changed_at=clock.now(), **changes) != 1:
        raise Conflict
    body.refresh_from_db()
