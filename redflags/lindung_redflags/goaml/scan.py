"""Takes the evidence of one alert from the folder of a scan and from the normalised tables `tx` and `acc`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb

from lindung_redflags.alerts import TOGETHER, VICTIM
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.errors import BadInput
from lindung_redflags.goaml.model import Alert, Evidence, Hit, Party, Payment, Source, Unchecked
from lindung_redflags.words import comparison, held

_ALERTS = ("alert_id", "account_id", "class", "score", "raised_at")
_HITS = ("alert_id", "indicator", "at", "observed", "threshold", "tx_ids")
_SIGNS = ("account_id", "indicator", "at")


def from_scan(
    folder: Path, alert_id: str, parties: Mapping[str, Mapping[str, Any]], *, connection: duckdb.DuckDBPyConnection,
    catalogue: Catalogue, unchecked: Iterable[Unchecked] = (),
) -> Evidence:  # fmt: skip
    """Build the evidence of an alert. `folder`: a scan, with alerts.parquet, hits.parquet and summary.json.

    `connection`: holds the tables tx and acc of the data that was scanned; `catalogue`: the one it was scanned with.
    `parties`: fields of Party by account_id, e.g. from `files.read_parties`; what they do not say is taken from `acc`.
    The alert may be given by the first characters of its id, at least eight. Raises BadInput.
    """
    alerts = _rows(connection, folder / "alerts.parquet", _ALERTS)
    found = [row for row in alerts if row["alert_id"] == alert_id]
    if not found and len(alert_id) >= 8:
        found = [row for row in alerts if str(row["alert_id"]).startswith(alert_id)]
    if len(found) != 1:
        what = "no alert has this id" if not found else f"{len(found)} alerts begin so"
        raise BadInput(
            f"{folder / 'alerts.parquet'}: {what}; expected one alert_id of this scan; what is held back beside a "
            "possible victim is no alert and has none"
        )
    row = found[0]
    not_run = _not_run(folder / "summary.json", catalogue)
    hits = [
        _hit(one, catalogue) for one in _rows(connection, folder / "hits.parquet", _HITS, "alert_id", row["alert_id"])
    ]
    wanted = sorted({tx for hit in hits for tx in hit.tx_ids})
    payments = _payments(connection, wanted)
    if len(payments) != len(wanted):
        raise BadInput(
            f"transactions: {len(wanted) - len(payments)} of {len(wanted)} payments of the alert are not there; "
            "expected the data that the scan read"
        )
    named = sorted({row["account_id"], *(side for p in payments for side in (p.payer_id, p.payee_id))})
    made = _parties(connection, named)
    for account_id, given in parties.items():
        if account_id in made:
            made[account_id] = replace(made[account_id], **{k: v for k, v in given.items() if k != "account_id"})
    if missing := sorted(set(named) - set(made)):
        raise BadInput(f"accounts: {len(missing)} accounts of the alert are not there, the first is {missing[0]}")
    alert = Alert(
        alert_id=row["alert_id"], account_id=row["account_id"], subject_class=row["class"], hits=tuple(hits),
        payments=tuple(payments), holder_id=made[row["account_id"]].holder_id, score=int(row["score"]),
        raised_at=_second(row["raised_at"]), unchecked=(*not_run, *unchecked),
        victim_signs=_victim_signs(connection, folder, row, hits, catalogue),
    )  # fmt: skip
    return Evidence(alert, made)


def _rows(
    connection: duckdb.DuckDBPyConnection, path: Path, columns: tuple[str, ...], by: str = "", value: str = "",
) -> list[dict[str, Any]]:  # fmt: skip
    """The rows of a file of a scan, all or those with a value in the column `by`.

    Times become whole UTC seconds inside the engine, whatever their type.
    """
    if not path.is_file():
        raise BadInput(f"{path}: expected the folder of a finished scan")
    try:
        columns_sql = "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet($path))"
        types = dict(connection.execute(columns_sql, {"path": str(path)}).fetchall())
        if lacking := [name for name in columns if name not in types]:
            raise BadInput(f"{path}: column {lacking[0]} is missing")
        chosen = ", ".join(
            f'epoch_us("{name}") // 1000000 AS "{name}"' if str(types[name]).startswith("TIMESTAMP") else f'"{name}"'
            for name in columns
        )
        where, given = (f"WHERE {by} = $value", {"value": value}) if by else ("", {})
        sql = f"SELECT {chosen} FROM read_parquet($path) {where} ORDER BY ALL"  # noqa: S608  (names of our own columns)
        rows = connection.execute(sql, {"path": str(path), **given}).fetchall()
        return [dict(zip(columns, row, strict=True)) for row in rows]
    except duckdb.Error as error:
        raise BadInput(f"{path}: not a table of a scan") from error


def _victim_signs(
    connection: duckdb.DuckDBPyConnection, folder: Path, row: Mapping[str, Any], hits: list[Hit], catalogue: Catalogue
) -> tuple[str, ...]:
    """The primary indicators of a possible victim that hit the account of a suspect's alert in the same time."""
    if row["class"] == VICTIM or not hits:
        return ()
    first, last = min(hit.at for hit in hits) - TOGETHER, max(hit.at for hit in hits) + TOGETHER
    signs = {one.id for one in catalogue if one.subject == VICTIM and one.kind == "primary"}
    near = _rows(connection, folder / "hits.parquet", _SIGNS, "account_id", row["account_id"])
    return tuple(sorted({one["indicator"] for one in near if first <= one["at"] <= last} & signs))


def _not_run(path: Path, catalogue: Catalogue) -> list[Unchecked]:
    """The indicators that the scan could not run, and why. Raises BadInput when it used another catalogue."""
    try:
        summary = json.loads(path.read_text("utf-8"))
        version, reasons = summary["catalogue"], summary["coverage"]["did_not_run"]
        found = [Unchecked(name, why["id"], why["en"]) for name, why in sorted(reasons.items())]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{path}: expected the summary of a finished scan") from error
    if version != catalogue.version:
        raise BadInput(f"{path}: the scan used catalogue {version}, not {catalogue.version}; give the same catalogue")
    return found


def _second(value: Any) -> int | None:
    return None if value is None else int(value)


def _hit(row: dict[str, Any], catalogue: Catalogue) -> Hit:
    if not isinstance(row["tx_ids"], list) or row["at"] is None:
        raise BadInput("hits.parquet: expected `tx_ids` as a list and `at` as a time")
    known = catalogue.indicators.get(row["indicator"])
    raw = known.raw if known else {}
    sources = tuple(
        Source(one["name"], one["mark"], str(one.get("date", "")), one.get("where", ""))
        for one in raw.get("sources", ())
    )
    title = raw.get("title", {})
    observed, threshold = str(row["observed"]), str(row["threshold"])
    seen = _fractions(observed)
    says = {"id": "", "en": ""}
    if known and known.tests and len(known.tests) == len(seen):
        for language in says:
            parts = [comparison(test, value, language) for test, value in held(known, seen)]
            says[language] = "; ".join(parts)
    return Hit(
        row["indicator"], int(row["at"]), observed, threshold, tuple(sorted(row["tx_ids"])), title.get("id", ""),
        title.get("en", ""), sources, says["id"], says["en"],
    )  # fmt: skip


def _fractions(observed: str) -> list[Fraction]:
    """The observed values of a hit, one a comparison; empty when they are written in another way."""
    try:
        return [Fraction(one) for one in json.loads(observed)]
    except (ValueError, TypeError, ZeroDivisionError):
        return []


def _payments(connection: duckdb.DuckDBPyConnection, tx_ids: list[str]) -> list[Payment]:
    rows = connection.execute(
        "SELECT tx_id, t, amount, cur, idr, p.account_id, q.account_id, channel, remark, status, pc, qc FROM tx "
        "JOIN acc p ON p.a = tx.p JOIN acc q ON q.a = tx.q WHERE tx_id IN (SELECT unnest($ids)) ORDER BY t, tx_id",
        {"ids": tx_ids},
    ).fetchall()
    return [
        Payment(
            tx_id,
            int(t),
            Decimal(amount) / 10000,
            cur,
            int(idr),
            payer,
            payee,
            channel or "",
            remark or "",
            status or "completed",
            pc or "",
            qc or "",
        )
        for tx_id, t, amount, cur, idr, payer, payee, channel, remark, status, pc, qc in rows
    ]


def _parties(connection: duckdb.DuckDBPyConnection, account_ids: list[str]) -> dict[str, Party]:
    rows = connection.execute(
        "SELECT account_id, holder_id, kind, birth, opened, offset_s, country, product, customer, listed FROM acc "
        "WHERE account_id IN (SELECT unnest($ids)) ORDER BY account_id",
        {"ids": account_ids},
    ).fetchall()
    return {
        account_id: Party(
            account_id,
            holder_id=holder or "",
            kind=kind or "person",
            customer=bool(customer and listed),
            birth_date=None if birth is None else date(1970, 1, 1) + timedelta(days=birth),
            opened_on=None if opened is None else datetime.fromtimestamp(opened + (offset or 0), UTC).date(),
            offset_s=offset,
            country=country or "",
            product=product or "",
        )
        for account_id, holder, kind, birth, opened, offset, country, product, customer, listed in rows
    }
