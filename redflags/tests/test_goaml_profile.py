"""Country profiles: ours are whole, the Indonesian one is empty, a wrong one is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lindung_redflags.catalogue.loading import own_files
from lindung_redflags.errors import BadInput
from lindung_redflags.goaml import BadProfile, load_profile, own_profiles, read_parties, read_reporter


def test_the_indonesian_template_holds_no_code_at_all() -> None:
    raw = tomllib.loads(own_profiles()["id-template"].read_text("utf-8"))
    codes = [code for table in raw["codes"].values() for code in table.values()]
    assert codes
    assert set(codes) == {""}
    assert all(given == [] for given in raw["indicators"].values())
    profile = load_profile("id-template")
    assert len(profile.empty_codes()) == len(codes) + len(raw["indicators"])
    assert "[codes.report] payee" in profile.empty_codes()
    assert "[indicators] R01" in profile.empty_codes()


def test_the_generic_profile_is_whole_and_says_that_its_codes_are_ours() -> None:
    profile = load_profile("generic")
    assert profile.empty_codes() == ()
    assert profile.own_codes


@pytest.mark.parametrize("name", ["generic", "id-template"])
def test_every_indicator_of_the_catalogue_has_its_place(name: str) -> None:
    assert {path.stem for path in own_files()} <= set(load_profile(name).indicators)
    assert len(load_profile(name).indicators) == 38


def test_both_profiles_speak_of_the_same_things() -> None:
    generic, template = load_profile("generic"), load_profile("id-template")
    assert {t: set(c) for t, c in generic.codes.items()} == {t: set(c) for t, c in template.codes.items()}
    assert generic.mandatory == template.mandatory


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "generic"', 'id = "generic', "not TOML"),
        ('id = "generic"', "id = 7", "id: expected text"),
        ("utc_offset = 420", 'utc_offset = "420"', "utc_offset: expected int"),
        ("utc_offset = 420", "utc_offset = 900", "from -720 to 840"),
        ("text_limit = 4000", "text_limit = 10", "at least 500"),
        ("own_codes = true", "", "exactly"),
        ("own_codes = true", "own_codes = 1", "own_codes: expected bool"),
        ("[codes.role]", "[codes.rolle]", "codes.rolle"),
        ('bank = "BANK"', "bank = 1", "expected texts"),
        ('R01 = ["R01"]', 'R01 = "R01"', "R01: expected a list"),
        ("omit = []", 'omit = ["opened"]', "expected a list of part/element"),
        ("omit = []", "leave_out = []", "leave_out is unknown"),
        ("[indicators]", "[extra]\n[indicators]", "unknown: extra"),
    ],
)
def test_a_wrong_profile_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = own_profiles()["generic"].read_text("utf-8")
    assert old in text
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BadProfile, match=said):
        load_profile(path)


def test_a_profile_that_is_not_there_names_ours(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="generic, id-template"):
        load_profile(tmp_path / "nobody.toml")


def test_the_file_of_parties(tmp_path: Path) -> None:
    path = tmp_path / "parties.csv"
    path.write_text(
        "\ufeffaccount_id,first_name,birth_date,customer,possible_victim\nK1,Contoh,1985-06-01,ya,\nK2,,,,true\n",
        "utf-8",
    )
    read = read_parties(path)
    assert read["K1"].keys() == {"account_id", "first_name", "birth_date", "customer"}
    assert (read["K1"]["birth_date"].year, read["K1"]["customer"]) == (1985, True)
    assert read["K2"] == {"account_id": "K2", "possible_victim": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("first_name\nA\n", "line 1: expected a column account_id"),
        ("account_id,nama\nK1,A\n", "column nama is unknown"),
        ("account_id,city,city\nK1,A,B\n", "stands twice"),
        ("account_id,city\nK1\n", "line 2: expected 2 cells"),
        ("account_id,city\nK1,A,B\n", "line 2: expected 2 cells"),
        ("account_id,city\n,A\n", "line 2, column account_id"),
        ("account_id,city\nK1,A\nK1,B\n", "line 3, column account_id"),
        ("account_id,birth_date\nK1,01/06/1985\n", "line 2, column birth_date: expected a date"),
        ("account_id,customer\nK1,mungkin\n", "line 2, column customer: expected true or false"),
    ],
)
def test_a_wrong_file_of_parties_is_refused_without_its_values(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "parties.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=said) as caught:
        read_parties(path)
    assert "1985" not in str(caught.value)
    assert "mungkin" not in str(caught.value)


def test_the_file_of_the_reporter(tmp_path: Path) -> None:
    path = tmp_path / "reporter.toml"
    path.write_text('rentity_id = "4711"\ncity = "Jakarta"\n')
    assert (read_reporter(path).rentity_id, read_reporter(path).swift) == ("4711", "")
    path.write_text("rentity_id = 4711\n")
    with pytest.raises(BadInput, match="text in quotes"):
        read_reporter(path)
    path.write_text('nama = "x"\n')
    with pytest.raises(BadInput, match="nama is unknown"):
        read_reporter(path)
