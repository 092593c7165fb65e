"""Who gets in where: every address of the room, for everybody who may not know it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import get_resolver, reverse

from lindung.core.errors import SealBroken
from lindung.reporting import services
from lindung.workspace.urls import urlpatterns

from .conftest import CALM

NAMES = sorted(pattern.name for pattern in urlpatterns)
TEAM_PAGES = ["intake", "roster", "platforms", "shift_add", "platform_add"]
AUDIT_PAGES = ["audit", "audit_verify", "audit_checkpoint", "audit_export"]


def address(name, report_id):
    pattern = next(p for p in urlpatterns if p.name == name)
    known = {"report_id": report_id, "code": "whatsapp"}
    kwargs = {key: known.get(key, uuid4()) for key in pattern.pattern.converters}
    return reverse(f"workspace:{name}", kwargs=kwargs)


PAGES_OF_A_REPORT = {"report", "case_from_report", "series_beside", "series_unmerge"}
ON_REPORT = [name for name in NAMES if "report_id" in next(p for p in urlpatterns if p.name == name).pattern.converters]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_signed_out_is_led_to_the_sign_in_page_from_everywhere(client, send, name, method):
    response = getattr(client, method)(address(name, send(**CALM).id))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("who", ["other_analyst", "independent_analyst", "partner", "administrator", "auditor"])
def test_a_report_of_another_team_does_not_exist(cast, browse, send, who):
    sent, browser = send(**CALM), browse(getattr(cast, who))
    for name in ON_REPORT:
        for method in ("get", "post"):
            response = getattr(browser, method)(address(name, sent.id))
            assert response.status_code == 404, (name, method)
            assert "aku mau cerita" not in response.content.decode()
            assert 'class="ref"' not in response.content.decode()


@pytest.mark.parametrize("who", ["partner", "administrator", "auditor", "data_analyst"])
def test_pages_of_the_team_do_not_exist_for_others(cast, browse, who):
    browser = browse(getattr(cast, who))
    for name in TEAM_PAGES:
        assert browser.get(reverse(f"workspace:{name}")).status_code == 404, name


@pytest.mark.parametrize("who", ["analyst", "supervisor", "partner", "administrator", "data_analyst"])
def test_audit_pages_do_not_exist_for_others(cast, browse, who):
    browser = browse(getattr(cast, who))
    for name in AUDIT_PAGES:
        for method in ("get", "post"):
            assert getattr(browser, method)(reverse(f"workspace:{name}")).status_code == 404, name


def test_an_action_opened_with_get_leads_to_its_report(cast, browse, send):
    sent, browser = send(**CALM), browse(cast.supervisor)
    for name in ON_REPORT:
        if name in PAGES_OF_A_REPORT or not address(name, sent.id).startswith(sent.url()):
            continue
        response = browser.get(address(name, sent.id))
        assert response.status_code == 302, name
        assert response["Location"].startswith(sent.url()), name


def test_each_role_finds_its_own_home_and_its_own_menu(cast, browse):
    home = reverse("workspace:inbox")
    assert browse(cast.auditor).get(home)["Location"] == reverse("workspace:audit")
    assert browse(cast.administrator).get(home)["Location"] == reverse("accounts:people")
    assert browse(cast.partner).get(home)["Location"] == reverse("workspace:referrals")
    page = browse(cast.data_analyst).get(home)
    assert page.status_code == 200
    assert "Belum ada yang perlu kamu kerjakan di sini" in page.content.decode()
    assert reverse("workspace:roster") not in page.content.decode()
    assert reverse("workspace:audit") not in browse(cast.analyst).get(home).content.decode()


def test_a_browser_without_the_key_cookie_is_locked_out(analyst, send):
    sent = send(**CALM)
    del analyst.cookies["k"]
    response = analyst.get(sent.url())
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_a_broken_seal_is_said_and_nothing_of_it_shown(analyst, send, monkeypatch):
    sent = send(**CALM)

    def broken(*args, **kwargs):
        raise SealBroken

    monkeypatch.setattr(services, "open_report", broken)
    response = analyst.get(sent.url())
    assert response.status_code == 500
    assert "tersegel" in response.content.decode()
    assert "aku mau cerita" not in response.content.decode()


@pytest.mark.parametrize("status", [400, 404, 500])
def test_error_pages_come_up_without_a_database_and_keep_the_text(rf, status):
    handler = get_resolver().resolve_error_handler(status)
    request = rf.post("/kerja/x/", {"text": "tulisan yang panjang <b>sekali</b>"})
    response = handler(request) if status == 500 else handler(request, exception=None)
    assert response.status_code == status
    assert "tulisan yang panjang &lt;b&gt;sekali" in response.content.decode()


def test_pages_are_in_english_below_en(analyst, send):
    sent = send(**CALM)
    page = analyst.get("/en" + sent.url()).content.decode()
    assert '<html lang="en">' in page
    assert "Triage" in page
    assert "Yang diceritakan" not in page
