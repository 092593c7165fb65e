"""What a scan keeps in `state/` so that further payments can be added to its result.

`payments/00001.parquet` and so on: every payment, with numbers for its accounts; a further file for each update.
`accounts.parquet`: what is known of each account, with its number. `episodes.parquet`: all episodes, also those below
the threshold. `decided.parquet`: the decisions about what is held back. `state.json`: what the result was made with,
and the SHA-256 of each file that it rests on.

All payments are kept. What a payment means may depend on one long before it: whether a pair is new, how long nothing
came in, how many accounts a device had received for, when an episode began, which hits `repeated` has counted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags import deciding
from lindung_redflags.deciding import Decisions
from lindung_redflags.engines.conditions_sql import text
from lindung_redflags.errors import BadInput
from lindung_redflags.reading.quality import Quality, Tally

FORM = 2
"""Counts up when a state of before can no longer be read."""

PAYMENT = (
    "tx_id", "t", "amount", "cur", "idr", "p", "q", "pc", "qc", "channel", "status", "remark", "device", "mcc",
    "balance", "purpose", "dest",
)  # fmt: skip
"""What is kept of a payment; columns of `tx`."""

ACCOUNT = (
    "account_id", "holder_id", "alone", "kind", "birth", "opened", "offset_s", "country", "product", "kyc", "customer",
    "listed",
)  # fmt: skip
"""What is kept of an account beside its number; columns of `acc`, and whether its holder has no other account here."""

ALONE = "account_id = holder_id AND count(*) OVER (PARTITION BY h) = 1"
"""Tells an account without a holder from one whose holder is called as it is, where that makes a difference."""

NO_DECISIONS = Decisions()
_RESULTS = ("alerts.parquet", "held.parquet", "hits.parquet")


@dataclass(frozen=True)
class State:
    """What state.json says. `asked`: catalogue, threshold, engine, since; `last`: second of the latest payment."""

    asked: dict[str, Any]
    program: str
    ran: tuple[str, ...]
    last: int | None
    tallies: dict[str, Tally]
    parts: tuple[str, ...]
    decisions: Decisions = NO_DECISIONS

    @property
    def since(self) -> date | None:
        return date.fromisoformat(self.asked["since"]) if self.asked["since"] else None


def program() -> str:
    """The version of this program: another one may find other things."""
    return version("lindung-redflags")


def first(
    connection: duckdb.DuckDBPyConnection, out: Path, asked: Mapping[str, Any], ran: Sequence[str], quality: Quality,
    decisions: Decisions,
) -> None:  # fmt: skip
    """Keep the tables `acc`, `tx`, `decision` and `episode_rows` of a scan in the folder of its result."""
    folder = out / "state"
    (folder / "payments").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    connection.execute(f"""
        COPY (SELECT {", ".join(PAYMENT)} FROM tx) TO {text(folder / "payments/00001.parquet")}
        (FORMAT parquet, COMPRESSION zstd)
    """)
    last = connection.execute("SELECT max(t) FROM tx").fetchall()[0][0]
    keep_accounts(connection, out, f"SELECT *, {ALONE} AS alone FROM acc")
    parts = ("00001.parquet",)
    seal(connection, out, State(plain(asked), program(), tuple(ran), last, quality.tallies, parts, decisions))


def plain(asked: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, as JSON can say it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asked.items()}


def keep_accounts(connection: duckdb.DuckDBPyConnection, out: Path, accounts: str) -> None:
    """Write accounts.parquet from a query with the number `a` and the columns of ACCOUNT."""
    connection.execute(f"""
        COPY (SELECT a, {", ".join(ACCOUNT)} FROM ({accounts})) TO {text(out / "state/accounts.parquet")}
        (FORMAT parquet, COMPRESSION zstd)
    """)


def seal(connection: duckdb.DuckDBPyConnection, out: Path, state: State) -> None:
    """Write episodes.parquet and decided.parquet from their tables, then state.json over all that lies there."""
    folder = out / "state"
    connection.execute(f"COPY episode_rows TO {text(folder / 'episodes.parquet')} (FORMAT parquet)")
    deciding.keep(connection, folder / "decided.parquet")
    said = {
        "form": FORM,
        "program": state.program,
        "asked": state.asked,
        "ran": list(state.ran),
        "last": state.last,
        "parts": list(state.parts),
        "decisions": asdict(state.decisions),
        "tallies": {name: asdict(tally) for name, tally in state.tallies.items()},
        "sha256": {name: _sha256(out / name) for name in _rests_on(state.parts)},
    }
    (folder / "state.json").write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(out: Path) -> State:
    """What a scan kept. Raises BadInput where nothing was kept, or where a file is not as it was written."""
    path = out / "state" / "state.json"
    if not path.is_file():
        raise BadInput(
            f"{out}: expected what `redflags scan` wrote, with its folder state/ (it is not there after --until or "
            "--no-state); scan everything anew"
        )
    try:
        said = json.loads(path.read_text("utf-8"))
        if said["form"] != FORM:
            raise BadInput(f"{path}: written by another version of this program; scan everything anew")
        found = State(
            said["asked"],
            said["program"],
            tuple(said["ran"]),
            said["last"],
            {name: Tally(**tally) for name, tally in said["tallies"].items()},
            tuple(said["parts"]),
            Decisions(int(said["decisions"]["rows"]), tuple(said["decisions"]["sha256"])),
        )
        hashes = {name: said["sha256"][name] for name in _rests_on(found.parts)}
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: expected what a scan wrote; scan everything anew") from error
    for name, expected in hashes.items():
        if not (out / name).is_file() or _sha256(out / name) != expected:
            raise BadInput(f"{out / name}: not as it was written; scan everything anew")
    return found


def _rests_on(parts: Sequence[str]) -> list[str]:
    names = ("accounts", "episodes", "decided")
    kept = (*(f"state/{name}.parquet" for name in names), *(f"state/payments/{part}" for part in parts))
    return [*_RESULTS, *kept]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
