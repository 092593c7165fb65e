"""A client for the partner API of Lindung: standard library only, typed, safe to retry.

    client = Client("https://lindung.example.org", os.environ["LINDUNG_TOKEN"])
    accepted = client.submit({"words": "…", "happened": ["threat_to_spread"]}, key=str(uuid.uuid4()))
    client.state(accepted.reference)

Make the key once for a report, store it beside the report in your own system, and send the same key with every retry.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

State = Literal["received", "in_progress", "closed"]


class Identifier(TypedDict):
    """A handle, phone number, address or account of the other side. Never of the child."""

    kind: Literal["handle", "phone", "url", "account"]
    value: str


class Report(TypedDict, total=False):
    """What you send; leave out what is not known. The codes stand in /api/v1/openapi.json."""

    path: str
    language: Literal["id", "en"]
    danger: Literal["yes", "no"]
    happened: Sequence[str]
    online_where: Sequence[str]
    age_band: str
    sex: str
    province: str
    regency: str
    happened_on: str
    when: str
    identifiers: Sequence[Identifier]
    links: Sequence[str]
    words: str
    concern: Sequence[str]
    concern_note: str


@dataclass(frozen=True)
class Accepted:
    """The report is in. `receipt` only with the scope for it: show it once to the person, and keep it nowhere."""

    reference: str
    state: State
    received_at: str
    promised_at: str
    sandbox: bool
    receipt: str = ""


class Refused(Exception):
    """The report was not accepted, and sending it again will not help. `code` says why; nothing was stored."""

    def __init__(self, status: int, code: str, field: str) -> None:
        super().__init__(f"{status} {code} {field}".strip())
        self.status, self.code, self.field = status, code, field


class NotReached(Exception):
    """Nobody answered, or only with "later", until the last try. Send again with the same key, as late as you like."""


class Client:
    """One partner's machine. `tries` and the growing pauses between them are for `submit` and `state` alike."""

    def __init__(
        self, address: str, token: str, *, tries: int = 6, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self._address, self._token, self._tries, self._pause = address.rstrip("/"), token, tries, pause

    def submit(self, report: Report, *, key: str) -> Accepted:
        """Send a report. Raises Refused or NotReached; after NotReached the same call may be made again at any time."""
        data = json.dumps(report).encode("utf-8")
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        return Accepted(**self._ask("/api/v1/reports", data, headers))

    def state(self, reference: str) -> State:
        """Ask how far a report is. Some stay at "received" for ever: that tells nothing."""
        state: State = self._ask(f"/api/v1/reports/{reference}", None, {})["state"]
        return state

    def expires_on(self) -> str:
        """The last day on which the token works, as YYYY-MM-DD."""
        return str(self._ask("/api/v1/token", None, {})["expires_on"])

    def _ask(self, path: str, data: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        wait = 1.0
        for _ in range(self._tries):
            request = urllib.request.Request(
                self._address + path, data, {"Authorization": f"Bearer {self._token}", **headers}
            )
            try:
                with urllib.request.urlopen(request, timeout=30) as response:
                    answer: dict[str, Any] = json.load(response)
                    return answer
            except urllib.error.HTTPError as error:
                told = _problem(error)
                if error.code not in {429, 500, 502, 503, 504} or told.get("code") == "daily_limit_reached":
                    raise Refused(error.code, told.get("code", ""), told.get("field", "")) from None
                wait = max(wait, float(error.headers.get("Retry-After") or 0))
            except OSError:
                pass  # no line, or it broke off: the report may be in or not, and the same key makes that harmless
            self._pause(wait)
            wait = min(wait * 2, 60.0)
        raise NotReached


def _problem(error: urllib.error.HTTPError) -> dict[str, str]:
    try:
        told: dict[str, str] = json.load(error)
        return told
    except ValueError:
        return {}
