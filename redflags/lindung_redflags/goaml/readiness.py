"""What a report still lacks, and where each thing is filled in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lindung_redflags.errors import RedflagsError


@dataclass(frozen=True)
class Place:
    """Where somebody fills something in."""

    about: str
    says_id: str
    says_en: str

    @classmethod
    def reporter(cls, name: str) -> Place:
        return cls("reporter", f"berkas pelapor: {name}", f"file of the reporter: {name}")

    @classmethod
    def party(cls, account_id: str, column: str) -> Place:
        return cls(
            f"account {account_id}",
            f"berkas pihak: rekening {account_id}, kolom {column}",
            f"file of parties: account {account_id}, column {column}",
        )

    @classmethod
    def payment(cls, tx_id: str) -> Place:
        return cls(f"payment {tx_id}", f"transaksi {tx_id}", f"transaction {tx_id}")


@dataclass(frozen=True, order=True)
class Gap:
    """One thing that is missing or has to be looked at.

    `element`: part/element of the form. `kind`: field, code (of the profile), decision, or check (nothing is missing,
    but a person has to look). `mandatory`: the report cannot be finished without it.
    """

    element: str
    about: str
    kind: str
    mandatory: bool
    fill_id: str
    fill_en: str


class NotReady(RedflagsError):
    """A report that lacks something mandatory. `gaps`: the whole list."""

    def __init__(self, gaps: Iterable[Gap]) -> None:
        self.gaps = tuple(gaps)
        needed = [gap for gap in self.gaps if gap.mandatory]
        first = "; ".join(f"{gap.element} ({gap.fill_en})" for gap in needed[:5])
        more = f"; and {len(needed) - 5} more" if len(needed) > 5 else ""
        super().__init__(f"the report is not ready, {len(needed)} mandatory things are missing: {first}{more}")


def in_order(gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """What is mandatory first, then by element."""
    return tuple(sorted(gaps, key=lambda gap: (not gap.mandatory, gap)))
