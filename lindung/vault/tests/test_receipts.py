"""Receipts: copied by hand by a child, checked before anything is asked of the database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.vault import receipts
from lindung.vault.errors import BadReceipt

bodies = st.integers(0, 10**18 - 1).map(lambda n: f"{n:018d}")
codes = bodies.map(lambda body: body + receipts._check_digits(body))


def test_a_receipt_is_twenty_digits_and_checks() -> None:
    code = receipts.generate()
    assert len(code) == 20
    assert code.isdigit()
    assert receipts.check(code) == code
    assert receipts.generate() != code


def test_the_check_digits_agree_with_the_standard() -> None:
    # ISO/IEC 7064 MOD 97-10 as in IBAN: GB82 WEST 1234 5698 7654 32 has letters as numbers and check digits 82.
    assert receipts._check_digits("3214282912345698765432" + "1611") == "82"


@given(codes, st.data())
def test_every_single_wrong_digit_is_found(code: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, 19))
    for digit in "0123456789".replace(code[position], ""):
        with pytest.raises(BadReceipt):
            receipts.check(code[:position] + digit + code[position + 1 :])


@given(codes)
def test_every_swap_of_neighbours_is_found(code: str) -> None:
    for i in range(19):
        if code[i] != code[i + 1]:
            with pytest.raises(BadReceipt):
                receipts.check(code[:i] + code[i + 1] + code[i] + code[i + 2 :])


@given(codes, st.sampled_from([" ", "-", "–", ".", "\u00a0", "\u200b", "\n", "  ", " - ", "/"]))
def test_blanks_dashes_and_dots_do_not_matter(code: str, gap: str) -> None:
    assert receipts.check(gap + gap.join(receipts.grouped(code).split()) + gap) == code


@given(codes, st.sampled_from(["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９", "०१२३४५६७८९"]))
def test_digits_of_every_script_are_read(code: str, digits: str) -> None:
    assert receipts.check(code.translate(str.maketrans("0123456789", digits))) == code


@given(codes, st.sampled_from(["Ol", "oI", "OI", "ol"]))
def test_letters_that_look_like_digits_are_read_as_digits(code: str, letters: str) -> None:
    assert receipts.check(code.replace("0", letters[0]).replace("1", letters[1])) == code


@pytest.mark.parametrize("text", ["", " ", "1234", "x" * 20, "1" * 19, "1" * 21, "½" * 20, "😀", "²" * 20])
def test_what_is_no_receipt_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(BadReceipt) as caught:
        receipts.check(text)
    assert caught.value.field == "receipt"
    assert not text.strip() or text not in str(caught.value)


def test_a_receipt_is_shown_in_five_groups_of_four() -> None:
    assert receipts.grouped("12345678901234567890") == "1234 5678 9012 3456 7890"


def test_one_derivation_gives_a_tag_and_a_key_that_tell_nothing_of_each_other() -> None:
    keys = receipts.derive("0" * 18 + "98")
    again = receipts.derive("0" * 18 + "98")
    assert keys == again
    assert len(keys.tag) == len(keys.key) == 32
    assert keys.tag != keys.key
    assert receipts.derive(receipts.generate()) != keys
    assert keys.tag.hex() not in repr(keys)
    assert repr(keys) == "ReceiptKeys()"


def test_another_pepper_gives_another_tag_and_key(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    from lindung.vault.secrets import ensure_secrets

    before = receipts.derive("0" * 18 + "98")
    folder = tmp_path_factory.mktemp("secrets")
    ensure_secrets(folder)
    settings.LINDUNG_SECRETS_DIR = folder  # type: ignore[attr-defined]
    after = receipts.derive("0" * 18 + "98")
    assert before.tag != after.tag
    assert before.key != after.key


@given(codes, st.integers(0, 4), st.integers(1, 9999))
def test_what_is_said_back_is_compared_group_by_group(code: str, place: int, by: int) -> None:
    groups = receipts.grouped(code).split(" ")
    assert receipts.compare(code, groups) == [True] * 5
    assert receipts.compare(code, [f" {g[:2]}-{g[2:]}" for g in groups]) == [True] * 5
    wrong = [*groups]
    wrong[place] = f"{(int(groups[place]) + by) % 10_000:04d}"
    assert receipts.compare(code, wrong) == [n != place for n in range(5)]


def test_a_missing_group_or_a_letter_is_not_the_same() -> None:
    code = "1234" * 4 + "1200"
    assert receipts.compare(code, ["1234"]) == [True, False, False, False, False]
    assert receipts.compare(code, ["12x34", "", "１２３４", "l234", "12"]) == [False, False, True, True, False]
