"""Looks for words in everything a thief could carry away: raw, UTF-16, hex, base64, percent-escaped, compressed."""

from __future__ import annotations

import base64
import json
import re
import secrets
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPRESSED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")

_STREAM = 64 * 1024 * 1024


@dataclass(frozen=True)
class Hit:
    """One word found in one file; `how` names the encoding, `layer` is 1 inside a compressed stream."""

    word: str
    path: str
    how: str
    layer: int


def new_word(door: str) -> str:
    """Return a fresh word that stands nowhere else. It holds no letters that any encoding would leave alone by luck."""
    return f"kanari{door}{secrets.token_hex(8)}"


def encodings(word: str) -> dict[str, set[bytes]]:
    """Return the forms that a word can take on a disk, by name."""
    raw = word.encode()
    forms: dict[str, set[bytes]] = {
        "raw": {raw, word.upper().encode(), json.dumps(word)[1:-1].encode()},
        "utf-16": {word.encode("utf-16-le"), word.encode("utf-16-be")},
        "hex": {raw.hex().encode(), raw.hex().upper().encode()},
        "percent": {urllib.parse.quote(word).encode(), "".join(f"%{b:02X}" for b in raw).encode()},
        "base64": set(),
    }
    for shift in range(3):
        # Only the characters that depend on nothing but the word itself, whatever stands before and after it.
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + raw + b"\0" * 3)
            start = (shift * 8 + 5) // 6
            end = (shift + len(raw)) * 8 // 6
            forms["base64"].add(text[start:end])
    return forms


def files_below(*roots: Path) -> Iterator[Path]:
    for root in roots:
        if root.is_file():
            yield root
        elif root.is_dir():
            yield from (p for p in sorted(root.rglob("*")) if p.is_file() and not p.is_symlink())


def search(roots: Iterable[Path], words: Iterable[str]) -> list[Hit]:
    """Search every file below the roots for every word in every encoding, inside gzip and zlib streams too.

    Each word costs a pass over all the bytes: canaries of one run share a mark, and it is enough to search for that.
    """
    wanted = [(word, how, form) for word in words for how, forms in encodings(word).items() for form in forms]
    hits: list[Hit] = []
    for path in files_below(*roots):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        for layer, blob in enumerate(_layers(data)):
            hits += [Hit(word, str(path), how, min(layer, 1)) for word, how, form in wanted if form in blob]
        name = path.name.encode()
        hits += [Hit(word, str(path), "file name", 0) for word, _, form in wanted if form in name]
    return hits


def _layers(data: bytes) -> Iterator[bytes]:
    yield data
    view = memoryview(data)
    for match in _COMPRESSED.finditer(data):
        opener = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            # Two bytes look like the start of a stream by chance all the time: the first piece tells.
            inner = opener.decompress(view[match.start() : match.start() + 256])
            inner += opener.decompress(opener.unconsumed_tail + bytes(view[match.start() + 256 :][:_STREAM]), _STREAM)
        except zlib.error:
            continue
        if len(inner) > 8:
            yield inner
            if _COMPRESSED.match(inner):
                yield from _layers(inner)
