"""The list of platforms: everybody of the team reads it, analysts and supervisors keep it."""

from __future__ import annotations

from django.urls import reverse

from lindung.reporting.models import Platform

LIST, ADD = reverse("workspace:platforms"), reverse("workspace:platform_add")


def test_it_works(analyst):
    page = analyst.get(LIST).content.decode()
    assert "WhatsApp" in page
    assert "ditawarkan" in page


def test_adding_retiring_and_bringing_back(analyst):
    assert analyst.post(ADD, {"label": "Aplikasi Baru 2"}).status_code == 302
    row = Platform.objects.get(code="aplikasi_baru_2")
    assert row.active
    again = analyst.post(ADD, {"label": "aplikasi baru 2"})
    assert again.status_code == 422
    assert "sudah ada" in again.content.decode()
    assert analyst.post(reverse("workspace:platform_retire", args=[row.code])).status_code == 302
    assert not Platform.objects.get(code=row.code).active
    assert analyst.post(reverse("workspace:platform_retire", args=[row.code])).status_code == 404
    assert analyst.post(ADD, {"label": row.name}).status_code == 302
    assert Platform.objects.get(code=row.code).active


def test_names_without_latin_letters_and_empty_ones(analyst):
    assert analyst.post(ADD, {"label": "ᮊᮥ"}).status_code in {302, 422}
    assert analyst.post(ADD, {"label": ""}).status_code == 422
    assert analyst.post(ADD, {"label": "x" * 81}).status_code == 422


def test_a_case_worker_reads_only(cast, browse):
    browser = browse(cast.case_worker)
    page = browser.get(LIST)
    assert page.status_code == 200
    assert f'action="{ADD}"' not in page.content.decode()
    assert browser.post(ADD, {"label": "Lain"}).status_code == 404
    assert browser.post(reverse("workspace:platform_retire", args=["whatsapp"])).status_code == 404
