"""What one FIU asks for: codes, mandatory fields and elements that its form leaves out, read from a TOML file.

A key that nobody knows is an error. An empty code is allowed, and told by the readiness list.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from lindung_redflags.errors import RedflagsError

CODE_TABLES = (
    "report", "submission", "channel", "funds", "account_type", "account_status", "role", "contact", "communication",
    "address", "gender",
)  # fmt: skip
_SETTINGS: dict[str, type] = {
    "id": str, "title_id": str, "title_en": str, "schema_version": str, "currency": str, "utc_offset": int,
    "ascii_names": bool, "text_limit": int, "own_codes": bool, "indicators_as_text": bool,
}  # fmt: skip


class BadProfile(RedflagsError):
    """A country profile is not what it has to be."""


@dataclass(frozen=True)
class Profile:
    """One country profile. `utc_offset`: minutes east of UTC of the times in the report.

    `own_codes`: the codes are words of this distribution and no FIU's. `indicators_as_text`: an indicator without a
    code is told in the text, as long as one other has a code. `mandatory`, `fixed` and `omit` speak of elements as
    part/element, e.g. account/opened; the part client_account means accounts of the reporter's own customers only.
    """

    id: str
    title_id: str
    title_en: str
    schema_version: str
    currency: str
    utc_offset: int
    ascii_names: bool
    text_limit: int
    own_codes: bool
    indicators_as_text: bool
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    indicators: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mandatory: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)
    omit: frozenset[str] = frozenset()

    def code(self, table: str, key: str) -> str:
        """Return a code, empty when the profile has none."""
        return self.codes.get(table, {}).get(key, "")

    def empty_codes(self) -> tuple[str, ...]:
        """Every place of the profile that still waits for a code, as `[codes.channel] bank`."""
        places = [
            f"[codes.{table}] {key}" for table, codes in self.codes.items() for key, code in codes.items() if not code
        ]
        places += [f"[indicators] {name}" for name, codes in self.indicators.items() if not codes]
        return tuple(sorted(places))


def own_profiles() -> dict[str, Path]:
    """The profiles of this distribution, by id."""
    folder = Path(str(resources.files("lindung_redflags.goaml").joinpath("profiles")))
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def load_profile(which: str | Path) -> Profile:
    """Read a profile by the id of one of ours or from a file. Raises BadProfile."""
    path = own_profiles().get(str(which)) or Path(which)
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadProfile(f"{path}: expected a TOML file in UTF-8, or one of {', '.join(own_profiles())}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(f"{path}: not TOML: {error}") from error

    def wrong(text: str) -> BadProfile:
        return BadProfile(f"{path}: {text}")

    if unknown := set(raw) - {"profile", "codes", "indicators", "fields"}:
        raise wrong(f"unknown: {', '.join(sorted(unknown))}; expected profile, codes, indicators, fields")
    for name in ("profile", "codes", "indicators", "fields"):
        if not isinstance(raw.setdefault(name, {}), dict):
            raise wrong(f"{name}: expected a table")
    settings = _settings(raw["profile"], wrong)
    if unknown := set(raw["codes"]) - set(CODE_TABLES):
        raise wrong(f"[codes.{min(unknown)}] is unknown; expected {', '.join(CODE_TABLES)}")
    codes = {table: _texts(f"[codes.{table}]", raw["codes"].get(table, {}), wrong) for table in CODE_TABLES}
    indicators: dict[str, tuple[str, ...]] = {}
    for name, given in raw["indicators"].items():
        if not isinstance(given, list) or not all(isinstance(code, str) for code in given):
            raise wrong(f"[indicators] {name}: expected a list of codes, empty while there is none")
        indicators[name] = tuple(code for code in given if code)
    fields: dict[str, Any] = raw["fields"]
    if unknown := set(fields) - {"mandatory", "omit", "fixed"}:
        raise wrong(f"[fields] {min(unknown)} is unknown; expected mandatory, omit, fixed")
    lists: dict[str, Any] = {}
    for name in ("mandatory", "omit"):
        given = fields.get(name, [])
        if not isinstance(given, list) or not all(isinstance(one, str) and one.count("/") == 1 for one in given):
            raise wrong(f"[fields] {name}: expected a list of part/element")
        lists[name] = frozenset(given)
    fixed = _texts("[fields.fixed]", fields.get("fixed", {}), wrong)
    return Profile(**settings, codes=codes, indicators=indicators, fixed=fixed, **lists)


def _settings(given: Mapping[str, Any], wrong: Any) -> dict[str, Any]:
    if set(given) != set(_SETTINGS):
        odd = sorted(set(given) ^ set(_SETTINGS))
        raise wrong(f"[profile] has to have exactly {', '.join(_SETTINGS)}; look at {', '.join(odd)}")
    for name, kind in _SETTINGS.items():
        if type(given[name]) is not kind:
            raise wrong(f"[profile] {name}: expected {'text' if kind is str else kind.__name__}")
    if not -720 <= given["utc_offset"] <= 840:
        raise wrong("[profile] utc_offset: expected minutes from -720 to 840")
    if given["text_limit"] < 500:
        raise wrong("[profile] text_limit: expected at least 500 characters")
    return dict(given)


def _texts(where: str, given: Any, wrong: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise wrong(f"{where}: expected texts, empty while there is no code")
    return dict(given)
