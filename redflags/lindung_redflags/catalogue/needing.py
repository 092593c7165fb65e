"""Which columns and lists an indicator needs, derived from what its conditions and features speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_TRANSACTIONS = {
    "foreign": ("payer_country", "payee_country"), "channels": ("channel",), "words": ("remark",),
    "shared_device": ("device_id",),
    "merchant_categories": ("merchant_category",), "drained_to": ("payer_balance_after",),
}  # fmt: skip
_ACCOUNTS = {
    "own": "holder_id", "night": "region", "other_age_to": "birth_date", "other_age_from": "birth_date",
    "subject_age_to": "birth_date", "opened_within": "opened_on",
}  # fmt: skip


def derived(raw: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return {"transactions": columns, "accounts": columns, "lists": names} of a computed indicator as it was read.

    `subject_minor` asks for no column: without a birth date the kind of account answers.
    """
    found: dict[str, set[str]] = {"transactions": set(), "accounts": set(), "lists": set()}
    other_country, own_country = "payee_country", "payer_country"
    if raw["at"] == "in":
        other_country, own_country = own_country, other_country
    tests = [test for entries in raw["when"].values() for entry in entries for test in entry.get("any", [entry])]
    for name, value in _conditions([raw.get("payments", {}), *(test.get("of", {}) for test in tests)]):
        found["transactions"] |= set(_TRANSACTIONS.get(name, ()))
        if name == "other_country":
            found["transactions"].add(other_country)
        if name == "own_country":
            found["transactions"].add(own_country)
        if name in _ACCOUNTS:
            found["accounts"].add(_ACCOUNTS[name])
        if name == "words":
            found["lists"].add(value)
        if isinstance(value, str) and value.startswith("@"):
            found["lists"].add(value[1:])
    for test in tests:
        if test["feature"] == "parties" or test["entity"] == "pair":
            found["accounts"].add("holder_id")
        if test["feature"] == "countries":
            found["transactions"].add(other_country)
        if test["feature"] == "channels":
            found["transactions"].add("channel")
        if test["feature"] == "declined":
            found["transactions"].add("status")
    return found


def _conditions(sets: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Any]]:
    for some in sets:
        for name, value in some.items():
            if name == "any_of":
                yield from _conditions(value)
            else:
                yield name, value
