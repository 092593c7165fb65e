"""How a column of one type is read and checked, as SQL over its reference in a relation.

Each reader takes the SQL of the column and its DuckDB type and returns the SQL of the value, NULL when there is none,
and the checks: SQL that is true where a row is wrong, with what was expected instead. A type that cannot be read
raises WrongType with what was expected. No expression fails on any data, so DuckDB never quotes a value in an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lindung_redflags.engines.conditions_sql import listed, text
from lindung_redflags.reading.codes import (
    CHANNELS,
    KINDS,
    PRODUCTS,
    PROVINCES,
    STATUSES,
    countries,
    currencies,
    minor_units,
)

Checks = list[tuple[str, str]]

_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
}
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = _DAY + r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONED = _CLOCK + r"(Z|[+-]\d{2}(:?\d{2})?)"
_EARLIEST = 946684800
"""2000-01-01 UTC."""
_EXACT = 2**51
"""Below this many minor units a double tells which whole number of them was meant."""


class WrongType(Exception):
    """The column has a type that cannot be read; the text says what was expected."""


@dataclass(frozen=True)
class Reading:
    """A column as SQL."""

    value: str
    checks: Checks


@dataclass(frozen=True)
class Around:
    """What a reader may need of the rest of the row: SQL of the currency; the present in UTC seconds."""

    currency: str
    now: int


Reader = Callable[[str, str, Around], Reading]


def family(kind: str) -> str:
    """What a DuckDB type is to us: text, integer, decimal, float, moment, naive, day, boolean, or other."""
    kind = kind.strip('"').upper()
    if kind in {"VARCHAR", "UUID", "NULL"} or kind.startswith("ENUM"):
        return "text"
    if kind in _INTEGERS:
        return "integer"
    if kind.startswith("DECIMAL"):
        return "decimal"
    if kind in {"FLOAT", "DOUBLE"}:
        return "float"
    if kind.startswith("TIMESTAMP"):
        return "moment" if "ZONE" in kind or "TZ" in kind else "naive"
    return {"DATE": "day", "BOOLEAN": "boolean"}.get(kind, "other")


def _plain(x: str) -> str:
    return f"nullif(CAST({x} AS VARCHAR), '')"


def _like(x: str, pattern: str) -> str:
    return f"regexp_full_match({x}, {text(pattern)})"


def words(required: bool = False, code: int = 0) -> Reader:
    """Any text; whole numbers are taken as their digits. `code`: filled up with zeros to this length."""

    def read(x: str, kind: str, around: Around) -> Reading:
        if family(kind) not in {"text", "integer"}:
            raise WrongType("text or whole numbers")
        value = _plain(x)
        if code and family(kind) == "integer":
            value = f"lpad({value}, greatest({code}, length({value})), '0')"
        if not required:
            return Reading(value, [])
        empty = f"{value} IS NULL OR trim({value}) = ''"
        control = f"regexp_matches({value}, '[\\x00-\\x1f\\x7f]')"
        return Reading(value, [(empty, "a text that is not empty"), (control, "a text without control characters")])

    return read


def choice(values: Sequence[str], expected: str = "", required: bool = False) -> Reader:
    """One of some texts."""

    def read(x: str, kind: str, around: Around) -> Reading:
        if family(kind) != "text":
            raise WrongType("text")
        value = _plain(x)  # an enumeration is looked up by hash, a list is walked through
        wrong = f"{value} IS NOT NULL AND TRY_CAST({value} AS ENUM{listed(tuple(dict.fromkeys(values)))}) IS NULL"
        if required:
            wrong += f" OR {_plain(x)} IS NULL"
        return Reading(_plain(x), [(wrong, expected or f"one of {', '.join(values)}")])

    return read


def moment(x: str, kind: str, around: Around) -> Reading:
    """Seconds since 1970 in UTC, never earlier than the moment's second."""
    checks: Checks
    if family(kind) == "moment":
        at = f"CASE WHEN isfinite(CAST({x} AS TIMESTAMPTZ)) THEN CAST({x} AS TIMESTAMPTZ) END"
        checks = [(f"({at}) IS NULL", "a moment with a time zone")]
    elif family(kind) == "text":
        t = _plain(x)
        at = f"CASE WHEN {_like(t, _ZONED)} THEN TRY_CAST({t} AS TIMESTAMPTZ) END"
        naive = _like(t, _CLOCK)
        checks = [
            (f"({at}) IS NULL AND NOT coalesce({naive}, false)", "a moment, as 2026-01-31T08:15:00+07:00"),
            (naive, "a moment with its time zone, as 2026-01-31T08:15:00+07:00"),
        ]
    else:
        raise WrongType("timestamps with a time zone, in microseconds")
    value = f"(epoch_us({at}) // 1000000)"
    checks += [
        (f"{value} < {_EARLIEST}", "a moment not before 2000-01-01"),
        (f"{value} > {around.now + 86400}", "a moment not later than a day from now"),
    ]
    return Reading(value, checks)


def day(required: bool = False, future: bool = True) -> Reader:
    """Days since 1970-01-01. `future`: later than tomorrow is a fault."""

    def read(x: str, kind: str, around: Around) -> Reading:
        form = "a day, as 2026-01-31"
        if family(kind) == "day":
            of = f"CASE WHEN isfinite({x}) THEN {x} END"
        elif family(kind) == "text":
            of = f"CASE WHEN {_like(_plain(x), _DAY)} THEN TRY_CAST({_plain(x)} AS DATE) END"
        else:
            raise WrongType("dates")
        value = f"CAST(({of}) - DATE '1970-01-01' AS INTEGER)"
        given = "true" if required else f"{_plain(x)} IS NOT NULL"
        checks = [
            (f"{given} AND ({of}) IS NULL", form),
            (f"({of}) < DATE '1900-01-01'", "a day not before 1900-01-01"),
        ]
        if future:
            checks.append((f"{value} > {around.now // 86400 + 1}", "a day that is not in the future"))
        return Reading(value, checks)

    return read


def money(required: bool = False, signed: bool = False) -> Reader:
    """Ten-thousandths of the currency's unit, from decimals with at most four decimals below 10^14."""

    def read(x: str, kind: str, around: Around) -> Reading:
        checks: Checks = [(f"{_plain(x)} IS NULL", "an amount")] if required else []
        large = "an amount below 100,000,000,000,000"
        sort = family(kind)
        if sort == "float":
            value, more = _double(x, around.currency)
            checks += more
        else:
            if sort == "text":
                t = _plain(x)
                formed = _like(t, r"[+-]?\d{1,20}(\.\d+)?")
                number = f"CASE WHEN {formed} THEN TRY_CAST({t} AS DECIMAL(18,4)) END"
                checks += [
                    (f"NOT {formed}", "a number as 1250000.50, with a point and no other separators"),
                    (f"{formed} AND NOT {_like(t, r'[^.]*([.][0-9]{1,4}0*)?')}", "at most 4 decimals"),
                    (f"{formed} AND ({number}) IS NULL", large),
                ]
            elif sort in {"integer", "decimal"}:
                number = f"TRY_CAST({x} AS DECIMAL(18,4))"
                checks += [
                    (f"{x} IS NOT NULL AND {number} IS NULL", large),
                    (f"{number} <> {x}", "at most 4 decimals"),
                ]
            else:
                raise WrongType("decimals with at most 4 decimals")
            value = f"CAST(CAST(({number}) AS DECIMAL(30,4)) * 10000 AS BIGINT)"
        if not signed:
            checks.append((f"{value} <= 0", "an amount above zero"))
        return Reading(value, checks)

    return read


def _double(x: str, currency: str) -> tuple[str, Checks]:
    """A double that is the nearest one to a whole number of minor units counts as it; every other is refused."""
    arms = [(f"WHEN {currency} IN {listed(codes)} THEN", digits) for digits, codes in minor_units().items()]
    scale = f"(CASE {' '.join(f'{arm} {10**digits}' for arm, digits in arms)} ELSE 100 END)"
    up = f"(CASE {' '.join(f'{arm} {10 ** (4 - digits)}' for arm, digits in arms)} ELSE 100 END)"
    x = f"CAST({x} AS DOUBLE)"
    small = f"(isfinite({x}) AND abs({x}) * {scale} < {_EXACT})"
    units = f"TRY_CAST(round(CASE WHEN {small} THEN {x} * {scale} END) AS BIGINT)"
    exact = f"(CAST({units} AS DOUBLE) / {scale} = {x})"
    said = "whole minor units of the currency; give decimals instead of doubles"
    return f"(CASE WHEN {exact} THEN {units} * {up} END)", [(f"{x} IS NOT NULL AND NOT coalesce({exact}, false)", said)]


def whole(low: int, high: int, expected: str) -> Reader:
    """Whole numbers from `low` to `high`, whatever type they come in."""

    def read(x: str, kind: str, around: Around) -> Reading:
        sort = family(kind)
        if sort == "text":
            formed = _like(_plain(x), "[+-]?[0-9]{1,16}([.]0+)?")
            number = f"CASE WHEN {formed} THEN TRY_CAST({_plain(x)} AS DECIMAL(20,2)) END"
        elif sort == "float":
            number = f"CASE WHEN isfinite({x}) AND {x} = trunc({x}) THEN TRY_CAST({x} AS DECIMAL(20,2)) END"
        elif sort == "integer":
            number = f"TRY_CAST({x} AS BIGINT)"
        elif sort == "decimal":
            number = f"CASE WHEN {x} = trunc({x}) THEN TRY_CAST({x} AS DECIMAL(20,2)) END"
        else:
            raise WrongType("whole numbers")
        value = f"CAST(({number}) AS BIGINT)"
        given = f"{_plain(x)} IS NOT NULL" if sort == "text" else f"{x} IS NOT NULL"
        wrong = f"{given} AND NOT coalesce({value} BETWEEN {low} AND {high}, false)"
        return Reading(value, [(wrong, expected)])

    return read


def yes_or_no(x: str, kind: str, around: Around) -> Reading:
    """true or false, also as 1 and 0."""
    if family(kind) not in {"text", "integer", "boolean"}:
        raise WrongType("true or false")
    t = f"lower({_plain(x)})"
    value = f"CASE WHEN {t} IN ('true', '1') THEN true WHEN {t} IN ('false', '0') THEN false END"
    return Reading(value, [(f"({value}) IS NULL", "true or false")])


def rate(x: str, kind: str, around: Around) -> Reading:
    """Rupiah for one unit of a currency, in hundred-millionths."""
    expected = "rupiah for one unit, above zero, with at most 8 decimals"
    sort = family(kind)
    if sort == "text":
        formed = _like(_plain(x), r"[0-9]{1,9}([.][0-9]{1,8}0*)?")
        number = f"CASE WHEN {formed} THEN TRY_CAST({_plain(x)} AS DECIMAL(18,8)) END"
    elif sort in {"integer", "decimal"}:
        number = f"CASE WHEN TRY_CAST({x} AS DECIMAL(18,8)) = {x} THEN TRY_CAST({x} AS DECIMAL(18,8)) END"
    else:
        raise WrongType("decimals, no doubles")
    value = f"CAST(CAST(({number}) AS DECIMAL(38,8)) * 100000000 AS BIGINT)"
    return Reading(value, [(f"NOT coalesce({value} > 0, false)", expected)])


def region(x: str, kind: str, around: Around) -> Reading:
    """Seconds east of UTC, from the first two digits of the official code of a place in Indonesia."""
    if family(kind) not in {"text", "integer"}:
        raise WrongType("text: the official code of a province or of a place in it")
    first = f"left({_plain(x)}, 2)"
    arms = " ".join(f"WHEN {first} IN {listed(codes)} THEN {offset}" for offset, codes in PROVINCES.items())
    said = "the official code of a province, as 31, or of a place in it"
    value = f"CASE WHEN {_like(_plain(x), '[0-9]{2}([.]?[0-9]+)*')} THEN CASE {arms} END END"
    return Reading(value, [(f"{_plain(x)} IS NOT NULL AND ({value}) IS NULL", said)])


def _country(required: bool = False) -> Reader:
    return choice(countries(), "a country as two letters of ISO 3166-1, as ID", required)


def _currency(required: bool = True) -> Reader:
    return choice(currencies(), "a currency as three letters of ISO 4217, as IDR", required)


@dataclass(frozen=True)
class Column:
    """A column of the input. `needed`: the file must have it."""

    name: str
    reader: Reader
    needed: bool = False


TRANSACTIONS = (
    Column("tx_id", words(required=True), True),
    Column("ts", moment, True),
    Column("amount", money(required=True), True),
    Column("currency", _currency(), True),
    Column("amount_idr", whole(0, 10**15, "whole rupiah from 0 to 1,000,000,000,000,000")),
    Column("payer_id", words(required=True), True),
    Column("payee_id", words(required=True), True),
    Column("payer_country", _country(), True),
    Column("payee_country", _country(), True),
    Column("channel", choice(CHANNELS), True),
    Column("status", choice(STATUSES, required=True)),
    Column("remark", words()),
    Column("device_id", words()),
    Column("merchant_category", words(code=4)),
    Column("payer_balance_after", money(signed=True)),
    Column("purpose_code", words()),
    Column("destination_country", _country()),
)

ACCOUNTS = (
    Column("account_id", words(required=True), True),
    Column("holder_id", words()),
    Column("kind", choice(KINDS), True),
    Column("birth_date", day()),
    Column("region", region),
    Column("utc_offset", whole(-720, 840, "whole minutes from -720 to 840")),
    Column("country", _country()),
    Column("opened_on", day()),
    Column("is_customer", yes_or_no),
    Column("product", choice(PRODUCTS)),
    Column("kyc_level", words()),
)

RELATIONS = (
    Column("holder_a", words(required=True), True),
    Column("holder_b", words(required=True), True),
    Column("relation", words(required=True), True),
    Column("since", day(future=False)),
    Column("until", day(future=False)),
)

RATES = (Column("date", day(required=True), True), Column("currency", _currency(), True), Column("idr", rate, True))

SEX = re.compile(r"\s*(sex|gender|jenis[_ ]?kelamin|kelamin)\s*", re.IGNORECASE)
"""Names of columns that are refused: nothing here may look at anybody's sex."""
