"""Addresses and hashes as text: what has the right form, how it is shown. Nothing here, and nothing anywhere in the
platform, ever opens an address.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from lindung.core.textsafe import holds_media
from lindung.reporting import answers as answering

from .models import Kind

LONGEST = 2000
HEX_DIGITS = {Kind.MD5: 32, Kind.SHA1: 40, Kind.SHA256: 64, Kind.PDQ: 64}
PHOTODNA_BYTES = 144

_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]\.?")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_SCHEME = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_HOST_PART = re.compile(
    r"^(?P<before>(?:[a-z][a-z0-9+.-]*://)?)(?P<host>[^/?#]*)(?P<rest>.*)$", re.IGNORECASE | re.DOTALL
)


def clean(kind: str, text: str) -> str | None:
    """Return an address or hash in the form in which it is kept, or None when it is none of that kind.

    An address keeps every character: its case and its query may be what counts. Only blanks around it go, and the
    marks of the harmless way of writing ("hxxps://contoh[.]id"). Hashes become small letters, PhotoDNA as it is.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    if kind == Kind.URL:
        return _url(text)
    if kind == Kind.PHOTODNA:
        return _photodna(text)
    if kind in HEX_DIGITS:
        small = text.lower()
        return small if re.fullmatch(rf"[0-9a-f]{{{HEX_DIGITS[Kind(kind)]}}}", small) else None
    return None


def _url(text: str) -> str | None:
    text = fanged(text)
    if holds_media(text) or any(c.isspace() or unicodedata.category(c)[0] == "C" for c in text):
        return None
    scheme = _SCHEME.match(text)
    if scheme and scheme["scheme"].lower() not in {"http", "https", "ftp"}:
        return None
    if not scheme and "@" in re.split(r"[/?#]", text)[0]:
        return None  # a letter's address
    try:
        host = urlsplit(text if scheme else f"//{text}").hostname or ""
        if ":" in host:  # IPv6 stands in brackets; urlsplit has checked what is inside
            return text
    except ValueError:
        return None
    if _IPV4.fullmatch(host):
        return text if all(int(part) < 256 for part in host.split(".")) else None
    return text if len(host) <= 253 and _HOST.fullmatch(host) else None


def _photodna(text: str) -> str | None:
    """144 bytes: as numbers with commas, as 288 hexadecimal digits, or as base64."""
    bare = re.sub(r"\s+", "", text)
    if re.fullmatch(r"\d{1,3}(?:,\d{1,3})+", bare):
        numbers = [int(number) for number in bare.split(",")]
        return bare if len(numbers) == PHOTODNA_BYTES and max(numbers) < 256 else None
    if re.fullmatch(r"[0-9A-Fa-f]{288}", bare):
        return bare.lower()
    try:
        raw = base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        return None
    return bare if len(raw) == PHOTODNA_BYTES else None


def fanged(text: str) -> str:
    """Take the marks of the harmless way of writing away."""
    text = re.sub(r"^hxxp", "http", text, flags=re.IGNORECASE)
    text = text.replace("[.]", ".").replace("(.)", ".").replace("[:]", ":")
    return re.sub(r"\[(?:dot|titik)\]", ".", text, flags=re.IGNORECASE)


def defanged(text: str) -> str:
    """Write an address so that no program takes it for a link: "hxxps://contoh[.]id/halaman". Hashes stay."""
    match = _HOST_PART.match(text)
    assert match is not None
    before = re.sub(r"^http", "hxxp", match["before"], flags=re.IGNORECASE).replace("ftp", "fxp")
    return before + match["host"].replace(".", "[.]") + match["rest"].replace("://", "[:]//")


def same(kind: str, text: str) -> str:
    """Write an address so that two ways of writing the same one are equal; for comparing only, never for sending."""
    from lindung.vault import blind

    return blind.normalise("url", text) if kind == Kind.URL else text


def offered(answers: Mapping[str, Any]) -> list[str]:
    """The addresses that a reporter gave, in their order, so that nobody types them again."""
    found = (clean(Kind.URL, entry.text) for entry in answering.identifiers(answers) if entry.kind == "url")
    kept: dict[str, str] = {}
    for address in found:
        if address is not None:
            kept.setdefault(same(Kind.URL, address), address)
    return list(kept.values())
