"""What a setting is worth: one whole number, and what it is made of.

For each world and each planted pattern the share of cases that are alerts, easy and hard apart, in thousandths; every
pattern counts alike. Suspects (payers and payees) share the budget, possible victims have a queue of the same length.
From that is taken: a point for each look-alike account above one in a thousand, ten for each above three in a hundred
of its family, a hundred for each planted victim who is raised as a suspect, and ten for each alert beyond the budget.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lindung_redflags.alerts import VICTIM
from lindung_redflags.catalogue.model import CLASSES
from lindung_redflags.tuning.scoring import Scored
from lindung_redflags.tuning.worlds import World

OVER_BUDGET, FAMILY, VICTIM_AS_SUSPECT = 10, 10, 100


@dataclass(frozen=True)
class Worth:
    """`points`: the objective. `suspects`, `victims`: alerts for each world; `found`, `planted`: over all worlds."""

    points: int
    suspects: tuple[int, ...]
    victims: tuple[int, ...]
    found: int
    planted: int
    look_alikes: int
    """Accounts of look-alike families with an alert, over all worlds."""
    by_pattern: dict[tuple[str, str], tuple[int, int]]
    """Pattern and difficulty: found, planted."""


def lowest(scored: Sequence[Scored], budgets: Sequence[int]) -> int:
    """The lowest score from which there are, over all worlds, not more alerts about suspects than the budgets allow."""
    scores = np.concatenate([one.score[one.of_suspects()] for one in scored]) if scored else np.empty(0, dtype=np.int64)
    ranked = np.sort(scores[scores > 0])[::-1]
    allowed = sum(budgets)
    return int(ranked[allowed]) + 1 if len(ranked) > allowed else max(int(ranked[-1]) if len(ranked) else 1, 1)


def worth(worlds: Sequence[World], scored: Sequence[Scored], budgets: Sequence[int], threshold: int) -> Worth:
    """Weigh the alerts from a threshold on."""
    points, look_alikes = 0, 0
    suspects, victims = [], []
    cells: dict[tuple[str, str], list[int]] = {}
    for world, one, budget in zip(worlds, scored, budgets, strict=True):
        raised = (one.score >= threshold) & ~one.held_back(threshold)
        about_suspects = raised & one.of_suspects()
        suspects.append(int(about_suspects.sum()))
        victims.append(int((raised & ~one.of_suspects()).sum()))
        points -= OVER_BUDGET * (max(suspects[-1] - budget, 0) + max(victims[-1] - budget, 0))
        alerted = {(int(a), CLASSES[subject]) for a, subject in zip(one.a[raised], one.subject[raised], strict=True)}
        raised_accounts = {a for a, _ in alerted}
        sizes, hit = Counter[str](), Counter[str]()
        for a, known in world.known.items():
            if known.pattern:
                cell = cells.setdefault((known.pattern, known.difficulty), [0, 0])
                cell[0] += (a, known.side) in alerted
                cell[1] += 1
                points -= VICTIM_AS_SUSPECT * (
                    known.side == VICTIM and any((a, side) in alerted for side in CLASSES if side != VICTIM)
                )
            elif known.family:
                sizes[known.family] += 1
                hit[known.family] += a in raised_accounts
        look_alikes += sum(hit.values())
        points -= max(sum(hit.values()) - sum(sizes.values()) // 1000, 0)
        points -= sum(FAMILY * max(hit[name] - sizes[name] * 3 // 100, 0) for name in sizes)
    patterns: dict[str, list[int]] = {}
    for (pattern, _), (found, planted) in cells.items():
        patterns.setdefault(pattern, []).append(1000 * found // planted)
    points += sum(sum(shares) // len(shares) for shares in patterns.values())
    return Worth(
        points,
        tuple(suspects),
        tuple(victims),
        sum(found for found, _ in cells.values()),
        sum(planted for _, planted in cells.values()),
        look_alikes,
        {name: (found, planted) for name, (found, planted) in sorted(cells.items())},
    )
