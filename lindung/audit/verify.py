"""Verifying the log offline. Imports nothing of Django: `python -m lindung.audit.verify EXPORT [CHECKPOINTS]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lindung.audit.chain import GENESIS, Checkpoint, digest

_TEXTS = ("at", "actor", "kind", "subject", "data", "prev", "hash")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `seq` is the event's number, `what` a stable code, `explanation` a sentence.

    Codes: changed, missing, reordered, repeated, unreadable, truncated, rewritten.
    """

    seq: int
    what: str
    explanation: str


@dataclass
class _Walk:
    """Where the verification stands while it goes through the events once."""

    points: dict[int, list[Checkpoint]]
    expected: int = 1
    prev: str | None = GENESIS
    good: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    def add(self, seq: int, what: str, explanation: str) -> None:
        self.found.append(Finding(seq, what, explanation))


def verify_events(events: Iterable[dict[str, Any]], checkpoints: Sequence[Checkpoint] = ()) -> list[Finding]:
    """Hold a log against itself and against checkpoints that were taken earlier; an empty list means sound.

    Without a checkpoint only a careless hand is caught: whoever can write the database can hash the whole chain anew.
    With one, everything up to its number is fixed: rows dropped at the end, a row changed, removed or moved, and a
    chain hashed anew are each named with the sequence number. Memory does not grow with the log.
    """
    points: dict[int, list[Checkpoint]] = {}
    for point in checkpoints:
        points.setdefault(point.seq, []).append(point)
    walk = _Walk(points)
    for event in events:
        _step(walk, event)
    for first, last in walk.gaps:
        span = f"Event {first} is" if first == last else f"Events {first} to {last} are"
        walk.add(first, "missing", f"{span} missing: somebody removed it from the middle of the log.")
    _check_end(walk)
    return sorted(walk.found, key=lambda finding: (finding.seq, finding.what))


def _step(walk: _Walk, event: dict[str, Any]) -> None:
    seq = event.get("seq")
    if not isinstance(seq, int) or any(not isinstance(event.get(name), str) for name in _TEXTS):
        walk.add(walk.expected, "unreadable", f"Where event {walk.expected} was expected stands no whole event.")
        return
    if seq < walk.expected:
        _out_of_place(walk, seq)
        return
    own = digest(seq=seq, **{name: event[name] for name in _TEXTS if name != "hash"})
    if own != event["hash"]:
        walk.add(seq, "changed", f"Event {seq} does not give its own hash: it was changed after it was written.")
    if seq > walk.expected:
        walk.gaps.append((walk.expected, seq - 1))
    elif walk.prev is not None and event["prev"] != walk.prev:
        before = seq - 1
        if before and not any(f.seq == before for f in walk.found):
            walk.add(before, "changed", f"Event {seq} was written after another event {before} than stands here.")
        elif not before:
            walk.add(seq, "changed", f"Event {seq} does not begin the chain.")
    _check_points(walk, seq, event["hash"])
    walk.expected, walk.prev = seq + 1, event["hash"]


def _out_of_place(walk: _Walk, seq: int) -> None:
    for index, (first, last) in enumerate(walk.gaps):
        if first <= seq <= last:
            walk.gaps[index : index + 1] = [g for g in ((first, seq - 1), (seq + 1, last)) if g[0] <= g[1]]
            walk.add(seq, "reordered", f"Event {seq} stands after event {walk.expected - 1}: the order was changed.")
            return
    walk.add(seq, "repeated", f"Event {seq} stands in the log more than once.")


def _check_points(walk: _Walk, seq: int, stored: str) -> None:
    for point in walk.points.get(seq, ()):
        if point.hash == stored:
            walk.good = max(walk.good, seq)
        else:
            walk.add(
                seq,
                "rewritten",
                f"Event {seq} is not the one that the checkpoint of {point.at} saw: between events {walk.good + 1} "
                f"and {seq} something was changed, removed or moved, and the chain was hashed anew.",
            )


def _check_end(walk: _Walk) -> None:
    last = walk.expected - 1
    for seq, points in walk.points.items():
        if seq > last:
            walk.add(
                last + 1,
                "truncated",
                f"The log ends at event {last}, but the checkpoint of {points[0].at} saw event {seq}: events "
                f"{last + 1} to {seq} were dropped.",
            )
        if any(point.count != point.seq for point in points):
            walk.add(seq, "rewritten", f"The checkpoint at event {seq} counted another number of events.")


def compare(earlier: Iterable[dict[str, Any]], later: Iterable[dict[str, Any]]) -> list[Finding]:
    """Name every event of an earlier export that is different or gone in a later one.

    A checkpoint alone can only say before which number a chain that was hashed anew departs from the true one; with an
    earlier export the first event that differs is known. Both iterables are in order of their numbers.
    """
    found: list[Finding] = []
    others = iter(later)
    for event in earlier:
        other = next(others, None)
        if other is None:
            found.append(Finding(int(event["seq"]), "truncated", f"Event {event['seq']} is gone."))
            break
        if other != event:
            found.append(Finding(int(event["seq"]), "changed", f"Event {event['seq']} is another than before."))
            break
    return found


def read_export(path: Path | str) -> Iterator[dict[str, Any]]:
    """Yield the events of an export, without its closing checkpoint; an unreadable line gives an empty one."""
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                row = {}
            if isinstance(row, dict) and "checkpoint" in row:
                continue
            yield row if isinstance(row, dict) else {}


def read_checkpoints(path: Path | str) -> list[Checkpoint]:
    """Return the checkpoint lines of a file: a list that the auditor kept, or the end of an earlier export."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return [Checkpoint.from_json(line) for line in file if line.startswith('{"checkpoint"')]


def verify_export(path: Path | str, checkpoints: Sequence[Checkpoint] = ()) -> list[Finding]:
    """Verify an export file against checkpoints that were kept elsewhere and against its own closing line."""
    own = read_checkpoints(path)
    found = verify_events(read_export(path), [*checkpoints, *own])
    if not own:
        found.append(Finding(0, "truncated", "The file has no closing checkpoint: it was not written to its end."))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify from a terminal. Exit status 0: sound; 1: findings, one a line."""
    parser = argparse.ArgumentParser(prog="lindung.audit.verify", description=main.__doc__)
    parser.add_argument("export", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="*", help="files with checkpoints that were taken earlier")
    chosen = parser.parse_args(arguments)
    points = [point for path in chosen.checkpoints for point in read_checkpoints(path)]
    findings = verify_export(chosen.export, points)
    for finding in findings:
        sys.stdout.write(f"{finding.seq}\t{finding.what}\t{finding.explanation}\n")
    if not findings:
        sys.stdout.write("The chain is sound.\n")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
