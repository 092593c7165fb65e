"""Machines of partners, as administrators see them: made once, shown once, ended at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from lindung.accounts.models import User
from lindung.partners import selectors, services
from lindung.partners.models import PartnerToken
from lindung.partners.tests.machines import Machine, machine, school_of

pytestmark = pytest.mark.django_db
Browse = Callable[[User], Client]


@pytest.fixture
def admin(cast: Any, browse: Browse) -> Client:
    return browse(cast.administrator)


def form(cast: Any, **changes: Any) -> dict[str, Any]:
    return {
        "organisation": cast.partner_organisation.pk, "label": "Sistem pengaduan", "purpose": "helpline",
        "scopes": ["report:submit", "report:state"], "daily_limit": "50",
        "expires_on": (selectors.today() + timedelta(days=90)).isoformat(), **changes,
    }  # fmt: skip


def test_a_token_is_shown_once_and_works(cast: Any, admin: Client) -> None:
    page = admin.post(reverse("workspace:partner_token_add"), form(cast))
    assert page.status_code == 200
    text = next(word for word in page.content.decode().replace("<", " ").replace(">", " ").split() if "lnd_" in word)
    caller = services.authenticate(text)
    assert caller.token.scope_set == {"report:submit", "report:state"}
    assert (caller.token.issuer, caller.token.daily_limit) == (cast.organisation, 50)
    shown = admin.get(reverse("workspace:partner_tokens")).content.decode()
    assert "Sistem pengaduan" in shown
    assert text not in shown
    assert "lnd_" not in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_on": "2031-01-01"},
        {"label": " "},
        {"scopes": []},
        {"scopes": ["report:receipt"]},
        {"purpose": "school"},
    ],
)
def test_what_does_not_fit_comes_back_with_the_reason(cast: Any, admin: Client, changes: dict[str, Any]) -> None:
    page = admin.post(reverse("workspace:partner_token_add"), form(cast, **changes))
    assert page.status_code == 422
    assert 'class="problem"' in page.content.decode()
    assert not PartnerToken.objects.exists()


def test_a_school_cannot_be_given_a_childs_receipt(cast: Any, admin: Client) -> None:
    school = school_of()
    wrong = form(cast, organisation=school.pk, purpose="school", scopes=["report:submit", "report:receipt"])
    page = admin.post(reverse("workspace:partner_token_add"), wrong)
    assert page.status_code == 422
    assert "Sekolah tidak pernah menerima kode anak." in page.content.decode()


def test_another_network_cannot_be_chosen(cast: Any, admin: Client) -> None:
    page = admin.post(reverse("workspace:partner_token_add"), form(cast, organisation=cast.other_organisation.pk))
    assert page.status_code == 422


def test_a_revoked_token_stays_in_the_list_and_works_no_more(cast: Any, admin: Client) -> None:
    made = machine(cast.organisation, cast.partner_organisation)
    page = admin.post(reverse("workspace:partner_token_revoke", kwargs={"token_id": made.token.pk}))
    assert page.status_code == 302
    assert made.send().status_code == 401
    shown = admin.get(page["Location"]).content.decode()
    assert "dicabut" in shown
    assert reverse("workspace:partner_token_revoke", kwargs={"token_id": made.token.pk}) not in shown


def test_an_administrator_of_another_body_finds_nothing(cast: Any, browse: Browse) -> None:
    made = machine(cast.organisation, cast.partner_organisation)
    stranger = User.objects.get(pk=cast.administrator.pk)
    User.objects.filter(pk=stranger.pk).update(organisation=cast.partner_organisation)
    stranger.refresh_from_db()
    browser = browse(stranger)
    shown = browser.get(reverse("workspace:partner_tokens")).content.decode()
    assert made.token.name not in shown
    assert "<form" not in shown.partition("<main")[2]
    assert browser.post(reverse("workspace:partner_token_add"), form(cast)).status_code == 404
    path = reverse("workspace:partner_token_revoke", kwargs={"token_id": made.token.pk})
    assert browser.post(path).status_code == 404


def test_the_page_of_a_report_names_the_partner_and_what_it_is_told(cast: Any, analyst: Client) -> None:
    helpline: Machine = machine(cast.organisation, cast.partner_organisation)
    report, reference = helpline.report()
    page = analyst.get(reverse("workspace:report", kwargs={"report_id": report.pk})).content.decode()
    assert reference in page
    assert escape(cast.partner_organisation.name) in page
    assert "Yang diketahui mitra" in page


def test_what_a_machine_told_stands_on_the_page_of_the_report(cast: Any, analyst: Client) -> None:
    helpline = machine(cast.organisation, cast.partner_organisation)
    content = {
        "happened_on": "2026-11-19", "words": "Kata mesin.", "links": ["https://contoh.example/tempat"],
        "identifiers": [{"kind": "handle", "value": "rekaan_77"}],
    }  # fmt: skip
    report, _reference = helpline.report(content)
    page = analyst.get(reverse("workspace:report", kwargs={"report_id": report.pk})).content.decode()
    for shown in ("2026-11-19", "Kata mesin.", "https://contoh.example/tempat", "rekaan_77"):
        assert shown in page, shown
