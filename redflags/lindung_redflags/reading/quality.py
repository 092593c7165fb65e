"""What was read and how complete it is: for whoever judges whether a scan can be trusted. No data of a payment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Quality:
    """`quality.json`. Shares lie between 0 and 1, of all rows used; moments are ISO 8601 in UTC, days in UTC+7."""

    rows: int
    """Payments that are used."""
    accounts: int
    """Listed accounts."""
    rejected: dict[str, int]
    """Rows left out, by kind of input."""
    duplicates: dict[str, int]
    """Of them, rows whose id had stood before."""
    null_rates: dict[str, dict[str, float]]
    """By kind of input and column that is there, the share of rows without a value."""
    absent: dict[str, list[str]]
    """Optional columns that are not there."""
    ignored: dict[str, list[str]]
    """Columns that are there and that nobody reads."""
    unmatched_ids: int
    """Accounts that payments name and that are not listed."""
    unmatched_rows: int
    """Payments with at least one of them."""
    unmatched_relations: int
    """Relations with a holder whom no account has."""
    unknown_offsets: float | None
    """Share of the listed accounts of which nobody knows what time it is where they are."""
    first: str | None
    last: str | None
    days_without_payments: list[str]
    """Days between the first and the last with no payment at all."""
    files: list[dict[str, Any]] = field(default_factory=list)
    """Each file or table with its size in bytes and its SHA-256; both are null for a table."""

    def write(self, path: Path) -> None:
        """Write it as JSON; the file is there whole or not at all."""
        unfinished = path.with_name(f".{path.name}.unfinished")
        unfinished.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n", "utf-8")
        unfinished.replace(path)
