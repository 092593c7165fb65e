"""How hard a text reads, against examples that were counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lindung.desk import readability
from lindung.desk.readability import read

# text; words, sentences, long words (more than six letters); LIX = words / sentences + 100 x long / words
WORKED: tuple[tuple[str, int, int, int, float], ...] = (
    # Terima kasih sudah bilang | Ini bukan salahmu (7 letters): 7 words, 2 sentences, 1 long. 3.5 + 14.29
    ("Terima kasih sudah bilang. Ini bukan salahmu.", 7, 2, 1, 17.786),
    # Jangan bayar | Simpan chat dan nama akunnya (7): 2 + 5 words, 1 long. 3.5 + 14.29
    ("Jangan bayar! Simpan chat dan nama akunnya.", 7, 2, 1, 17.786),
    # doubled words are two short ones: 6 words in 1 sentence, none long. 6 + 0
    ("Anak-anak dan teman-temanmu.", 5, 1, 1, 25.0),
    ("Anak-anak dan teman-teman.", 5, 1, 0, 5.0),
    # 110 and healing119.id are a word each and never long; the point inside ends no sentence: 8 words. 8 + 12.5
    ("Telepon 110 atau buka healing119.id malam ini, ya.", 8, 1, 1, 20.5),
    # a colon ends a sentence (Björnsson counts it): "Katakan" (7) | "ini bukan salahmu" (7): 4 / 2 + 100 x 2 / 4
    ("Katakan: ini bukan salahmu.", 4, 2, 2, 52.0),
    # the end of a line ends a sentence, also without a point: 4 words, 2 sentences, 0 long
    ("Kamu aman\nKami jaga", 4, 2, 0, 2.0),
    # Pemberitahuan, pelaksanaan, pendampingan, psikologis, dilaksanakan, berdasarkan, ketentuan, perundang, undangan
    # are long; dan is not; "perundang-undangan" is two: 10 words, 9 long, 1 sentence. 10 + 90
    (
        "Pemberitahuan pelaksanaan pendampingan psikologis dan dilaksanakan berdasarkan ketentuan perundang-undangan.",
        10, 1, 9, 100.0,
    ),
    # English: You did nothing (7) wrong | We believe (7) you: 4 + 3 words, 2 long. 3.5 + 28.57
    ("You did nothing wrong. We believe you.", 7, 2, 2, 32.071),
    # it isn't: an apostrophe stays in its word (isn't has five letters). 5 words, 1 sentence
    ("It isn’t your fault, child.", 5, 1, 0, 5.0),
    # three points and a closing quotation mark end one sentence: He said | Wait: 2 + 1 words
    ("He said “go away...” Wait!", 5, 2, 0, 2.5),
)  # fmt: skip


@pytest.mark.parametrize(("text", "words", "sentences", "long", "index"), WORKED)
def test_a_text_is_counted_as_by_hand(text: str, words: int, sentences: int, long: int, index: float) -> None:
    reading = read(text)
    assert (reading.words, reading.sentences, reading.long) == (words, sentences, long)
    assert reading.lix == pytest.approx(index, abs=0.001)
    assert reading.words_a_sentence == pytest.approx(words / sentences)
    assert reading.long_share == pytest.approx(100 * long / words)


@pytest.mark.parametrize("text", ["", "   ", "...", "\n\n", "😔", "— –"])
def test_nothing_to_read_has_no_judgement(text: str) -> None:
    reading = read(text)
    assert (reading.words, reading.lix, reading.words_a_sentence, reading.judgement) == (0, 0.0, 0.0, "")


def test_the_judgement_turns_at_thirty_and_at_forty() -> None:
    assert readability.Reading(words=30, sentences=1, long=0).judgement == "easy"
    assert readability.Reading(words=31, sentences=1, long=0).judgement == "heavy"
    assert readability.Reading(words=40, sentences=1, long=0).judgement == "heavy"
    assert readability.Reading(words=41, sentences=1, long=0).judgement == "too_heavy"


def test_the_heaviest_sentences_are_marked_heaviest_first_and_short_ones_never() -> None:
    office = "Pendampingan psikologis diselenggarakan berdasarkan ketentuan perundangan tersebut."
    long = " ".join(["kata"] * 45) + "."
    text = f"Hubungi pendamping. {long} Terima kasih ya. {office}"
    assert [s.text for s in read(text).heavy] == [office, long]
    assert read("Pendampingan psikologis.").heavy == ()
    assert len(read(f"{office} " * 5).heavy) == readability.MOST_MARKED


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=600))
def test_any_text_can_be_measured(text: str) -> None:
    reading = read(text)
    assert 0 <= reading.long <= reading.words
    assert reading.sentences <= max(reading.words, 0)
    assert all(sentence.text in text for sentence in reading.heavy)


@pytest.mark.parametrize("piece", [".", ":", "a", "a.", "a ", "'", "”", "\n", "a-", "1.", "…”"])
def test_a_long_text_is_measured_at_once(piece: str) -> None:
    import time

    began = time.process_time()
    read(piece * 20_000)
    assert time.process_time() - began < 1
