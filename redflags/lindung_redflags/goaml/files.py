"""Reads what the scan does not know: who reports (TOML) and who the parties are (CSV). Both stay in the institution."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from lindung_redflags.errors import BadInput
from lindung_redflags.goaml.model import Party, Reporter

_YES = {"true": True, "1": True, "yes": True, "ya": True, "false": False, "0": False, "no": False, "tidak": False}


def read_reporter(path: Path) -> Reporter:
    """Read the file of the reporter: keys as the fields of Reporter, all texts. Raises BadInput."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path}: expected a TOML file in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{path}: not TOML: {error}") from error
    known = [one.name for one in fields(Reporter)]
    for name, value in raw.items():
        if name not in known:
            raise BadInput(f"{path}: {name} is unknown; expected {', '.join(known)}")
        if not isinstance(value, str):
            raise BadInput(f"{path}: {name}: expected text in quotes")
    return Reporter(**raw)


def read_parties(path: Path) -> dict[str, dict[str, Any]]:
    """Read the file of parties: a CSV with a column account_id and any fields of Party; an empty cell says nothing.

    Returns the filled-in fields by account_id. Raises BadInput with the line and the column, never with the value.
    """
    known = {one.name for one in fields(Party)}
    found: dict[str, dict[str, Any]] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            columns = list(reader.fieldnames or [])
            if "account_id" not in columns:
                raise BadInput(f"{path}, line 1: expected a column account_id")
            if unknown := sorted(set(columns) - known):
                raise BadInput(f"{path}, line 1: column {unknown[0]} is unknown; expected {', '.join(sorted(known))}")
            if len(set(columns)) != len(columns):
                raise BadInput(f"{path}, line 1: a column stands twice")
            for row in reader:
                if None in row or None in row.values():
                    raise BadInput(f"{path}, line {reader.line_num}: expected {len(columns)} cells")
                account_id = row["account_id"].strip()
                if not account_id:
                    raise BadInput(f"{path}, line {reader.line_num}, column account_id: expected an account")
                if account_id in found:
                    raise BadInput(f"{path}, line {reader.line_num}, column account_id: the account stands twice")
                found[account_id] = {
                    name: _cell(path, reader.line_num, name, text.strip()) for name, text in row.items() if text.strip()
                }
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: expected a CSV file in UTF-8") from error
    return found


def _cell(path: Path, line: int, name: str, text: str) -> Any:
    read: dict[str, tuple[Callable[[str], Any], str]] = {
        "birth_date": (date.fromisoformat, "a date as 2001-12-31"),
        "opened_on": (date.fromisoformat, "a date as 2001-12-31"),
        "offset_s": (int, "seconds east of UTC"),
        "customer": (lambda value: _YES[value.lower()], "true or false"),
        "possible_victim": (lambda value: _YES[value.lower()], "true or false"),
    }
    if name not in read:
        return text
    reader, expected = read[name]
    try:
        return reader(text)
    except (ValueError, KeyError) as error:
        raise BadInput(f"{path}, line {line}, column {name}: expected {expected}") from error
