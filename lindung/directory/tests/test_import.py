"""Importing: every fault by row and column, nothing half-imported, what was written comes back the same."""

from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.core.errors import Conflict, NotAllowed
from lindung.directory import selectors, services
from lindung.directory.models import Coverage, NameVariant, OpeningHours, Organisation, Service
from lindung.directory.sheets import reading, writing
from lindung.directory.sheets.columns import COLUMNS, letter
from lindung.directory.sheets.faults import FILE_SENTENCES, SENTENCES, Unreadable
from lindung.directory.tests.sheets import HEADINGS, as_csv, as_xlsx, cell, invented, plant

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()


def found(run: services.DryRun) -> set[tuple[int, str, str]]:
    return {(fault.row, letter(fault.position), fault.code) for fault in run.faults}


def text(content: bytes) -> reading.Table:
    return reading.read_text(reading.decode(content))


def tried(rows: list[dict[str, str]]) -> services.DryRun:
    return services.try_out(SYSTEM, text(as_csv(rows)))


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Organisation, Service, Coverage, OpeningHours, NameVariant, Event))


def one(**more: str) -> dict[str, str]:
    return {**invented(1)[0], **more}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_forty_planted_faults_are_each_named_by_row_and_column_and_nothing_is_imported(
    form: str, tmp_path: Path
) -> None:
    rows = invented(1200)  # enough for a shelter among them
    rows = [row for row in rows if row["jenis"] != "hospital"][:300] + invented(3200)[3084:3100]
    before = counts()
    planted = plant(rows)
    assert len(planted) == 40
    assert len({one.code for one in planted}) >= 15
    expected = {one.found for one in planted}
    if form == "xlsx":
        path = as_xlsx(rows, tmp_path / "daftar.xlsx", merge="K290:L291", numbers={cell("telepon", 288): 811129129})
        expected |= {(290, "K", "merged"), (288, "H", "lost_digits")}
        table = reading.read_file(path)
    else:
        content = as_csv(rows).replace(b"Meja layanan", "Meja caf\xe9".encode("latin-1"), 1)
        row = next(number for number, one in enumerate(rows, 2) if one["kontak"] == "Meja layanan")
        expected |= {(row, letter(HEADINGS.index("kontak")), "encoding")}
        table = text(content)
    run = services.try_out(SYSTEM, table)
    assert found(run) == expected
    assert run.outcome.bodies_new == 0
    with pytest.raises(ValueError, match="without faults"):
        services.import_table(SYSTEM, run)
    assert counts() == before


def test_every_sentence_can_be_said_in_both_languages_and_repeats_nothing_that_was_typed() -> None:
    rows = invented(1200)
    rows = [row for row in rows if row["jenis"] != "hospital"][:300] + invented(3200)[3084:3100]
    planted = plant(rows)
    run = tried(rows)
    for language in ("id", "en"):
        with translation.override(language):
            said = [fault.message for fault in run.faults]
        assert all("%(" not in sentence for sentence in said)
        for one in planted:
            assert len(one.value) < 6 or not any(one.value in sentence for sentence in said), one
    with translation.override("en"):
        for sentence in (*SENTENCES.values(), *FILE_SENTENCES.values()):
            assert str(sentence).split("%")[0], sentence


def test_what_is_mended_is_imported_once_and_the_second_time_nothing_changes() -> None:
    rows = invented(60)
    run = tried(rows)
    assert run.faults == []
    done = services.import_table(SYSTEM, run, seen=run.seen)
    assert (done.bodies_new, done.services_new, done.bodies_changed) == (30, 60, 0)
    body = Organisation.objects.get(code="contoh.uptd-district.11.01")
    assert (body.region, body.tz, body.verified_on, body.verified_by_id) == (
        "11.01", "Asia/Jakarta", date(2026, 10, 1), None,
    )  # fmt: skip
    assert [one.region for one in body.services.get(service="legal").coverage.all()] == ["11.01"]
    assert body.services.get(service="legal").hours.count() == 6
    event = Event.objects.order_by("seq").last()
    assert event is not None
    assert event.kind == "directory.imported"
    assert '"bodies_new":30' in event.data.replace(" ", "")
    again = tried(rows)
    assert (again.outcome.bodies_same, again.outcome.services_same) == (30, 60)
    services.import_table(SYSTEM, again)
    assert Organisation.objects.get(pk=body.pk).version == 1


def test_only_what_differs_is_touched_and_what_the_sheet_does_not_say_stays() -> None:
    services.import_table(SYSTEM, tried(invented(6)))
    rows = [{"kode": row["kode"], "layanan": row["layanan"], "jam": "24 jam"} for row in invented(6)[:2]]
    content = "kode;layanan;jam\r\n" + "".join(";".join(row.values()) + "\r\n" for row in rows)
    run = services.try_out(SYSTEM, text(content.encode()))
    assert run.faults == []
    assert (run.outcome.bodies_changed, run.outcome.services_changed) == (1, 2)
    services.import_table(SYSTEM, run)
    body = Organisation.objects.get(code=rows[0]["kode"])
    assert body.version == 2
    assert body.phone
    assert body.verified_on
    assert all(one.always_open and one.coverage.count() == 1 for one in body.services.all())
    assert Organisation.objects.filter(code__startswith="contoh.", version=1).count() == 2


def test_a_changed_way_of_reaching_somebody_has_to_be_verified_again() -> None:
    services.import_table(SYSTEM, tried(invented(2)))
    content = f"kode;telepon\r\n{invented(1)[0]['kode']};0800-000000\r\n"
    services.import_table(SYSTEM, services.try_out(SYSTEM, text(content.encode())))
    assert Organisation.objects.get(code=invented(1)[0]["kode"]).verified_on is None


def test_whoever_changed_a_body_between_dry_run_and_import_is_not_overwritten(cast: Any) -> None:
    actor = cast.actor(cast.supervisor)
    services.import_table(SYSTEM, tried(invented(4)))
    rows = [{**row, "kontak": "Loket 2"} for row in invented(4)]
    run = tried(rows)
    body = Organisation.objects.get(code=rows[0]["kode"])
    services.verify(actor, body.pk)
    with pytest.raises(Conflict):
        services.import_table(actor, run)
    assert not Service.objects.filter(contact="Loket 2").exists()
    with pytest.raises(Conflict):
        services.import_table(actor, tried(rows), seen=run.seen)
    fresh = tried(rows)
    services.import_table(actor, fresh, seen=fresh.seen)
    assert Service.objects.filter(contact="Loket 2").count() == 4


def test_a_failure_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts()
    run = tried(invented(40))
    monkeypatch.setattr("lindung.directory.services.importing._replace", _fail)
    with pytest.raises(OSError, match="disk"):
        services.import_table(SYSTEM, run)
    assert counts() == before


def _fail(*_: Any) -> None:
    raise OSError("disk full")


def test_only_supervisors_and_administrators_import(cast: Any) -> None:
    table = text(as_csv(invented(2)))
    for user in (cast.analyst, cast.case_worker, cast.data_analyst, cast.auditor, cast.partner):
        with pytest.raises(NotAllowed):
            services.try_out(cast.actor(user), table)
    for user in (cast.supervisor, cast.administrator):
        assert services.try_out(cast.actor(user), table).faults == []


@pytest.mark.parametrize(
    ("region", "first", "second"),
    [
        ("32.01", "UPTD PPA Kabupaten Bogor", "UPT PPPA Kab. Bogor"),
        ("53.71", "UPTD PPPA Kota Kupang", "Unit Pelaksana Teknis Daerah Perlindungan Perempuan dan Anak Kupang"),
        ("33", "DP3AP2KB Jawa Tengah", "Dinas Pemberdayaan Perempuan dan Perlindungan Anak Provinsi Jawa Tengah"),
        ("32.71", "RSUD Kota Bogor", "Rumah Sakit Umum Daerah Bogor"),
    ],
)
def test_a_second_spelling_of_a_body_of_the_directory_is_found(region: str, first: str, second: str) -> None:
    services.import_table(SYSTEM, tried([one(kode="lama", nama=first, wilayah=region, cakupan=region)]))
    run = tried([one(kode="baru", nama=second, wilayah=region, cakupan=region)])
    assert found(run) == {(2, "B", "duplicate_name")}
    assert "lama" in run.faults[0].message
    elsewhere = tried([one(kode="baru", nama=second, wilayah="73.71", cakupan="73.71")])
    assert elsewhere.faults == []


def test_another_name_of_a_body_counts_like_its_name() -> None:
    run = tried([one(kode="baru", nama="Kementerian PPA", wilayah="")])
    assert found(run) == {(2, "B", "duplicate_name")}
    run = tried([one(kode="baru", nama="Kementerian Contoh", nama_lain="Kemenkominfo", wilayah="")])
    assert found(run) == {(2, "D", "duplicate_name")}


def test_rows_of_one_body_must_not_contradict_each_other() -> None:
    first, second = invented(2)
    assert found(tried([first, {**second, "telepon": "0800-1"}])) == {(3, "H", "contradiction")}
    assert found(tried([first, {**second, "nama": "", "jenis": "", "wilayah": ""}])) == set()
    assert found(tried([first, {**second, "layanan": first["layanan"]}])) == {(3, "S", "duplicate_service")}


def test_successors_come_with_the_day_and_with_bodies_that_exist() -> None:
    old, new = one(kode="dinas-lama", nama="Dinas Lama"), one(kode="dinas-baru", nama="Dinas Baru")
    assert found(tried([{**old, "pengganti": "dinas-baru"}, new])) == {(2, "Q", "successor_date")}
    assert found(tried([{**old, "pengganti": "tiada", "berakhir": "2026-01-01"}])) == {(2, "Q", "unknown_body")}
    services.import_table(SYSTEM, tried([{**old, "pengganti": "dinas-baru", "berakhir": "2026-01-01"}, new]))
    body = selectors.by_code("dinas-lama")
    assert body is not None
    assert [one.code for one in selectors.present(body)] == ["dinas-baru"]


def test_headings_that_are_unknown_doubled_or_missing_are_named() -> None:
    assert found(services.try_out(SYSTEM, reading.read_text(""))) == {(1, "A", "empty_sheet")}
    assert found(services.try_out(SYSTEM, reading.read_text("nama;jenis\nA;lpsk"))) == {(1, "C", "heading_missing")}
    run = services.try_out(SYSTEM, reading.read_text("kode;nama;nama;gaji\nlpsk;LPSK"))
    assert found(run) == {(1, "C", "heading_twice"), (1, "D", "heading_unknown")}
    run = services.try_out(SYSTEM, reading.read_text("kode\nbaru-sekali"))
    assert {fault.code for fault in run.faults} == {"heading_missing"}
    run = services.try_out(SYSTEM, reading.read_text("kode,name\nlpsk,Lembaga Perlindungan Saksi dan Korban,x"))
    assert found(run) == {(2, "C", "too_many_cells")}


def test_what_was_exported_reads_back_the_same_and_no_program_runs_it(cast: Any, tmp_path: Path) -> None:
    odd = one(
        telepon="+62 21 1234567", jam="Setiap hari 08.00-20.00 libur; Sab 20.00-04.00", cakupan="11 12.71",
        nama_lain="Unit Contoh; Kantor Contoh", usia_sampai="", laki_laki="", kontak="Loket; sebelah kiri",
    )  # fmt: skip
    services.import_table(SYSTEM, tried([odd, *invented(8)[2:]]))
    actor = cast.actor(cast.supervisor)
    for wanted in ("csv", "xlsx"):
        path = tmp_path / f"daftar.{wanted}"
        path.write_bytes(services.export(actor, wanted))
        table = reading.read_file(path)
        assert table.rows[0] == [column.name for column in COLUMNS]
        assert table.numeric == frozenset()
        run = services.try_out(actor, table)
        assert run.faults == []
        assert run.outcome.bodies_new == run.outcome.bodies_changed == run.outcome.services_changed == 0
        assert run.outcome.bodies_same == Organisation.objects.count()
    exported = (tmp_path / "daftar.csv").read_text("utf-8-sig")
    assert "'+62 21 1234567" in exported
    assert Event.objects.filter(kind="directory.exported").count() == 2


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_program_would_run_is_guarded(begin: str) -> None:
    assert writing.guarded(f"{begin}1+1") == f"'{begin}1+1"
    assert b";'" in writing.to_csv([["a", f"{begin}1+1"]]) or b";\"'" in writing.to_csv([["a", f"{begin}1+1"]])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xd0\xcf\x11\xe0 an old workbook", "old_format"),
        (b"PK\x03\x04 no archive", "not_a_sheet"),
        (b"kode\x00nama", "not_a_sheet"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_as_a_whole(content: bytes, code: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as refused:
        reading.read_file(path)
    assert refused.value.code == code


@pytest.mark.parametrize(("part", "code"), [("xl/media/image1.png", "pictures"), ("xl/vbaProject.bin", "macros")])
def test_a_workbook_that_carries_more_than_cells_is_refused(part: str, code: str, tmp_path: Path) -> None:
    import zipfile

    path = as_xlsx(invented(2), tmp_path / "x.xlsx")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, b"x")
    with pytest.raises(Unreadable) as refused:
        reading.read_file(path)
    assert refused.value.code == code


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_usual_ways_of_saving_a_sheet_are_read(separator: str, encoding: str) -> None:
    rows = invented(2)
    run = services.try_out(SYSTEM, text(as_csv(rows, separator, encoding)))
    assert run.faults == []
    assert run.outcome.bodies_new == 1


def test_checking_many_rows_takes_few_queries() -> None:
    table = text(as_csv(invented(400)))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        services.try_out(SYSTEM, table)
    assert len(queries) <= 12, len(queries)


def test_codes_are_never_spoken_of_twice_in_the_contract() -> None:
    names = list(itertools.chain.from_iterable((column.name, column.english) for column in COLUMNS))
    doubled = {name for name in names if names.count(name) > 1}
    assert doubled == {"whatsapp"}
    document = Path(__file__).parents[3] / "docs" / "directory.md"
    described = document.read_text("utf-8")
    assert all(f"| `{column.name}` " in described for column in COLUMNS)
