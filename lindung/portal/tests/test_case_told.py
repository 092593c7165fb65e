"""The box tells the steps of the case that was made from its report, and names nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.casework import services
from lindung.casework.tests.cases import make_case
from lindung.core import clock
from lindung.portal.tests.conftest import Reporter, text_of
from lindung.reporting.models import Report

from .test_feedback import inside  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


def test_the_box_tells_that_somebody_goes_on_until_the_child_is_missing(
    inside: Reporter,  # noqa: F811
    cast: Any,
) -> None:
    assert "Langkah bantuan" not in text_of(inside.get("mailbox_visit"))
    case = make_case(cast, report=Report.objects.get())
    page = text_of(inside.get("mailbox_visit"))
    assert "Langkah bantuan" in page
    assert "Ada petugas yang mendampingi langkah berikutnya." in page
    assert "kasus" not in page.lower()
    actor, keyring = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    services.record_event(actor, keyring, case.pk, "missing", clock.now().date())
    assert "Langkah bantuan" not in text_of(inside.get("mailbox_visit"))
