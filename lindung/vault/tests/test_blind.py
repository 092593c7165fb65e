"""Identifiers written in many ways meet; nothing can be listed from the index."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lindung.vault import blind
from lindung.vault import services as vault
from lindung.vault.facts import fact_token, meaning, meanings
from lindung.vault.models import BlindEntry
from lindung.vault.tests.conftest import Cast


@pytest.mark.parametrize(
    ("kind", "forms"),
    [
        ("phone", ["0812-3456-7890", "+62 812 3456 7890", "62812 34567890", "812 3456 7890", "+62 (0)812 3456 7890",
                   "0062 812 3456 7890", "٠٨١٢٣٤٥٦٧٨٩٠", "(0812) 3456.7890", "0812\u200b34567890"]),
        ("phone", ["+84 912345678", "0084 912 345 678"]),
        ("handle", ["@Om_Baik", "om_baik", " om_baik ", "＠ｏｍ＿ｂａｉｋ", "@ OM_BAIK"]),
        ("url", ["https://www.instagram.com/om_baik/?utm_source=x&igshid=1", "HTTP://Instagram.com/om_baik",
                 "instagram.com/om_baik/", "https://m.instagram.com:443/om_baik#top", "//www.instagram.com/om_baik"]),
        ("url", ["https://t.example/video?v=Ab1&list=2", "t.example/video?list=2&v=Ab1&fbclid=zz"]),
        ("account", ["BCA 123-456-7890 a.n. Budi", "1234567890", "1234 5678 90"]),
    ],
)  # fmt: skip
def test_equal_identifiers_are_written_alike(kind: str, forms: list[str]) -> None:
    assert len({blind.normalise(kind, form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("kind", "one", "two"),
    [
        ("phone", "081234567890", "081234567891"),
        ("phone", "+62 84912345678", "+84 912345678"),
        ("handle", "om_baik", "om.baik"),
        ("url", "t.example/Ab", "t.example/ab"),
        ("url", "t.example/a?v=1", "t.example/a?v=2"),
        ("account", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdz"),
    ],
)
def test_different_identifiers_stay_different(kind: str, one: str, two: str) -> None:
    assert blind.normalise(kind, one) != blind.normalise(kind, two)


@given(st.sampled_from(blind.KINDS), st.text(max_size=60))
@example("url", "http://[::1")
@example("url", "http://a:99999/x")
@example("url", "http:////a")
@example("url", "a?%25252525252525252525=1")
@example("url", "www.www.m.www.a.b")
@example("phone", "00 00 62 0")
@settings(max_examples=400)
def test_normalising_twice_changes_nothing(kind: str, text: str) -> None:
    once = blind.normalise(kind, text)
    assert blind.normalise(kind, once) == once


@given(st.text("abc.:/?#=&%@ wW12[]", max_size=30))
@settings(max_examples=400)
def test_normalising_addresses_twice_changes_nothing(text: str) -> None:
    once = blind.normalise("url", text)
    assert blind.normalise("url", once) == once


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        blind.normalise("name", "x")


class TestSeries:
    def test_reports_that_share_an_identifier_find_each_other(self, cast: Cast) -> None:
        one, two, three = cast.report(), cast.report(), cast.report()
        blind.index(record_id=one.id, entries=[("phone", "081234567890"), ("handle", "@a")])
        blind.index(record_id=two.id, entries=[("phone", "+62 812-3456-7890")])
        blind.index(record_id=three.id, entries=[("handle", "81234567890"), ("account", "81234567890")])
        assert blind.matches(one.id) == {two.id}
        assert blind.matches(three.id) == set()
        assert blind.matches_of([one.id, two.id, three.id]) == {one.id: {two.id}, two.id: {one.id}}

    def test_indexing_again_or_nothing_adds_nothing(self, cast: Cast) -> None:
        report = cast.report()
        entries = [("phone", "081234567890"), ("phone", "+6281234567890"), ("handle", " @ "), ("account", "tidak tahu")]
        assert blind.index(record_id=report.id, entries=entries) == 1
        assert blind.index(record_id=report.id, entries=entries) == 1
        assert BlindEntry.objects.count() == 1

    def test_a_withdrawn_report_matches_nothing_until_it_is_released(self, cast: Cast) -> None:
        one, two = cast.report(), cast.report()
        for report in (one, two):
            blind.index(record_id=report.id, entries=[("phone", "081234567890")])
        vault.hold(record_id=two.id, receipt=two.receipt)
        assert blind.matches(one.id) == blind.matches(two.id) == set()
        vault.release(record_id=two.id, receipt=two.receipt)
        assert blind.matches(one.id) == {two.id}

    def test_tokens_vanish_with_their_record(self, cast: Cast) -> None:
        report = cast.report()
        blind.index(record_id=report.id, entries=[("phone", "081234567890")])
        vault.shred(record_id=report.id)
        assert BlindEntry.objects.count() == 0

    def test_a_stored_token_is_not_the_identifier_nor_a_bare_hash_of_it(self, cast: Cast) -> None:
        import hashlib

        report = cast.report()
        blind.index(record_id=report.id, entries=[("handle", "om_baik")])
        token = bytes(BlindEntry.objects.get().token)
        assert b"om_baik" not in token
        assert token != hashlib.sha256(b"om_baik").digest()


class TestFacts:
    def test_equal_values_compare_and_their_meaning_needs_the_vocabulary(self) -> None:
        assert fact_token("sex", "female") == fact_token("sex", "female")
        assert fact_token("sex", "female") != fact_token("age_band", "female")
        assert meaning("sex", fact_token("sex", "female"), ["male", "female"]) == "female"
        assert meaning("sex", memoryview(fact_token("sex", "female")), ["male"]) is None  # type: ignore[arg-type]
        assert set(meanings("sex", ["male", "female"]).values()) == {"male", "female"}
