"""Codes that columns may hold: ISO 4217 and ISO 3166 as Babel has them, and the provinces of Indonesia."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision, list_currencies

_NO_MONEY = {"XXX", "XTS"}
_NO_COUNTRY = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
"""Codes of the Unicode list that ISO 3166-1 does not assign; XK (Kosovo) stays, since banks use it."""

CHANNELS = ("bank", "ewallet", "qris", "pulsa", "topup", "gift", "remittance", "card", "crypto", "cash")
STATUSES = ("completed", "declined", "reversed")
KINDS = ("person", "minor", "student", "business", "merchant", "school", "charity", "biller", "agent")
PRODUCTS = ("bank", "wallet", "msisdn", "card", "crypto")

WIB, WITA, WIT = 25200, 28800, 32400
"""Seconds east of UTC of Western, Central and Eastern Indonesia Time."""

PROVINCES = {
    WIB: (*map(str, range(11, 20)), "21", *map(str, range(31, 37)), "61", "62"),
    WITA: ("51", "52", "53", "63", "64", "65", *map(str, range(71, 77))),
    WIT: ("81", "82", *map(str, range(91, 97))),
}
"""The official codes of the 38 provinces by their time zone, as in lindung/places/data/provinces.csv of this repository
(decree of the Ministry of Home Affairs 300.2.2-2138/2025)."""


@cache
def currencies() -> tuple[str, ...]:
    """Codes of ISO 4217, those that went out of use included."""
    return tuple(sorted(set(list_currencies()) - _NO_MONEY))


@cache
def minor_units() -> dict[int, tuple[str, ...]]:
    """Currencies by their number of decimals, where it is not two; never more than four."""
    found: dict[int, list[str]] = {}
    for code in currencies():
        digits = min(get_currency_precision(code), 4)
        if digits != 2:
            found.setdefault(digits, []).append(code)
    return {digits: tuple(codes) for digits, codes in found.items()}


@cache
def countries() -> tuple[str, ...]:
    """Alpha-2 codes of ISO 3166-1."""
    found = {str(code) for code in Locale("en").territories}
    return tuple(sorted(code for code in found - _NO_COUNTRY if len(code) == 2 and code.isalpha()))
