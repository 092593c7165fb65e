"""The cases of a colleague go to others, on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lindung.casework import services
from lindung.casework.models import CaseWorker
from lindung.casework.tests.cases import make_case, send

pytestmark = pytest.mark.django_db


def test_a_supervisor_gives_a_colleagues_cases_to_others_and_is_told_what_cannot_be(
    cast: Any, client: Client, sign_in: Callable[..., Any]
) -> None:
    report = send()
    mine, other = make_case(cast, report=report), make_case(cast, cast.supervisor, report=report, another_child=True)
    services.assign(cast.actor(cast.supervisor), other.pk, cast.analyst.pk)
    sign_in(client, cast.supervisor)
    overview = client.get(reverse("workspace:hand_over")).content.decode()
    page = reverse("workspace:case_hand_over", args=[cast.intake.pk, cast.case_worker.pk])
    assert page in overview
    assert mine.reference in client.get(page).content.decode()
    refused = client.post(page, {"cases": str(mine.pk), "people": str(cast.analyst.pk)})
    assert refused.status_code == 422
    assert "tidak boleh dipegang" in refused.content.decode()
    done = client.post(page, {"cases": str(mine.pk), "people": [str(cast.analyst.pk), str(cast.second_analyst.pk)]})
    assert done.status_code == 302
    assert "1 kasus diserahkan." in client.get(done["Location"]).content.decode()
    assert CaseWorker.objects.get(case=mine, until=None).user == cast.second_analyst
    again = client.post(page, {"cases": str(mine.pk), "people": str(cast.second_analyst.pk)})
    assert again.status_code == 409
