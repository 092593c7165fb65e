"""What staff who take in a report write down beside the answers: how it came, and what may be kept with whose consent.

Pure: checks and the written form. An intake is the sealed field `intake` of a record, under the staff key: neither the
receipt nor the mailbox opens it. Nothing to keep is a lawful outcome too: then only what somebody's safety needs stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, SealBroken

from . import answers as answering
from .knowledge import intake as knowledge

FIELD = "intake"
"""Name of the sealed field."""

FORMAT = 1
STORY, NAME, CONTACT = "story", "name", "contact"
LONGEST_NAME, LONGEST_NOTE = 200, 2000

MEDIA_ANSWERS = frozenset({"path", "media_url", "online_where"})
"""Everything that media monitoring may write down."""

_ADDRESS = re.compile(r"(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?(?:[/?#][^\s<>\"']*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Consent:
    """What may be kept, who said so and how. `reason`: why something is kept although the story may not be."""

    keep: tuple[str, ...] = ()
    child_agreed: str = ""
    given_by: str = ""
    given_how: str = ""
    reason: str = ""
    caller: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True)
class Intake:
    """Who took a report in, through which way, with which consent. `seen_on`: day of media monitoring, ISO."""

    by: UUID
    channel: str
    consent: Consent | None = None
    seen_on: str = ""


def check_consent(raw: Mapping[str, Any]) -> Consent:
    """Return the consent as it is to be stored, its words untouched.

    Raises BadInput, with the field it is about, for an unknown code, words that are too long or hide media, a name that
    may not be kept, and a consent to keep something that does not say who gave it and how.
    """
    keep = raw.get("keep") or ()
    if not isinstance(keep, (list, tuple)) or not all(code in knowledge.choices("keep") for code in keep):
        raise BadInput("keep", _("Pilihan ini tidak dikenal."))
    codes = {name: _code(raw, name, name) for name in ("child_agreed", "given_by", "given_how")}
    consent = Consent(
        keep=tuple(code for code in knowledge.choices("keep") if code in keep),
        reason=_code(raw, "reason", "without"),
        caller=answering.check_text("caller", raw.get("caller") or "", LONGEST_NAME),
        note=answering.check_text("note", raw.get("note") or "", LONGEST_NOTE),
        **codes,
    )
    if consent.keep:
        for name in ("given_by", "given_how"):
            if not codes[name]:
                raise BadInput(name, _("Catat siapa yang mengizinkan, dan bagaimana."))
    if consent.caller.strip() and NAME not in consent.keep:
        raise BadInput("caller", _("Namanya hanya boleh disimpan kalau orangnya mengizinkan."))
    return consent


def _code(raw: Mapping[str, Any], name: str, choices: str) -> str:
    value = raw.get(name) or ""
    if not isinstance(value, str) or (value and value not in knowledge.choices(choices)):
        raise BadInput(name, _("Pilihan ini tidak dikenal."))
    return value


def check_fits(consent: Consent, answers: Mapping[str, Any]) -> None:
    """Raise BadInput, with the field it is about, when more is written down than may be kept."""
    given = [name for name, value in answers.items() if value]
    if CONTACT not in consent.keep and (answers.get("reach") == "contact" or answers.get("reach_how")):
        raise BadInput("keep", _("Cara menghubungi hanya disimpan kalau orangnya mengizinkan. Centang, atau hapus."))
    if STORY in consent.keep:
        if consent.reason:
            raise BadInput("reason", _("Alasan ini hanya untuk yang disimpan tanpa izin. Kosongkan."))
        return
    if not consent.reason:
        raise BadInput("reason", _("Ceritanya tidak boleh disimpan. Pilih alasan menyimpan yang perlu saja."))
    allowed = knowledge.safety_questions() | ({"reach", "reach_how"} if CONTACT in consent.keep else set())
    for name in given:
        if name not in allowed and not (name == "reach" and answers[name] == "code_only"):
            raise BadInput(name, _("Tanpa izin, bagian ini tidak disimpan. Hapus, atau centang “Ceritanya”."))


def check_media(answers: Mapping[str, Any], seen_on: Any, today: date) -> str:
    """Return the day as it is to be stored. Raises BadInput unless there are addresses, a day, and nothing else.

    A line that is no address might be a name or a sentence about a child, so it is refused.
    """
    for name, value in answers.items():
        if value and name not in MEDIA_ANSWERS:
            raise BadInput(name, _("Pemantauan media hanya mencatat alamat dan tanggal."))
    lines = [line.strip() for line in str(answers.get("media_url") or "").splitlines() if line.strip()]
    if not lines:
        raise BadInput("media_url", _("Tulis alamat halamannya."))
    if len(lines) > answering.MAX_IDENTIFIERS:
        raise BadInput("media_url", _("Terlalu banyak alamat untuk satu laporan. Bagi menjadi beberapa laporan."))
    if not all(_ADDRESS.fullmatch(line) for line in lines):
        raise BadInput("media_url", _("Satu alamat di setiap baris, tanpa kata lain."))
    try:
        day = date.fromisoformat(str(seen_on))
    except ValueError:
        raise BadInput("seen_on", _("Tulis tanggal halaman itu dilihat.")) from None
    if day > today:
        raise BadInput("seen_on", _("Tanggal ini belum terjadi."))
    return day.isoformat()


def encode(intake: Intake) -> bytes:
    """Write an intake as UTF-8 JSON."""
    consent = intake.consent
    content = {
        "v": FORMAT,
        "by": intake.by.hex,
        "channel": intake.channel,
        "seen_on": intake.seen_on,
        "consent": None if consent is None else {**vars(consent), "keep": list(consent.keep)},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Intake:
    """Read what `encode` wrote. Raises SealBroken for anything else."""
    try:
        content = json.loads(data.decode("utf-8"))
        if content["v"] != FORMAT:
            raise SealBroken()
        raw = content["consent"]
        consent = None if raw is None else Consent(**{**raw, "keep": tuple(raw["keep"])})
        return Intake(UUID(hex=content["by"]), str(content["channel"]), consent, str(content["seen_on"]))
    except (UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise SealBroken() from None
