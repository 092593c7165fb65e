"""Words for codes, shared by the inbox and the report page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lindung.places import selectors as places
from lindung.reporting import knowledge
from lindung.reporting.models import Report, Risk

RISKS: dict[str, str | Promise] = {
    Risk.HIGH: gettext_lazy("Risiko tinggi"),
    Risk.MEDIUM: gettext_lazy("Risiko sedang"),
    Risk.LOW: gettext_lazy("Risiko rendah"),
}

CHANNELS: dict[str, str | Promise] = {
    "mailbox": gettext_lazy("Kotak pesan"),
    "phone": gettext_lazy("Telepon"),
    "whatsapp": gettext_lazy("WhatsApp"),
    "email": gettext_lazy("Surel"),
    "platform": gettext_lazy("Lewat platform atau nama akun"),
    "police": gettext_lazy("Permintaan data darurat lewat polisi"),
    "school": gettext_lazy("Sekolah"),
    "village": gettext_lazy("Desa atau kelurahan, patokan tempat"),
    "visit": gettext_lazy("Kunjungan"),
    "service": gettext_lazy("Layanan, rumah sakit, saluran krisis"),
    "other": gettext_lazy("Cara lain"),
}
"""Labels of `services.safety.ATTEMPT_CHANNELS`."""


@dataclass(frozen=True)
class Mark:
    """A small word on a report, with the style that supports it."""

    label: str
    css: str = ""


def marks_of(report: Report, *, new_message: bool, now: datetime, withdrawal_waiting: bool = False) -> list[Mark]:
    """What somebody must know of a report before opening it, the most urgent first."""
    found = []
    if report.danger_now:
        found.append(Mark(_("Bahaya sekarang"), "high"))
    if report.selfharm:
        found.append(Mark(_("Risiko menyakiti diri"), "high"))
    if report.medical_until and report.medical_until > now:
        found.append(Mark(_("Rumah sakit dulu"), "medium"))
    if report.stop_pressure:
        found.append(Mark(_("Disuruh berhenti"), "medium"))
    if withdrawal_waiting:
        found.append(Mark(_("Minta berhenti, tunggu penyelia"), "medium"))
    if new_message:
        found.append(Mark(_("Pesan baru"), "new"))
    if report.is_help:
        found.append(Mark(_("Minta bantuan, bukan kasus"), "outline"))
    if report.legal_hold:
        found.append(Mark(_("Disimpan untuk proses hukum"), "outline"))
    return found


def path_label(report: Report) -> str:
    """Who is telling, in the words of the question."""
    return knowledge.option_label("path", report.path)


def holder(report: Report, user_id: UUID) -> str:
    """Who holds the report; "" for nobody, "kamu" for the reader."""
    if report.claimed_by_id is None:
        return ""
    if report.claimed_by_id == user_id:
        return _("kamu")
    return str(report.claimed_by.display_name) if report.claimed_by else ""


def place_label(province: str, regency: str = "") -> str:
    """The names of a province and a regency by their codes; "" when neither is known."""
    home, near = places.get(province) if province else None, places.get(regency) if regency else None
    names = [near.name] if near else []
    if home and (not near or near.short_name != home.name):
        names.append(home.name)
    return ", ".join(names)
