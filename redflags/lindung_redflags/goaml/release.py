"""When the identity of a possible victim may leave the institution: two people, a legal basis, the compliance officer.

Pure rules. Law 8/2010 art. 12 forbids telling the customer or anybody else, directly or indirectly, about a report that
is being prepared or was sent; so while there is one, a referral with identity goes to authorities only.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from lindung_redflags.errors import RedflagsError


class Refused(RedflagsError):
    """A referral that must not be written."""


class Recipient(StrEnum):
    """Whom a referral is for. An authority: FIU, police, prosecution, the ministry or its local unit."""

    AUTHORITY = "authority"
    OTHER = "other"


class ReportState(StrEnum):
    """Whether there is a report to the FIU about the same episode."""

    NONE = "none"
    DRAFTED = "drafted"
    FILED = "filed"


@dataclass(frozen=True)
class Release:
    """Who decided, who confirmed, on which legal basis, and the compliance officer, who may be one of the two."""

    decided_by: str
    confirmed_by: str
    legal_basis: str
    officer: str


def missing(release: Release | None) -> tuple[str, ...]:
    """The names of the fields of a release that do not hold yet; empty: it holds."""
    if release is None:
        return ("decided_by", "confirmed_by", "legal_basis", "officer")
    names = ("decided_by", "confirmed_by", "legal_basis", "officer")
    lacking = [name for name in names if not _same(getattr(release, name))]
    if "confirmed_by" not in lacking and _same(release.decided_by) == _same(release.confirmed_by):
        lacking.append("confirmed_by")
    return tuple(lacking)


def check(*, with_identity: bool, recipient: Recipient, report: ReportState, release: Release | None) -> None:
    """Raise Refused unless a referral about a possible victim may be written.

    Without identity nothing is asked here: such a referral names no person, no alert and no report.
    """
    if not with_identity:
        return
    if report is not ReportState.NONE and recipient is not Recipient.AUTHORITY:
        raise Refused(
            f"a report is {report.value}: nobody but an authority may be told who is concerned (Law 8/2010 art. 12)"
        )
    if lacking := missing(release):
        raise Refused(
            "a referral with identity needs two different people, a legal basis and the compliance officer; "
            f"still missing: {', '.join(lacking)}"
        )


def _same(name: str) -> str:
    """A name as it is compared: case, width and spaces do not make another person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
