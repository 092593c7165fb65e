"""Predicates in words, in Indonesian and English: for the pages of the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from lindung_redflags.catalogue.model import Conditions, Indicator, Test, Value
from lindung_redflags.features import FEATURES

_SPANS = ((86400, "hari", "day"), (3600, "jam", "hour"), (60, "menit", "minute"), (1, "detik", "second"))
_OPS = {
    ">=": ("paling sedikit", "at least"), "<=": ("paling banyak", "at most"), ">": ("lebih dari", "more than"),
    "<": ("kurang dari", "less than"), "==": ("tepat", "exactly"),
}  # fmt: skip
UNITS = {
    "people": ("orang", "people"), "payments": ("kali", "times"), "rupiah": ("rupiah", "rupiah"),
    "seconds": ("waktu", "time"), "share": ("bagian", "share"), "years": ("tahun", "years"),
    "countries": ("negara", "countries"), "amounts": ("nominal", "amounts"), "channels": ("saluran", "channels"),
    "points": ("poin", "points"), "accounts": ("rekening", "accounts"), "list": ("daftar", "list"),
}  # fmt: skip


def span(seconds: int, language: str) -> str:
    """Seconds for people: 7 hari, 7 days; one second less than whole days as `kurang dari`, less than."""
    if seconds % 60 == 59:
        return f"{'kurang dari' if language == 'id' else 'less than'} {span(seconds + 1, language)}"
    size, name_id, name_en = next(entry for entry in _SPANS if seconds % entry[0] == 0)
    count = seconds // size
    if language == "id":
        return f"{_grouped(count, 'id')} {name_id}"
    return f"{_grouped(count, 'en')} {name_en}{'' if count == 1 else 's'}"


def _grouped(count: int, language: str) -> str:
    return f"{count:,}".replace(",", ".") if language == "id" else f"{count:,}"


_CODES = {
    "person": "perorangan", "minor": "anak", "student": "pelajar", "business": "badan usaha", "merchant": "pedagang",
    "school": "sekolah", "charity": "badan amal", "biller": "penagih", "agent": "agen", "ewallet": "dompet elektronik",
    "topup": "isi ulang", "gift": "hadiah digital", "remittance": "remitansi", "card": "kartu", "crypto": "kripto",
    "cash": "tunai",
}  # fmt: skip
"""Kinds of account and channels as people say them in Indonesian; other entries of lists are the same in both."""


def value(one: Value, unit: str, language: str) -> str:
    """A value with its unit: Rp 50.000, 80%, 7 hari, 5."""
    if isinstance(one, tuple):
        entries = [_CODES.get(str(entry), str(entry)) if language == "id" else str(entry) for entry in one]
        return ", ".join(entries) or "-"
    if unit == "share":
        text = f"{float(Fraction(one) * 100):g}%"
        return text.replace(".", ",") if language == "id" else text
    if unit == "seconds":
        return span(int(one), language)
    return f"Rp {_grouped(int(one), language)}" if unit == "rupiah" else _grouped(int(one), language)


def _either(yes: tuple[str, str], no: tuple[str, str]) -> Callable[[Any], tuple[str, str]]:
    return lambda held: yes if held else no


def _named(text_id: str, text_en: str, unit: str) -> Callable[[Any], tuple[str, str]]:
    return lambda one: (text_id.format(value(one, unit, "id")), text_en.format(value(one, unit, "en")))


_CONDITIONS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "own": _either(
        ("antara rekening milik satu orang", "between accounts of one holder"),
        ("bukan antara rekening milik satu orang", "not between accounts of one holder"),
    ),
    "foreign": _either(
        ("lintas negara", "between two countries"), ("bukan lintas negara", "not between two countries")
    ),
    "new_pair": _either(
        ("pertama kepada penerima itu dalam 90 hari", "the first to that payee in 90 days"),
        ("bukan yang pertama kepada penerima itu dalam 90 hari", "not the first to that payee in 90 days"),
    ),
    "round": _either(
        ("bernominal bulat dalam mata uang pengirim", "round in the sender's currency"),
        ("tidak bernominal bulat", "not round in the sender's currency"),
    ),
    "night": _either(
        ("antara pukul 22.00 dan 05.00 waktu setempat", "between 22:00 and 05:00 local time"),
        ("tidak antara pukul 22.00 dan 05.00 waktu setempat", "not between 22:00 and 05:00 local time"),
    ),
    "subject_minor": _either(
        ("pemilik rekening di bawah 18 tahun", "the holder is under 18"),
        ("pemilik rekening tidak di bawah 18 tahun", "the holder is not under 18"),
    ),
    "idr_from": _named("sedikitnya {}", "of at least {}", "rupiah"),
    "idr_to": _named("paling banyak {}", "of at most {}", "rupiah"),
    "channels": _named("lewat saluran {}", "through the channels {}", "list"),
    "other_country": _named("negara pihak lain: {}", "country of the other side: {}", "list"),
    "own_country": _named("negara di sisi rekening ini: {}", "country of the account's own side: {}", "list"),
    "other_kinds": _named("jenis rekening pihak lain: {}", "kind of account of the other side: {}", "list"),
    "merchant_categories": _named("kategori pedagang: {}", "merchant category: {}", "list"),
    "other_age_to": _named("umur pihak lain paling banyak {} tahun", "the other side at most {} years old", "years"),
    "other_age_from": _named("umur pihak lain sedikitnya {} tahun", "the other side at least {} years old", "years"),
    "subject_age_to": _named(
        "umur pemilik rekening paling banyak {} tahun", "the holder at most {} years old", "years"
    ),
    "opened_within": _named("sejak rekening dibuka: {}", "since the account was opened: {}", "seconds"),
    "after_quiet": _named(
        "setelah sedikitnya {} tanpa pembayaran searah",
        "after at least {} without a payment in this direction",
        "seconds",
    ),
    "shared_device": _named(
        "perangkat yang dipakai sedikitnya {} rekening penerima",
        "on a device of at least {} receiving accounts",
        "accounts",
    ),
    "drained_to": _named("saldo tersisa paling banyak {}", "at most {} of the balance is left", "share"),
    "words": lambda name: (f"berita memuat kata dari daftar `{name}`", f"the remark holds a word of the list `{name}`"),
}


def conditions(wanted: Conditions, language: str) -> str:
    """The conditions as one text, joined by commas; sets of `any_of` by or."""
    place = 0 if language == "id" else 1
    said = []
    for name, one in wanted:
        if name == "any_of":
            joint = " atau " if language == "id" else " or "
            said.append(joint.join(f"({conditions(some, language)})" for some in one))
        else:
            said.append(_CONDITIONS[name](one)[place])
    return ", ".join(said)


def counted(one: Test, language: str) -> str:
    """What a comparison counts, without its window."""
    feature = FEATURES[one.feature]
    name = feature.says_id if language == "id" else feature.says_en
    if one.of:
        name += f" ({conditions(one.of, language)})"
    if one.within:
        name += f" ({'dalam' if language == 'id' else 'within'} {span(one.within, language)})"
    if one.entity == "pair":
        name += " dengan pihak yang sama" if language == "id" else " with the same other side"
    return name


def either(some: Iterable[Test], language: str) -> str:
    """Comparisons of which one suffices."""
    return (" atau " if language == "id" else " or ").join(test(one, language) for one in some)


def test(one: Test, language: str) -> str:
    """One comparison as a sentence without a full stop."""
    feature, place, name = FEATURES[one.feature], 0 if language == "id" else 1, counted(one, language)
    over = f"dalam {span(one.window, language)}" if language == "id" else f"within {span(one.window, language)}"
    said = f"{name}, {over}: {_OPS[one.op][place]} {value(one.value, feature.unit, language)}"
    return said + (f" (`{one.parameter}`)" if one.parameter else "")


def direction(one: Indicator, language: str) -> str:
    """Which payments of the subject are looked at."""
    if language == "id":
        base = "pembayaran yang diterima" if one.at == "in" else "pembayaran yang dibuat"
    else:
        base = "payments received" if one.at == "in" else "payments made"
    return f"{base}: {conditions(one.payments, language)}" if one.payments else base


def further(one: Indicator, language: str) -> list[str]:
    """What is asked beyond the comparisons: how often, and silence afterwards."""
    said = []
    if one.repeated:
        times, window, apart = (
            one.repeated.times,
            span(one.repeated.window, language),
            span(one.repeated.apart, language),
        )
        said.append(
            f"Terjadi sedikitnya {times} kali dalam {window}, masing-masing berjarak sedikitnya {apart}"
            if language == "id"
            else f"This happens at least {times} times within {window}, each at least {apart} after the one before"
        )
    if one.then_silent:
        silent = span(one.then_silent, language)
        said.append(
            f"Lalu {silent} tanpa pembayaran lagi kepada pihak itu; tanda bertanggal setelah masa itu lewat"
            if language == "id"
            else f"Then {silent} without another payment to that party; the flag is dated when that time has passed"
        )
    return said
