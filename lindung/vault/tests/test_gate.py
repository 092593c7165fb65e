"""Who goes next at the gate. No test sleeps: threads are looked at until they stand in line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from lindung.vault import gate as gate_module
from lindung.vault.gate import Gate, Kind


def until(reached: Callable[[], bool]) -> None:
    for _ in range(5000):
        if reached():
            return
        time.sleep(0.001)
    raise AssertionError("not reached within five seconds")


@dataclass
class Scene:
    """A gate whose one place is taken; people line up one after the other; then it is seen in which order they go."""

    now: float = 0.0
    order: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = Gate(1, clock=lambda: self.now)
        self.holder = self.gate.turn("send", "holder")
        self.holder.__enter__()

    def arrive(self, name: str, kind: Kind = "send", source: str = "") -> None:
        def go() -> None:
            with self.gate.turn(kind, source or name):
                self.order.append(name)

        before = self._length()
        thread = threading.Thread(target=go)
        thread.start()
        self.threads.append(thread)
        until(lambda: self._length() > before)

    def _length(self) -> int:
        with self.gate._lock:
            return sum(len(w) for line in (self.gate._sends, self.gate._visits) for w in line._sources.values())

    def result(self) -> list[str]:
        self.holder.__exit__(None, None, None)
        for thread in self.threads:
            thread.join(timeout=5)
        assert self.gate.waiting() == 0
        assert self.gate._free == 1
        return self.order


def test_sends_go_before_visits() -> None:
    scene = Scene()
    scene.arrive("visit", "mailbox")
    scene.arrive("sign-in", "signin")
    scene.arrive("send")
    assert scene.result() == ["send", "visit", "sign-in"]


def test_sources_take_turns_so_that_a_crowd_behind_one_address_does_not_stop_another() -> None:
    scene = Scene()
    for n in range(4):
        scene.arrive(f"school{n}", source="school")
    scene.arrive("home", source="home")
    assert scene.result() == ["school0", "home", "school1", "school2", "school3"]


def test_the_many_addresses_of_one_version_6_network_are_one_source() -> None:
    scene = Scene()
    for n in range(4):
        scene.arrive(f"flood{n}", source=f"2001:db8:1:2::{n:x}")
    scene.arrive("home", source="2001:db8:1:3::1")
    assert scene.result() == ["flood0", "home", "flood1", "flood2", "flood3"]


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "203.0.113.9"),
        ("local", "local"),
        ("", ""),
    ],
)
def test_what_counts_as_one_source(source: str, counted: str) -> None:
    assert gate_module._neighbourhood(source) == counted


def test_sources_take_turns_among_visits_as_well() -> None:
    scene = Scene()
    for n in range(3):
        scene.arrive(f"a{n}", "mailbox", "a")
    scene.arrive("b0", "signin", "b")
    assert scene.result() == ["a0", "b0", "a1", "a2"]


def test_a_visit_that_waited_five_seconds_goes_next_but_never_two_in_a_row_before_a_send() -> None:
    scene = Scene()
    scene.arrive("visit0", "mailbox")
    scene.arrive("visit1", "mailbox")
    for n in range(3):
        scene.arrive(f"send{n}")
    scene.now = gate_module.PATIENCE_SECONDS
    assert scene.result() == ["visit0", "send0", "visit1", "send1", "send2"]


def test_among_impatient_visits_the_longest_waiting_goes_first() -> None:
    scene = Scene()
    scene.arrive("a0", "mailbox", "a")
    scene.arrive("b0", "mailbox", "b")
    scene.arrive("a1", "mailbox", "a")
    scene.arrive("send0")
    scene.arrive("send1")
    scene.now = 10.0
    assert scene.result() == ["a0", "send0", "b0", "send1", "a1"]


def test_a_visit_just_below_its_patience_still_waits() -> None:
    scene = Scene()
    scene.arrive("visit", "mailbox")
    scene.arrive("send")
    scene.now = gate_module.PATIENCE_SECONDS - 0.001
    assert scene.result() == ["send", "visit"]


def test_no_more_than_the_places_are_inside_at_once_and_nobody_is_refused() -> None:
    gate = Gate(2)
    inside, most, done = 0, 0, 0
    lock = threading.Lock()

    def go(number: int) -> None:
        nonlocal inside, most, done
        with gate.turn("send" if number % 3 else "mailbox", str(number % 7)):
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.0005)
            with lock:
                inside -= 1
                done += 1

    threads = [threading.Thread(target=go, args=(n,)) for n in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (most, done, gate.waiting(), gate._free) == (2, 200, 0, 2)


def test_a_failing_derivation_gives_its_place_back() -> None:
    gate = Gate(1)
    with pytest.raises(ZeroDivisionError), gate.turn("send", "a"):
        raise ZeroDivisionError
    with gate.turn("mailbox", "a"):
        pass
    assert gate._free == 1


def test_somebody_who_gives_up_waiting_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    class Impatient(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    gate = Gate(1)
    holder = gate.turn("send", "holder")
    holder.__enter__()
    monkeypatch.setattr(gate_module.threading, "Event", Impatient)
    raised = []

    def go() -> None:
        try:
            with gate.turn("send", "203.0.113.7"):
                pass
        except KeyboardInterrupt:
            raised.append(True)

    # threading.Thread needs real events itself; run the waiter without one.
    gate._mine = type("Nobody", (), {"held": False})()  # type: ignore[assignment]
    go()
    assert raised == [True]
    assert gate.waiting() == 0


def test_a_turn_inside_a_turn_does_not_lock_up() -> None:
    gate = Gate(1)
    with gate.turn("send", "a"), gate.turn("mailbox", "a"):
        assert gate._free == 0
    assert gate._free == 1


def test_the_gate_of_the_process_has_the_places_of_the_settings() -> None:
    with gate_module.turn("send", "a"):
        assert gate_module.the_gate()._free >= 0


@pytest.mark.parametrize("kind", ["", "read"])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="expected send"), Gate(1).turn(kind, "a"):  # type: ignore[arg-type]
        pass
    with pytest.raises(ValueError, match="place"):
        Gate(0)
