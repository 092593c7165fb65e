"""Finding a place by what people type: official names, aliases, abbreviations and slips of the finger.

Nothing here understands a sentence: the text is expected to be a place, perhaps with its province behind it
("bogor jawa barat"). One search of the whole catalogue takes one to three milliseconds.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from .catalogue import CatalogueError, Kind, Place, everything, rows

MAX_TEXT = 80
"""Characters of a search text that are looked at; the longest official name has 39."""

_KIND_WORDS: dict[str, Kind] = {
    "kab": "kabupaten", "kabupaten": "kabupaten", "kota": "kota", "kotamadya": "kota", "kodya": "kota",
    "prov": "province", "provinsi": "province", "propinsi": "province",
}  # fmt: skip
_KIND_WORDS_BEHIND: dict[str, Kind] = {"regency": "kabupaten", "city": "kota", "province": "province"}
_FILLERS = frozenset({"di", "ke", "dari", "in"})
_SPELLED_OUT = {"kep": "kepulauan", "kepl": "kepulauan", "adm": "administrasi", "peg": "pegunungan"}
_OLD_SPELLING = (("oe", "u"), ("dj", "j"), ("tj", "c"))

# Best possible scores by what was hit. Only their order matters.
_OFFICIAL, _CODE, _CORE, _ALIAS, _REGION, _WRONG_KIND = 1000.0, 950.0, 900.0, 880.0, 870.0, 250.0
_PREFIX, _WORDS, _SLIP = 700.0, 580.0, 450.0
_EXACT = math.inf  # stands for the whole score of the key, which differs from place to place


@dataclass(frozen=True, slots=True)
class Alias:
    """A well-known other name. Several codes: the name means them all, in this order, and none alone."""

    alias: str
    codes: tuple[str, ...]
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class _Key:
    """One way of writing one or more places, without spaces, with the best score that it can give each of them.

    `letters` and `initials` are the sets of all characters and of the first letters of the words, as bits: a glance at
    them rules out nearly every key before anything is compared letter by letter.
    """

    text: str
    tier: float
    words: tuple[str, ...]
    letters: int
    initials: int
    places: tuple[tuple[Place, float], ...]


@dataclass(frozen=True, slots=True)
class _Form:
    """One reading of what was typed: the name itself, the kind and the province that were named with it."""

    text: str
    words: tuple[str, ...]
    letters: int
    initials: int
    kind: Kind | None = None
    province_code: str = ""
    less: float = 0.0


def search(text: str, limit: int = 10, *, province_code: str = "", kinds: Iterable[Kind] | None = None) -> list[Place]:
    """The places in force that a typed text may mean, best first, at most `limit`; empty when none is near.

    `province_code` leaves only regencies and cities of that province, `kinds` only those kinds. A name that a
    regency and a city share gives the city first and the regency right behind it: the page must offer both.
    """
    wanted = frozenset(kinds) if kinds is not None else None
    best: dict[Place, float] = {}
    for form in _forms(text):
        for key in _keys():
            near = _nearness(form, key)
            if not near:
                continue
            for place, top in key.places:
                if province_code and (place.is_province or place.province_code != province_code):
                    continue
                if wanted is not None and place.kind not in wanted:
                    continue
                score = _weighed(form, place, min(near, top))
                if score > best.get(place, 0.0):
                    best[place] = score
    ranked = sorted(best, key=lambda place: (-best[place], _ORDER[place.kind], place.code))
    return ranked[: max(limit, 0)]


_ORDER = {"province": 0, "kota": 1, "kabupaten": 2}


@cache
def aliases() -> tuple[Alias, ...]:
    """The other names of data/aliases.csv, checked: known codes, no name twice."""
    found: dict[str, Alias] = {}
    for row in rows("aliases.csv"):
        alias = Alias(row["alias"], tuple(row["code"].split()), row["kind"], row["note"])
        key = "".join(words_of(alias.alias))
        if key in found:
            raise CatalogueError(f"aliases.csv: {alias.alias!r} stands there twice")
        if not alias.codes or any(c not in everything() or not everything()[c].in_force for c in alias.codes):
            raise CatalogueError(f"aliases.csv: {alias.alias!r}: expected codes that are in force")
        found[key] = alias
    return tuple(found.values())


def words_of(text: str, *, spelled_out: bool = True) -> tuple[str, ...]:
    """Plain lower-case words of a text: no accents, no punctuation, common short forms written out if wished."""
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT]).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = re.sub(r"['’`´]", "", plain)
    words = re.findall(r"[a-z0-9]+", plain)
    return tuple(_SPELLED_OUT.get(word, word) for word in words) if spelled_out else tuple(words)


def distance(left: str, right: str, bound: int) -> int:
    """Letters wrong, missing, too many or swapped between two words; `bound + 1` when there are more.

    Optimal string alignment (Damerau 1964, without edits inside a swap), cut off once `bound` is passed.
    """
    if abs(len(left) - len(right)) > bound:
        return bound + 1
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    left, right = left[start:], right[start:]
    if not left or not right:
        return len(left) + len(right)
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i] + [bound + 1] * len(right)
        for j in range(max(1, i - bound), min(len(right), i + bound) + 1):
            b = right[j - 1]
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
        if min(row) > bound:
            return bound + 1
        before, previous = previous, row
    return min(previous[-1], bound + 1)


def _nearness(form: _Form, key: _Key) -> float:
    """How near a key is: 0 not at all, `_EXACT` letter by letter the same, else a score below every exact one."""
    typed, text, tier = form.text, key.text, key.tier
    if form.kind is not None and tier >= _CODE:
        return 0.0  # the kind was split off: only names without it can be compared
    if typed == text:
        return _EXACT
    if tier == _CODE or len(typed) < 2:
        return 0.0
    less = 40.0 if tier <= _ALIAS else 0.0
    if tier in (_CORE, _ALIAS):
        if text.startswith(typed):
            return _PREFIX - less + 90 * len(typed) / len(text)
        if len(typed) >= 3 and not form.initials & ~key.initials and _begins_words(form.words, key.words):
            return _WORDS - less + 90 * len(typed) / len(text)
    shorter, longer = (typed, text) if len(typed) < len(text) else (text, typed)
    bound = _slips_allowed(len(shorter))
    if len(longer) - len(shorter) > bound or (form.letters ^ key.letters).bit_count() > 2 * bound:
        return 0.0
    slips = distance(typed, text, bound) if bound else 1
    if slips > bound:
        return 0.0
    return _SLIP - 100 * slips + 50 * (typed[0] == text[0]) - less / 4 + 20 * len(shorter) / len(longer)


def _begins_words(typed: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return all(any(word.startswith(t) for word in words) for t in typed)


def _weighed(form: _Form, place: Place, score: float) -> float:
    if form.province_code and (place.is_province or place.province_code != form.province_code):
        return 0.0
    if form.kind is not None:
        score += 90 if form.kind == place.kind else -_WRONG_KIND
    return score - form.less


def _slips_allowed(length: int) -> int:
    return 0 if length < 4 else 1 if length < 7 else 2


def _forms(text: str) -> Iterator[_Form]:
    words = words_of(text)
    if not words:
        return
    yield from _with_kind(words)
    if words[0] in _FILLERS and len(words) > 1:
        yield from _with_kind(words[1:], less=40)
    for size in range(1, min(4, len(words))):
        province = _province_keys().get("".join(words[-size:]))
        if province:
            yield from _with_kind(words[:-size], province_code=province, less=-60)
    modern = text.casefold()
    for old, new in _OLD_SPELLING:
        modern = modern.replace(old, new)
    if modern != text.casefold():
        yield from _with_kind(words_of(modern), less=20)


def _with_kind(words: tuple[str, ...], *, province_code: str = "", less: float = 0.0) -> Iterator[_Form]:
    rest, kind = words, None
    if words[0] in _KIND_WORDS:
        kind, rest = _KIND_WORDS[words[0]], words[1:]
    elif words[-1] in _KIND_WORDS_BEHIND:
        kind, rest = _KIND_WORDS_BEHIND[words[-1]], words[:-1]
    if rest and rest[0] == "administrasi":
        rest = rest[1:]
    if not (province_code and not rest):
        yield _form(words, None, province_code, less)
    if kind is not None and rest:
        yield _form(rest, kind, province_code, less)


def _form(words: tuple[str, ...], kind: Kind | None, province_code: str, less: float) -> _Form:
    text = "".join(words)
    initials = _letters("".join(word[0] for word in words))
    return _Form(text, words, _letters(text), initials, kind, province_code, less)


def _letters(text: str) -> int:
    bits = 0
    for character in text:
        bits |= 1 << (ord(character) & 31 if character.isalpha() else 0)
    return bits


@cache
def _keys() -> tuple[_Key, ...]:
    found: dict[tuple[str, float], list[tuple[Place, float]]] = {}
    written: dict[str, tuple[str, ...]] = {}

    def add(name: str, tier: float, place: Place, rank: int = 0) -> None:
        for words in {words_of(name), words_of(name, spelled_out=False)}:
            text = "".join(words)
            written.setdefault(text, words)
            found.setdefault((text, tier), []).append((place, tier - rank))

    for place in everything().values():
        if not place.in_force:
            continue
        add(place.name, _OFFICIAL, place)
        add(place.short_name, _CORE, place)
        add(place.code, _CODE, place)
        if place.iso:
            add(place.iso, _CODE, place)
    for alias in aliases():
        for rank, code in enumerate(alias.codes):
            add(alias.alias, _REGION if alias.kind == "region" else _ALIAS, everything()[code], rank)
    return tuple(
        _Key(text, tier, words, _letters(text), _letters("".join(word[0] for word in words)), tuple(places))
        for (text, tier), places in found.items()
        for words in (written[text],)
    )


@cache
def _province_keys() -> dict[str, str]:
    """Every exact name of one single province, with its code."""
    return {
        key.text: place.code
        for key in reversed(_keys())
        for place, _ in key.places
        if len(key.places) == 1 and place.is_province
    }
