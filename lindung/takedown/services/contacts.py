"""The register of how addressees are reached: public facts, kept by analysts and supervisors, verified now and then."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.models import Platform
from lindung.reporting.services.access import checked_choice, checked_text

from .. import addresses, rules
from ..models import Addressee, Contact, Kind

MOST_HOURS = 24 * 365


@dataclass(frozen=True)
class ContactInput:
    """What the form gives. Addresses are text and are never opened."""

    addressee: str
    platform: str = ""
    form_url: str = ""
    email: str = ""
    police_guide: str = ""
    asks: str = ""
    promised_hours: int | None = None


def save_contact(
    actor: Actor, entry: ContactInput, contact_id: UUID | None = None, version: int | None = None
) -> Contact:
    """Add or change an entry. A changed way must be verified anew.

    Raises NotAllowed, NotFound, BadInput, and Conflict when there is such an entry already or it changed meanwhile.
    """
    if not rules.may_keep_contacts(actor):
        raise NotAllowed
    values = _checked(entry)
    try:
        with transaction.atomic():
            if contact_id is None:
                contact = Contact.objects.create(**values)
            else:
                contact = _changed(contact_id, values, version)
            audit.record("takedown.contact_saved", actor=actor.audit_name, subject=contact.pk.hex)
    except IntegrityError:
        raise Conflict(_("Penerima ini sudah ada di daftar.")) from None
    return contact


def _checked(entry: ContactInput) -> dict[str, object]:
    checked_choice("addressee", entry.addressee, Addressee)
    platform = entry.platform if entry.addressee == Addressee.PLATFORM else ""
    if not rules.platform_fits(entry.addressee, platform):
        raise BadInput("platform", _("Pilih platform yang diminta menghapus."))
    if platform and not Platform.objects.filter(code=platform).exists():
        raise BadInput("platform", _("Pilih salah satu dari daftar."))
    values: dict[str, object] = {"addressee": entry.addressee, "platform": platform}
    for name in ("form_url", "police_guide"):
        text = str(getattr(entry, name)).strip()
        if text and (len(text) > 300 or addresses.clean(Kind.URL, text) is None):
            raise BadInput(name, _("Ini bukan alamat internet. Satu baris satu alamat, tanpa spasi."))
        values[name] = addresses.fanged(text)
    values["email"] = _email(entry.email.strip())
    values["asks"] = checked_text("asks", entry.asks.strip(), required=False)
    if len(entry.asks) > 500:
        raise BadInput("asks", _("Tulis lebih singkat, paling panjang 500 huruf."))
    hours = entry.promised_hours
    if hours is not None and not 0 < hours <= MOST_HOURS:
        raise BadInput("promised_hours", _("Tulis jumlah jam, sedikitnya 1."))
    values["promised_hours"] = hours
    return values


def _email(text: str) -> str:
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise BadInput("email", _("Ini bukan alamat surel.")) from None
    if len(text) > 120:
        raise BadInput("email", _("Ini bukan alamat surel."))
    return text


def _changed(contact_id: UUID, values: dict[str, object], version: int | None) -> Contact:
    contact = Contact.objects.filter(pk=contact_id).first()
    if contact is None:
        raise NotFound
    ways = ("form_url", "email", "police_guide", "addressee", "platform")
    if any(getattr(contact, name) != values[name] for name in ways):
        values = {**values, "verified_on": None, "verified_by": None}
    rows = Contact.objects.filter(pk=contact_id, version=contact.version if version is None else version)
    if rows.update(version=F("version") + 1, **values) != 1:
        raise Conflict
    contact.refresh_from_db()
    return contact


def verify_contact(actor: Actor, contact_id: UUID, version: int | None = None) -> Contact:
    """Note that a person has looked today and the way still holds. Raises NotAllowed, NotFound, Conflict."""
    if not rules.may_keep_contacts(actor):
        raise NotAllowed
    with transaction.atomic():
        contact = Contact.objects.filter(pk=contact_id).first()
        if contact is None:
            raise NotFound
        rows = Contact.objects.filter(pk=contact_id, version=contact.version if version is None else version)
        today = worktime.local_day(clock.now(), "Asia/Jakarta")
        if rows.update(version=F("version") + 1, verified_on=today, verified_by=actor.user_id) != 1:
            raise Conflict
        audit.record("takedown.contact_verified", actor=actor.audit_name, subject=contact_id.hex)
        contact.refresh_from_db()
    return contact
