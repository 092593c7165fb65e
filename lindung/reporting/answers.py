"""The answers of one report: what is accepted, how they are written into the vault, what is derived from them.

`Answers` maps a question of knowledge/answers.yaml to a code, a list of codes, or words. Every value is stored exactly
as it was sent: nothing is trimmed, folded or normalised, line ends stay. Everything may be left out; `{}` is complete.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lindung.core.errors import BadInput, SealBroken
from lindung.core.textsafe import holds_media
from lindung.places import selectors as places

from . import knowledge

Answers = dict[str, str | list[str]]

FORMAT = 1
"""Version of the written form."""

MAX_CODES = 100
"""Codes in one answer; more than any list of ours has."""

MAX_IDENTIFIERS = 40
"""Entries of the blind index that one report may make."""

PAYMENTS = frozenset({"bank_transfer", "pulsa", "gift", "ewallet", "remittance", "emoney", "crypto", "cash"})


@dataclass(frozen=True)
class Identifier:
    """A handle, phone, url or account that the report names about the other side, as it was written."""

    kind: str
    text: str

    def __repr__(self) -> str:
        return f"Identifier(kind={self.kind!r})"


def check(raw: Mapping[str, Any], *, platforms: Collection[str] = ()) -> Answers:
    """Return the answers as they are to be stored, values untouched.

    `platforms`: codes of the table beyond the knowledge file. Raises BadInput, with the question as its field, for an
    unknown question or code, a text over its limit, text that is not valid Unicode, or media in disguise.
    """
    result: Answers = {}
    for code, value in raw.items():
        question = knowledge.questions().get(code)
        if question is None:
            raise BadInput("answers", _("Ada pertanyaan yang tidak dikenal."))
        if question.kind == "text":
            result[code] = check_text(code, value, limit_of(code))
        elif question.kind == "place":
            result[code] = _place(code, value)
        else:
            known = {*question.options, *platforms} if code == "online_where" else set(question.options)
            result[code] = _one(code, value, known) if question.kind == "one" else _many(code, value, known)
    return result


def limit_of(question: str) -> int:
    """The most characters that a text may have; 0 for questions with codes."""
    if question == "words":
        return int(settings.LINDUNG_WORDS_MAX_CHARACTERS)
    return knowledge.questions()[question].limit


def check_text(field: str, value: Any, limit: int) -> str:
    """Return a text untouched, or raise BadInput: not a text, too long, not valid Unicode, or media in disguise."""
    if not isinstance(value, str):
        raise BadInput(field, _("Di sini seharusnya ada tulisan."))
    if len(value) > limit:
        raise BadInput(field, _("Tulisannya terlalu panjang. Bagi menjadi beberapa bagian."))
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(field, _("Ada huruf yang rusak di tulisan ini.")) from None
    if holds_media(value):
        raise BadInput(field, _("Kami tidak menerima gambar, video, atau suara. Cukup tulis link atau nama akunnya."))
    return value


def _one(field: str, value: Any, known: Collection[str]) -> str:
    if not isinstance(value, str) or (value and value not in known):
        raise BadInput(field, _("Pilihan ini tidak dikenal."))
    return value


def _many(field: str, value: Any, known: Collection[str]) -> list[str]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_CODES:
        raise BadInput(field, _("Pilihan ini tidak dikenal."))
    if not all(isinstance(code, str) and code in known for code in value):
        raise BadInput(field, _("Pilihan ini tidak dikenal."))
    return list(value)


def _place(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput(field, _("Tempat ini tidak dikenal."))
    place = places.get(value) if value else None
    if value and (place is None or place.is_province != (field == "province")):
        raise BadInput(field, _("Tempat ini tidak dikenal."))
    return value


def encode(answers: Answers) -> bytes:
    """Write answers as UTF-8 JSON. Raises BadInput for text that is not valid Unicode."""
    try:
        return json.dumps({"v": FORMAT, "answers": answers}, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise BadInput("answers", _("Ada huruf yang rusak di tulisan ini.")) from None


def decode(data: bytes) -> Answers:
    """Read what `encode` wrote; every value is equal byte for byte. Raises SealBroken for anything else."""
    try:
        content = json.loads(data.decode("utf-8"))
        if content["v"] != FORMAT:
            raise SealBroken()
        return dict(content["answers"])
    except (UnicodeDecodeError, ValueError, KeyError, TypeError):
        raise SealBroken() from None


def codes(answers: Mapping[str, Any], question: str) -> list[str]:
    """The codes chosen for a question, as a list whatever its kind; empty when nothing was chosen."""
    value = answers.get(question) or []
    return [value] if isinstance(value, str) else list(value)


def place_codes(answers: Mapping[str, Any]) -> tuple[str, str]:
    """Province and regency. A regency that does not lie in the province is left out: somebody changed the province."""
    province, regency = str(answers.get("province") or ""), str(answers.get("regency") or "")
    home = places.province_of(regency) if regency else None
    if home is None:
        return province, ""
    if province and province != home.code:
        return province, ""
    return home.code, regency


def facts(answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The coded facts for queues and counts, as (field, value), each once.

    The path of an adult who fears harming a child gives its place alone: it is help and no case.
    """
    province, regency = place_codes(answers)
    found = [("province", province), ("regency", regency)]
    if answers.get("path") != "worried_self":
        for statement in codes(answers, "happened"):
            found += [("form", form) for form in knowledge.statements()[statement].forms]
        found += [(field, str(answers.get(field) or "")) for field in ("age_band", "sex")]
        found += [("given", code) for code in codes(answers, "given") if code in PAYMENTS]
        found += [("platform", code) for code in codes(answers, "online_where")]
    return list(dict.fromkeys((field, value) for field, value in found if value))


_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/[^\s<>\"']*", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w@.])\+?\d[\d\s().-]{6,22}\d(?!\w)")
_HANDLE = re.compile(r"(?<![\w.@])@([\w.][\w.-]{1,49})")
_WORD = re.compile(r"[\w.][\w.-]{2,49}")


def identifiers(answers: Mapping[str, Any]) -> list[Identifier]:
    """What the fields `accounts` and `media_url` name, for the blind index; nothing is taken from the free story.

    Empty for the path of an adult who fears harming a child. A bare number may be a phone or an account: both are kept.
    """
    if answers.get("path") == "worried_self":
        return []
    found: dict[Identifier, None] = {}
    for field in ("accounts", "media_url"):
        for line in str(answers.get(field) or "").splitlines():
            for entry in _of_line(line):
                found.setdefault(entry)
    return list(found)[:MAX_IDENTIFIERS]


def _of_line(line: str) -> list[Identifier]:
    found = [Identifier("url", match.group()) for match in _URL.finditer(line)]
    rest = _URL.sub(" ", line)
    for match in _NUMBER.finditer(rest):
        digits = re.sub(r"\D", "", match.group())
        if match.group().startswith("+") or re.match(r"^(?:0|62)?8\d{7,11}$", digits):
            found.append(Identifier("phone", match.group()))
        if not match.group().startswith("+"):
            found.append(Identifier("account", match.group()))
    rest = _NUMBER.sub(" ", rest)
    found += [Identifier("handle", match.group(1)) for match in _HANDLE.finditer(rest)]
    rest = _HANDLE.sub(" ", rest)
    if not found and rest.strip():
        found += _bare_handle(rest)
    return found


def _bare_handle(text: str) -> list[Identifier]:
    """A name without @: "budi123", "IG: budi", "ig budi_123". A line of more than three words is a sentence."""
    label, colon, value = text.rpartition(":")
    words = _WORD.findall(value if colon and len(label.split()) <= 2 else text)
    if len(words) == 1:
        return [Identifier("handle", words[0])]
    if 1 < len(words) <= 3:
        return [Identifier("handle", word) for word in words if re.search(r"[\d_.]", word)]
    return []
