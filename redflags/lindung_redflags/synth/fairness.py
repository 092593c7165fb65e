"""Is a synthetic world fair? Measured on the files themselves, as a reader would have to.

Two questions. `occurrences`: does everything by which a planted payment could be told stand often enough among innocent
ones? `separations`: does a single figure of an account already tell the planted ones from the rest?
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from lindung_redflags.synth.seasons import Bools, Floats

LEAST = 20
"""So many times as often among innocent payments as among planted ones."""
MOST = 0.97
"""Largest area under the curve of a single figure."""


@dataclass(frozen=True)
class Occurrence:
    """How often something occurs. `what`: a value of `column`."""

    column: str
    what: str
    planted: int
    innocent: int

    @property
    def fair(self) -> bool:
        return self.innocent >= LEAST * self.planted


def _open(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    for name in ("transactions", "accounts", "labels_accounts", "labels_transactions"):
        path = str(folder / f"{name}.parquet").replace("'", "''")
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
    return connection


def occurrences(folder: Path) -> list[Occurrence]:
    """Planted and innocent payments by channel, country, currency, remark, minors and the other codes of a payment."""
    with _open(folder) as connection:
        found = connection.execute("""
            WITH minors AS (SELECT account_id FROM accounts WHERE kind IN ('minor', 'student')),
            seen AS (
                SELECT t.*, l.tx_id IS NOT NULL AS planted, a.account_id IS NOT NULL AS from_minor,
                    b.account_id IS NOT NULL AS to_minor
                FROM transactions t LEFT JOIN labels_transactions l USING (tx_id)
                LEFT JOIN minors a ON a.account_id = t.payer_id LEFT JOIN minors b ON b.account_id = t.payee_id
            ), listed AS (
                SELECT planted, unnest([
                    {c: 'channel', w: channel}, {c: 'status', w: status}, {c: 'currency', w: currency},
                    {c: 'remark', w: remark},
                    {c: 'payer_country', w: payer_country}, {c: 'payee_country', w: payee_country},
                    {c: 'payer_abroad', w: CASE WHEN payer_country <> 'ID' THEN 'yes' END},
                    {c: 'minor', w: CASE WHEN from_minor THEN 'payer' END},
                    {c: 'minor', w: CASE WHEN to_minor THEN 'payee' END},
                    {c: 'merchant_category', w: merchant_category}, {c: 'purpose_code', w: purpose_code}
                ]) AS one FROM seen
            )
            SELECT one.c, one.w, count(*) FILTER (planted), count(*) FILTER (NOT planted)
            FROM listed WHERE one.w IS NOT NULL GROUP BY ALL ORDER BY ALL
        """).fetchall()
    return [Occurrence(*row) for row in found]


FIGURES = {
    "payments_in": "count(*) FILTER (incoming)",
    "payments_out": "count(*) FILTER (NOT incoming)",
    "sum_in": "coalesce(sum(idr) FILTER (incoming), 0)",
    "sum_out": "coalesce(sum(idr) FILTER (NOT incoming), 0)",
    "payers": "count(DISTINCT other) FILTER (incoming)",
    "payees": "count(DISTINCT other) FILTER (NOT incoming)",
    "mean_in": "coalesce(avg(idr) FILTER (incoming), 0)",
    "mean_out": "coalesce(avg(idr) FILTER (NOT incoming), 0)",
    "largest_in": "coalesce(max(idr) FILTER (incoming), 0)",
    "largest_out": "coalesce(max(idr) FILTER (NOT incoming), 0)",
    "share_even": "avg(even::INT)",
    "share_even_in": "coalesce(avg(even::INT) FILTER (incoming), 0)",
    "share_even_out": "coalesce(avg(even::INT) FILTER (NOT incoming), 0)",
    "share_night": "avg(night::INT)",
    "share_night_in": "coalesce(avg(night::INT) FILTER (incoming), 0)",
    "share_night_out": "coalesce(avg(night::INT) FILTER (NOT incoming), 0)",
    "share_abroad": "avg(abroad::INT)",
    "share_abroad_in": "coalesce(avg(abroad::INT) FILTER (incoming), 0)",
    "share_abroad_out": "coalesce(avg(abroad::INT) FILTER (NOT incoming), 0)",
    "abroad_in": "count(*) FILTER (abroad AND incoming)",
    "abroad_out": "count(*) FILTER (abroad AND NOT incoming)",
    "countries": "count(DISTINCT other_country)",
    "share_gift_topup": "avg((channel IN ('gift', 'topup', 'pulsa'))::INT)",
    "share_remark": "avg((remark IS NOT NULL)::INT)",
    "channels": "count(DISTINCT channel)",
    "declined": "count(*) FILTER (status = 'declined')",
    "days": "count(DISTINCT day)",
}
"""Figures of an account over the whole period, as SQL over its payments in both directions."""


def separations(folder: Path) -> dict[str, dict[str, float]]:
    """By class and figure: how well it alone tells the planted accounts of the class from all other listed customers.

    Area under the curve, turned so that it is never below one half; 0.5: not at all, 1: wholly.
    """
    columns = ", ".join(f"{sql} AS {name}" for name, sql in FIGURES.items())
    with _open(folder) as connection:
        found = connection.execute(f"""
            WITH places AS (
                SELECT account_id, coalesce(utc_offset * 60, CASE
                    WHEN region::INT IN (51, 52, 53, 63, 64, 65) OR region::INT BETWEEN 71 AND 76 THEN 28800
                    WHEN region::INT > 80 THEN 32400 ELSE 25200 END) AS east
                FROM accounts WHERE is_customer
            ), legs AS (
                SELECT payee_id AS account_id, payer_id AS other, payer_country AS other_country, true AS incoming, *
                FROM transactions
                UNION ALL SELECT payer_id, payee_id, payee_country, false, * FROM transactions
            ), told AS (
                SELECT account_id, other, other_country, incoming, amount_idr AS idr, channel, remark, status,
                    ts::DATE AS day, payer_country <> payee_country AS abroad,
                    CASE WHEN currency = 'IDR' THEN amount % 50000 = 0 ELSE amount % 5 = 0 END AS even,
                    (epoch(ts)::BIGINT + east) % 86400 NOT BETWEEN 18000 AND 79199 AS night
                FROM legs JOIN places USING (account_id)
            )
            SELECT coalesce(l.side, '') AS side, f.* FROM (SELECT account_id, {columns} FROM told GROUP BY account_id) f
            LEFT JOIN (SELECT account_id, side FROM labels_accounts WHERE planted) l USING (account_id)
        """).fetchnumpy()
    side = np.asarray(found["side"]).astype(str)
    return {
        name: {figure: _apart(np.asarray(found[figure], dtype=np.float64), side == name) for figure in FIGURES}
        for name in ("payer", "payee", "possible_victim")
        if (side == name).any()
    }


def _apart(values: Floats, planted: Bools) -> float:
    """Area under the curve by mean ranks, at least one half."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    yes, no = int(planted.sum()), int((~planted).sum())
    area = (rank[planted].sum() - yes * (yes + 1) / 2) / (yes * no)
    return float(max(area, 1 - area))
