"""What belongs to one case stays out of answers for many."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.desk import casefree, glossary, knowledge, readability


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Hubungi 0812 3456 7890.", ("number",)),
        ("Hubungi +62 812-3456-7890.", ("number",)),
        ("Kodenya 1234 5678 9012 3456 7890", ("number",)),
        ("Nomor 110129119110", ("number",)),
        ("WA 0811112912", ("number",)),
        ("Akunnya @contoh_17", ("handle",)),
        ("ig: contoh17", ("handle",)),
        ("Buka https://contoh.example/a", ("address",)),
        ("Buka www.contoh.example", ("address",)),
        ("Buka contoh.xyz sekarang", ("address",)),
        ("Tulis ke orang@contoh.id", ("address",)),
        ("Buka takeitdown.ncmec.org.contoh.com", ("address",)),
        ("Buka healing119.id.contoh.net", ("address",)),
        ("Buka bukanhealing119.id", ("address",)),
        ("Chat @contoh_17 atau 0812-3456-7890 di contoh.app", ("address", "handle", "number")),
    ],
)
def test_numbers_handles_and_addresses_are_refused(text: str, codes: tuple[str, ...]) -> None:
    assert casefree.refused(text) == codes


@pytest.mark.parametrize(
    "text",
    [
        "Telepon 110, 119, atau 129.",
        "WhatsApp 08111-129-129, juga 08111129129 dan 08111 129 129.",
        "Buka takeitdown.ncmec.org. Atau https://takeitdown.ncmec.org/",
        "Chat di healing119.id, tekan 8.",
        "Kurang dari 72 jam, 3 x 24 jam, umur 18, 110 atau 129.",
        "Kami jaga. Kamu tidak sendirian...",
        "",
    ],
)
def test_public_numbers_and_addresses_may_stand_there(text: str) -> None:
    assert casefree.refused(text) == ()


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Kejadian 12/5/2026", ("date",)),
        ("Pada 3 Maret ia pindah", ("date",)),
        ("Ia membayar Rp 200.000", ("sum",)),
        ("Ia membayar 50 ribu", ("sum",)),
        ("Bersama Ibu Sari", ("name",)),
        ("Murid SMP 3", ("name",)),
        ("Di Jalan Melati", ("name",)),
        ("Ceritakan pada Ibu atau Ayah.", ()),
    ],
)
def test_what_may_be_of_a_case_is_only_warned_of(text: str, codes: tuple[str, ...]) -> None:
    assert casefree.doubtful(text) == codes
    assert "number" not in casefree.refused(text)


def test_the_starter_answers_hold_nothing_of_a_case_and_read_easily_in_both_languages() -> None:
    assert len(knowledge.starters()) >= 15
    for starter in knowledge.starters().values():
        for text in (starter.text.label_id, starter.text.label_en):
            assert casefree.refused(text) == (), starter.code
            assert casefree.doubtful(text) == (), starter.code
            assert glossary.hints(text) == [], starter.code
            assert readability.read(text).judgement == "easy", starter.code
        assert max(len(starter.title.label_id), len(starter.title.label_en)) <= 80


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=500))
def test_any_text_is_looked_at_without_a_failure(text: str) -> None:
    assert set(casefree.refused(text)) <= {"number", "handle", "address"}
    assert set(casefree.doubtful(text)) <= {"date", "sum", "name"}


@pytest.mark.parametrize("piece", ["1 ", "1.", "a.", "@a", "a@", "http://", "ig:", "a-", "1-", "+1", "Ibu "])
def test_a_long_text_is_looked_at_at_once(piece: str) -> None:
    began = time.process_time()
    casefree.refused(piece * 4_000)
    casefree.doubtful(piece * 4_000)
    assert time.process_time() - began < 1
