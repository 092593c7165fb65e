"""Walks that are opened beforehand: all is answered through the portal's own forms, only the send is held back."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tools.walker import Form, Page, Walker

PATHS = ("child", "other_child", "witness", "professional", "parent")
_INTROS = {
    "child": "aman", "other_child": "bantu", "witness": "tautan", "professional": "pendamping", "parent": "orang-tua",
}  # fmt: skip
_PIECES = (
    "Ceritaku panjang.", "😔🙏🏽", "O'Brien \"kutip\"", "'; DROP TABLE reporting_report; --", "{{ 7*7 }} {% now %}",
    "<b>tebal</b> & 'lain'", "baris\r\nbaru", "ꦲꦏ꧀ꦱꦫ", "مرحبا", "naïve café", "\t tab ", "a\u200db", "100% _wild%",
)  # fmt: skip
SECONDS_BEFORE_SENDING = 20.5


@dataclass
class Sent:
    """One walk: what was answered, how to send it, and what came of it."""

    walker: Walker
    answers: dict[str, str | list[str]]
    path: str
    data: list[tuple[str, str]]
    began: float
    code: str | None = None
    seconds: float = 0.0
    status: int = 0
    acknowledged: bool = False
    problem: str = ""
    codes_seen: set[str] = field(default_factory=set)


def words(rng: random.Random, length: int = 6) -> str:
    """Return text that is awkward to store: emoji, quotes, SQL, template tags, line ends, other scripts."""
    return " ".join(rng.choice(_PIECES) for _ in range(length)) + f" #{rng.randrange(10**9)}"


def _choose(
    form: Form, rng: random.Random, given: dict[str, str | list[str]]
) -> tuple[dict[str, str | list[str]], tuple[str, str]]:
    """Answer every field of a page; return the answers and the button that is pressed."""
    answers: dict[str, str | list[str]] = {}
    for name in form.texts:
        if name != "q":
            answers[name] = words(rng)
    for name, codes in form.offered.items():
        offered = [code for code in codes if code]
        if offered:
            answers[name] = sorted(rng.sample(offered, min(len(offered), rng.choice((1, 2)))), key=offered.index)
    taps = [b for b in form.buttons if b[0] not in {"", "do", "token"} and b[1]]
    onward = [
        b for b in form.buttons if b[0] == "do" and b[1] in {"next", "safe", "contact", "someone"}
    ] or form.buttons[:1]
    button = rng.choice(taps) if taps else onward[0]
    given.update(answers)
    if taps:
        given[button[0]] = button[1]
    return answers, button


def open_walk(host: str, port: int, seed: int) -> Sent:
    """Answer one whole walk up to the summary, then let the connection go."""
    rng = random.Random(seed)
    walker = Walker(host, port)
    walker.get(f"/lapor/{_INTROS[rng.choice(PATHS)]}/")
    given: dict[str, str | list[str]] = {}
    began = 0.0
    enough = rng.randrange(4, 40)  # many say early that it is enough
    for number in range(40):
        if number == enough and began:
            walker.get("/lapor/periksa/")
        if walker.page.path.endswith("/periksa/"):
            break
        if walker.page.status != 200 or not walker.whole():
            raise RuntimeError(f"{walker.page.path} answered {walker.page.status}")
        form = next(f for f in walker.forms() if "q" not in f.texts and _is_step(f))
        answers, button = _choose(form, rng, given)
        walker.submit(answers, form, button)
        began = began or time.monotonic()
    else:
        raise RuntimeError(f"the walk did not come to its summary; it stands at {walker.page.path}")
    send = next(f for f in walker.forms() if f.action.endswith("/kirim/"))
    path, data = walker.filled(send, {}, send.buttons[0] if send.buttons else None)
    walker.close()
    return Sent(walker, given, path, data, began)


def _is_step(form: Form) -> bool:
    return any(name not in {"", "token"} for name, _ in form.buttons)


def open_walks(
    host: str, port: int, number: int, seed: int, threads: int = 4, say: Callable[[str], None] = print
) -> list[Sent]:
    """Open many walks and wait until each may be sent."""
    started = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        walks = list(pool.map(lambda i: open_walk(host, port, seed + i), range(number)))
    took = time.monotonic() - started
    say(f"  opened {number} walks in {took:.0f} s")
    rest = SECONDS_BEFORE_SENDING - (time.monotonic() - max(w.began for w in walks))
    if rest > 0:
        time.sleep(rest)
    return walks


def send(walk: Sent) -> None:
    """Send a walk and read the whole receipt page. Only then it counts as acknowledged."""
    started = time.monotonic()
    try:
        page: Page = walk.walker.request("POST", walk.path, walk.data)
    except Exception as error:  # cut off: the point of the exercise
        walk.problem = type(error).__name__
        return
    walk.seconds = time.monotonic() - started
    walk.status = page.status
    code = walk.walker.receipt()
    if page.status == 200 and code and walk.walker.whole() and page.path.endswith("/kode/"):
        walk.acknowledged, walk.code, walk.problem = True, code, ""
        walk.codes_seen.add(code)
    else:
        walk.problem = f"status {page.status} at {page.path}"
