"""What only supervisors do with a case: legal holds, and joining two children of one incident."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lindung.casework import services
from lindung.casework.models import Case, CaseIncident, State
from lindung.casework.models_closing import Approval
from lindung.casework.tests.cases import make_case

pytestmark = pytest.mark.django_db


def test_a_closed_case_is_kept_and_let_go_by_two_people(cast: Any, client: Client, sign_in: Callable[..., Any]) -> None:
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED)
    page = reverse("workspace:case_hold", args=[case.pk])
    sign_in(client, cast.supervisor)
    assert client.post(page, {"reason": "court"}).status_code == 302
    assert Case.objects.get().legal_hold
    assert "Akhiri penyimpanan" in client.get(page).content.decode()
    assert client.post(page, {"words": "Putusan sudah tetap."}).status_code == 302
    asked = Approval.objects.get(subject="hold")
    worker = cast.actor(cast.case_worker), cast.keyring(cast.case_worker)
    services.approving.decide(*worker, asked.pk, approve=True)
    assert not Case.objects.get().legal_hold


def test_two_children_of_one_incident_are_joined_unless_somebody_works_with_both(
    cast: Any, client: Client, sign_in: Callable[..., Any]
) -> None:
    one, two = make_case(cast), make_case(cast)
    incident = one.incidents.get().incident_id
    page = reverse("workspace:case_incident_share", args=[one.pk, incident])
    sign_in(client, cast.supervisor)
    assert client.post(page, {"reference": two.reference}).status_code == 409
    services.assign(cast.actor(cast.supervisor), two.pk, cast.analyst.pk)
    assert client.post(page, {"reference": two.reference}).status_code == 302
    assert CaseIncident.objects.filter(incident=incident).count() == 2
