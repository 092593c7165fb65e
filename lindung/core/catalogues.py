"""Compiles the translations. Only the readable .po files are kept; the .mo files are made where they are needed."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent


def compile_all(package: Path = PACKAGE) -> int:
    """Write the .mo beside every .po that is newer than it; return how many were written."""
    written = 0
    for source in sorted(package.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as handle:
            catalogue = read_po(handle, abort_invalid=True)
        partial = target.with_suffix(".mo.part")
        with partial.open("wb") as handle:
            write_mo(handle, catalogue)
        partial.replace(target)
        written += 1
    return written
