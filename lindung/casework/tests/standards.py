"""Files of standards for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def as_file(version: str, items: Sequence[str], *, in_force: date) -> bytes:
    """The bytes of a standard with these points of the first stage; an entry may carry more keys after a comma."""
    lines = [
        f"version: {version}", "id: Contoh", "en: Example", "date: 2026-01-01", f"in_force: {in_force}",
        "sources: {s: invented for a test}", "stages:", "  - code: intake", "    items:",
    ]  # fmt: skip
    lines += [f"      - {{id: A, en: B, source: s, code: {item}}}" for item in items]
    return "\n".join(lines).encode()
