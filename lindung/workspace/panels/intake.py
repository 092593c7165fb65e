"""How a report came in and with which consent, when staff typed it; and a hint when its reporter told before.

Asks the database nothing: everything was opened with the report.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from lindung.core.worktime import describe_day
from lindung.reporting import intake
from lindung.reporting.knowledge import intake as knowledge
from lindung.reporting.opened import OpenedReport
from lindung.workspace.words import Fact


def build(request: HttpRequest, opened: OpenedReport, now: datetime) -> dict[str, Any] | None:
    """What the panel shows; None for a report that came by itself and tells of no earlier one."""
    told_before = str(opened.answers.get("told_before") or "")
    if opened.intake is None and not told_before:
        return None
    return {"facts": _facts(opened) if opened.intake else [], "told_before": told_before}


def _facts(opened: OpenedReport) -> list[Fact]:
    taken = opened.intake
    assert taken is not None
    found = [
        Fact(_("Masuk lewat"), "label", knowledge.channel_label(taken.channel)),
        Fact(_("Diterima oleh"), "text", opened.taken_in_by),
    ]
    if taken.seen_on:
        day = datetime.fromisoformat(taken.seen_on).date()
        found.append(Fact(_("Tanggal dilihat"), "label", describe_day(day, opened.report.tz)))
    if taken.consent is not None:
        found += consent_facts(taken.consent)
    return found


def consent_facts(consent: intake.Consent) -> list[Fact]:
    """What may be kept, line by line; what was not asked is left out."""
    kept = tuple(knowledge.choices("keep")[code].label for code in consent.keep)
    found = [Fact(_("Boleh disimpan"), "list", values=kept)] if kept else []
    if not kept:
        found.append(Fact(_("Boleh disimpan"), "label", _("tidak ada; hanya yang perlu untuk keselamatan")))
    if consent.caller:
        found.append(Fact(_("Nama orang yang bercerita"), "text", consent.caller))
    for name, label in (
        ("given_by", _("Yang mengizinkan")),
        ("given_how", _("Cara memberi izin")),
        ("child_agreed", _("Anaknya setuju dicatat")),
    ):
        code = getattr(consent, name)
        if code:
            found.append(Fact(label, "label", knowledge.choices(name)[code].label))
    if consent.reason:
        reason = knowledge.choices("without")[consent.reason].label
        found.append(Fact(_("Alasan menyimpan tanpa izin"), "label", reason))
    if consent.note:
        found.append(Fact(_("Catatan tentang izin"), "text", consent.note))
    return found
