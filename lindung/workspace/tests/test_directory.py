"""The directory on the pages: found by district and child, kept by few, two hands, sheets by pasting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import Browser
from lindung.audit.models import Event
from lindung.core import clock
from lindung.directory import selectors
from lindung.directory.models import Organisation

LIST = reverse("workspace:directory")
SHEET = reverse("workspace:directory_import")
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def html(response: Any, status: int = 200) -> str:
    assert response.status_code == status, (response.status_code, response.content[:500])
    return response.content.decode()


def url(name: str, *args: Any) -> str:
    return reverse(f"workspace:directory_{name}", args=args)


@pytest.fixture(autouse=True)
def _filled(fill_directory: Any) -> Any:
    with clock.frozen(MONDAY):
        fill_directory()
        yield


@pytest.fixture
def supervisor(cast: Any, browse: Any) -> Browser:
    return browse(cast.supervisor)


def there(code: str) -> Organisation:
    found = selectors.by_code(f"contoh.{code}")
    assert found is not None
    return found


def test_everybody_of_staff_finds_by_district_and_by_what_a_child_needs(analyst: Browser) -> None:
    page = html(analyst.get(LIST, {"daerah": "kota kupang"}))
    assert "RSUD Cendana Kupang (contoh)" in page
    assert "Rumah Aman Cendana (contoh)" in page, "staff see shelters"
    assert "Jember" not in page
    page = html(analyst.get(LIST, {"daerah": "medan", "jk": "male", "perlu": ["lgbt_safe"], "layanan": "legal"}))
    assert page.index("LBH Deli (contoh)") < page.index("UPTD PPA Kota Medan (contoh)"), "what nobody asked comes later"
    assert "belum ditanyakan: aman untuk anak LGBT" in page
    page = html(analyst.get(LIST, {"daerah": "35.09", "jk": "male", "layanan": "shelter", "peran": "provides"}))
    assert "Rumah Aman Kenanga" not in page, "it takes girls only"
    assert "Tidak ada yang cocok" in page
    assert "Tambah lembaga" not in page, "an analyst reads"


def test_who_fits_is_asked_for_a_place_or_a_service_never_for_the_whole_country_at_once(analyst: Browser) -> None:
    assert "Di mana, atau layanan apa?" in html(analyst.get(LIST, {"lihat": "buka"}))
    assert "Biro Psikologi Maleo (contoh)" in html(analyst.get(LIST, {"lihat": "buka", "layanan": "psychological"}))


def test_a_name_that_two_places_share_says_how_it_was_read(analyst: Browser) -> None:
    page = html(analyst.get(LIST, {"daerah": "bogor"}))
    assert "Daerah dibaca sebagai Kota Bogor." in page
    assert "?daerah=32.01" in page
    assert "Tempat itu tidak ketemu" in html(analyst.get(LIST, {"daerah": "zzzz"}))


def test_the_list_and_a_body_take_few_queries(analyst: Browser) -> None:
    for address in (LIST, LIST + "?lihat=buka&daerah=35.09", url("body", there("uptd.jember").pk)):
        with CaptureQueriesContext(connection) as queries:
            html(analyst.get(address))
        assert len(queries) <= 25, (address, len(queries))


def test_what_nobody_verified_for_long_is_marked_and_verified_with_one_button(supervisor: Browser) -> None:
    late = html(supervisor.get(LIST, {"lihat": "periksa"}))
    assert "UPTD PPA Kota Palu (contoh)" in late
    assert "UPTD PPA Kota Bogor (contoh)" not in late
    body = there("uptd.palu")
    assert "perlu diperiksa lagi" in html(supervisor.get(url("body", body.pk)))
    done = supervisor.post(url("verify", body.pk), {"version": body.version})
    assert done.status_code == 302
    assert "perlu diperiksa lagi" not in html(supervisor.get(done["Location"]))


def test_a_body_and_its_service_are_made_by_forms_alone(supervisor: Browser) -> None:
    made = supervisor.post(url("add"), {
        "title": "Klinik Contoh", "code": "klinik.contoh", "kind": "hospital", "region": "kota malang",
        "phone": "0341-1234", "verified": "on",
    })  # fmt: skip
    assert made.status_code == 302, html(made, 422)
    body = Organisation.objects.get(code="klinik.contoh")
    assert (body.region, body.verified_on is not None) == ("35.73", True)
    sent = {
        "service": "health", "does": "provides", "coverage": "Kota Malang\nKabupaten Malang",
        "hours": "Sen-Sab 08.00-20.00", "accepts_boys": "ya", "sign_language": "tidak", "active": "on", "version": "1",
    }  # fmt: skip
    assert supervisor.post(url("service_add", body.pk), sent).status_code == 302
    page = html(supervisor.get(url("body", body.pk)))
    assert "Kabupaten Malang, Kota Malang" in page
    assert "Sen-Sab 08.00-20.00 WIB" in page
    service = body.services.get()
    assert (service.accepts_boys, service.sign_language, service.accepts_girls) == (True, False, None)
    form = html(supervisor.get(url("service", body.pk, service.pk)))
    assert "35.07\n35.73</textarea>" in form


def test_what_is_refused_comes_back_beside_its_field_with_everything_typed(supervisor: Browser) -> None:
    page = html(supervisor.post(url("add"), {
        "title": "UPT PPPA Jember (contoh)", "code": "uptd.baru", "kind": "uptd_district", "region": "jember",
        "source": "Surat",
    }), 422)  # fmt: skip
    assert "contoh.uptd.jember" in page, "which body it doubles"
    assert 'value="Surat"' in page
    page = html(supervisor.post(url("add"), {"title": "X", "code": "x1", "kind": "lpsk", "region": "bogor"}), 422)
    assert "Kota Bogor (32.71), Kabupaten Bogor (32.01)" in page


def test_two_hands_on_one_body_keep_both_texts(cast: Any, browse: Any, supervisor: Browser) -> None:
    body = there("lbh.jember")
    mine = {
        "title": "LBH Tembakau",
        "code": body.code,
        "kind": body.kind,
        "region": "35.09",
        "phone": "0331-111",
        "version": "1",
    }
    other = browse(cast.administrator)
    seen = html(supervisor.get(url("edit", body.pk)))
    assert f'name="version" value="{body.version}"' in seen
    mine["version"] = str(body.version)
    assert (
        other.post(url("edit", body.pk), {**mine, "title": "LBH Tembakau (contoh)", "phone": "0331-999"}).status_code
        == 302
    )
    page = html(supervisor.post(url("edit", body.pk), mine), 409)
    assert "0331-999" in page, "what is saved now"
    assert 'value="0331-111"' in page, "what I wrote"
    body.refresh_from_db()
    assert body.phone == "0331-999"
    assert supervisor.post(url("edit", body.pk), {**mine, "version": str(body.version)}).status_code == 302
    body.refresh_from_db()
    assert body.phone == "0331-111"


def test_a_body_that_ended_leads_to_its_successor(supervisor: Browser) -> None:
    old, new = there("lbh.bogor"), there("lbh.medan")
    done = supervisor.post(url("end", old.pk), {"on": "2026-11-01", "successors": new.code, "version": old.version})
    page = html(supervisor.get(done["Location"]))
    assert "Tidak ada lagi dengan nama ini sejak 1 November 2026." in page
    assert url("body", new.pk) in page
    assert "LBH Pakuan" not in html(supervisor.get(LIST, {"kata": "LBH"}))
    assert "LBH Pakuan" in html(supervisor.get(LIST, {"lihat": "berakhir"}))
    assert "Dulu" in html(supervisor.get(url("body", new.pk)))


def test_a_service_is_retired_and_a_team_linked_by_those_who_may(cast: Any, browse: Any, supervisor: Browser) -> None:
    body = there("lbh.jember")
    service = body.services.get(service="legal")
    assert supervisor.post(url("service_retire", body.pk, service.pk), {"version": body.version}).status_code == 302
    assert supervisor.post(url("team", body.pk), {"team": str(cast.partner_team.pk)}).status_code == 404
    body.refresh_from_db()
    admin = browse(cast.administrator)
    done = admin.post(url("team", body.pk), {"team": str(cast.partner_team.pk), "version": body.version})
    assert "bekerja di sini" in html(admin.get(done["Location"]))


# --- sheets ---------------------------------------------------------------------------------------------------------


def sheet(*rows: str) -> str:
    return "\r\n".join(["kode\tnama\tjenis\twilayah\tlayanan\tperan\tcakupan\tjam", *rows])


GOOD = "baru\tLembaga Baru\tlegal_aid\t35.09\tlegal\tprovides\t35.09\tSen-Jum 08.00-16.00"


def test_pasted_cells_are_tried_first_and_imported_when_sent_again(supervisor: Browser) -> None:
    page = html(supervisor.post(SHEET, {"cells": sheet(GOOD), "do": "try"}))
    assert "1 baru, 0 berubah, 0 tetap" in page
    assert not Organisation.objects.filter(code="baru").exists()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    done = supervisor.post(SHEET, {"cells": sheet(GOOD), "do": "import", "seen": seen})
    assert done["Location"] == LIST + "?ok=imported"
    assert Organisation.objects.get(code="baru").services.get().coverage.get().region == "35.09"


def test_faults_of_pasted_cells_stand_in_a_table_by_row_and_column(supervisor: Browser) -> None:
    bad = GOOD.replace("35.09", "92.71", 1).replace("Sen-Jum 08.00-16.00", "selalu")
    page = html(
        supervisor.post(SHEET, {"cells": sheet(GOOD.replace("baru", "lain"), bad), "do": "import", "seen": "x"}), 422
    )
    assert "Sekarang: 96.71." in page
    assert "<b>D</b> wilayah" in page
    assert "<b>H</b> jam" in page
    assert "selalu</textarea>" in page, "what was pasted stays"
    assert not Organisation.objects.filter(code__in=["baru", "lain"]).exists()


def test_what_changed_between_the_dry_run_and_the_import_is_shown_first(supervisor: Browser) -> None:
    body = there("lbh.jember")
    cells = f"kode\ttelepon\r\n{body.code}\t0331-777"
    page = html(supervisor.post(SHEET, {"cells": cells, "do": "try"}))
    seen = page.split('name="seen" value="')[1].split('"')[0]
    supervisor.post(url("verify", body.pk), {"version": body.version})
    page = html(supervisor.post(SHEET, {"cells": cells, "do": "import", "seen": seen}), 409)
    assert "Direktori berubah sejak uji coba tadi" in page
    body.refresh_from_db()
    assert body.phone != "0331-777"
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert supervisor.post(SHEET, {"cells": cells, "do": "import", "seen": seen}).status_code == 302


def test_no_page_takes_a_file_not_even_this_one(supervisor: Browser) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test.client import MULTIPART_CONTENT

    data = {"cells": SimpleUploadedFile("x.csv", sheet(GOOD).encode()), "do": "try"}
    assert supervisor.post(SHEET, data, MULTIPART_CONTENT).status_code == 415
    page = html(supervisor.get(SHEET))
    assert "multipart" not in page
    assert 'type="file"' in page
    assert 'name="' not in page.split('type="file"')[1].split(">")[0], "the chooser is no field of the form"


def test_the_download_is_guarded_named_by_its_day_and_audited(supervisor: Browser) -> None:
    there("lbh.jember")
    Organisation.objects.filter(code="contoh.lbh.jember").update(phone="+62 331 1")
    for form in ("csv", "xlsx"):
        response = supervisor.post(url("export", form))
        assert response.status_code == 200
        assert response["Content-Disposition"] == f'attachment; filename="direktori-2026-11-23.{form}"'
        assert response["Cache-Control"].startswith("no-store")
    csv = supervisor.post(url("export", "csv")).content.decode("utf-8-sig")
    assert ";'+62 331 1;" in csv
    assert Event.objects.filter(kind="directory.exported").count() == 3
    assert supervisor.post(url("export", "ods")).status_code == 404
