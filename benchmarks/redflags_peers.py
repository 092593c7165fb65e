"""One measurement of benchmarks/redflags.py, in a process of its own: `python redflags_peers.py NAME WORLD OUT ...`.

WORLD is a folder that `redflags synth` wrote. What was found is printed as one line of JSON: every feature of a peer is
consumed by a sum, so that no engine may leave one out. Clock, CPU and memory are taken by whoever starts the process.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = 2
DAY = 86400


def scan(world: Path, out: Path, memory: str) -> dict[str, Any]:
    """The whole of `redflags scan`: Parquet in, alerts with reasons out; seconds of each step."""
    from lindung_redflags.catalogue import load
    from lindung_redflags.scanning import Asked
    from lindung_redflags.scanning import scan as run

    steps: list[tuple[float, str]] = []
    asked = Asked(
        transactions=[str(world / "transactions.parquet")],
        accounts=str(world / "accounts.parquet"),
        out=out,
        catalogue=load(),
        memory=memory,
    )
    began = time.monotonic()
    summary = run(asked, lambda text, share: steps.append((time.monotonic() - began, text)))
    seconds: dict[str, float] = {}
    for (start, text), (end, _) in zip(steps, [*steps[1:], (time.monotonic() - began, "")], strict=True):
        name = text if text in {"reading", "alerts", "reasons", "writing", "done"} else "passes"
        seconds[name] = seconds.get(name, 0) + end - start
    return {
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "ran": len(summary["coverage"]["ran"]),
        "hits": sum(one["hits"] for one in summary["indicators"].values()),
        "alerts": summary["alerts"],
    }


def passes(world: Path, out: Path, memory: str) -> dict[str, Any]:
    """Reading and passes only: every feature of the catalogue, and the hits and their payments, in tables."""
    import duckdb
    from lindung_redflags import coverage
    from lindung_redflags.catalogue import load
    from lindung_redflags.engines import duck
    from lindung_redflags.reading import open_tables

    catalogue, steps, began = load(), [], time.monotonic()
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = ?", [memory])
        connection.execute(f"SET threads = {THREADS}; SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        connection.execute("SET temp_directory = ?", [str(out)])
        open_tables(connection, str(world / "transactions.parquet"), str(world / "accounts.parquet"))
        read = time.monotonic() - began
        running = [catalogue.indicators[name] for name in coverage.look(connection, catalogue).ran]
        duck.find(
            connection, catalogue, catalogue.grids, running, told=lambda ids: steps.append((time.monotonic(), ids))
        )
        ends = [*(at for at, _ in steps[1:]), time.monotonic()]
        hits, named = connection.execute(
            "SELECT (SELECT count(*) FROM hit), (SELECT sum(len(tx_ids)) FROM evidence)"
        ).fetchall()[0]
    return {
        "reading": round(read, 1),
        "passes": {ids: round(end - at, 1) for (at, ids), end in zip(steps, ends, strict=True)},
        "hits": hits,
        "payments_named": int(named or 0),
    }


def _sql(sql: str) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}; SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        found: list[tuple[Any, ...]] = connection.execute(sql).fetchall()
    return found


def floor(world: Path, out: Path, memory: str) -> dict[str, Any]:
    """What DuckDB needs at least: read the payments, one aggregate for each payee."""
    found = _sql(f"""
        SELECT count(*), sum(n), sum(idr), max(last) FROM (
            SELECT payee_id, count(*) AS n, sum(amount_idr) AS idr, max(epoch_us(ts)) AS last
            FROM read_parquet('{world}/transactions.parquet') WHERE status = 'completed' GROUP BY payee_id
        )
    """)
    return {"payees": found[0][0], "payments": int(found[0][1])}


def seven(world: Path, out: Path, memory: str) -> dict[str, Any]:
    """Seven features at each payment by sliding frames, no checks, no conditions: all of them consumed."""
    rows = f"""
        SELECT hash(payer_id) AS p, hash(payee_id) AS q, epoch_us(ts) // 1000000 AS t, amount_idr AS idr,
            CAST(amount_idr % 50000 = 0 AS INTEGER) AS even,
            CAST(((epoch_us(ts) // 1000000 + 25200) % 86400) NOT BETWEEN 18000 AND 79199 AS INTEGER) AS night,
            CAST(payer_country <> payee_country AND amount_idr <= 3500000 AS INTEGER) AS small
        FROM read_parquet('{world}/transactions.parquet') WHERE status = 'completed'
    """
    found = _sql(f"""
        SELECT sum(f1), sum(f2), sum(f3), sum(f4), sum(f5), sum(f6), sum(f7) FROM (
            SELECT count(DISTINCT p) OVER week AS f1, count(*) OVER week AS f2, sum(idr) OVER week AS f3,
                sum(even) OVER week AS f4, sum(night) OVER week AS f5, sum(small) OVER payer AS f6,
                count(*) OVER pair AS f7
            FROM ({rows}) WINDOW
                week AS (PARTITION BY q ORDER BY t RANGE BETWEEN {7 * DAY} PRECEDING AND CURRENT ROW),
                payer AS (PARTITION BY p ORDER BY t RANGE BETWEEN {30 * DAY} PRECEDING AND CURRENT ROW),
                pair AS (PARTITION BY p, q ORDER BY t RANGE BETWEEN {30 * DAY} PRECEDING AND CURRENT ROW)
        )
    """)
    return {"sums": [int(value) for value in found[0]]}


def pandas(world: Path, out: Path, memory: str) -> dict[str, Any]:
    """R01, P02 and something like R07 as an analyst writes them in pandas; payments of one second are told apart."""
    import numpy as np
    import pandas as pd

    columns = ["ts", "payer_id", "payee_id", "amount_idr", "payer_country", "payee_country", "status"]
    rows = pd.read_parquet(world / "transactions.parquet", columns=columns)
    rows = rows[rows["status"] == "completed"].sort_values("ts")
    kinds = pd.read_parquet(world / "accounts.parquet", columns=["account_id", "kind"]).set_index("account_id")["kind"]
    for name in ("payer", "payee"):
        rows[name] = rows[f"{name}_id"].astype("category").cat.codes.astype("float64")
    people = kinds.index[~kinds.isin(["merchant", "biller", "school", "charity"])]

    def different(values: Any) -> float:
        return float(len(np.unique(values)))

    def rolling(frame: Any, by: str, column: str, days: int) -> Any:
        return frame.set_index("ts").groupby(by)[column].rolling(f"{days}D")

    ours = rows[rows["payee_id"].isin(people)]
    payers = rolling(ours, "payee", "payer", 7).apply(different, raw=True).to_numpy()
    middle = rolling(ours, "payee", "amount_idr", 7).median().to_numpy()
    prices = rolling(ours, "payee", "amount_idr", 7).apply(different, raw=True).to_numpy()
    r01 = (payers >= 5) & (middle >= 50_000) & (middle <= 5_000_000)
    r07 = (payers >= 5) & (prices <= 3)
    abroad = rows[(rows["payer_country"] != rows["payee_country"]) & rows["payer_id"].isin(people)]
    payees = rolling(abroad, "payer", "payee", 30).apply(different, raw=True).to_numpy()
    half = rolling(abroad, "payer", "amount_idr", 30).median().to_numpy()
    return {"R01": int(r01.sum()), "R07": int(r07.sum()), "P02": int(((payees >= 3) & (half <= 3_500_000)).sum())}


MEASURED: dict[str, Callable[[Path, Path, str], dict[str, Any]]] = {
    one.__name__: one for one in (scan, passes, floor, seven, pandas)
}


if __name__ == "__main__":
    name, world, out, memory = sys.argv[1:]
    print(json.dumps(MEASURED[name](Path(world), Path(out), memory)))
