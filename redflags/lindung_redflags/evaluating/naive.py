"""Two rules that somebody writes in an afternoon, beside which the catalogue has to show its worth.

Both look at completed payments between different holders, and at subjects only (listed customers that are no merchant,
biller, school or charity), as the catalogue does.
"""

from __future__ import annotations

import duckdb

from lindung_redflags.engines.conditions_sql import listed
from lindung_redflags.evaluating.ranking import Entry
from lindung_redflags.rows import EXCLUDED

WEEK = 7 * 86400
PAYERS, PAYEES = 5, 3

_SUBJECT = f"s.listed AND s.customer AND coalesce(s.kind NOT IN {listed(EXCLUDED)}, true)"


def _ranked(connection: duckdb.DuckDBPyConnection, subject: str, taken: str, least: int) -> list[Entry]:
    """Subjects by the largest value of `taken` (a, t, value); an alert at the first payment with at least `least`."""
    rows = connection.execute(f"""
        SELECT s.account_id, max(value), min(t) FILTER (WHERE value >= {least})
        FROM ({taken}) x JOIN acc s ON s.a = x.a WHERE {_SUBJECT} GROUP BY s.account_id ORDER BY s.account_id
    """).fetchall()
    return [Entry(name, subject, value, () if at is None else (at,)) for name, value, at in rows]


def many_payers(connection: duckdb.DuckDBPyConnection) -> list[Entry]:
    """Payees by the largest number of different payers within seven days; an alert from five."""
    taken = f"""
        SELECT q AS a, t, count(DISTINCT ph) OVER (
            PARTITION BY q ORDER BY t RANGE BETWEEN {WEEK} PRECEDING AND CURRENT ROW
        ) AS value
        FROM tx WHERE status = 'completed' AND ph <> qh
    """
    return _ranked(connection, "payee", taken, PAYERS)


def foreign_payer(connection: duckdb.DuckDBPyConnection) -> list[Entry]:
    """Payers by the number of different payees in another country so far; an alert from three."""
    taken = """
        SELECT a, t, count(*) OVER (PARTITION BY a ORDER BY t RANGE UNBOUNDED PRECEDING) AS value
        FROM (
            SELECT p AS a, min(t) AS t FROM tx WHERE status = 'completed' AND ph <> qh AND pc <> qc GROUP BY p, qh
        )
    """
    return _ranked(connection, "payer", taken, PAYEES)


RULES = {"many payers": many_payers, "foreign payer": foreign_payer}
"""Each by its name in a report."""
