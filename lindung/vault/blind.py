"""The blind index: finds records that share an identifier of the other side, without ever listing identifiers.

Tokens are keyed; without the key off the data disk they cannot be tried against a list of numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from lindung.vault.models import BlindEntry, WrappedKey
from lindung.vault.primitives import token
from lindung.vault.records import need_alive
from lindung.vault.secrets import load_secrets

KINDS = ("handle", "phone", "url", "account")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.\-]*://", re.IGNORECASE)
_TRACKING = re.compile(
    r"^(utm_.*|fbclid|gclid|dclid|msclkid|twclid|ttclid|yclid|igsh|igshid|mibextid|mc_[ce]id|ref|ref_src|ref_url|si|s|t|_r|_t"
    r"|feature|spm|share_.*|is_from_webapp|is_copy_url|sender_device|sender_web_id|web_id|source|app|wprov)$",
    re.IGNORECASE,
)
_WALLET = re.compile(r"[0-9A-Za-z]{20,}")


def normalise(kind: str, text: str) -> str:
    """Write an identifier in one way, so that two people who saw the same thing give the same token; "" for nothing.

    Doing it twice changes nothing. Raises ValueError for an unknown kind.
    """
    try:
        step = _STEPS[kind]
    except KeyError:
        raise ValueError(f"blind index: unknown kind {kind!r}") from None
    for _ in range(8):
        before, text = text, step(text)
        if text == before:
            break
    return text


def index(*, record_id: UUID, entries: Iterable[tuple[str, str]]) -> int:
    """Add the tokens of (kind, text) pairs to a record; what is empty after normalising is passed over.

    Returns how many different ones there were. Adding one again is harmless. Raises NotFound for a shredded record.
    """
    key = load_secrets().blind_index_key
    wanted = {(kind, token(key, f"blind/{kind}", n)) for kind, text in entries if (n := normalise(kind, text))}
    rows = [BlindEntry(record_id=record_id, kind=kind, token=value) for kind, value in sorted(wanted)]
    if rows:
        with transaction.atomic():
            need_alive(record_id)
            BlindEntry.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def matches(record_id: UUID) -> set[UUID]:
    """Return the other records that share an identifier of the same kind. Withdrawn records match nothing."""
    return set(matches_of([record_id]).get(record_id, set()))


def matches_of(record_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Return the matches of several records with two queries."""
    mine = list(BlindEntry.objects.filter(record__in=list(record_ids)).values_list("record_id", "kind", "token"))
    others: dict[tuple[str, bytes], set[UUID]] = {}
    rows = naming({bytes(value) for _, _, value in mine})
    for record, kind, value in rows.values_list("record_id", "kind", "token"):
        others.setdefault((kind, bytes(value)), set()).add(record)
    found: dict[UUID, set[UUID]] = {}
    for record, kind, value in mine:
        alike = others.get((kind, bytes(value)), set())
        if record in alike:  # a withdrawn record is not among them and finds nothing either
            found.setdefault(record, set()).update(alike - {record})
    return {record: alike for record, alike in found.items() if alike}


def tokens_of(record_id: UUID) -> dict[bytes, str]:
    """Return the tokens of a record, each with its kind; for use in `naming` only, never to be shown."""
    rows = BlindEntry.objects.filter(record=record_id).values_list("token", "kind")
    return {bytes(value): kind for value, kind in rows}


def naming(tokens: Iterable[bytes]) -> QuerySet[BlindEntry]:
    """Return the entries with one of these tokens, but of no withdrawn record: one look at the index a token.

    Whoever asks goes on from the records that the person may see: a number of others would tell of them.
    """
    held = WrappedKey.objects.filter(record=OuterRef("record"), recipient=WrappedKey.Recipient.HELD)
    return BlindEntry.objects.filter(~Exists(held), token__in=list(tokens))


def remove(*, record_id: UUID) -> None:
    """Take a record's tokens away, for example before they are written anew after a correction."""
    BlindEntry.objects.filter(record=record_id).delete()


def _plain(text: str) -> str:
    shown = unicodedata.normalize("NFKC", text)
    # A line end between two words still parts them; invisible marks do not.
    return "".join(" " if c.isspace() else c for c in shown if c.isspace() or unicodedata.category(c)[0] != "C").strip()


def _digits(text: str) -> str:
    values = (unicodedata.decimal(c, None) for c in text)
    return "".join(str(value) for value in values if value is not None)


def _handle(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", _plain(text).casefold()).split()).lstrip("@")


def _phone(text: str) -> str:
    plain = _plain(text)
    digits = _digits(plain)
    abroad = plain.startswith(("+", "(+")) or digits.startswith("00")
    if digits.startswith("00"):
        digits = digits[2:]
    if digits.startswith("620"):  # +62 (0)812…
        digits = "62" + digits[3:]
    if digits.startswith("62") or abroad:
        return "+" + digits if digits else ""
    if digits.startswith("0"):
        return "+62" + digits[1:]
    if digits.startswith("8") and 9 <= len(digits) <= 12:
        return "+62" + digits
    return digits


def _url(text: str) -> str:
    plain = "".join(_plain(text).split())
    bare = _SCHEME.sub("", plain).lstrip("/")
    try:
        parts = urlsplit("//" + bare)
        host, port = (parts.hostname or "").casefold().rstrip("."), parts.port
    except ValueError:
        return bare.casefold()
    for prefix in ("www.", "m.", "mobile."):
        if host.startswith(prefix) and host.count(".") > 1:
            host = host.removeprefix(prefix)
    if not host:
        return bare.casefold()
    if port not in {None, 80, 443}:
        host = f"{host}:{port}"
    path = quote(unquote(parts.path), safe="/@:!$&'()*,;=~+-._").rstrip("/")
    kept = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    return host + path + ("?" + urlencode(kept) if kept else "")


def _account(text: str) -> str:
    plain = _plain(text)
    wallet = _WALLET.search(plain)
    if wallet and any(c.isalpha() for c in wallet.group()) and any(c.isdigit() for c in wallet.group()):
        return wallet.group()  # a crypto address: its letters are part of it
    return _digits(plain)


_STEPS: dict[str, Callable[[str], str]] = {"handle": _handle, "phone": _phone, "url": _url, "account": _account}
