"""Keeps facts of a case out of texts that many people will get. Pure: a text in, codes out, never the words themselves.

Refused: telephone and account numbers, handles, addresses of pages and mail, except the public ones of
knowledge/answers.yaml. Warned of: dates, sums, and words that often stand before a name or a place ("Ibu …", "SMP …").
A person still has to read: no rule finds every name.
"""

from __future__ import annotations

import re

from lindung.desk import knowledge

NUMBER, HANDLE, ADDRESS = "number", "handle", "address"
DATE, SUM, NAME = "date", "sum", "name"

_NUMBER = re.compile(r"(?<!\w)\+?\d(?:[\s.\-‑–()]{0,3}\d){6,}")
_HANDLE = re.compile(
    r"(?<![\w.])@\w[\w.]{0,40}|\b(?:ig|fb|wa|line|tiktok|telegram|user|akun|account|id)\s?[:=]\s?\w{1,40}", re.I
)
_ADDRESS = re.compile(
    r"\b[a-z][a-z+]{1,9}://[^\s]{1,300}|\bwww\.[^\s]{1,300}|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{2,30}"
    r"|\b(?:[a-z0-9](?:[a-z0-9-]{0,40})\.){1,4}(?:com|id|org|net|me|co|io|gg|tv|app|xyz|info|link|ly|to|example)\b"
    r"(?:/[^\s]{0,300})?",
    re.I,
)
_MONTHS = (
    "januari|februari|maret|april|mei|juni|juli|agustus|september|oktober|november|desember"
    "|january|february|march|may|june|july|august|october|december"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}[/.\-]\d{{1,2}}(?:[/.\-]\d{{2,4}})?\b|\b\d{{1,2}}\s(?:{_MONTHS})\b|\b(?:{_MONTHS})\s\d{{1,4}}\b", re.I
)
_SUM = re.compile(r"\b(?:rp\.?|idr|usd)\s?\d|\b\d{1,3}\s?(?:ribu|juta|rb|jt|thousand|million)\b", re.I)
_NAME = re.compile(
    r"\b(?:[Ii]bu|[Bb]u|[Bb]apak|[Pp]ak|[Kk]ak|[Bb]ang|[Oo]m|[Tt]ante|[Ss]audara|Mr|Mrs|Ms)\.?\s[A-Z][a-z]+"
    r"|\b(?:SD|SMP|SMA|SMK|MTs|MAN|RT|RW)[N\s]{1,3}\d|\b(?:Jalan|Jl|Gang|Desa|Kelurahan|Kecamatan)\.?\s[A-Z]"
)


def refused(text: str) -> tuple[str, ...]:
    """Return what must not stand in an answer for many: codes of `number`, `handle`, `address`, without repeats."""
    found = []
    rest = _without_public(text)
    if _ADDRESS.search(rest):
        found.append(ADDRESS)
    rest = _ADDRESS.sub(" ", rest)
    if _HANDLE.search(rest):
        found.append(HANDLE)
    if _NUMBER.search(rest):
        found.append(NUMBER)
    return tuple(found)


def doubtful(text: str) -> tuple[str, ...]:
    """Return what somebody should look at again: codes of `date`, `sum`, `name`. These do not keep a text back."""
    rest = _without_public(text)
    pairs = ((DATE, _DATE), (SUM, _SUM), (NAME, _NAME))
    return tuple(code for code, pattern in pairs if pattern.search(rest))


def _without_public(text: str) -> str:
    """Take out what everybody may know. A public number inside a longer one stays: that is another number."""
    for known in knowledge.public_addresses():
        pattern = rf"(?<![\w.\-/:@])(?:https?://)?{re.escape(known)}/?(?![\w@/-]|\.\w)"
        text = re.sub(pattern, " ", text, flags=re.IGNORECASE)
    for known in knowledge.public_numbers():
        spaced = r"[\s.\-‑]?".join(re.escape(c) for c in known)
        text = re.sub(rf"(?<![\w+])(?<!\d[\s.\-‑]){spaced}(?![\s.\-‑]?\d|\w)", " ", text)
    return text
