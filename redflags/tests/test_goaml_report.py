"""A draft report: whom it marks, what it lacks, what it says, and when it is not written."""

from __future__ import annotations

import json
import re
import stat
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from lindung_redflags.errors import BadInput, RedflagsError
from lindung_redflags.goaml import (
    Alert,
    Evidence,
    NotReady,
    NotValid,
    Payment,
    Profile,
    Report,
    Reporter,
    load_profile,
    load_schema,
    make,
    readiness,
    write,
)
from lindung_redflags.goaml.narrative import draft, shortened
from tests.goaml.cases import DAY, RELEASE, REPORTER, START, XSD, client, evidence, outsider, with_party

GENERIC = load_profile("generic")
SCHEMA = load_schema(XSD)

NEVER_SAID = (
    "pelaku", "bersalah", "tersangka", "predator", "pedofil", "prostitusi", "pornografi", "pelacur", "wisata seks",
    "anak nakal", "guilty", "offender", "perpetrator", "criminal", "pedophile", "prostitut", "pornograph", "sex worker",
)  # fmt: skip


def made(some: Evidence, **more: object) -> Report:
    return make(some, REPORTER, GENERIC, made_on=DAY, schema=SCHEMA, release=RELEASE, **more)  # type: ignore[arg-type]


def marks(report: Report) -> dict[str, set[str]]:
    """Which account was marked how, over all legs."""
    found: dict[str, set[str]] = {}
    root = etree.fromstring(report.xml)
    for side in ("from", "to"):
        for leg in root.xpath(f"//t_{side}|//t_{side}_my_client"):
            found.setdefault(leg.findtext(f"{side}_account/account"), set()).add(leg.findtext(f"{side}_is_suspected"))
    return found


def test_only_the_subject_of_a_suspect_alert_is_marked() -> None:
    for name in ("payer", "payee"):
        said = marks(made(evidence(name)))
        assert said.pop("K1") == {"true"}
        assert len(said) == 6
        assert all(one == {"false"} for one in said.values())


def test_nobody_is_marked_when_the_subject_may_be_a_victim() -> None:
    some = evidence()
    for protected in (
        evidence("possible_victim"),
        with_party(some, "K1", possible_victim=True),
        with_party(some, "K1", birth_date=date(2010, 1, 1)),
        with_party(some, "K1", birth_date=None, kind="minor"),
        Evidence(some.alert, some.parties | {"K9": client("K9", holder_id="HK1", possible_victim=True)}),
    ):
        report = made(protected, as_draft=True)
        assert {mark for one in marks(report).values() for mark in one} == {"false"}
        assert "mungkin korban" in report.narrative.text_id
        assert "Orang K1" not in report.narrative.text_id


@pytest.mark.parametrize(("born", "mark"), [(date(2008, 3, 1), "true"), (date(2008, 3, 2), "false")])
def test_a_person_of_eighteen_on_the_local_day_of_the_first_payment_is_no_minor(born: date, mark: str) -> None:
    report = made(with_party(evidence(), "K1", birth_date=born, offset_s=25200))
    assert marks(report)["K1"] == {mark}


@given(
    subject_class=st.sampled_from(["payer", "payee", "possible_victim"]),
    victims=st.sets(st.sampled_from(["K1", "K2", "L1", "L2", "L3", "L4", "L5"])),
)
@settings(max_examples=40, deadline=None)
def test_no_possible_victim_is_ever_marked(subject_class: str, victims: set[str]) -> None:
    some = evidence(subject_class)
    for account_id in sorted(victims):
        some = with_party(some, account_id, possible_victim=True)
    report = made(some)
    for account_id, said in marks(report).items():
        suspected = account_id == "K1" and "K1" not in victims and subject_class != "possible_victim"
        assert said == {"true" if suspected else "false"}
    assert report.checked is not None
    assert report.checked.valid


def test_without_two_people_no_report_names_a_possible_victim() -> None:
    with pytest.raises(NotReady) as caught:
        make(evidence("possible_victim"), REPORTER, GENERIC, made_on=DAY)
    assert {gap.element for gap in caught.value.gaps if gap.mandatory} == {
        "release/decided_by", "release/confirmed_by", "release/legal_basis", "release/officer",
    }  # fmt: skip
    alone = replace(RELEASE, confirmed_by=RELEASE.decided_by)
    with pytest.raises(NotReady, match="release/confirmed_by"):
        make(with_party(evidence(), "L2", possible_victim=True), REPORTER, GENERIC, made_on=DAY, release=alone)
    assert make(evidence("possible_victim"), REPORTER, GENERIC, made_on=DAY, release=RELEASE).ready


def test_a_suspect_alert_about_a_possible_victim_asks_for_a_decision() -> None:
    gaps = made(with_party(evidence(), "K1", possible_victim=True)).gaps
    assert [gap.element for gap in gaps if gap.kind == "decision"] == ["report/report_code"]


def test_the_same_evidence_gives_the_same_bytes_in_any_order() -> None:
    some = evidence()
    other = replace(some.alert, payments=some.alert.payments[::-1], hits=some.alert.hits[::-1])
    shuffled = Evidence(other, dict(reversed(some.parties.items())))
    assert made(some).xml == made(shuffled).xml
    assert made(some).narrative == made(shuffled).narrative
    assert made(some).gaps == made(shuffled).gaps


def test_what_is_written_about_a_payment() -> None:
    root = etree.fromstring(made(evidence()).xml)
    numbers = [one.findtext("transactionnumber") for one in root.findall("transaction")]
    assert numbers == ["T001", "T002", "T003", "T004", "T005", "T006"], "a declined payment is no transaction"
    fifth = root.findall("transaction")[4]
    assert fifth.findtext("amount_local") == "1000003.00"
    assert fifth.findtext("date_transaction") == "2026-03-01T13:00:00", "in the time of the profile, UTC+7"
    foreign = fifth.find("t_from/from_foreign_currency")
    assert foreign is not None
    assert [one.text for one in foreign] == ["AUD", "95.5", "10471.2356"]
    sixth = root.findall("transaction")[5]
    assert sixth.findtext("transaction_description") == "Pembayaran melalui dompet elektronik. Berita: titipan"
    assert sixth.find("t_from_my_client") is not None
    assert sixth.find("t_to_my_client") is not None
    assert root.findtext("entity_reference") == "RF-" + "ab" * 16
    assert [one.text for one in root.findall("report_indicators/indicator")] == ["R01", "R06"]


# --- readiness ----------------------------------------------------------------------------------------


def needed(some: Evidence, reporter: Reporter = REPORTER, profile: Profile = GENERIC) -> dict[tuple[str, str], str]:
    gaps = readiness(some, reporter, profile, made_on=DAY, release=RELEASE)
    return {(gap.element, gap.about): gap.fill_en for gap in gaps if gap.mandatory}


@pytest.mark.parametrize(
    ("element", "column"),
    [
        ("person/first_name", "first_name"), ("person/last_name", "last_name"), ("person/birthdate", "birth_date"),
        ("person/id_number", "id_number"), ("person/nationality1", "nationality"), ("person/residence", "residence"),
        ("account/account_name", "account_name"), ("account/currency_code", "account_currency"),
        ("account/personal_account_type", "product"), ("account/opened", "opened_on"),
        ("account/status_code", "account_status"),
    ],
)  # fmt: skip
def test_each_missing_field_of_a_customer_is_listed_with_its_place(element: str, column: str) -> None:
    assert needed(evidence()) == {}
    empty = None if column in ("birth_date", "opened_on") else ""
    found = needed(with_party(evidence(), "K2", **{column: empty}))
    assert found == {(element, "account K2"): f"file of parties: account K2, column {column}"}


@pytest.mark.parametrize(
    ("element", "key"),
    [
        ("report/rentity_id", "rentity_id"), ("reporting_person/first_name", "first_name"),
        ("reporting_person/last_name", "last_name"), ("transaction/transaction_location", "city"),
    ],
)  # fmt: skip
def test_each_missing_field_of_the_reporter_is_listed_with_its_place(element: str, key: str) -> None:
    found = needed(evidence(), replace(REPORTER, **{key: ""}))
    assert found == {(element, "reporter"): f"file of the reporter: {key}"}


def test_what_is_missing_about_an_outsider() -> None:
    some = with_party(with_party(evidence(), "L3", institution_code=""), "L4", country="")
    assert set(needed(some)) == {("account/institution_code", "account L3"), ("leg/country", "account L4")}
    assert needed(with_party(evidence(), "L3", institution_code="", swift="CTHAAU2S")) == {}


def test_the_empty_template_lists_every_code_that_the_report_needs() -> None:
    found = needed(evidence(), profile=load_profile("id-template"))
    assert {about for _, about in found} == {
        "[codes.report] payee", "[codes.submission] electronic", "[codes.channel] ewallet",
        "[codes.channel] remittance", "[codes.funds] ewallet", "[codes.funds] remittance",
        "[codes.account_type] wallet",
        "[codes.account_status] active", "[codes.role] holder", "[indicators] R01", "[indicators] R06",
    }  # fmt: skip
    assert found[("report/report_code", "[codes.report] payee")] == "profile id-template: [codes.report] payee"


def test_an_indicator_without_a_code_is_told_in_the_text_when_another_has_one() -> None:
    partly = replace(GENERIC, indicators={**GENERIC.indicators, "R06": ()})
    report = make(evidence(), REPORTER, partly, made_on=DAY, schema=SCHEMA)
    assert [(gap.about, gap.mandatory) for gap in report.gaps if gap.kind == "code"] == [("[indicators] R06", False)]
    root = etree.fromstring(report.xml)
    assert [one.text for one in root.findall("report_indicators/indicator")] == ["R01"]
    assert "R06 Rekening baru" in (root.findtext("reason") or "")
    strict = replace(partly, indicators_as_text=False)
    assert ("report/indicator", "[indicators] R06") in needed(evidence(), profile=strict)


def test_fixed_texts_and_left_out_elements_of_a_profile() -> None:
    some = with_party(evidence(), "K2", first_name="")
    profile = replace(
        GENERIC, fixed={"person/first_name": "-", "transaction/transmode_comment": "x"},
        omit=frozenset({"leg/is_suspected", "report/schema_version"}),
    )  # fmt: skip
    report = make(some, REPORTER, profile, made_on=DAY, schema=SCHEMA)
    root = etree.fromstring(report.xml)
    assert root.find("schema_version") is None
    assert not root.xpath("//from_is_suspected|//to_is_suspected")
    assert {one.text for one in root.iter("transmode_comment")} == {"x"}
    assert "-" in {one.text for one in root.iter("first_name")}


def test_nothing_is_exported_while_something_is_missing_unless_it_is_marked_as_a_draft(tmp_path: Path) -> None:
    some = with_party(evidence(), "K2", id_number="")
    with pytest.raises(NotReady, match="1 mandatory things are missing: person/id_number"):
        made(some)
    report = made(some, as_draft=True)
    assert not report.ready
    root = etree.fromstring(report.xml)
    comment = root[0]
    assert isinstance(comment, etree._Comment)
    assert "account K2, column id_number" in (comment.text or "")
    assert (root.findtext("reason") or "").startswith("RANCANGAN, BELUM LENGKAP")
    names = sorted(path.name for path in write(report, tmp_path / "out", "ltkm"))
    assert names == ["ltkm.draft.en.txt", "ltkm.draft.id.txt", "ltkm.draft.readiness.json", "ltkm.draft.xml"]


def test_odd_signs_in_ids_and_texts_never_break_the_file() -> None:
    some = evidence()
    payments = [replace(p, remark="a\x00b\x1f<c>&\ud800") if p.tx_id == "T006" else p for p in some.alert.payments]
    odd = Evidence(replace(some.alert, payments=tuple(payments)), some.parties)
    odd = with_party(odd, "K2", id_number="", occupation="x--y---")
    parties = {pk: party for pk, party in odd.parties.items() if pk != "K2"}
    parties["K--2-"] = replace(odd.parties["K2"], account_id="K--2-")
    payments = [replace(p, payee_id="K--2-") if p.payee_id == "K2" else p for p in payments]
    report = made(Evidence(replace(some.alert, payments=tuple(payments)), parties), as_draft=True)
    assert report.checked is not None
    assert report.checked.findings == ()
    assert b"a b &lt;c&gt;&amp;" in report.xml
    assert b"account K- -2-" in report.xml


def test_a_report_that_the_schema_does_not_allow_is_not_given_out() -> None:
    wrong = replace(REPORTER, rentity_id="bank")
    with pytest.raises(NotValid, match="rentity_id") as caught:
        make(evidence(), wrong, GENERIC, made_on=DAY, schema=SCHEMA)
    assert caught.value.result.patches
    assert "'bank'" not in str(caught.value), "no value of the report is in the message"
    assert make(evidence(), wrong, GENERIC, made_on=DAY, schema=SCHEMA, as_draft=True).checked is not None


def test_without_a_schema_the_list_says_that_nothing_was_checked() -> None:
    report = make(evidence(), REPORTER, GENERIC, made_on=DAY)
    assert report.checked is None
    assert [gap.about for gap in report.gaps if gap.about == "schema"] == ["schema"]


def test_files_are_whole_private_and_never_written_over(tmp_path: Path) -> None:
    report = made(with_party(evidence(), "L1", possible_victim=True))
    paths = write(report, tmp_path / "out", "ltkm")
    assert [path.suffix for path in paths] == [".txt", ".txt", ".json", ".xml"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in paths)
    assert sorted((tmp_path / "out").iterdir()) == sorted(paths)
    state = json.loads(paths[2].read_text("utf-8"))
    assert state["ready"] is True
    assert state["release"]["confirmed_by"] == "Petugas B"
    assert state["schema"]["valid"] is True
    assert len(state["schema"]["patches"]) == 6
    with pytest.raises(RedflagsError, match="there already"):
        write(report, tmp_path / "out", "ltkm")
    with pytest.raises(RedflagsError, match="without a folder"):
        write(report, tmp_path / "out", "../ltkm")


def test_an_alert_without_completed_payments_is_not_ready() -> None:
    some = evidence()
    none = tuple(replace(p, status="reversed") for p in some.alert.payments)
    assert ("report/transaction", "ab" * 32) in needed(Evidence(replace(some.alert, payments=none), some.parties))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject_class": "suspect"}, "expected one of payer, payee, possible_victim"),
        ({"account_id": "K7"}, "nothing is said about 1 accounts"),
    ],
)
def test_evidence_that_does_not_hold_together_is_refused(change: dict[str, str], said: str) -> None:
    some = evidence()
    with pytest.raises(BadInput, match=said):
        Evidence(replace(some.alert, **change), some.parties)  # type: ignore[arg-type]


def test_a_payment_twice_or_of_nothing_is_refused() -> None:
    some = evidence()
    first: Payment = some.alert.payments[0]
    for payments, said in (((first, first), "stands twice"), ((replace(first, amount=Decimal(0)),), "no amount")):
        with pytest.raises(BadInput, match=said):
            Evidence(replace(some.alert, payments=payments), some.parties)


# --- the text -----------------------------------------------------------------------------------------


def test_the_text_tells_who_when_how_many_sums_indicators_sources_and_what_was_not_checked() -> None:
    text = draft(evidence(), GENERIC)
    for said in (
        "Rekening K1 atas nama Orang K1", "Pembayaran yang menjadi bukti peringatan ini:",
        "5 pembayaran, 5 pembayar, 1 Maret 2026 pukul 09.00 WIB sampai 1 Maret 2026",
        "jumlah Rp1.800.003", "terbesar Rp1.000.003", "AUD 95,5", "Keluar: 1 pembayaran", "1 pembayaran ditolak",
        "R01 Banyak pembayar", "PPATK, Denpasar, 2024-08, dottcom.id (teks sumber dibaca)", "sumber perlu dipastikan",
        "R10: data perangkat tidak ada", "tidak menyatakan bahwa seseorang melakukan tindak pidana",
    ):  # fmt: skip
        assert said in text.text_id
    for said in ("5 payments, 5 payers", "in all Rp1,800,003", "Out: 1 payment, 1 payee", "source to be verified"):
        assert said in text.text_en
    assert "titipan" not in text.text_id + text.text_en, "no remark is repeated"


@pytest.mark.parametrize("subject_class", ["payer", "payee", "possible_victim"])
def test_the_text_blames_nobody_and_uses_no_word_that_the_glossary_replaces(subject_class: str) -> None:
    text = draft(evidence(subject_class), GENERIC)
    both = (text.text_id + text.text_en).lower()
    assert [word for word in NEVER_SAID if re.search(rf"\b{word}", both)] == []


def test_a_long_text_is_cut_at_a_line_and_says_so() -> None:
    long = "\n".join(f"baris {n}" for n in range(1000))
    cut = shortened(long, 500)
    assert len(cut) <= 500
    lines = cut.split("\n")
    assert lines[-1] == "(Selebihnya pada lampiran naskah.)"
    assert lines[:-1] == long.split("\n")[: len(lines) - 1]
    assert shortened("pendek", 500) == "pendek"
    assert len(shortened("x" * 900, 500)) <= 500


def test_a_long_report_stays_within_the_limit_of_the_form_and_whole_in_the_attachment() -> None:
    some = evidence()
    hits = tuple(
        replace(some.alert.hits[0], indicator=f"Z{n:03}", title_id="Judul yang panjang " * 5) for n in range(60)
    )
    long = Evidence(replace(some.alert, hits=hits), some.parties)
    profile = replace(GENERIC, indicators={f"Z{n:03}": (f"Z{n:03}",) for n in range(60)})
    report = make(long, REPORTER, profile, made_on=DAY, schema=SCHEMA)
    assert len(etree.fromstring(report.xml).findtext("reason") or "") <= 4000
    assert "Z059" in report.narrative.text_id


def test_an_entity_and_a_long_life_of_a_person_fit_the_form() -> None:
    shop = client("K2", entity_name="Toko Contoh", kind="business", incorporation_number="1", business="eceran")
    full = client(
        "K1", birth_place="Kota", passport_number="X1", passport_country="ID", phone="+62 0", street="Jalan 1",
        city="Kota", email="orang+satu@contoh.example", occupation="wiraswasta", middle_name="Tengah",
    )  # fmt: skip
    some = evidence()
    parties = some.parties | {"K1": full, "K2": shop, "L1": outsider("L1", first_name="A")}
    report = made(Evidence(some.alert, parties), as_draft=True)
    assert report.checked is not None
    assert [one.path for one in report.checked.findings if "t_from/from_account/signatory" not in one.path] == []
    assert {gap.element for gap in report.gaps if gap.mandatory} == {"person/last_name"}


def test_the_payer_of_a_payer_alert_is_told_by_what_goes_out() -> None:
    payments = tuple(
        Payment(f"O{n}", START + n, Decimal(50_000), "IDR", 50_000, "K1", f"L{1 + n % 3}", "remittance")
        for n in range(6)
    )
    some = evidence("payer")
    alert: Alert = replace(some.alert, payments=payments)
    text = draft(Evidence(alert, some.parties), GENERIC).text_id
    assert "Keluar: 6 pembayaran, 3 penerima" in text
    assert "Masuk:" not in text
