"""From reports to a case: nothing typed twice, and nobody learns more than before."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.casework import selectors, services
from lindung.casework.models import CaseFact, CaseWorker

from .cases import TOLD, make_case, send

pytestmark = pytest.mark.django_db


def test_what_a_report_told_stands_in_its_case(cast: Any) -> None:
    report = send(**TOLD, must_not_know="Orang di rumah", easier=["writing"], online_where=["whatsapp"])
    case = make_case(cast, report=report)
    opened = services.open_case(cast.actor(cast.case_worker), cast.keyring(cast.case_worker), case.pk)
    assert opened.child["age_band"] == "13-15" and opened.child["sex"] == "female"
    assert opened.child["must_not_know"] == "Orang di rumah"
    assert opened.child["from_report"]["sex"] == report.pk.hex
    assert opened.places["present"]["regency"] == "31.71"
    assert opened.incidents[0].words["platforms"] == ["whatsapp"]
    assert opened.people[0].words["accounts"] == "@akun_palsu"
    assert opened.reports[report.pk.hex]["answers"]["words"] == TOLD["words"]
