"""The register of incidents, as a browser sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lindung.breaches.models import Breach, Notice
from lindung.reporting.services import mailbox

from .conftest import CALM

pytestmark = pytest.mark.django_db
HOME = "/kerja/insiden/"
WORDS = "Laptop hilang di bus; kunci tim sudah diganti."


def html(response: Any) -> str:
    assert response.status_code in {200, 409, 422}, response.status_code
    return response.content.decode()


def form(cast: Any, **more: Any) -> dict[str, Any]:
    return {
        "team": cast.intake.pk, "discovered_at": "2026-01-05T09:30", "kinds": ["story", "names"], "systems": "laptop",
        "people_band": "to_10", "words": WORDS, **more,
    }  # fmt: skip


@pytest.fixture
def supervisor(cast, browse):
    return browse(cast.supervisor)


@pytest.fixture
def entered(cast, supervisor) -> str:
    """The address of an incident."""
    response = supervisor.post(HOME, form(cast))
    assert response.status_code == 302
    return response["Location"].split("?")[0]


def test_entering_leads_to_its_page_with_both_clocks(cast, supervisor, entered, send):
    page = html(supervisor.get(entered + "?ok=entered"))
    assert WORDS in page
    assert "Insiden tercatat" in page
    assert "Sen 5 Jan" in page
    assert "09.30 WIB" in page
    assert "Memberi tahu lembaga" in page
    assert "terlambat" in page
    assert "Isi cerita atau pesan" in page
    assert "Memberi tahu orangnya" not in page, "nobody is listed yet"
    assert HOME in html(supervisor.get("/kerja/"))
    assert Breach.objects.get().reference in html(supervisor.get(HOME))


def test_what_is_wrong_comes_back_with_the_words(cast, supervisor):
    for wrong in ({"discovered_at": "kemarin"}, {"discovered_at": "2199-01-01T00:00"}, {"kinds": []}, {"words": " "}):
        response = supervisor.post(HOME, form(cast, **wrong))
        assert response.status_code == 422, wrong
        if "words" not in wrong:
            assert WORDS in html(response)
    assert not Breach.objects.exists()


def test_an_administrator_enters_and_sees_nothing_of_it(cast, browse):
    admin = browse(cast.administrator)
    page = html(admin.get(HOME))
    assert "Kamu hanya mencatat" in page
    assert f'value="{cast.other_intake.pk}"' not in page
    response = admin.post(HOME, form(cast))
    assert response["Location"] == HOME + "?ok=entered"
    page = html(admin.get(response["Location"]))
    breach = Breach.objects.get()
    assert WORDS not in page
    assert breach.reference not in page
    assert admin.get(f"{HOME}{breach.pk}/").status_code == 404


def test_telling_one_person_through_the_mailbox(cast, supervisor, entered, send):
    sent = send(**CALM)
    assert supervisor.post(entered + "terkena/", {"number": sent.report.reference}).status_code == 302
    assert supervisor.post(entered + "terkena/", {"number": "00000000"}).status_code == 422
    page = html(supervisor.get(entered))
    assert "belum diputuskan" in page
    assert "Memberi tahu orangnya" in page
    address = re.search(rf"{HOME}putusan/[0-9a-f-]+/", page)
    assert address
    page = html(supervisor.get(address.group()))
    assert "Jangan beri tahu rumahnya" in page
    assert "Anak melapor sendiri" in page
    assert "Ada data di tempat kami" in page
    refused = supervisor.post(address.group(), {"way": "home", "reason": "Ibunya baik."})
    assert refused.status_code == 422
    assert "Ibunya baik." in html(refused)
    assert supervisor.post(address.group(), {}).status_code == 422
    assert supervisor.post(address.group(), {"way": "not_home", "reason": "Ayah berbahaya."}).status_code == 302
    page = html(supervisor.get(entered))
    assert "Ayah berbahaya." in page
    assert "Tidak diberitahu di rumah" in page
    box = mailbox.view(mailbox.enter(sent.code, "203.0.113.9"))
    assert box.messages[-1].text.startswith("Ada data di tempat kami")
    assert supervisor.post(address.group(), {"way": "mailbox"}).status_code == 409


def test_everybody_at_once_and_closing_by_two(cast, supervisor, analyst, entered, send):
    sents = [send(**CALM) for _ in range(2)]
    assert supervisor.post(entered + "terkena/", {"semua": "1"}).status_code == 302
    assert "Beri tahu 2 lewat kotaknya" in html(supervisor.get(entered))
    assert supervisor.post(entered + "tutup/", {"keputusan": "propose"}).status_code == 422
    assert supervisor.post(entered + "kotak/").status_code == 302
    assert Notice.objects.filter(way="mailbox").count() == 2
    assert all(mailbox.view(mailbox.enter(s.code, "203.0.113.9")).new_answers == 1 for s in sents)
    told = {"told_at": "2026-01-07T10:00", "reference": "Tanda terima 7/XI"}
    assert supervisor.post(entered + "lembaga/", {**told, "told_at": "2026-01-01T10:00"}).status_code == 422
    assert supervisor.post(entered + "lembaga/", told).status_code == 302
    page = html(supervisor.get(entered))
    assert "selesai tepat waktu" in page
    assert "Tanda terima 7/XI" in page
    assert analyst.get(entered).status_code == 404
    assert supervisor.post(entered + "tutup/", {"keputusan": "propose"}).status_code == 302
    assert supervisor.post(entered + "tutup/", {"keputusan": "confirm"}).status_code == 404
    assert "Setuju, tutup" in html(analyst.get(entered))
    assert analyst.post(entered + "tutup/", {"keputusan": "confirm"})["Location"].startswith(HOME)
    assert analyst.get(entered).status_code == 404
    assert "Ditutup oleh Supervisor dan Analyst" in html(supervisor.get(entered))
    assert supervisor.post(entered + "tindakan/", {"words": "x", "people_band": "one", "version": 9}).status_code == 409


def test_measures_that_changed_meanwhile_are_not_overwritten(cast, supervisor, entered):
    data = {"words": "Lebih lengkap.", "people_band": "one", "version": 1}
    assert supervisor.post(entered + "tindakan/", data).status_code == 302
    response = supervisor.post(entered + "tindakan/", {**data, "words": "Tulisan kedua yang panjang."})
    assert response.status_code == 409
    assert "Tulisan kedua yang panjang." in html(response), "what was typed comes back"
    assert "Lebih lengkap." in html(supervisor.get(entered))


def test_a_report_added_by_mistake_is_taken_off(cast, supervisor, entered, send):
    sent = send(**CALM)
    supervisor.post(entered + "terkena/", {"number": sent.report.reference})
    notice = Notice.objects.get()
    assert supervisor.post(f"{entered}keluarkan/{notice.pk}/").status_code == 302
    assert not Notice.objects.exists()


@pytest.mark.parametrize("who", ["analyst", "other_analyst", "independent_analyst"])
def test_for_others_there_is_nothing(cast, browse, entered, who):
    browser = browse(getattr(cast, who))
    assert Breach.objects.get().reference not in html(browser.get(HOME))
    assert browser.get(entered).status_code == 404
    assert browser.post(HOME, form(cast)).status_code == 404


@pytest.mark.parametrize("who", ["case_worker", "auditor", "partner", "data_analyst"])
def test_the_page_is_for_those_who_enter_or_sign(cast, browse, who):
    assert browse(getattr(cast, who)).get(HOME).status_code == 404
