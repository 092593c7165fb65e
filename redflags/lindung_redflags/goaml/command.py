"""One alert of a scan to the files of a draft report: what the command line calls."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import duckdb

from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.errors import BadInput
from lindung_redflags.goaml.files import read_parties, read_reporter
from lindung_redflags.goaml.model import Reporter
from lindung_redflags.goaml.profile import load_profile
from lindung_redflags.goaml.readiness import Gap
from lindung_redflags.goaml.release import Release
from lindung_redflags.goaml.report import Report, make, write
from lindung_redflags.goaml.scan import from_scan
from lindung_redflags.goaml.validation import load_schema


@dataclass(frozen=True)
class Wanted:
    """What is asked for. `folder`: of the scan; files that are None are not there, and what they would say is a gap."""

    folder: Path
    alert_id: str
    out: Path
    made_on: date
    profile: str | Path = "id-template"
    reporter: Path | None = None
    parties: Path | None = None
    schema: Path | None = None
    release: Path | None = None
    as_draft: bool = False


def command(
    wanted: Wanted, *, connection: duckdb.DuckDBPyConnection, catalogue: Catalogue
) -> tuple[Report, tuple[Path, ...]]:
    """Write a report and return it with the paths of its files. `connection` holds the tables tx and acc.

    Raises BadInput, BadProfile, BadSchema, NotReady or NotValid, all RedflagsError; nothing is written then.
    """
    profile = load_profile(wanted.profile)
    schema = load_schema(wanted.schema) if wanted.schema else None
    reporter = read_reporter(wanted.reporter) if wanted.reporter else Reporter()
    parties = read_parties(wanted.parties) if wanted.parties else {}
    release = read_release(wanted.release) if wanted.release else None
    evidence = from_scan(wanted.folder, wanted.alert_id, parties, connection=connection, catalogue=catalogue)
    report = make(
        evidence, reporter, profile, made_on=wanted.made_on, release=release, schema=schema, as_draft=wanted.as_draft
    )
    return report, write(report, wanted.out, f"ltkm-{evidence.alert.alert_id[:16]}")


def read_release(path: Path) -> Release:
    """Read who decided and confirmed: a TOML file with the four fields of Release. Raises BadInput."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path}: expected a TOML file in UTF-8") from error
    names = [one.name for one in fields(Release)]
    if set(raw) != set(names) or not all(isinstance(value, str) for value in raw.values()):
        raise BadInput(f"{path}: expected exactly {', '.join(names)}, all texts in quotes")
    return Release(**raw)


def told(gaps: Iterable[Gap], language: str) -> list[str]:
    """The readiness list in lines for a terminal. `language`: id or en."""
    words = {"id": ("wajib", "periksa"), "en": ("mandatory", "look at")}[language]
    return [
        f"[{words[0] if gap.mandatory else words[1]}] {gap.element}: {gap.fill_id if language == 'id' else gap.fill_en}"
        for gap in gaps
    ]
