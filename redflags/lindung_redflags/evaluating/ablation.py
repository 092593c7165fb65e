"""What each group of indicators is worth: the same hits without it, put together to episodes again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lindung_redflags.alerts import NOTHING, Decided, episodes
from lindung_redflags.catalogue.model import Catalogue
from lindung_redflags.evaluating.measuring import Measured, measure
from lindung_redflags.evaluating.ranking import entries
from lindung_redflags.evaluating.truth import Truth
from lindung_redflags.reference import Hit


def groups(found: Sequence[Hit], catalogue: Catalogue) -> list[str]:
    """The groups that have a hit."""
    return sorted({catalogue.indicators[name].group for name in {hit.indicator for hit in found}})


def without_each(
    found: Sequence[Hit],
    catalogue: Catalogue,
    threshold: int,
    names: Mapping[int, str],
    truth: Truth,
    inside: Callable[[int], bool] = lambda second: True,
    decided: Decided = NOTHING,
) -> dict[str, Measured]:
    """The figures without each group of indicators, by its name.

    `inside`: as for `entries`; `decided`: as for `episodes`.
    """
    made = {}
    for group in groups(found, catalogue):
        kept = [hit for hit in found if catalogue.indicators[hit.indicator].group != group]
        ranking = entries(episodes(kept, catalogue, threshold, decided), names, inside)
        made[group] = measure(f"without {group}", ranking, truth)
    return made
