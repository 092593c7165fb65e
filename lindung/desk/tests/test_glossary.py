"""Words that label a child are pointed out, others are not: sixty sentences, and whatever else somebody may type."""

from __future__ import annotations

import time

import pytest
from django.utils import translation
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lindung.core.knowledge import KnowledgeError
from lindung.desk import glossary, knowledge

# Sentence, what is pointed out in it (code: the words as they stand there). Invented and clinical.
POINTED_OUT: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Pelapor menemukan pornografi anak di sebuah grup.", (("csam", "pornografi anak"),)),
    ("Akun itu menjual PORNOGRAFI ANAK-ANAK.", (("csam", "PORNOGRAFI ANAK-ANAK"),)),
    ("Tautan itu berisi pornografi\nanak menurut saksi.", (("csam", "pornografi\nanak"),)),
    ("Ada kata kunci pornografi-anak di kolom cari.", (("csam", "pornografi-anak"),)),
    ("Saksi menyebut video porno anaknya tetangga.", (("csam", "porno anaknya"),)),
    ("Polisi menduga ia pelacur anak di kota itu.", (("esp", "pelacur anak"),)),
    ("Kasus pelacuran anak ini sudah lama.", (("esp", "pelacuran anak"),)),
    ("Ia dituduh memprostitusikan anak tetangganya.", (("esp", "memprostitusikan anak"),)),
    ("Laporan tentang prostitusi anak di dekat pelabuhan.", (("esp", "prostitusi anak"),)),
    ("Menurut catatan lama, anak itu melacurkan diri.", (("esp", "anak itu melacurkan"),)),
    ("Dinas mencatat dua PSK anak.", (("esp", "PSK anak"),)),
    ("Pantai itu dikenal untuk wisata seks anak.", (("travel", "wisata seks anak"),)),
    ("Anak nakalnya sering bolos.", (("victim", "Anak nakalnya"),)),
    ("anak itu nakal sekali kata gurunya", (("victim", "anak itu nakal"),)),
    ("Anak-anak yang nakal itu sering keluar malam.", (("victim", "Anak-anak yang nakal"),)),
    ("Belum pernah ada anak senakal ini.", (("victim", "anak senakal"),)),
    ("Menurut tetangga mereka mau sama mau.", (("victim", "mau sama mau"),)),
    ("Kejadian ini suka-sama-suka, jadi bukan urusan kita.", (("victim", "suka-sama-suka"),)),
    ("Orang itu predator dan pedofil.", (("label", "predator"), ("label", "pedofil"))),
    ("Pedofilnya tinggal di dekat sekolah.", (("label", "Pedofilnya"),)),
    ("Pelaku masih mengirim pesan setiap hari.", (("offender", "Pelaku"),)),
    ("Pelakunya adalah wali anak.", (("offender", "Pelakunya"),)),
    ("Anak 13 tahun itu pelaku anak dan perlu pembimbing.", (("child_offender", "pelaku anak"),)),
    ("Terduga pelaku anak sudah didampingi.", (("child_offender", "pelaku anak"),)),
    ("The link shows child pornography.", (("csam", "child pornography"),)),
    ("She was called a child prostitute in the file.", (("esp", "child prostitute"),)),
    ("Two predators' accounts were named.", (("label", "predators"),)),
    ("The child was consenting, the note says.", (("victim", "consenting"),)),
    ("The girl is always so naughty, her aunt says.", (("victim", "girl is always so naughty"),)),
    ("The child offender is twelve.", (("child_offender", "child offender"),)),
)  # fmt: skip
LEFT_ALONE: tuple[str, ...] = (
    "Pelapor menemukan materi kekerasan seksual anak di sebuah grup.",
    "Pasal 4 ayat (1) UU No. 44/2008 melarang pornografi anak.",
    "Ditjen mengutip Pasal 76I tentang prostitusi anak.",
    "Anak itu tidak sengaja melihat pornografi. Anak lain tidak.",
    "Gurunya berkata: “anak nakal itu bohong”.",
    "Ibunya bilang \"mau sama mau\", kami catat apa adanya.",
    "Kamu bukan anak nakal. Ini bukan salahmu.",
    "Ini bukan pornografi anak, melainkan bukti kekerasan.",
    "Orang itu menakali anak tetangga.",
    "Pamannya nakal dan sering berutang.",
    "Anak bermain layang-layang, nakhoda kapal melihatnya.",
    "Anak dieksploitasi dalam prostitusi sejak Juni.",
    "Anak yang dilacurkan itu korban.",
    "Terduga pelaku masih mengirim pesan.",
    "Terduga\npelaku pindah rumah.",
    "Ia sudah divonis, jadi pelaku ditahan di kota itu.",
    "Pelaku usaha wisata ikut dilatih.",
    "Para pelaku UMKM di desa menandatangani komitmen.",
    "Psikiater menjelaskan pedofilia sebagai diagnosis.",
    "Ibu setuju, mau bersama-sama ke UPTD.",
    "Anak memilih sekolah pariwisata, bukan wisata.",
    "Perlakuan terhadap anak harus adil.",
    "Article 34 of the Convention names child prostitution.",
    "The mother is consenting to the referral.",
    "Her consent form is signed.",
    "The alleged offender lives next door.",
    "He was convicted; the offender is in prison.",
    "She is not a naughty child.",
    "The clinic wrote of paedophilia as a diagnosis.",
    "The aunt said “he is a predator”, in her own words.",
)  # fmt: skip


def test_there_are_sixty_sentences_in_both_languages() -> None:
    assert (len(POINTED_OUT), len(LEFT_ALONE)) == (30, 30)
    assert len({*(text for text, _ in POINTED_OUT), *LEFT_ALONE}) == 60
    languages = [glossary.language_of(text) for text in (*(text for text, _ in POINTED_OUT), *LEFT_ALONE)]
    assert min(languages.count("id"), languages.count("en")) >= 12


@pytest.mark.parametrize(("text", "wanted"), POINTED_OUT)
def test_a_word_that_labels_is_pointed_out(text: str, wanted: tuple[tuple[str, str], ...]) -> None:
    found = glossary.hints(text)
    assert tuple((hint.code, hint.found) for hint in found) == wanted
    for hint in found:
        assert text[hint.start : hint.end] == hint.found
        assert hint.better
        assert hint.why


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_a_law_a_quotation_a_denial_or_another_meaning_is_left_alone(text: str) -> None:
    assert glossary.hints(text) == []


def test_the_better_term_comes_in_the_language_of_the_text_and_the_reason_in_that_of_the_page() -> None:
    (indonesian,) = glossary.hints("Dia predator yang tinggal di desa itu.")
    (english,) = glossary.hints("He is a predator, they say.")
    assert (indonesian.better, english.better) == (("terduga pelaku",), ("alleged offender",))
    with translation.override("en"):
        assert indonesian.why.startswith("Write what the person did")
    with translation.override("id"):
        assert english.why.startswith("Tulis apa yang dilakukan")


def test_a_child_in_conflict_with_the_law_has_two_better_words() -> None:
    (hint,) = glossary.hints("Ia pelaku anak.")
    assert hint.better == ("anak yang berkonflik dengan hukum", "anak dengan perilaku seksual berbahaya")


def test_positions_hold_when_invisible_marks_stand_in_the_word() -> None:
    text = "x \u200bporno\u00adgrafi\u200b anak y"
    (hint,) = glossary.hints(text)
    assert text[hint.start : hint.end] == "porno\u00adgrafi\u200b anak"


def test_an_open_quotation_mark_hides_nothing() -> None:
    assert glossary.hints("“ia pelacur anak, kata saksi.")
    assert glossary.hints('"ia pelacur anak, kata saksi.\nLalu "pergi".')


def test_every_term_of_the_network_is_there_and_says_why() -> None:
    wanted = {
        "csea", "ocsea", "csam", "esp", "grooming", "sexting", "sextortion", "live", "sgm", "travel", "marriage",
        "trafficking", "victim", "survivor", "offender", "child_offender", "kbgo", "ai_csam", "hsb",
    }  # fmt: skip
    terms = knowledge.terms()
    assert wanted <= set(terms)
    assert all(bool(term.avoid) == bool(term.why.label) for term in terms.values())


def test_the_list_for_people_shows_words_and_no_pattern() -> None:
    for term in knowledge.terms().values():
        assert not any(mark in text for text in term.avoided() for mark in "(|)"), term.code
    assert knowledge.terms()["csam"].avoided()[:2] == ["porno anak", "pornografi anak"]
    assert "anak … nakal" in knowledge.terms()["victim"].avoided()


def test_no_better_term_is_itself_pointed_out() -> None:
    for term in knowledge.terms().values():
        if term.code not in {"hsb"}:
            assert glossary.hints(f"{term.label_id}. {term.label_en}.") == [], term.code


def test_a_wrong_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"version": "1", "date": "x", "source": "y", "terms": [{"code": "a", "id": "b", "en": "c", "avoid": {}}]}
    broken["terms"][0]["avoid"] = {"id": ["d"]}  # type: ignore[index]
    monkeypatch.setattr(knowledge, "load_yaml", lambda package, name: broken)
    knowledge.terms.cache_clear()
    try:
        with pytest.raises(KnowledgeError, match="avoid"):
            knowledge.terms()
    finally:
        monkeypatch.undo()
        knowledge.terms.cache_clear()


PIECES = ["anak ", "anak-", "nakal", "pelaku ", "pornografi", " ", "\n", "“", "”", '"', "bukan ", "pasal 4 ", ".",
          "the ", "child ", "predator", "\u00ad", "sama ", "mau ", "itu ", "2", "'s", "😔", "\x00", "é"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=120).map("".join)))
@example("‘" * 300 + "pelaku")
def test_any_text_gives_valid_places_in_order(text: str) -> None:
    last = 0
    for hint in glossary.hints(text):
        assert last <= hint.start < hint.end <= len(text)
        assert text[hint.start : hint.end] == hint.found
        assert hint.code in knowledge.terms()
        last = hint.end


@pytest.mark.parametrize("piece", [*PIECES, "anak itu ini yang ", "Pasal 4 pornografi anak ", "(“", "1.", "a@b.c "])
def test_twenty_thousand_characters_take_no_time_to_speak_of(piece: str) -> None:
    """Twice the text takes about twice the time, and the longest text far less than a person notices."""
    glossary.hints("anak")  # compiled once

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        best = []
        for _ in range(3):
            began = time.process_time()
            glossary.hints(text)
            best.append(time.process_time() - began)
        return min(best)

    half, whole = seconds(10_000), seconds(20_000)
    assert whole < 0.5
    assert whole < 4 * half + 0.02


def test_what_lies_beyond_the_longest_text_is_not_looked_at() -> None:
    assert glossary.hints("x" * glossary.LONGEST + " pelacur anak") == []
    assert len(glossary.hints("pelacur anak. " * 500)) == glossary.MOST
