"""From collected payments to a book: nobody pays before the account is open, savings, balances, order."""

from __future__ import annotations

import numpy as np

from lindung_redflags.synth.cases import Maker
from lindung_redflags.synth.money import HOME, UNIT, to_rupiah
from lindung_redflags.synth.rows import SAVINGS, remark
from lindung_redflags.synth.seasons import DAY, Ints

NOTHING = -1


def settle(make: Maker, book: dict[str, Ints], rates: Ints, first_ordinary: int) -> dict[str, Ints]:
    """Mend what the ordinary payments break, sort, and add columns.

    `us`: UTC microseconds; `idr`: whole rupiah; `balance`: ten-thousandths, NOTHING where unknown.
    `rates`: by UTC day, from the day before the first one to the day after the last one, and currency.
    `first_ordinary`: from which place on the payments of `book` are ordinary ones.
    """
    _open_in_time(make, book, first_ordinary)
    _leave_savings(make, book)
    us = book["t"] * 1_000_000 + make.rng.integers(0, 1_000_000, len(book["t"]))
    order = np.argsort(us, kind="stable")
    book = {name: column[order] for name, column in book.items()}
    book["us"] = us[order]
    day = book["t"] // DAY - make.world.first_day + 1
    book["idr"] = to_rupiah(book["amount"], book["cur"].astype(np.int64), day, rates)
    saved = np.rint(1_200_000 * np.exp(make.rng.normal(0, 1.6, make.world.size))).astype(np.int64)
    saved[make.rng.random(make.world.size) < 0.25] //= 20
    _empty(make, book, saved)
    book["balance"] = balances(make, book, saved)
    return book


def _open_in_time(make: Maker, book: dict[str, Ints], first: int) -> None:
    """Accounts are opened before the payments that were made for a reason; ordinary ones wait for the opening.

    What had to wait comes at the same hour of a later day.
    """
    world, rng = make.world, make.rng
    t, p, q = book["t"], book["p"], book["q"]
    begin, end = world.first_day * DAY, (world.first_day + world.days) * DAY
    earliest = np.full(world.size, end, dtype=np.int64)
    np.minimum.at(earliest, p[:first], t[:first])
    np.minimum.at(earliest, q[:first], t[:first])
    world.opened = np.minimum(world.opened, (earliest - 14 * 3600) // DAY)
    from_when = np.where(world.opened >= world.first_day, (world.opened + 1) * DAY, begin)
    from_when[world.listed :] = begin
    for account, until in make.dormant.items():
        from_when[account] = max(int(from_when[account]), until)
    lower = np.maximum(from_when[p[first:]], from_when[q[first:]])
    late = np.flatnonzero(t[first:] < lower)
    when = t[first:][late]
    least = -((when - lower[late]) // DAY)
    most = np.maximum((end - 1 - when) // DAY, least)
    words = book["remark"][first:]
    words[late[words[late] == remark("THR")]] = remark("gaji")
    t[first:][late] = np.minimum(when + DAY * rng.integers(least, most + 1), end - 1)


def _leave_savings(make: Maker, book: dict[str, Ints]) -> None:
    """Who has no savings left does not pay any more: somebody else pays instead."""
    until = np.full(make.world.size, np.iinfo(np.int64).max)
    for account, (begin, _) in make.emptied.items():
        until[account] = begin
    subject = np.array([*make.subjects, -1, -1])  # the last two: labels -2 and -1
    p, label = book["p"], book["label"]
    wrong = np.flatnonzero((book["t"] >= until[p]) & (label != SAVINGS) & (subject[label] != p))
    while len(wrong):
        p[wrong] = make.neighbours(len(wrong))
        cur_home = make.world.country[p[wrong]] == HOME
        late = (make.world.opened[p[wrong]] + 1) * DAY > book["t"][wrong]
        bad = (
            late
            | make.quiet[p[wrong]]
            | (
                (book["t"][wrong] >= until[p[wrong]])
                | (make.world.holder[p[wrong]] == make.world.holder[book["q"][wrong]])
                | ~cur_home
            )
        )
        wrong = wrong[bad]


def _signed(book: dict[str, Ints], rows: Ints, account: int) -> Ints:
    """What each of the rows changes in the account, in rupiah."""
    sign = (book["q"][rows] == account).astype(np.int64) - (book["p"][rows] == account)
    return np.where(book["status"][rows] == 0, sign * book["idr"][rows], 0)


def _empty(make: Maker, book: dict[str, Ints], saved: Ints) -> None:
    """Set the amounts of those whose savings leave, so that little of the balance is left; sets `saved` for them."""
    marked = np.zeros(make.world.size, dtype=bool)
    marked[list(make.emptied)] = True
    touched = np.flatnonzero(marked[book["p"]] | marked[book["q"]])
    sides = np.concatenate([book["p"][touched], book["q"][touched]])
    both = np.concatenate([touched, touched])
    order = np.lexsort((both, sides))
    sides, both = sides[order], both[order]
    case_of = {account: number for number, account in enumerate(make.subjects)}
    easy = {one.account: one.difficulty == "easy" for one in make.labels if one.planted}
    for account, (begin, _) in make.emptied.items():
        rows = both[np.searchsorted(sides, account) : np.searchsorted(sides, account, side="right")]
        wanted = case_of.get(account, SAVINGS)
        leaving = rows[(book["label"][rows] == wanted) & (book["p"][rows] == account)]
        past = rows[book["t"][rows] < begin]
        run = np.cumsum(_signed(book, past, account))
        low = min(0, int(run.min())) if len(run) else 0
        reserve = round(3_000_000 * float(np.exp(make.rng.normal(0, 0.7)))) + 500_000
        there = (int(run[-1]) if len(run) else 0) - low + reserve
        if account in case_of:
            left = make.rng.uniform(0.02, 0.08) if easy[account] else make.rng.uniform(0.06, 0.16)
        else:
            left = make.rng.uniform(0.04, 0.6)
        if not len(leaving):
            saved[account] = reserve
            continue
        weight = make.rng.uniform(0.7, 1.3, len(leaving))[:-1]
        parts = weight / weight.sum() * there * make.rng.uniform(0.4, 0.65) if len(weight) else weight
        last = leaving[-1]
        came = _signed(book, rows[(book["t"][rows] >= begin) & (rows < last) & (book["q"][rows] == account)], account)
        final = (there + int(came.sum()) - float(parts.sum())) * (1 - left)
        idr = np.maximum(np.floor(np.r_[parts, final] / 1000) * 1000, 1000).astype(np.int64)
        book["idr"][leaving], book["amount"][leaving] = idr, idr * UNIT
        lowest = min(0, int(np.cumsum(_signed(book, rows, account)).min()))
        saved[account] = reserve - low + lowest


def balances(make: Maker, book: dict[str, Ints], saved: Ints) -> Ints:
    """What the payer has after each payment, in ten-thousandths of a rupiah; only for listed payers at home.

    At its lowest an account still has `saved`.
    """
    world, size = make.world, len(book["t"])
    change = np.where(book["status"] == 0, book["idr"], 0)
    accounts = np.empty(2 * size, dtype=np.int32)
    accounts[0::2], accounts[1::2] = book["p"], book["q"]
    moved = np.empty(2 * size, dtype=np.int64)
    moved[0::2], moved[1::2] = -change, change
    order = np.argsort(accounts, kind="stable")
    sorted_accounts = accounts[order]
    run = np.cumsum(moved[order])
    starts = np.flatnonzero(np.r_[True, sorted_accounts[1:] != sorted_accounts[:-1]])
    base = np.where(starts > 0, run[starts - 1], 0)
    lengths = np.diff(np.r_[starts, len(run)])
    run -= np.repeat(base, lengths)
    lowest = np.minimum(np.minimum.reduceat(run, starts), 0)
    owner = sorted_accounts[starts]
    run += np.repeat(saved[owner] - lowest, lengths)
    after = np.empty(2 * size, dtype=np.int64)
    after[order] = run
    known = (world.country[book["p"]] == HOME) & (book["p"] < world.listed)
    return np.where(known, after[0::2] * UNIT, NOTHING)
