"""Fair turns at the slow derivations: a few at once, reports first, everybody in the end, nobody refused.

The queue lives in the memory of one process. A source (an address) is remembered only while somebody from it waits.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from django.conf import settings

Kind = Literal["send", "mailbox", "signin"]
PATIENCE_SECONDS = 5.0
_KINDS = ("send", "mailbox", "signin")


class _Waiter:
    __slots__ = ("since", "turn")

    def __init__(self, since: float) -> None:
        self.since = since
        self.turn = threading.Event()


class _Line:
    """People who wait, by source; one from each source in its turn."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, deque[_Waiter]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._sources)

    def add(self, source: str, waiter: _Waiter) -> None:
        self._sources.setdefault(source, deque()).append(waiter)

    def remove(self, source: str, waiter: _Waiter) -> None:
        waiting = self._sources[source]
        waiting.remove(waiter)
        if not waiting:
            del self._sources[source]

    def take(self) -> _Waiter:
        return self._take_from(next(iter(self._sources)))

    def longest(self) -> float:
        return min(waiting[0].since for waiting in self._sources.values())

    def take_longest(self) -> _Waiter:
        return self._take_from(min(self._sources, key=lambda source: self._sources[source][0].since))

    def _take_from(self, source: str) -> _Waiter:
        waiting = self._sources.pop(source)
        waiter = waiting.popleft()
        if waiting:
            self._sources[source] = waiting  # to the end of the round
        return waiter

    def sources(self) -> int:
        return len(self._sources)


class Gate:
    """`places` turns at once. Sends come before visits; a visit that waited for PATIENCE_SECONDS goes next.

    Never two such in a row while a send waits: a crowd at the mailbox can slow reports down by half, never stop them.
    """

    def __init__(self, places: int, clock: Callable[[], float] = time.monotonic) -> None:
        if places < 1:
            raise ValueError("gate: expected at least one place")
        self._free = places
        self._clock = clock
        self._lock = threading.Lock()
        self._sends = _Line()
        self._visits = _Line()
        self._visit_was_last = False
        self._mine = threading.local()

    @contextmanager
    def turn(self, kind: Kind, source: str) -> Iterator[None]:
        """Wait for a turn and hold it for the length of the block. Inside a turn another one is had for nothing."""
        if kind not in _KINDS:
            raise ValueError("gate: expected send, mailbox or signin")
        if getattr(self._mine, "held", False):
            yield
            return
        self._enter(self._sends if kind == "send" else self._visits, _neighbourhood(source))
        self._mine.held = True
        try:
            yield
        finally:
            self._mine.held = False
            self._leave()

    def waiting(self) -> int:
        """Return how many sources wait; 0 means that no address is held."""
        with self._lock:
            return self._sends.sources() + self._visits.sources()

    def _enter(self, line: _Line, source: str) -> None:
        with self._lock:
            if self._free and not self._sends and not self._visits:
                self._free -= 1
                return
            waiter = _Waiter(self._clock())
            line.add(source, waiter)
        try:
            waiter.turn.wait()
        except BaseException:
            with self._lock:
                if waiter.turn.is_set():
                    self._free += 1
                    self._hand_on()
                else:
                    line.remove(source, waiter)
            raise

    def _leave(self) -> None:
        with self._lock:
            self._free += 1
            self._hand_on()

    def _hand_on(self) -> None:
        while self._free and (self._sends or self._visits):
            self._free -= 1
            self._next().turn.set()

    def _next(self) -> _Waiter:
        if not self._visits:
            return self._sends.take()
        if not self._sends:
            return self._visits.take()
        if not self._visit_was_last and self._clock() - self._visits.longest() >= PATIENCE_SECONDS:
            self._visit_was_last = True
            return self._visits.take_longest()
        self._visit_was_last = False
        return self._sends.take()


def _neighbourhood(source: str) -> str:
    """One household or phone has a whole /64 of version 6 to itself: count it once, not once for each address in it."""
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv4Address):
        return source
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))


_gate: Gate | None = None
_making = threading.Lock()


def the_gate() -> Gate:
    """Return the gate of this process, with settings.LINDUNG_DERIVATIONS_AT_ONCE places."""
    global _gate
    if _gate is None:
        with _making:
            if _gate is None:
                _gate = Gate(settings.LINDUNG_DERIVATIONS_AT_ONCE)
    return _gate


@contextmanager
def turn(kind: Kind, source: str) -> Iterator[None]:
    """`with gate.turn("send", address):` waits for a turn at the process's gate. Never inside a transaction."""
    with the_gate().turn(kind, source):
        yield
