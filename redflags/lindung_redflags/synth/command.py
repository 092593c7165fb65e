"""`redflags synth`: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lindung_redflags.synth.making import Summary, make


def command(
    out: Path,
    transactions: int = 1_000_000,
    accounts: int = 100_000,
    seed: int = 1,
    prevalence: float = 0.002,
    days: int = 120,
    say: Callable[[str], None] | None = None,
) -> Summary:
    """Make a synthetic world and say what is in it, line by line, through `say`. Raises BadInput."""
    tell = say or (lambda text: None)
    summary = make(
        out, transactions=transactions, accounts=accounts, seed=seed, prevalence=prevalence, days=days, say=tell
    )
    subjects = sum(sum(counts.values()) for counts in summary.planted.values())
    tell(f"{summary.folder}: {summary.transactions:,} payments, {summary.accounts:,} accounts")
    tell(
        f"planted: {subjects:,} accounts in {len(summary.planted)} patterns, {summary.planted_transactions:,} payments"
    )
    tell(f"look-alikes: {sum(summary.families.values()):,} accounts in {len(summary.families)} families")
    for text in summary.unfair:
        tell(f"not fair: {text}")
    return summary
