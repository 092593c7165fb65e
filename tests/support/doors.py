"""Carries canary words through every door and field of a running installation, and notes what each was for."""

from __future__ import annotations

import base64
import contextlib
import re
import secrets
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import pyotp

from tests.support.phone import Phone, encoded
from tools.installation import Installation

ADDRESS = "127.77.66.55"
"""Where every visitor of this test comes from: part of the loopback, and standing nowhere else."""

CHILD_PAGES: tuple[tuple[str, tuple[str, ...], tuple[str, str]], ...] = (
    # page, its fields of free text, the button
    ("tempat", ("danger_place",), ("do", "next")),
    ("kata", ("words",), ("do", "next")),
    ("di-mana", ("online_other",), ("do", "next")),
    ("akun", ("accounts",), ("do", "next")),
    ("diberi", ("given_note",), ("do", "next")),
    ("memudahkan", ("easier_note",), ("do", "next")),
    ("menjawab", (), ("reach", "contact")),
    ("cara-hubungi", ("reach_how", "must_not_know"), ("do", "next")),
    ("petugas", ("concern_note",), ("do", "next")),
    ("pernah", ("told_before",), ("do", "next")),
)
JUDGED = {
    "risk": "high", "authority": "district", "next_step": "safety_plan", "selfharm": "on", "child_known": "yes",
}  # fmt: skip
WITNESS_PAGES = (("link", ("media_url",), ("do", "next")), ("kata", ("words",), ("do", "next")))


@dataclass
class Doors:
    """The words by what must become of them: `reporter` opens with the receipt, `staff` with the team's key alone,
    `draft` with two cookies, `nowhere` is kept nowhere. `secrets` are whole values that no disk may show."""

    installation: Installation
    mark: str = field(default_factory=lambda: f"kanari{secrets.token_hex(6)}")
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    drafts: list[list[str]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    signed_in: dict[str, Phone] = field(default_factory=dict)

    @property
    def agent(self) -> str:
        return f"Peramban/{self.mark} (ponsel pinjaman)"

    def word(self, kind: str, door: str) -> str:
        """A fresh word that carries the mark of this run."""
        known = self.words.setdefault(kind, {})
        name, number = door, 2
        while name in known:
            name, number = f"{door} {number}", number + 1
        known[name] = f"{self.mark}x{sum(map(len, self.words.values())):03d}x"
        return known[name]

    def phone(self) -> Phone:
        return Phone(self.installation.port, ADDRESS, self.agent)

    def expect(self, door: str, status: int, *wanted: int) -> None:
        self.statuses[door] = status
        assert status in wanted, f"{door}: {status} instead of {wanted}"

    # -- the portal --------------------------------------------------------------------------------------------------
    def walk(self, intro: str, pages: Any, start: tuple[str, str], kind: str, *, breaking: bool = False) -> Phone:
        """Answer every free field of these pages; leave the walk at its summary."""
        phone = self.phone()
        phone.get(f"/lapor/{intro}/")
        self.expect(intro, phone.fill(phone.form(f"/{intro}/"), {}, start).status, 200)
        for slug, names, button in pages:
            page = phone.get(f"/lapor/{slug}/")
            self.expect(slug, page.status, 200)
            form = phone.form(f"/{slug}/")
            for how in ("before", "after", "deep") if breaking and names else ():
                broken = {name: self.word("nowhere", f"{how} broken {slug} {name}") for name in names}
                if how == "after":  # the page has run: what was typed stands in the draft until the next answer
                    broken = {name: self.word("nowhere", f"replaced {slug} {name}") for name in names}
                self.expect(f"{how} {slug}", phone.fill(form, broken, button, how).status, 500)
            typed = {name: self._typed(name, self.word(kind, f"{intro} {name}")) for name in names}
            self.expect(slug, phone.fill(form, typed, button).status, 200)
        self.expect("check", phone.get("/lapor/periksa/").status, 200)
        return phone

    @staticmethod
    def _typed(name: str, word: str) -> str:
        if name == "accounts":
            return f"@{word}\r\nhttps://contoh.example/{word}\r\nBCA 0812345678 {word}"
        return f"https://contoh.example/{word}" if name == "media_url" else f"Kata {word} 😔"

    def probe_portal(self) -> None:
        """What the portal does not take, or only searches for."""
        phone, w = self.phone(), self.word
        phone.get("/lapor/aman/")
        phone.fill(phone.form("/aman/"), {}, ("do", "safe"))
        phone.get("/lapor/provinsi/")
        form = phone.form("/provinsi/")
        self.expect("search", phone.fill(form, {"q": w("nowhere", "search of places")}, ("do", "search")).status, 200)
        self.expect("a choice", phone.fill(form, {"province": w("nowhere", "a choice")}, ("do", "next")).status, 422)
        phone.get("/lapor/kata/")
        form, token = phone.form("/kata/"), phone.token()
        long = "panjang " * 3000 + w("nowhere", "over-long")
        self.expect("over-long", phone.fill(form, {"words": long}, ("do", "next")).status, 422)
        picture = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode()
        media = f"{w('nowhere', 'media')} data:image/png;base64,{picture}"
        self.expect("media", phone.fill(form, {"words": media}, ("do", "next")).status, 422)
        self._probe_raw(phone, "/lapor/kata/", token)
        self.expect("no such answer", phone.fill(form, {"do": w("nowhere", "button")}).status, 422)
        del phone.cookies["a"]
        self.expect("expired", phone.fill(form, {"words": w("nowhere", "expired")}, ("do", "next")).status, 410)

    def _probe_raw(self, phone: Phone, path: str, token: str) -> None:
        w = self.word
        bad = encoded(csrfmiddlewaretoken=token, words=w("nowhere", f"bad bytes {path}")) + b"%ff%fe"
        self.expect("bad bytes", phone.raw("POST", path, bad)[0], 400)
        name = w("nowhere", f"file name {path}")
        parts = (
            f'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n{w("nowhere", f"part {path}")}\r\n--x\r\n'
            f'Content-Disposition: form-data; name="f"; filename="{name}.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
            f"{w('nowhere', f'file {path}')}\r\n--x--\r\n"
        )
        self.expect("file", phone.raw("POST", path, parts.encode(), "multipart/form-data; boundary=x")[0], 415)
        forged = encoded(words=w("nowhere", f"without a token {path}"))
        self.expect("no token", phone.raw("POST", path, forged)[0], 403)
        huge = encoded(csrfmiddlewaretoken=token, words=w("nowhere", f"huge {path}") + "x" * 1_100_000)
        self.expect("huge", phone.raw("POST", path, huge)[0], 413)
        many = encoded(**{f"f{n}": w("nowhere", f"field {n}") if n > 298 else "x" for n in range(300)})
        self.expect("many fields", phone.raw("POST", path, many)[0], 400, 403)
        unknown = f"/lapor/{w('nowhere', 'path')}/?q={w('nowhere', 'query')}"
        self.expect("no such page", phone.raw("GET", unknown)[0], 404)
        odd = phone.raw(
            "GET",
            "/lapor/",
            Referer=f"http://{w('nowhere', 'referer')}.example/",
            Cookie=f"a={w('nowhere', 'cookie')}; b=x; s=x",
        )
        self.expect("odd headers", odd[0], 200)
        self.expect("odd host", phone.raw("GET", "/", Host=f"{w('nowhere', 'host')}.example")[0], 400)
        self.expect(
            "origin", phone.raw("POST", path, forged, Origin=f"http://{w('nowhere', 'origin')}.example")[0], 403
        )
        self.expect("method", phone.raw("PUT", path, encoded(x=w("nowhere", "put")))[0], 403)
        with socket.create_connection(("127.0.0.1", self.installation.port), 5, source_address=(ADDRESS, 0)) as line:
            line.sendall(
                f"GET /{w('nowhere', 'not HTTP')} nonsense\r\n{w('nowhere', 'broken header')}\r\n\r\n".encode()
            )
            line.settimeout(2)
            with contextlib.suppress(TimeoutError):
                line.recv(1000)

    def send(self, phone: Phone, began: float) -> str:
        """Too early once, then in time; break the send afterwards; return the code."""
        assert self.mark in phone.page.body, "the summary must show the words"
        form = phone.form("/kirim/")
        if time.monotonic() - began < 15:
            assert 'name="refresh"' in phone.fill(form, {}).body.lower() or phone.page.path.endswith("/kirim/")
        time.sleep(max(0.0, 21 - (time.monotonic() - began)))
        self.expect("send broken", phone.fill(form, {}, None, "before").status, 500)
        self.expect("send broken after", phone.fill(form, {}, None, "after").status, 500)
        self.expect("send", phone.fill(form, {}).status, 200)
        code = phone.receipt()
        assert code, "no receipt"
        self.codes.append(code)
        self.secrets |= {f"code {len(self.codes)}": code, f"cookie a {len(self.codes)}": phone.cookies["a"]}
        self.secrets[f"code in groups {len(self.codes)}"] = " ".join(code[i : i + 4] for i in range(0, 20, 4))
        phone.fill(phone.form("/kode/"), {})
        return code

    def use_mailbox(self, code: str, *, stop: bool) -> None:
        """Wrong code, right code, message, addition, pressure, what is refused, and a wish to stop."""
        phone, w = self.phone(), self.word
        phone.get("/kotak/")
        form, token = phone.form("/kotak/"), phone.token()
        kept = {"code": "1111 1111 1111 1111 1111", "text": w("nowhere", "text beside a wrong code")}
        self.expect("wrong code", phone.fill(form, kept).status, 422)
        self.expect("odd code", phone.fill(form, {"code": w("nowhere", "code")}).status, 422)
        self.expect("broken code", phone.fill(form, {"code": w("nowhere", "broken code")}, None, "before").status, 500)
        self.expect(
            "gone",
            phone.raw("POST", "/kotak/isi/tulis/", encoded(csrfmiddlewaretoken=token, text=w("nowhere", "no visit")))[
                0
            ],
            410,
        )
        self.expect(
            "open", phone.fill(form, {"code": code, "text": w("nowhere", "kept until it was sent")}).status, 200
        )
        for name, address in (("message", "/kotak/isi/tulis/"), ("addition", "/kotak/isi/tulis/?untuk=tambah")):
            phone.get(address)
            form = phone.form("/tulis/")
            for how in ("before", "deep"):
                broken = {"text": w("nowhere", f"{name} broken {how}")}
                self.expect(f"{name} {how}", phone.fill(form, broken, None, how).status, 500)
            long = "panjang " * 3000 + w("nowhere", f"{name} over-long")
            self.expect(f"{name} long", phone.fill(form, {"text": long}).status, 422)
            phone.get(address)
            form = phone.form("/tulis/")
            self.expect(name, phone.fill(form, {"text": f"Pesan {w('reporter', name)}\r\n"}).status, 200)
            # The same form once more, and the page breaks after it has run: still one message.
            self.expect(
                f"{name} after", phone.fill(form, {"text": w("nowhere", f"{name} again")}, None, "after").status, 500
            )
        self._probe_raw(phone, "/kotak/isi/tulis/", phone.token())
        phone.get("/kotak/isi/berhenti/")
        form = phone.form("/berhenti/")
        pressed = {"text": w("reporter", "who presses")}
        self.expect(
            "stop broken",
            phone.fill(form, {"text": w("nowhere", "stop broken")}, ("do", "pressured"), "before").status,
            500,
        )
        if stop:
            self.expect("stop", phone.fill(form, {"text": w("nowhere", "beside the stop")}, ("do", "stop")).status, 200)
            del self.words["reporter"][next(k for k, v in self.words["reporter"].items() if v == pressed["text"])]
        else:
            self.expect("pressed", phone.fill(form, pressed, ("do", "pressured")).status, 200)

    # -- staff -------------------------------------------------------------------------------------------------------
    def sign_in(self, name: str) -> Phone:
        """Two wrong first steps, a wrong and a right second one; whoever is signed in already is handed back."""
        if name in self.signed_in:
            return self.signed_in[name]
        phone, w, person = self.phone(), self.word, self.installation.people[name]
        phone.get(f"/kerja/masuk/?next=/{w('nowhere', 'next')}")
        wrong = {"username": w("nowhere", "user name"), "passphrase": w("nowhere", "wrong passphrase")}
        form = phone.form()
        self.expect("unknown name", phone.fill(form, wrong).status, 422)
        wrong = {"username": person["username"], "passphrase": w("nowhere", "wrong passphrase of a person")}
        self.expect("wrong passphrase", phone.fill(form, wrong).status, 422)
        self.expect("sign-in broken", phone.fill(form, wrong, None, "before").status, 500)
        right = {"username": person["username"], "passphrase": person["passphrase"], "next": "/kerja/akun/"}
        form.fields = [(k, v) for k, v in form.fields if k != "next"]
        for how in ("after", "deep"):
            self.expect(f"sign-in {how}", phone.fill(form, right, None, how).status, 500)
        self.expect("first step", phone.fill(form, right).status, 200)
        form = phone.form()
        self.expect("wrong second step", phone.fill(form, {"code": w("nowhere", "second factor")[:40]}).status, 422)
        broken = {"code": w("nowhere", "second factor broken")[:40]}
        self.expect("second broken", phone.fill(form, broken, None, "before").status, 500)
        self.secrets[f"second cookie of {name}"] = phone.cookies["p"].partition(".")[2]
        self.expect("second step", phone.fill(form, {"code": pyotp.TOTP(person["totp"]).now()}).status, 200)
        self.secrets |= {
            f"passphrase of {name}": person["passphrase"], f"seed of {name}": person["totp"],
            f"key cookie of {name}": phone.cookies["k"],
        }  # fmt: skip
        self.signed_in[name] = phone
        return phone

    def work(self, phone: Phone) -> None:
        """Everything that staff can write on one report."""
        w = self.word
        phone.get("/kerja/?risiko=" + w("nowhere", "inbox filter"))
        address = re.search(r"/kerja/laporan/[0-9a-f-]{36}/", phone.get("/kerja/").body)
        assert address, "the inbox shows no report"
        report = address.group()
        stale = None
        for name, ending, plain, texts in (
            ("note", "/catatan/", {}, ("text",)),
            ("triage", "/triase/", JUDGED, ("reason", "safety_plan")),
            ("police", "/polisi/", {"decision": "not_enough"}, ("reason", "who_told_child")),
            ("handover", "/serah-terima/", {"by_voice": "on"}, ("person",)),
            ("attempt", "/upaya/", {"channel": "phone", "stopped": "on"}, ("note", "stop_reason")),
            ("message", "/pesan/", {}, ("text",)),
        ):  # fmt: skip
            self.expect("report", phone.get(report).status, 200)
            form = phone.form(ending)
            stale = form if name == "message" else stale
            for how in ("before", "deep"):
                broken = {text: w("nowhere", f"{name} {text} {how}") for text in texts}
                self.expect(f"{name} {how}", phone.fill(form, {**plain, **broken}, None, how).status, 500)
            long = {text: "panjang " * 3000 + w("nowhere", f"{name} {text} long") for text in texts}
            self.expect(f"{name} long", phone.fill(form, {**plain, **long}).status, 422)
            kind = "reporter" if name == "message" else "staff"
            words = {text: f"Isi {w(kind, f'{name} {text}')}" for text in texts}
            self.expect(name, phone.fill(form, {**plain, **words}).status, 200)
            assert all(word in phone.page.body for word in words.values()), f"{name}: not shown"
        assert stale is not None
        self.expect("too late", phone.fill(stale, {"text": w("nowhere", "too late")}).status, 409)
        phone.get(report)
        for name, ending in (("conflict", "/pindah/"), ("closure", "/tutup/"), ("link", "/kaitan/")):
            form = phone.form(ending)
            odd = {
                key: w("nowhere", f"{name} {key}")[: 16 if key == "other" else 99]
                for key in ("reason", "team", "other")
            }
            form.offered, form.texts = {}, []
            self.expect(f"{name} refused", phone.fill(form, odd).status, 422)
            self.expect(f"{name} broken", phone.fill(form, odd, None, "before").status, 500)
            phone.get(report)
        self._probe_raw(phone, report + "catatan/", phone.token())
        phone.get("/kerja/platform/")
        long = {"label": w("nowhere", "name of a platform") + "x" * 100}
        self.expect("platform", phone.fill(phone.form("/tambah/"), long).status, 422)
        phone.get("/kerja/jaga/?pekan=" + w("nowhere", "week"))

    def change_passphrase(self, phone: Phone, name: str) -> None:
        """A wrong old one, then a new one that is itself a canary."""
        phone.get("/kerja/akun/")
        form, w = phone.form(what="passphrase"), self.word
        new = f"empat kata {w('nowhere', 'new passphrase')}"
        wrong = {"old_passphrase": w("nowhere", "wrong old passphrase"), "new_passphrase": new, "again": new}
        self.expect("wrong old", phone.fill(form, wrong).status, 422)
        self.expect("change broken", phone.fill(form, wrong, None, "before").status, 500)
        right = {**wrong, "old_passphrase": self.installation.people[name]["passphrase"]}
        self.expect("changed", phone.fill(form, right).status, 200)
        assert "disimpan" in phone.page.path
        self.installation.people[name]["passphrase"] = new
        phone.get("/kerja/akun/")
        self.expect("codes", phone.fill(phone.form(what="codes"), {"passphrase": new}).status, 200)
        codes = re.findall(r"\b[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}\b", phone.page.body)
        assert len(codes) == 10
        self.secrets |= {f"recovery code {n}": code for n, code in enumerate(codes[:2])}

    def check_audit(self, phone: Phone) -> None:
        phone.get("/kerja/audit/")
        earlier = {"earlier": self.word("nowhere", "checkpoint")}
        self.expect("audit", phone.fill(phone.form("/periksa/"), earlier).status, 422)
        self.expect("audit broken", phone.fill(phone.form("/periksa/"), earlier, None, "after").status, 500)
