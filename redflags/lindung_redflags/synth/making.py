"""Makes a synthetic world in a folder, whole or not at all."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from lindung_redflags import folders
from lindung_redflags.errors import BadInput
from lindung_redflags.synth import bands, fairness, writing
from lindung_redflags.synth.background import ordinary
from lindung_redflags.synth.cases import Maker
from lindung_redflags.synth.choosing import add_planted
from lindung_redflags.synth.families import add_families
from lindung_redflags.synth.ledger import settle
from lindung_redflags.synth.money import CURRENCIES, UNIT, daily_rates
from lindung_redflags.synth.rows import Rows
from lindung_redflags.synth.seasons import FEASTS, Ints
from lindung_redflags.synth.world import build

START = date(2026, 1, 5)
FILES = (
    "transactions.parquet",
    "accounts.parquet",
    "labels_accounts.parquet",
    "labels_transactions.parquet",
    "rates.csv",
    "meta.json",
)


@dataclass(frozen=True)
class Summary:
    """What was made. `planted`: accounts by pattern and difficulty; `unfair`: what is too rare among innocents."""

    folder: Path
    transactions: int
    accounts: int
    planted_transactions: int
    planted: dict[str, dict[str, int]]
    families: dict[str, int]
    unfair: list[fairness.Occurrence]


def make(
    out: Path,
    *,
    transactions: int,
    accounts: int,
    seed: int,
    prevalence: float,
    days: int = 120,
    start: date = START,
    say: Callable[[str], None] | None = None,
) -> Summary:
    """Write a synthetic world to the folder `out`; the same arguments give the same data.

    `transactions`: payments, exactly, at least 6 for each account; `accounts`: listed accounts, at least 2,000 (and
    three external ids for each four of them). `prevalence`: planted subjects for each listed account, up to 0.02.
    `days`: 100 to 730.
    `say` is told each step. Raises BadInput; then nothing is left behind.
    """
    _check(out, transactions, accounts, seed, prevalence, days)
    tell = say or (lambda text: None)
    rng = np.random.default_rng(seed)
    tell("accounts")
    world = build(rng, accounts, start, days)
    maker = Maker(rng, world, Rows())
    tell("look-alikes")
    add_families(maker)
    tell("planted cases")
    add_planted(maker, round(prevalence * accounts))
    rest, first_ordinary = transactions - maker.rows.count, maker.rows.count
    if rest < transactions // 4:
        text = f"look-alikes and planted cases need {first_ordinary:,}; expected at least {first_ordinary * 4 // 3:,}"
        raise BadInput(f"transactions: {text}")
    tell("ordinary payments")
    ordinary(rng, world, maker.rows, rest)
    rates = daily_rates(rng, days + 2)
    tell("balances")
    book = settle(maker, maker.rows.joined(), rates, first_ordinary)
    out.parent.mkdir(parents=True, exist_ok=True)
    with folders.beside(out) as work:
        tell("files")
        ids = writing.account_ids(maker)
        tx_ids = writing.write_transactions(maker, book, ids, work / "transactions.parquet")
        writing.write_accounts(maker, ids, work / "accounts.parquet")
        writing.write_labels(maker, book, ids, tx_ids, work)
        _write_rates(rates, start - timedelta(days=1), work / "rates.csv")
        tell("fairness")
        unfair = [one for one in fairness.occurrences(work) if not one.fair]
        summary = _summary(
            out,
            maker,
            book,
            transactions,
            accounts,
            unfair,
        )
        given = {
            "transactions": transactions,
            "accounts": accounts,
            "seed": seed,
            "prevalence": prevalence,
            "days": days,
            "start": start.isoformat(),
        }
        (work / "meta.json").write_text(json.dumps(_meta(summary, given), indent=2, ensure_ascii=False) + "\n", "utf-8")
        work.chmod(0o755)
        if out.exists():
            out.rmdir()
        os.replace(work, out)
    return summary


def _check(out: Path, transactions: int, accounts: int, seed: int, prevalence: float, days: int) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadInput(f"{out}: expected a folder that does not exist yet or is empty")
    for name, value, low, high in (
        ("accounts", accounts, 2_000, 20_000_000),
        ("transactions", transactions, 6 * accounts, 400_000_000),
        ("days", days, 100, 730),
        ("seed", seed, 0, 2**63 - 1),
        ("prevalence", prevalence, 0, 0.02),
    ):
        if not low <= value <= high:
            raise BadInput(f"{name}: {value}; expected {low} to {high}")


def _summary(
    out: Path,
    maker: Maker,
    book: dict[str, Ints],
    transactions: int,
    accounts: int,
    unfair: list[fairness.Occurrence],
) -> Summary:
    planted: dict[str, dict[str, int]] = {}
    for one in maker.labels:
        if one.planted:
            counts = planted.setdefault(one.pattern, {"easy": 0, "hard": 0})
            counts[one.difficulty] += 1
    families = Counter(one.family for one in maker.labels if not one.planted)
    return Summary(
        folder=out,
        transactions=transactions,
        accounts=accounts,
        planted_transactions=int((book["label"] >= 0).sum()),
        planted=dict(sorted(planted.items())),
        families=dict(sorted(families.items())),
        unfair=unfair,
    )


def _meta(summary: Summary, given: dict[str, object]) -> dict[str, object]:
    said = asdict(summary)
    said.pop("folder")
    return {
        "note": "Synthetic: nobody and no payment is real, and nothing measured on it is performance in the field.",
        "arguments": given,
        "feasts": [{"ramadan": first.isoformat(), "idulfitri": feast.isoformat()} for first, feast in FEASTS],
        "bands": [asdict(band) for band in bands.EVERY],
        **said,
    }


def _write_rates(rates: Ints, start: date, path: Path) -> None:
    """date,currency,idr: rupiah for one unit, for all but the rupiah itself."""
    lines = ["date,currency,idr"]
    for number, row in enumerate(rates.tolist()):
        day = (start + timedelta(days=number)).isoformat()
        lines += [
            f"{day},{name},{rate // UNIT}.{rate % UNIT:04d}" for name, rate in zip(CURRENCIES[1:], row[1:], strict=True)
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
