"""Addresses and hashes: what is taken, how it is shown, and that nothing ever opens one."""

from __future__ import annotations

import ast
import base64
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.takedown import addresses

GOOD = [
    "https://contoh.example/halaman?x=Ab#c",
    "http://contoh.example:8080/",
    "contoh.example/halaman",
    "www.contoh.co.id",
    "ftp://contoh.example/x",
    "http://1.2.3.4/x",
    "http://[2001:db8::1]/x",
    "https://пример.рф/страница",
    "http://contohcontohcontohcontoh.onion/x",
    "https://contoh.example/@akun",
]
BAD = [
    "", " ", "kata biasa", "contoh", "a.b", "http://", "https:///x", "javascript:alert(1)",
    "data:image/png;base64,iVBORw0K", "file:///etc/passwd", "magnet:?xt=urn:btih:abc", "budi@contoh.example", "http://localhost/x", 
    "http://300.1.1.1/",
    "https://contoh.example/a b", "https://contoh.example/\u202eabc", "https://contoh.example/\x00", "https://[::1",
    "https://contoh.example/" + "x" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_kept_as_it_is(text: str) -> None:
    assert addresses.clean("url", f"  {text}\n") == text


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert addresses.clean("url", text) is None


@pytest.mark.parametrize(
    "text", ["hxxps://contoh[.]example/x", "https://contoh(.)example/x", "HXXPS://contoh[dot]example/x"]
)
def test_the_harmless_way_of_writing_is_understood(text: str) -> None:
    assert (addresses.clean("url", text) or "").lower() == "https://contoh.example/x"


@pytest.mark.parametrize(("kind", "digits"), [("md5", 32), ("sha1", 40), ("sha256", 64), ("pdq", 64)])
def test_a_hash_has_its_length_and_nothing_but_digits(kind: str, digits: int) -> None:
    assert addresses.clean(kind, "AB" * (digits // 2)) == "ab" * (digits // 2)
    for wrong in ("ab" * (digits // 2 - 1), "ab" * (digits // 2 + 1), "xy" * (digits // 2), "https://contoh.example/"):
        assert addresses.clean(kind, wrong) is None


def test_photodna_is_144_bytes_in_any_of_its_three_forms() -> None:
    raw = bytes(range(144))
    assert addresses.clean("photodna", raw.hex().upper()) == raw.hex()
    assert addresses.clean("photodna", base64.b64encode(raw).decode()) == base64.b64encode(raw).decode()
    numbers = ",".join(str(n) for n in raw)
    assert addresses.clean("photodna", numbers.replace(",", ", ")) == numbers
    for wrong in (
        raw[:-1].hex(),
        base64.b64encode(raw + b"x").decode(),
        numbers + ",1",
        numbers.replace("143", "256"),
        "?",
    ):
        assert addresses.clean("photodna", wrong) is None


def test_an_unknown_kind_takes_nothing() -> None:
    assert addresses.clean("video", "https://contoh.example/x") is None


@pytest.mark.parametrize("text", GOOD)
def test_what_is_shown_is_no_link_and_can_be_read_back(text: str) -> None:
    shown = addresses.defanged(text)
    assert "http" not in shown
    assert "://" not in shown or shown.startswith(("hxxp", "fxp"))
    host = shown.split("://")[-1].split("/")[0]
    assert "." not in host.replace("[.]", "")
    if not text.startswith("ftp"):
        assert addresses.clean("url", shown) == text


@given(st.text(max_size=60))
def test_anything_at_all_is_either_refused_or_shown_without_a_link(text: str) -> None:
    kept = addresses.clean("url", text)
    if kept is not None:
        assert "http://" not in addresses.defanged(kept).lower()
        assert "https://" not in addresses.defanged(kept).lower()
        assert addresses.clean("url", kept) == kept, "keeping it twice changes nothing"


def test_a_second_address_inside_an_address_is_no_link_either() -> None:
    shown = addresses.defanged("https://contoh.example/?to=http://lain.example/x")
    assert "http://" not in shown


def test_the_reporters_links_are_offered_once_each_and_nothing_else() -> None:
    answers = {
        "path": "witness",
        "media_url": "Saya lihat di https://contoh.example/x dan\nwww.lain.example/y\nhttps://www.contoh.example/x/",
        "accounts": "@akun\nBCA 0812345678\nhttps://t.me/contoh\nbudi@contoh.example",
    }
    assert addresses.offered(answers) == ["https://t.me/contoh", "https://contoh.example/x", "www.lain.example/y"]
    assert addresses.offered({"path": "worried_self", "media_url": "https://contoh.example/x"}) == []
    assert addresses.offered({}) == []


NETWORK = {
    "socket", "ssl", "http", "http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp", "smtplib",
    "ftplib", "telnetlib", "subprocess", "asyncio", "webbrowser", "django.core.mail", "playwright",
}  # fmt: skip
ROOMS = (
    "lindung/takedown",
    "lindung/workspace/views/takedown.py",
    "lindung/workspace/views/takedown_notices.py",
    "lindung/workspace/views/takedown_register.py",
    "lindung/workspace/forms_takedown.py",
    "lindung/workspace/panels/takedown.py",
)


def test_no_module_that_meets_an_address_imports_anything_that_could_open_one() -> None:
    root = Path(__file__).resolve().parents[3]
    found, looked = [], 0
    for place in ROOMS:
        path = root / place
        files = [path] if path.is_file() else [p for p in path.rglob("*.py") if "tests" not in p.parts]
        for file in files:
            looked += 1
            for node in ast.walk(ast.parse(file.read_text())):
                names = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                found += [f"{file}: {name}" for name in names if name in NETWORK]
    assert looked > 15
    assert found == []


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every look-up of a name and every connection to anything but the database is noted and refused."""
    tried: list[str] = []

    def refuse(what: str):
        def refused(*args: object, **_: object) -> None:
            tried.append(what)
            raise AssertionError(f"{what} was called")

        return refused

    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse(name))
    monkeypatch.setattr(socket.socket, "connect", refuse("connect"))
    return tried


@pytest.mark.django_db
def test_the_whole_loop_touches_no_network(no_network: list[str], send, analyst) -> None:
    from lindung.takedown import services, tasks

    from .conftest import later

    sent = send()
    [item] = analyst.add(sent)
    notice = analyst.send(item, reference="IWF-1")
    for form in ("text", "sheet"):
        services.export(analyst.actor, analyst.keyring, notice.pk, form)
    analyst.open(item)
    with later(hours=25) as _:
        analyst.answer(item)
        analyst.check(item)
    assert no_network == []
    assert tasks.LEASE
