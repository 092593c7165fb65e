"""A reporter without JavaScript: follows the portal's own forms over plain HTTP, as a cheap phone would.

It knows no question by heart. It reads the form of each page, fills in the fields that it was given an answer for,
skips the rest, and keeps cookies itself. Used by benchmarks and by flood tests; standard library only.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser

_DIGITS = re.compile(r"\d{4}(?:[  ]\d{4}){4}")


@dataclass
class Page:
    """One answer of the server: status, whole body, final path."""

    status: int
    body: str
    path: str
    complete: bool = True


@dataclass
class Form:
    """A form of a page. `fields` holds hidden and prefilled values; `offered` the values of choices by name."""

    action: str
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area: tuple[str, list[str]] | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {k: v or "" for k, v in attrs}
        if tag == "form":
            self._open = Form(at.get("action", ""), at.get("method", "get").lower())
            self.forms.append(self._open)
        form = self._open
        if form is None:
            return
        name = at.get("name", "")
        if tag == "input" and name:
            kind = at.get("type", "text")
            if kind in {"radio", "checkbox"}:
                form.offered.setdefault(name, []).append(at.get("value", "on"))
                if "checked" in at:
                    form.fields.append((name, at.get("value", "on")))
            elif kind == "hidden":
                form.fields.append((name, at.get("value", "")))
            elif kind == "submit":
                form.buttons.append((name, at.get("value", "")))
            else:
                form.texts.append(name)
        elif tag == "textarea" and name:
            form.texts.append(name)
            self._area = (name, [])
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select:
            form.offered.setdefault(self._select, []).append(at.get("value", ""))
        elif tag == "button" and at.get("type", "submit") == "submit":
            form.buttons.append((name, at.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


LONGEST_IDLE_SECONDS = 10.0
"""A connection that idled longer is not used again: the server may be closing it in this very moment."""


class Walker:
    """One reporter: one connection, one jar of cookies, one walk."""

    def __init__(self, host: str, port: int, timeout: float = 60.0) -> None:
        self.host, self.port, self.timeout = host, port, timeout
        self.cookies: dict[str, str] = {}
        self.page = Page(0, "", "/")
        self.started = 0.0
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0.0

    # -- HTTP -------------------------------------------------------------------------------------------------------
    def request(self, method: str, path: str, data: list[tuple[str, str]] | None = None, follow: bool = True) -> Page:
        """Send one request and follow redirects (at most five). Raises OSError or http.client errors when cut off."""
        if time.monotonic() - self._used > LONGEST_IDLE_SECONDS:
            self.close()
        for _ in range(6):
            answer, location = self._once(method, path, data)
            if location and follow:
                method, data = "GET", None
                path = urllib.parse.urljoin(path, location)
                if "://" in path:
                    break
                continue
            self.page = answer
            return answer
        self.page = answer
        return answer

    def _once(self, method: str, path: str, data: list[tuple[str, str]] | None) -> tuple[Page, str | None]:
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        headers = {"Host": f"{self.host}:{self.port}", "Accept-Language": "id"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection = self._connection or http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8")
        except (OSError, http.client.HTTPException):
            connection.close()
            self._connection = None
            raise
        self._connection, self._used = connection, time.monotonic()
        for header in response.headers.get_all("Set-Cookie") or []:
            self._keep(header)
        return Page(response.status, text, path), response.headers.get("Location")

    def _keep(self, header: str) -> None:
        first, *rest = header.split(";")
        name, _, value = first.partition("=")
        gone = any(part.strip().lower() == "max-age=0" for part in rest) or value in {"", '""'}
        if gone:
            self.cookies.pop(name.strip(), None)
        else:
            self.cookies[name.strip()] = value.strip()

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    # -- forms ------------------------------------------------------------------------------------------------------
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.page.body)
        return [f for f in parser.forms if f.method == "post"]

    def get(self, path: str) -> Page:
        return self.request("GET", path)

    def submit(
        self, answers: dict[str, str | list[str]], form: Form | None = None, button: tuple[str, str] | None = None
    ) -> Page:
        """Fill the form of the present page with what it asks for and send it."""
        form = form or self.forms()[0]
        return self.request("POST", *self.filled(form, answers, button))

    def filled(
        self, form: Form, answers: dict[str, str | list[str]], button: tuple[str, str] | None = None
    ) -> tuple[str, list[tuple[str, str]]]:
        """Return path and data of the filled form, ready to be sent (so that a benchmark can hold it back)."""
        data = [(k, v) for k, v in form.fields if k not in answers]
        for name in [*form.texts, *form.offered]:
            wanted = answers.get(name)
            if wanted is None:
                continue
            data += [(name, v) for v in ([wanted] if isinstance(wanted, str) else wanted)]
        if button and button[0]:
            data.append(button)
        return urllib.parse.urljoin(self.page.path, form.action or self.page.path), data

    def receipt(self) -> str | None:
        """The code on the present page, as twenty digits, or None."""
        match = _DIGITS.search(re.sub(r"<[^>]+>", " ", self.page.body).replace(" ", " "))
        if match is None:
            match = _DIGITS.search(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page.body)))
        return re.sub(r"\D", "", match.group()) if match else None

    def whole(self) -> bool:
        """Tell whether the page came to its end."""
        return self.page.body.rstrip().endswith("</html>")


def wait_until(moment: float) -> None:
    """Sleep until a time.monotonic() moment."""
    rest = moment - time.monotonic()
    if rest > 0:
        time.sleep(rest)
