"""The order of a walk: which pages a path asks, what comes next, which number a page has. Pure functions over data.

A walk's data (sealed in vault.drafts): `path`, `answers`, `marks` (wishes that are no answers), `at` (where it stands),
`code` (the receipt, from the summary on), `sending` (the send button was pressed), `sent` (then the answers are gone).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lindung.portal.questions import Screen, intros, paths, screens

CHECK = "check"
RESUME = "resume"
BACK = "back"


@dataclass(frozen=True)
class Position:
    """Where a page stands: "Langkah {number} dari {total}"; `before` is the page that Back leads to, if any."""

    number: int
    total: int
    before: str


def fresh(path: str) -> dict[str, Any]:
    """The data of a walk that begins."""
    return {"path": path, "answers": {}, "marks": [], "at": paths()[path].intro}


def is_walk(data: Mapping[str, Any]) -> bool:
    """Whether a sealed row holds a walk (it may hold a mailbox visit alone)."""
    return "path" in data


def order(data: Mapping[str, Any]) -> list[str]:
    """The pages that this walk asks as it stands."""
    return [slug for slug in paths()[data["path"]].steps if _asked(screens()[slug], data)]


def _asked(screen: Screen, data: Mapping[str, Any]) -> bool:
    return screen.asked(data["path"], data["answers"], data["marks"])


def position(data: Mapping[str, Any], slug: str) -> Position:
    """Number of a page of the walk; the summary is the last one. A page that is not asked takes the next number."""
    pages = order(data)
    total = len(pages) + 1
    if slug == CHECK:
        return Position(total, total, pages[-1] if pages else "")
    if slug in pages:
        here = pages.index(slug)
    else:
        steps = paths()[data["path"]].steps
        later = steps[steps.index(slug) :] if slug in steps else ()
        here = next((pages.index(s) for s in later if s in pages), len(pages))
    return Position(here + 1, total, pages[here - 1] if here else "")


def following(data: Mapping[str, Any], slug: str) -> str:
    """The page after `slug`, or CHECK. After a page that belongs to no path: where the walk stood."""
    steps = paths()[data["path"]].steps
    if slug not in steps:
        return resume(data)
    rest = steps[steps.index(slug) + 1 :]
    return next((s for s in rest if _asked(screens()[s], data)), CHECK)


def resume(data: Mapping[str, Any]) -> str:
    """Where the walk stood: the first page that was not answered or skipped yet."""
    at = str(data.get("at") or "")
    return at if at == CHECK or at in order(data) else order(data)[0]


def belongs(data: Mapping[str, Any], slug: str) -> bool:
    """Whether a page may be shown within this walk, asked at present or not."""
    return slug in paths()[data["path"]].steps or bool(screens()[slug].anytime)


def path_of_intro(slug: str) -> str | None:
    """The path that begins with this page, if one does."""
    return intros().get(slug)


def switch(data: dict[str, Any], path: str) -> None:
    """Speak as somebody else from now on; what was answered stays."""
    data["path"] = path
    data["at"] = paths()[path].intro


def go(data: dict[str, Any], slug: str, target: str) -> str:
    """Resolve where a button leads, remember it as the place where the walk stands, and return it."""
    if target == "next":
        target = following(data, slug)
    elif target == BACK:
        target = position(data, slug).before or order(data)[0]
    elif target == RESUME:
        return resume(data)
    if target not in screens() or not screens()[target].anytime:
        data["at"] = target
    return target
