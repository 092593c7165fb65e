"""Somebody who has everything that is published and tries to reckon a hidden number: plain search, no library.

Knows the months, the numbers of the year, which cells are hidden, that no hidden number is a zero (unless a whole month
of a dimension is hidden), and how the sums hang together. `told`: knows besides which hidden numbers of a month are
small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lindung.statistics.suppression import Hidden, Table, small

Numbers = dict[tuple[str, int], int]
FAR, MANY = 60, 10**6


@dataclass
class Published:
    """What stands in the tables: None is hidden. `years` and `total` may be missing (None) too."""

    table: Table
    months: Sequence[int]
    hidden: Sequence[Hidden]
    kept: Hidden
    smallest: int
    told: bool = False

    def closed_month(self, m: int) -> bool:
        return small(self.months[m], self.smallest)

    def cells(self) -> list[tuple[str, int]]:
        """The hidden cells of values that the year does not show as zero."""
        return [
            (v, m)
            for v, row in self.table.rows.items()
            for m in range(len(self.months))
            if (any(row) or self.kept.all)
            and self.months[m]
            and (self.closed_month(m) or (self.hidden[m].hides(v) and (row[m] or self.hidden[m].all)))
        ]

    def bounds(self, cell: tuple[str, int]) -> tuple[int, int]:
        v, m = cell
        number = self.table.rows[v][m]
        if self.closed_month(m) or self.hidden[m].all:
            return 0, FAR
        return self.of_one(number)

    def of_one(self, number: int) -> tuple[int, int]:
        if not self.told:
            return 1, FAR
        return (1, self.smallest - 1) if small(number, self.smallest) else (self.smallest, FAR)


def months_that_fit(published: Published) -> Iterator[tuple[int, ...]]:
    """Every way in which the hidden months can share what is left of the number of the year."""
    open_ = [m for m in range(len(published.months)) if published.closed_month(m)]
    left = sum(published.months[m] for m in open_)

    def go(at: int, rest: int, chosen: list[int]) -> Iterator[tuple[int, ...]]:
        if at == len(open_):
            if rest == 0:
                given = dict(zip(open_, chosen, strict=True))
                yield tuple(given.get(m, number) for m, number in enumerate(published.months))
            return
        for number in range(1, min(published.smallest - 1, rest) + 1):
            yield from go(at + 1, rest - number, [*chosen, number])

    return go(0, left, [])


def tables_that_fit(
    published: Published, months: Sequence[int], fixed: Numbers | None = None, avoid: dict | None = None
) -> Iterator[Numbers]:
    """Hidden cells that agree with all sums. `avoid`: {cell: number} where the cell must be another number."""
    table, avoid = published.table, avoid or {}
    cells = published.cells()
    shown = {(v, m): row[m] for v, row in table.rows.items() for m in range(len(months)) if (v, m) not in set(cells)}
    columns = (
        {m: months[m] - sum(shown.get((v, m), 0) for v in table.rows) for m in range(len(months))}
        if table.additive
        else {}
    )
    rows = {
        v: sum(row) - sum(shown.get((v, m), 0) for m in range(len(months)))
        for v, row in table.rows.items()
        if not published.kept.hides(v)
    }
    after_column = {c: sum(1 for d in cells[i + 1 :] if d[1] == c[1]) for i, c in enumerate(cells)}
    after_row = {c: sum(1 for d in cells[i + 1 :] if d[0] == c[0]) for i, c in enumerate(cells)}
    low_of = {c: published.bounds(c)[0] for c in cells}
    chosen: Numbers = {}
    years = {
        v: (
            sum(row) - sum(row[m] for m in range(len(months)) if (v, m) in low_of),
            (0 if published.kept.all else 1, MANY),
        )
        for v, row in table.rows.items()
        if published.kept.hides(v)
    }

    def go(at: int) -> Iterator[Numbers]:
        if at == len(cells):
            if all(left == 0 for left in columns.values()) and all(left == 0 for left in rows.values()):
                for v, (known, (low, high)) in years.items():
                    total = known + sum(n for (w, _m), n in chosen.items() if w == v)
                    if not low <= total <= high or avoid.get((v, -1)) == total:
                        return
                yield dict(chosen)
            return
        cell = v, m = cells[at]
        low, high = published.bounds(cell)
        for left in (columns.get(m), rows.get(v)):
            if left is not None:
                high = min(high, left)
        if not table.additive:
            high = min(high, months[m])
        if after_column[cell] == 0 and m in columns:
            low = max(low, columns[m])
        if after_row[cell] == 0 and v in rows:
            low = max(low, rows[v])
        true = table.rows[v][m]
        for number in sorted(range(low, high + 1), key=lambda n: abs(n - true)):
            if avoid.get(cell) == number:
                continue
            chosen[cell] = number
            if m in columns:
                columns[m] -= number
            if v in rows:
                rows[v] -= number
            yield from go(at + 1)
            if m in columns:
                columns[m] += number
            if v in rows:
                rows[v] += number
            del chosen[cell]

    yield from go(0)


def is_pinned(published: Published, cell: tuple[str, int], number: int, others: Sequence[Published] = ()) -> bool:
    """Whether every world that fits has this number in the cell. `others`: further dimensions of the same months."""
    for months in months_that_fit(published):
        if any(next(tables_that_fit(other, months), None) is None for other in others):
            continue
        if next(tables_that_fit(published, months, avoid={cell: number}), None) is not None:
            return False
    return True
