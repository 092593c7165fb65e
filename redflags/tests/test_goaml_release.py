"""When the identity of a possible victim may leave: the whole table of cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from lindung_redflags.goaml import Recipient, Refused, Release, ReportState
from lindung_redflags.goaml.release import check, missing
from tests.goaml.cases import RELEASE


@pytest.mark.parametrize(("recipient", "report"), list(product(Recipient, ReportState)))
def test_with_a_release_everything_goes_but_telling_others_about_a_report(
    recipient: Recipient, report: ReportState
) -> None:
    forbidden = recipient is Recipient.OTHER and report is not ReportState.NONE
    if forbidden:
        with pytest.raises(Refused, match="Law 8/2010"):
            check(with_identity=True, recipient=recipient, report=report, release=RELEASE)
    else:
        check(with_identity=True, recipient=recipient, report=report, release=RELEASE)


@pytest.mark.parametrize(("recipient", "report"), list(product(Recipient, ReportState)))
def test_without_a_release_no_identity_goes_to_anybody(recipient: Recipient, report: ReportState) -> None:
    with pytest.raises(Refused):
        check(with_identity=True, recipient=recipient, report=report, release=None)
    check(with_identity=False, recipient=recipient, report=report, release=None)


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        (RELEASE, ()),
        (None, ("decided_by", "confirmed_by", "legal_basis", "officer")),
        (replace(RELEASE, legal_basis="  "), ("legal_basis",)),
        (replace(RELEASE, officer=""), ("officer",)),
        (replace(RELEASE, decided_by=""), ("decided_by",)),
        (replace(RELEASE, confirmed_by=""), ("confirmed_by",)),
        (replace(RELEASE, confirmed_by=RELEASE.decided_by), ("confirmed_by",)),
        (replace(RELEASE, confirmed_by="  petugas   A "), ("confirmed_by",)),
        (replace(RELEASE, officer=RELEASE.confirmed_by), ()),
    ],
)
def test_what_a_release_lacks(given: Release | None, lacking: tuple[str, ...]) -> None:
    assert missing(given) == lacking
    if lacking:
        with pytest.raises(Refused, match=lacking[0]):
            check(with_identity=True, recipient=Recipient.AUTHORITY, report=ReportState.FILED, release=given)
