"""Text for a form that knows ASCII letters only: names are transliterated, what was there is kept by the caller."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9 .'-]+")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def ascii_name(text: str, limit: int = 100) -> str:
    """Return a name in letters, digits, space, full stop, apostrophe and hyphen of ASCII, at most `limit` characters.

    Empty when nothing is left. A transliteration is a guess about sound: a person has to look at it.
    """
    plain = anyascii(unicodedata.normalize("NFC", text))
    return " ".join(_NOT_A_NAME.sub(" ", plain).split())[:limit].rstrip()


def xml_text(text: str) -> str:
    """Return the text without characters that XML cannot hold; each becomes a space."""
    return _NOT_XML.sub(" ", text).replace("\r\n", "\n").replace("\r", "\n")
