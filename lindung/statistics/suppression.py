"""Keeping small numbers back so that nobody can reckon them out. Pure functions over plain numbers, no database.

What is published about one statistic of one place of work and one year: the number of each month, for each dimension
(age band, sex, ...) the numbers by month, and, once the year is over, the numbers of the year. Every page, file and
monthly report shows a part of exactly this, never another sum. docs/statistics.md states the rules and what they do not
hold against; the tests try them with adversaries that know all of it.

Two dimensions are never crossed with each other. Each shares with the others only the numbers of the months; so
whatever numbers fit one dimension and the months also fit all of them together, and each is protected by itself.

A zero is shown: that nobody was counted says nothing about a child, and a table of provinces in which every zero is
hidden says nothing at all. So an adversary knows that a hidden number is at least 1, and the rules reckon with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MANY = 10**9
"""No upper bound."""


@dataclass(frozen=True)
class Hidden:
    """What is kept back of one dimension in one month. `all`: everything, the zeros too."""

    values: frozenset[str] = frozenset()
    all: bool = False

    def hides(self, value: str) -> bool:
        return self.all or value in self.values


def small(number: int, smallest: int) -> bool:
    """Whether a number may not be shown: from 1 to just below the smallest one."""
    return 0 < number < smallest


def of_month(values: Mapping[str, int], smallest: int, *, additive: bool) -> Hidden:
    """What to keep back of one dimension in a month whose own number is shown. A month is decided by itself alone.

    So what was kept back when the month was over stays kept back, whatever later months bring. Not `additive`: one
    child may stand under several values, and no sum gives a hidden one away. Additive: further values, in the order of
    the list and never by their size, until each hidden one could be anything from 1 to at least `smallest`, and has two
    possible numbers even for somebody who is told which ones are small. If that cannot be had, everything is kept back.
    """
    first = [value for value, number in values.items() if small(number, smallest)]
    if not first or not additive:
        return Hidden(frozenset(first))
    order = list(values)
    start = order.index(first[0])
    chosen = set(first)
    for value in [*order[start:], *order[:start]]:
        if _group_is_safe([values[v] for v in chosen], smallest):
            return Hidden(frozenset(chosen))
        if values[value] >= smallest:
            chosen.add(value)
    if _group_is_safe([values[v] for v in chosen], smallest):
        return Hidden(frozenset(chosen))
    return Hidden(frozenset(values), all=True)


def _group_is_safe(numbers: Sequence[int], smallest: int) -> bool:
    """Whether hidden numbers with a known sum can be reckoned by nobody; the second check knows which are small."""
    total = sum(numbers)
    if total - len(numbers) + 1 < smallest or len(numbers) < 2:
        return False
    lows = [1 if small(n, smallest) else smallest for n in numbers]
    highs = [smallest - 1 if small(n, smallest) else MANY for n in numbers]
    return all(
        min(high, total - sum(lows) + low) > max(low, total - sum(highs) + high)
        for low, high in zip(lows, highs, strict=True)
    )


@dataclass(frozen=True)
class Table:
    """One dimension over the months of a year, before anything is kept back: numbers by value, one for each month."""

    rows: Mapping[str, Sequence[int]]
    additive: bool = True

    def month(self, index: int) -> dict[str, int]:
        return {value: numbers[index] for value, numbers in self.rows.items()}


def total_is_safe(months: Sequence[int], smallest: int) -> bool:
    """Whether the number of the year can be shown beside the months, some of which are small and hidden."""
    kept = [number for number in months if small(number, smallest)]
    total = sum(kept)
    if small(sum(months), smallest):
        return False
    return not kept or (len(kept) > 1 and len(kept) < total < len(kept) * (smallest - 1))


def of_year(table: Table, months: Sequence[int], hidden: Sequence[Hidden], smallest: int) -> Hidden:
    """What to keep back of a dimension in the year, so that no hidden number of a month can be reckoned either.

    The months are published already and cannot be changed any more. Begins with all numbers of the year shown but the
    small ones, looks for hidden numbers that could be only one, and keeps the year of that value back, until there is
    none. Where that does not help the dimension has no numbers of the year at all, and the months stand alone.
    `months`: the number of each month. Only to be called when `total_is_safe`.
    """
    years = {value: sum(numbers) for value, numbers in table.rows.items()}
    closed = [value for value, number in years.items() if number and _open(table, value, months, hidden, smallest)]
    kept = {value for value, number in years.items() if small(number, smallest)}
    while True:
        found = pinned(table, months, hidden, kept, smallest)
        if not found:
            return Hidden(frozenset(kept))
        new = {value for value, _month in found} - kept
        if not new:
            after = closed.index(found[0][0]) if found[0][0] in closed else 0
            new = set([v for v in [*closed[after:], *closed[:after]] if v not in kept][:1])
        if not new:
            return Hidden(frozenset(table.rows), all=True)
        kept |= new


def _open(table: Table, value: str, months: Sequence[int], hidden: Sequence[Hidden], smallest: int) -> list[int]:
    """The months in which the number of a value is not shown."""
    return [
        m
        for m, number in enumerate(months)
        if small(number, smallest) or (number and hidden[m].hides(value) and (table.rows[value][m] or hidden[m].all))
    ]


def pinned(
    table: Table, months: Sequence[int], hidden: Sequence[Hidden], kept: Iterable[str], smallest: int
) -> list[tuple[str, int]]:
    """The hidden numbers that could be only one, as (value, month); month -1 is the year.

    For somebody who knows everything that is shown and that no shown zero is hidden, and, as a second try, for somebody
    who is told besides which hidden numbers of a month are small. The numbers of a table with its sums are a flow in a
    network, so that a number can be another one exactly if there is a way around through what is hidden.
    """
    kept = set(kept)
    found: dict[tuple[str, int], None] = {}
    for told in (False, True):
        net = _net(table, months, hidden, kept, smallest, told=told)
        found |= dict.fromkeys(net.fixed())
    return list(found)


@dataclass
class _Net:
    """A circulation: arcs (from, to, number, lowest, highest, name), names of what must not be fixed, else None."""

    arcs: list[tuple[int, int, int, int, int, tuple[str, int] | None]] = field(default_factory=list)
    ways: dict[int, list[int]] = field(default_factory=dict)

    def add(
        self, tail: int, head: int, number: int, bounds: tuple[int, int], name: tuple[str, int] | None = None
    ) -> None:
        for node in (tail, head):
            self.ways.setdefault(node, []).append(len(self.arcs))
        self.arcs.append((tail, head, number, *bounds, name))

    def fixed(self) -> list[tuple[str, int]]:
        """The names of the arcs that can carry nothing else."""
        return [arc[5] for at, arc in enumerate(self.arcs) if arc[5] is not None and not self._moves(at)]

    def _moves(self, at: int) -> bool:
        tail, head, number, low, high, _name = self.arcs[at]
        return (number < high and self._reaches(head, tail, at)) or (number > low and self._reaches(tail, head, at))

    def _reaches(self, start: int, goal: int, without: int) -> bool:
        """Whether one more unit can go from start to goal, by any arcs but this one."""
        seen, queue = {start}, deque([start])
        while queue:
            node = queue.popleft()
            if node == goal:
                return True
            for at in self.ways[node]:
                tail, head, number, low, high, _name = self.arcs[at]
                if at == without:
                    continue
                other = head if tail == node and number < high else tail if head == node and number > low else None
                if other is not None and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return False


def _net(
    table: Table, months: Sequence[int], hidden: Sequence[Hidden], kept: set[str], smallest: int, *, told: bool
) -> _Net:
    """What is hidden, as arcs from the node of a value to that of a month, and back over the sums that are hidden.

    Where one child may stand under several values, the sums of the months say nothing: all months are one node, and a
    number is at most that of its month.
    """

    def bounds(number: int, low: int = 1) -> tuple[int, int]:
        if not told or low == 0:
            return low, MANY
        return (1, smallest - 1) if small(number, smallest) else (smallest, MANY)

    net, year, everything = _Net(), 0, 1
    first_row, first_month = 2, 2 + len(table.rows)
    for row, (value, numbers) in enumerate(table.rows.items()):
        if not any(numbers):
            continue
        open_ = _open(table, value, months, hidden, smallest)
        for m in open_:
            number = numbers[m]
            free = hidden[m].all or small(months[m], smallest)
            low, high = bounds(number, 0 if free else 1)
            if table.additive:
                net.add(first_row + row, first_month + m, number, (low, high), (value, m))
            else:
                net.add(first_row + row, year, number, (low, min(high, months[m])), (value, m))
        if value in kept:
            net.add(year, first_row + row, sum(numbers), (1, MANY), (value, -1) if open_ else None)
    for m, number in enumerate(months if table.additive else ()):
        if small(number, smallest):
            net.add(first_month + m, everything, number, (1, smallest - 1))
    return net
