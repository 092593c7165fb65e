"""Text that strangers wrote: shown harmlessly, looked at for media in disguise. What is stored never changes."""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata

_MEDIA_MAGIC = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\x00", b"MM\x00*", b"ID3", b"OggS",
    b"\x1aE\xdf\xa3", b"fLaC", b"\xff\xfb", b"\xff\xf3", b"#!AMR", b"FLV\x01", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3",
)  # fmt: skip
_DATA_URI = re.compile(r"data:\s*(?:image|video|audio)/", re.IGNORECASE)
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}")
_HEX_RUN = re.compile(r"(?:[0-9A-Fa-f]{2}){64,}")


def neutralise(text: str) -> str:
    """Return the text with control and direction-changing characters made visible as U+FFFD.

    Line ends and tabs stay. A reader sees what was written: a name cannot be shown reversed.
    """
    return "".join("�" if _is_harmful(c) else c for c in text.replace("\r\n", "\n").replace("\r", "\n"))


def _is_harmful(character: str) -> bool:
    if character in "\n\t":
        return False
    category = unicodedata.category(character)
    # ZWJ and ZWNJ hold emoji and several scripts together.
    return category in {"Cc", "Cs"} or (category == "Cf" and character not in "\u200c\u200d")


def holds_media(text: str) -> bool:
    """Tell whether a text carries a picture, film or sound as a data URI, base64 or hex."""
    if _DATA_URI.search(text):
        return True
    joined = re.sub(r"\s+", "", text)
    # As it stands, for data behind a sentence; and without its breaks, for data in lines.
    for run in (*_BASE64_RUN.finditer(text), *_BASE64_RUN.finditer(joined)):
        head = run.group()[:64].replace("-", "+").replace("_", "/")
        # A sentence written without spaces may run into the data: try every alignment of the first characters.
        for offset in range(4):
            piece = head[offset : offset + 56]
            try:
                decoded = base64.b64decode(piece + "=" * (-len(piece) % 4))
            except (binascii.Error, ValueError):
                continue
            if _is_media(decoded):
                return True
    return any(_is_media(bytes.fromhex(run.group()[:64])) for run in _HEX_RUN.finditer(joined))


def _is_media(head: bytes) -> bool:
    if head[4:8] == b"ftyp" or (head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"AVI ", b"WAVE"}):
        return True
    return any(head.startswith(magic) for magic in _MEDIA_MAGIC if magic != b"BM")
