"""A wrong file is refused with its name and the line; a right one adds to the catalogue or replaces what it names."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from lindung_redflags.catalogue import grids, load, saying
from lindung_redflags.errors import BadCatalogue

GOOD = """\
id: N01
class: payee
kind: primary
group: fan-in
weight: 30
title: {id: Contoh tanda, en: An example}
explanation: {id: Contoh penjelasan, en: An example of an explanation}
sources:
  - {name: Our own list, date: 2026-01-31, mark: K, says: An example of a source}
needs:
  transactions: [channel]
  accounts: [holder_id]
features: [parties, share]
at: in
payments: {channels: [ewallet]}
when:
  all:
    - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}
    - {feature: share, entity: account, window: 7d, op: ">=", value: 0.5, of: {round: true}}
parameters:
  payers: {unit: people, default: 5, min: 2, max: 10, reason: {id: Contoh alasan, en: An example}}
check: {id: [Periksa], en: [Check it]}
innocent: {id: [Arisan], en: [Dues]}
"""


def folder(tmp_path: Path, text: str | bytes, name: str = "N01.yaml") -> Path:
    where = tmp_path / "own"
    where.mkdir(exist_ok=True)
    data = text.encode() if isinstance(text, str) else text
    (where / name).write_bytes(data)
    return where


def test_an_indicator_is_added_without_code(tmp_path: Path) -> None:
    found = load([folder(tmp_path, GOOD)])
    assert len(found.indicators) == 39
    assert found.indicators["N01"].tests[0].value == 5
    assert found.indicators["N01"].raw["sources"][0]["date"] == "2026-01-31"


def test_of_some_tests_one_may_suffice(tmp_path: Path) -> None:
    plain = '    - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}\n'
    either = plain.replace("    - {", "    - any:\n        - {") + (
        '        - {feature: countries, entity: account, window: 1d, op: ">=", value: 3}\n'
    )
    text = GOOD.replace(plain, either).replace("[parties, share]", "[countries, parties, share]")
    text = text.replace("transactions: [channel]", "transactions: [channel, payer_country]")
    found = load([folder(tmp_path, text)]).indicators["N01"]
    parties, countries, share = found.tests
    assert found.clauses == ((share,), (parties, countries))
    assert found.needed == (share,)
    page = saying.either(found.clauses[1], "id"), saying.either(found.clauses[1], "en")
    assert " atau jumlah negara" in page[0]
    assert " or number of different countries" in page[1]
    with pytest.raises(BadCatalogue, match="payer_country"):
        load([folder(tmp_path, text.replace("channel, payer_country", "channel"))])


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert "N01" in load([folder(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())]).indicators


FAULTS: list[tuple[str, str, str, int, str]] = [
    # what, old text, new text, line, what is said
    ("unknown key", "weight: 30", "weight: 30\ncolour: red", 6, "unknown key 'colour'"),
    (
        "unknown key in a test",
        'op: ">=", value: $payers}',
        'op: ">=", value: $payers, sql: x}',
        18,
        "unknown key 'sql'",
    ),
    (
        "an alternative to nothing",
        '    - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}',
        '    - any:\n        - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}',
        18,
        "too short",
    ),
    (
        "unknown key in an alternative",
        '    - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}',
        '    - any:\n        - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}\n'
        '        - {feature: parties, entity: account, window: 1d, op: ">=", value: 3, sql: x}',
        20,
        "unknown key 'sql'",
    ),
    ("unknown condition", "{channels: [ewallet]}", "{sex: [x]}", 15, "unknown key 'sex'"),
    ("unknown column", "transactions: [channel]", "transactions: [sex]", 11, "'sex' is not one of"),
    ("unknown feature", "feature: parties,", "feature: partys,", 18, "no feature is called partys"),
    (
        "bad window",
        'window: 7d, op: ">=", value: $payers',
        'window: 7w, op: ">=", value: $payers',
        18,
        "'7w' does not match",
    ),
    (
        "window of nothing",
        'window: 7d, op: ">=", value: $payers',
        'window: 0d, op: ">=", value: $payers',
        18,
        "'0d' does not match",
    ),
    ("unknown comparison", 'op: ">=", value: $payers', 'op: "=>", value: $payers', 18, "'=>' is not one of"),
    (
        "comparison that a share has not",
        'op: ">=", value: 0.5',
        'op: "==", value: 0.5',
        19,
        "share can be compared with >=, <=",
    ),
    (
        "entity that a feature has not",
        "parties, entity: account",
        "parties, entity: pair",
        18,
        "parties is known for account",
    ),
    (
        "unknown parameter",
        "value: $payers",
        "value: $people",
        18,
        "$people: there is no such parameter; there are payers",
    ),
    ("unused parameter", "value: $payers", "value: 5", 21, "the parameter payers is used nowhere"),
    ("parameter of another unit", "unit: people", "unit: rupiah", 18, "$payers is of the unit rupiah; expected people"),
    ("default below its range", "default: 5", "default: 1", 21, "payers is 1; expected at least 2"),
    ("default above its range", "default: 5", "default: 11", 21, "payers is 11; expected at most 10"),
    ("default that is text", "default: 5", "default: five", 21, "'five' is not of type"),
    ("default that is yes", "default: 5", "default: yes", 21, "True is not of type"),
    ("default that is no whole number", "default: 5", "default: 5.5", 21, "expected a whole number of people"),
    (
        "parameter without a reason",
        ", reason: {id: Contoh alasan, en: An example}",
        "",
        21,
        "'reason' is a required property",
    ),
    ("share above one", "value: 0.5", "value: 1.5", 19, "expected a share between 0 and 1"),
    ("value that is text", "value: 0.5", "value: half", 19, "'half': expected a number"),
    ("value that is no number", "value: 0.5", "value: .nan", 19, "expected a decimal number"),
    ("share without `of`", ", of: {round: true}", "", 19, "share needs `of`"),
    (
        "`of` that a feature has not",
        "value: $payers}",
        "value: $payers, of: {round: true}}",
        18,
        "parties takes no `of`",
    ),
    ("`of` of nothing", "of: {round: true}", "of: {}", 19, "should be non-empty"),
    ("wrong type", "weight: 30", "weight: heavy", 5, "'heavy' is not of type 'integer'"),
    ("weight out of range", "weight: 30", "weight: 300", 5, "300 is greater than the maximum of 100"),
    ("unknown class", "class: payee", "class: child", 2, "'child' is not one of"),
    ("missing class", "class: payee\n", "", 1, "'class' is a required property"),
    (
        "missing language",
        "title: {id: Contoh tanda, en: An example}",
        "title: {en: An example}",
        6,
        "'id' is a required property",
    ),
    (
        "language that is a number",
        "explanation: {id: Contoh penjelasan",
        "explanation: {id: 12345",
        7,
        "12345 is not of type 'string'",
    ),
    (
        "no source",
        "  - {name: Our own list, date: 2026-01-31, mark: K, says: An example of a source}",
        "  []",
        8,
        "non-empty",
    ),
    ("unknown mark", "mark: K", "mark: Z", 9, "'Z' is not one of"),
    (
        "no `when`",
        '    - {feature: parties, entity: account, window: 7d, op: ">=", value: $payers}\n',
        "",
        13,
        "`when` uses share",
    ),
    (
        "features that are not used",
        "features: [parties, share]",
        "features: [parties]",
        13,
        "`when` uses parties, share",
    ),
    ("`all` and `any`", "  all:\n", "  any: []\n  all:\n", 16, "too many properties"),
    (
        "need that is not said",
        "  transactions: [channel]\n",
        "",
        10,
        "needs.transactions: what is compared also takes channel",
    ),
    (
        "need of an account not said",
        "  accounts: [holder_id]\n",
        "",
        10,
        "needs.accounts: what is compared also takes holder_id",
    ),
    ("unknown channel", "channels: [ewallet]", "channels: [pigeon]", 15, "'pigeon': expected one of bank"),
    ("channel that is no list", "channels: [ewallet]", "channels: 5", 15, "expected a list"),
    ("unknown list", "channels: [ewallet]", 'channels: "@nothing"', 15, "there is no list nothing"),
    ("unknown words", "channels: [ewallet]", "words: nothing", 15, "there is no list nothing"),
    (
        "country that YAML reads as no",
        "channels: [ewallet]",
        "other_country: [NO]",
        15,
        "False: expected two capital letters in quotes",
    ),
    (
        "country that is no code",
        "channels: [ewallet]",
        "other_country: [Indonesia]",
        15,
        "expected two capital letters",
    ),
    (
        "category that is a number",
        "channels: [ewallet]",
        "merchant_categories: [4816]",
        15,
        "4816: expected four digits in quotes",
    ),
    ("money that is a list", "channels: [ewallet]", "idr_to: [1]", 15, "expected one number of rupiah"),
    ("money below nothing", "channels: [ewallet]", "idr_to: -1", 15, "expected at least 0"),
    (
        "age that is no whole number",
        "channels: [ewallet]",
        "other_age_to: 17.5",
        15,
        "expected a whole number of years",
    ),
    (
        "age of the subject",
        "channels: [ewallet]",
        "subject_minor: true",
        15,
        "the age of the subject is used for class possible_victim only",
    ),
    (
        "age of the subject within any_of",
        "channels: [ewallet]",
        "any_of: [{subject_age_to: 17}]",
        15,
        "class possible_victim only",
    ),
    ("any_of of nothing", "channels: [ewallet]", "any_of: []", 15, "non-empty"),
    ("own within any_of", "channels: [ewallet]", "any_of: [{own: true}]", 15, "`own` is said for all payments"),
    ("own within of", "of: {round: true}", "of: {own: true}", 19, "`own` is said for all payments"),
    (
        "repeated that does not fit",
        "at: in",
        "at: in\nrepeated: {times: 3, window: 1d, apart: 1d}",
        15,
        "do not fit into 1d",
    ),
    ("silence that is a share", "at: in", "at: in\nthen_silent: 0.5", 15, "expected a whole number of seconds"),
    ("supersedes without a reason", "id: N01", "id: N01\nsupersedes: {id: N01}", 2, "'reason' is a required property"),
    (
        "supersedes with hardly a reason",
        "id: N01",
        "id: N01\nsupersedes: {id: N01, reason: so}",
        2,
        "'so' is too short",
    ),
    (
        "supersedes what nobody knows",
        "id: N01",
        "id: N01\nsupersedes: {id: N01, reason: better for us}",
        2,
        "which nobody knows",
    ),
    (
        "supersedes another one",
        "id: N01",
        "id: N01\nsupersedes: {id: R01, reason: better for us}",
        2,
        "expected its own id, N01",
    ),
    ("known id", "id: N01", "id: R01", 1, "R01 is known already (R01.yaml)"),
    ("id in small letters", "id: N01", "id: n01", 1, "'n01' does not match"),
    ("key that stands twice", "weight: 30", "weight: 30\nweight: 30", 6, "the key 'weight' stands twice"),
    ("key twice in a flow", "{round: true}", "{round: true, round: true}", 19, "the key 'round' stands twice"),
    ("tab", "weight: 30", "\tweight: 30", 5, "not as it has to be"),
    ("colon in a text", "title: {id: Contoh tanda, en: An example}", "title: Contoh: tanda", 6, "not as it has to be"),
    (
        "bracket that stays open",
        "check: {id: [Periksa], en: [Check it]}",
        "check: {id: [Periksa, en: [Check it]}",
        22,
        "not as it has to be",
    ),
    ("object of Python", "weight: 30", "weight: !!python/object/apply:os.getcwd []", 5, "not as it has to be"),
    ("control character", "Contoh tanda", "Contoh \x07 tanda", 6, "a character that YAML does not allow"),
    ("key that is a list", "weight: 30", "weight: 30\n? [a]\n: b", 6, "expected a word as a key"),
    ("two documents", "innocent:", "---\ninnocent:", 23, "not as it has to be"),
    ("context with `when`", "kind: primary", "kind: context", 16, "takes no when"),
    (
        "reason not to compute what is computed",
        "at: in",
        "at: in\nnot_computed: {id: tidak ada, en: nothing}",
        15,
        "not_computed",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"), [entry[1:] for entry in FAULTS], ids=[entry[0] for entry in FAULTS]
)
def test_a_wrong_file_is_refused_with_the_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    where = folder(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadCatalogue) as caught:
        load([where])
    text = str(caught.value)
    assert text.startswith(str(where / "N01.yaml")), text
    assert f"N01.yaml, line {line}:" in text, text
    assert said in text, text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1: the file is empty"),
        (b"# nothing\n", "line 1: the file is empty"),
        (b"[]\n", "line 1: the file: [] is not of type 'object'"),
        (b"id: N01\ntitle: \xff\n", "line 2: expected UTF-8"),
        (GOOD.encode("utf-16"), "expected UTF-8"),
        (b"a: &x [1]\nb: *x\n", "line 2: not as it has to be: an alias"),
        (b"x" * 1_000_001, "expected a file below"),
        (b"[" * 3000, "cannot be read as YAML"),
    ],
)
def test_what_is_no_indicator_at_all_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    with pytest.raises(BadCatalogue, match=re.escape(said)):
        load([folder(tmp_path, data)])


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCatalogue, match="expected a folder"):
        load([tmp_path / "none"])
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "N01.yaml").mkdir()
    with pytest.raises(BadCatalogue, match="cannot be read"):
        load([tmp_path / "d"])


def test_an_indicator_is_replaced_only_with_a_reason_and_a_later_folder_wins(tmp_path: Path) -> None:
    better = GOOD.replace("id: N01", "id: R01\nsupersedes: {id: R01, reason: the list of our supervisor}", 1)
    one = folder(tmp_path, better, "R01.yaml")
    assert len(load([one]).indicators) == 38
    assert load([one]).indicators["R01"].raw["title"]["en"] == "An example"
    two = tmp_path / "two"
    two.mkdir()
    (two / "R01.yaml").write_text(better.replace("An example}", "Another one}", 1))
    assert load([one, two]).indicators["R01"].raw["title"]["en"] == "Another one"
    assert load([two, one]).indicators["R01"].raw["title"]["en"] == "An example"
    assert load().indicators["R01"].raw["title"]["en"] != "An example"


def test_one_folder_says_an_id_once(tmp_path: Path) -> None:
    where = folder(tmp_path, GOOD)
    folder(tmp_path, "# again\n" + GOOD, "N02.yml")
    with pytest.raises(BadCatalogue, match=re.escape("N02.yml, line 2: N01 stands twice in this folder (N01.yaml)")):
        load([where])


def test_an_institution_brings_its_own_lists_and_grids(tmp_path: Path) -> None:
    where = folder(tmp_path, GOOD)
    (where / "lists").mkdir()
    (where / "lists" / "payee_words.yaml").write_text("about: ours\nsource: ours\nentries: [contoh, ' dua kata ']\n")
    (where / "grids.yaml").write_text("IDR: {step: 100000, reason: ours}\nINR: {step: 0.5, reason: ours}\n")
    found = load([where])
    assert found.lists["payee_words"] == ("contoh", "dua kata")
    assert found.grids["IDR"] == 100_000 * 10_000
    assert found.grids["INR"] == 5_000
    assert found.grids["USD"] == grids()["USD"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("lists/w.yaml", "entries: []", "line 1: expected the keys about, source, entries"),
        ("lists/w.yaml", "about: x\nsource: y\nentries: a", "expected the keys about, source, entries (a list)"),
        ("lists/w.yaml", "about: x\nsource: y\nentries:\n  - a\n  - 4816\n", "line 5: expected text, in quotes"),
        ("lists/w.yaml", "about: x\nsource: y\nentries:\n  - NO\n", "line 4: expected text, in quotes"),
        ("lists/w.yaml", "about: x\nsource: y\nentries: [' ']", "line 3: expected text"),
        ("grids.yaml", "[]", "line 1: expected currencies"),
        ("grids.yaml", "XYZ: {step: 5, reason: ours}", "line 1: 'XYZ': expected a currency of ISO 4217"),
        ("grids.yaml", "IDR: 5", "line 1: expected {step: ..., reason: ...}"),
        ("grids.yaml", "IDR: {step: 5, reason: a}\nUSD: {step: 0, reason: a}", "line 2: expected a step above 0"),
        ("grids.yaml", "USD: {step: 0.00001, reason: a}", "line 1: expected a step above 0 with at most four decimals"),
        ("grids.yaml", "USD: {step: yes, reason: a}", "line 1: expected a step above 0"),
    ],
)
def test_wrong_lists_and_grids_are_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    where = folder(tmp_path, GOOD)
    (where / "lists").mkdir()
    (where / name).write_text(text)
    with pytest.raises(BadCatalogue, match=re.escape(said)):
        load([where])


def test_decimals_are_read_exactly(tmp_path: Path) -> None:
    found = load([folder(tmp_path, GOOD.replace("value: 0.5", "value: 0.1"))]).indicators["N01"]
    assert found.tests[1].value == Fraction(1, 10)
