"""A browser without script for tests against a real server: it comes from an address and with a name of its own."""

from __future__ import annotations

import contextlib
import http.client
from typing import Any
from urllib.parse import urlencode

from tests.support.breaking import HEADER
from tools.walker import Form, Page, Walker

FORM = "application/x-www-form-urlencoded"


class _Connection(http.client.HTTPConnection):
    more: dict[str, str]

    def request(self, method: str, url: str, body: Any = None, headers: Any = None, **rest: Any) -> None:  # type: ignore[override]
        super().request(method, url, body, {**(headers or {}), **self.more}, **rest)


class Phone(Walker):
    """A Walker that connects from `source` and sends `more` headers with every request."""

    def __init__(self, port: int, source: str = "127.0.0.1", agent: str = "") -> None:
        super().__init__("127.0.0.1", port)
        self.source = source
        self.more = {"User-Agent": agent} if agent else {}

    def _once(self, method: str, path: str, data: list[tuple[str, str]] | None) -> tuple[Page, str | None]:
        if self._connection is None:
            connection = _Connection(self.host, self.port, timeout=self.timeout, source_address=(self.source, 0))
            connection.more = self.more
            self._connection = connection
        return super()._once(method, path, data)

    # -- forms -------------------------------------------------------------------------------------------------------
    def form(self, ending: str = "", **hidden: str) -> Form:
        """The form whose address ends so, or that holds a hidden field of this value, on the present page."""
        for form in self.forms():
            fits = all((name, value) in form.fields for name, value in hidden.items())
            if fits and (not ending or form.action.endswith(ending)):
                return form
        raise AssertionError(f"{self.page.path}: there is no form {ending or hidden}; status {self.page.status}")

    def fill(self, form: Form, answers: dict[str, Any], button: tuple[str, str] | None = None, how: str = "") -> Page:
        """Send a form; `how` breaks the request in this way (see tests.support.breaking)."""
        path, data = self.filled(form, answers, button)
        sent = {name for name, _ in data}
        data += [(name, value) for name, value in answers.items() if name not in sent and isinstance(value, str)]
        if not how:
            return self.request("POST", path, data)
        page, self.more[HEADER] = self.page, how
        try:
            return self.request("POST", path, data, follow=False)
        finally:
            del self.more[HEADER]
            self.page = page

    def raw(self, method: str, path: str, body: bytes = b"", kind: str = FORM, **headers: str) -> tuple[int, str]:
        """Send a request that no browser of ours would send; return its status and the page. The page stays."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30, source_address=(self.source, 0))
        sent = {"Content-Type": kind, **self.more}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            # A server that refuses a body by its length answers before it has come, and closes.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body or None, sent)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        finally:
            connection.close()

    def token(self) -> str:
        """The form token of the present page."""
        return dict(self.forms()[0].fields)["csrfmiddlewaretoken"]


def encoded(**fields: str) -> bytes:
    return urlencode(fields).encode()
