"""`redflags synth`: what the command line calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from lindung_redflags import telling
from lindung_redflags.synth.making import Summary, make


def command(
    out: Path,
    transactions: int = 1_000_000,
    accounts: int = 100_000,
    seed: int = 1,
    prevalence: float = 0.002,
    days: int = 120,
    say: Callable[[str], None] | None = None,
    language: str = "en",
) -> Summary:
    """Make a synthetic world and say what is in it, line by line, through `say`. Raises BadInput."""
    tell = say or (lambda text: None)
    summary = make(
        out, transactions=transactions, accounts=accounts, seed=seed, prevalence=prevalence, days=days, say=tell
    )
    subjects = sum(sum(counts.values()) for counts in summary.planted.values())
    folder, payments = str(summary.folder), summary.planted_transactions
    tell(telling.say("made", language, folder=folder, transactions=summary.transactions, accounts=summary.accounts))
    tell(telling.say("made_planted", language, subjects=subjects, patterns=len(summary.planted), payments=payments))
    alike = sum(summary.families.values())
    tell(telling.say("made_alike", language, accounts=alike, families=len(summary.families)))
    for one in summary.unfair:
        tell(telling.say("unfair", language, **asdict(one)))
    return summary
