"""The three traps of schema files in the shape of goAML: each is shown as it bites, then as it is handled."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from lindung_redflags.goaml import BadSchema, load_profile, load_schema, make
from lindung_redflags.goaml.validation import mended_pattern
from tests.goaml.cases import DAY, REPORTER, XSD, evidence, with_party

NAMES = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="report"><xs:simpleType>
<xs:restriction base="xs:string"><xs:pattern value="{}"/></xs:restriction></xs:simpleType></xs:element></xs:schema>"""


def report_xml() -> bytes:
    return make(evidence(), REPORTER, load_profile("generic"), made_on=DAY).xml


def test_a_report_is_valid_for_both_validators() -> None:
    result = load_schema(XSD).check(report_xml())
    assert result.findings == ()
    assert result.valid
    assert result.checked_by == ("xmlschema", "libxml2")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (b"<rentity_id>4711<", b"<rentity_id>0<", "/report/rentity_id"),
        (b"<from_country>AU</from_country>", b"", "/report/transaction[1]/t_from"),
        (b"<to_is_suspected>true<", b"<to_is_suspected>perhaps<", "/t_to_my_client/to_is_suspected"),
        (b"<last_name>K1<", b"<last_name>K(1)<", "/t_person/last_name"),
        (b"<indicator>R01<", b"<indicator>r01<", "/report/report_indicators/indicator[1]"),
    ],
)
def test_what_is_wrong_in_a_report_is_found_by_both(old: bytes, new: bytes, path: str) -> None:
    xml = report_xml()
    assert old in xml
    result = load_schema(XSD).check(xml.replace(old, new, 1))
    assert not result.valid
    assert {one.by for one in result.findings} == {"xmlschema", "libxml2"}
    assert any(path in one.path for one in result.findings)


def test_trap_1_a_schema_of_xsd_11_is_silently_empty_for_xsd_10() -> None:
    empty = xmlschema.XMLSchema10(str(XSD))
    assert (len(empty.elements), len(empty.types)) == (0, 0)
    ours = load_schema(XSD)
    assert "report" in ours.first.elements
    assert any('vc:minVersion="1.1"' in said for said in ours.patches)


def test_trap_1_a_schema_without_a_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xsd"
    path.write_text(NAMES.format("[a-z]*").replace('"report"', '"laporan"'))
    with pytest.raises(BadSchema, match="none called `report`"):
        load_schema(path)


def test_trap_2_anchors_refuse_every_name_until_they_are_taken_away() -> None:
    xml = report_xml()
    assert b"<first_name>Orang<" in xml
    tree = etree.parse(str(XSD))
    assert not etree.XMLSchema(tree).validate(etree.fromstring(xml))
    reasons = [str(one.reason) for one in xmlschema.XMLSchema11(str(XSD)).iter_errors(etree.fromstring(xml))]
    assert any("[a-zA-Z0-9 .'-]" in reason for reason in reasons)
    before = XSD.read_bytes()
    schema = load_schema(XSD)
    assert schema.check(xml).valid
    assert XSD.read_bytes() == before, "changed in memory only"
    assert len([said for said in schema.patches if "pattern" in said]) == 5
    assert "pattern ^[A-Z]{2}$ is read as [A-Z]{2}" in " ".join(schema.patches)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("^[a-z]*$", "[a-z]*"),
        ("^a$|^b$", "a|b"),
        ("(^a|b$)", "(a|b)"),
        ("[^a-z]+", "[^a-z]+"),
        (r"\^a\$", r"\^a\$"),
        ("a^b$c", "a^b$c"),
        ("[$^]", "[$^]"),
        (r"a\\$", r"a\\"),
        ("[_a-zA-Z0-9-+]+", r"[_a-zA-Z0-9\-+]+"),
        ("[a-zA-Z0-9 .'-]*", "[a-zA-Z0-9 .'-]*"),
        ("[a-z-[aeiou]]", "[a-z-[aeiou]]"),
        ("", ""),
    ],
)
def test_only_anchors_and_stray_hyphens_are_mended(written: str, read: str) -> None:
    assert mended_pattern(written) == read
    assert mended_pattern(read) == read


def test_a_hyphen_after_a_range_refuses_good_addresses_until_it_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "mail.xsd"
    path.write_text(NAMES.format("[_a-zA-Z0-9-+]+"))
    raw = etree.XMLSchema(etree.parse(str(path)))
    assert not raw.validate(etree.fromstring("<report>a-b+c</report>"))
    assert load_schema(path).check(b"<report>a-b+c</report>").valid


def test_trap_3_names_are_written_in_ascii_and_the_original_is_kept() -> None:
    given = with_party(evidence(), "K1", first_name="Siti Nurʼaini", last_name="Éka, Łucja", account_name="Toko 東京")
    report = make(given, REPORTER, load_profile("generic"), made_on=DAY, schema=load_schema(XSD))
    assert report.checked is not None
    assert report.checked.valid
    person = etree.fromstring(report.xml).find(".//t_to_my_client//t_person")
    assert person is not None
    assert (person.findtext("first_name"), person.findtext("last_name")) == ("Siti Nur'aini", "Eka Lucja")
    assert person.findtext("comments") == "Nama asli / original name: Siti Nurʼaini Éka, Łucja"
    assert "Toko 東京" in (etree.fromstring(report.xml).findtext(".//t_to_my_client//to_account/comments") or "")
    assert {gap.element for gap in report.gaps if gap.kind == "check"} >= {"person/first_name", "account/account_name"}
    untouched = report.xml.replace(b"<last_name>Eka Lucja<", "<last_name>Éka Łucja<".encode())
    assert not load_schema(XSD).check(untouched).valid, "the schema itself knows ASCII only"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<a", "not XML"),
        ("<report/>", "expected xs:schema"),
        ('<!DOCTYPE x [<!ENTITY e "y">]>' + NAMES.format("a"), "DOCTYPE"),
        (NAMES.format("a").replace("<xs:el", '<xs:include schemaLocation="other.xsd"/><xs:el', 1), "xs:include"),
        (NAMES.format("(a"), "not a usable schema"),
    ],
)
def test_a_file_that_is_no_usable_schema_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "given.xsd"
    path.write_text(text)
    with pytest.raises(BadSchema, match=said):
        load_schema(path)


def test_no_file_and_no_xml_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSchema, match="expected the schema file"):
        load_schema(tmp_path / "nothing.xsd")
    with pytest.raises(BadSchema, match="not XML"):
        load_schema(XSD).check(b"<report>")
