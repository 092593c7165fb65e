"""Canary words through the door for machines: accepted, repeated, refused, for practice, broken."""

from __future__ import annotations

import json
from typing import Any

from lindung.api.schemas import TEXTS
from tests.support.doors import Doors
from tests.support.phone import Phone

REPORTS = "/api/v1/reports"
JSON = "application/json"


def send_by_machine(doors: Doors) -> None:
    """Everything that a partner's machine can send, and where it can go wrong."""
    token, practice = _token(doors, "Mesin uji"), _token(doors, "Mesin latihan", "--sandbox")
    phone, w = doors.phone(), doors.word
    key = w("nowhere", "idempotency key") + "-kunci"
    content: dict[str, Any] = {name: f"Isi {w('reporter', f'api {name}')} 😔" for name in TEXTS}
    content["identifiers"] = [
        {"kind": kind, "value": value.format(w("reporter", f"api {kind}"))}
        for kind, value in (("handle", "@{}"), ("url", "https://contoh.example/{}"), ("account", "BCA 0812345678 {}"))
    ]
    content["links"] = [f"https://contoh.example/{w('reporter', 'api link')}"]
    for how in ("before", "deep"):
        broken = {"words": w("nowhere", f"api {how}")}
        doors.expect(f"api {how}", _post(phone, token, broken, f"{key}-{how}", X_Uji=how)[0], 500)
    # The report is in and the answer breaks: the same request gets it again, as a partner's program would ask for it.
    doors.expect("api after", _post(phone, token, content, key, X_Uji="after")[0], 500)
    for name in ("api", "api again"):
        status, answer = _post(phone, token, content, key)
        doors.expect(name, status, 201)
    told = json.loads(answer)
    doors.codes.append(told["receipt"])
    doors.secrets |= {
        "receipt of the api": told["receipt"], "token of the api": token, "secret of the token": token.split("_")[2],
    }  # fmt: skip
    status, _ = phone.raw("GET", f"{REPORTS}/{told['reference']}", Authorization=f"Bearer {token}")
    doors.expect("api state", status, 200)
    _refused(doors, phone, token, key)
    for name in ("practice", "practice again"):
        words = {"words": w("nowhere", f"api {name}"), "concern_note": w("nowhere", f"api note {name}")}
        doors.expect(f"api {name}", _post(phone, practice, words, f"{key}-latihan")[0], 201)


def _refused(doors: Doors, phone: Phone, token: str, key: str) -> None:
    w = doors.word
    cases: list[tuple[str, Any, str, int]] = [
        ("another body", {"words": w("nowhere", "api other body")}, key, 422),
        ("over-long", {"words": "panjang " * 3000 + w("nowhere", "api long")}, "", 422),
        ("media", {"words": f"data:image/png;base64,{w('nowhere', 'api media')}"}, "", 422),
        ("a code", {"happened": [w("nowhere", "api code")]}, "", 422),
        ("a field", {w("nowhere", "api field"): w("nowhere", "api value")}, "", 422),
        ("a day", {"happened_on": w("nowhere", "api day")}, "", 422),
        ("a short key", {}, w("nowhere", "api short key")[:15], 422),
    ]
    for number, (name, body, own_key, status) in enumerate(cases):
        doors.expect(f"api {name}", _post(phone, token, body, own_key or f"{key}-{number}")[0], status)
    auth = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{key}-raw"}
    raw = [
        ("bad json", b'{"words": "' + w("nowhere", "api bad json").encode(), JSON, 400),
        ("bad bytes", b'{"words": "\xff' + w("nowhere", "api bad bytes").encode() + b'"}', JSON, 400),
        ("a form", f"words={w('nowhere', 'api form')}".encode(), "application/x-www-form-urlencoded", 415),
        ("a picture", b"\x89PNG\r\n" + w("nowhere", "api picture").encode(), "image/png", 415),
        ("a file", f"--x\r\n\r\n{w('nowhere', 'api file')}\r\n--x--".encode(), "multipart/form-data; boundary=x", 415),
        ("huge", json.dumps({"words": w("nowhere", "api huge") + "x" * 1_100_000}).encode(), JSON, 413),
    ]
    for name, data, kind, status in raw:
        doors.expect(f"api {name}", phone.raw("POST", REPORTS, data, kind, **auth)[0], status)
    odd = f"{REPORTS}?words={w('nowhere', 'api query')}"
    doors.expect("api query", phone.raw("POST", odd, b"{}", JSON, **auth)[0], 400)
    path = f"{REPORTS}/{w('nowhere', 'api reference')}"
    doors.expect("api reference", phone.raw("GET", path, Authorization=f"Bearer {token}")[0], 404)
    unknown = f"/api/{w('nowhere', 'api path')}"
    doors.expect("api path", phone.raw("GET", unknown, Accept_Language=w("nowhere", "api language"))[0], 404)
    wrong = {"Authorization": f"Bearer {w('nowhere', 'api token')}", "Idempotency-Key": f"{key}-wrong"}
    body = json.dumps({"words": w("nowhere", "api without token")}).encode()
    doors.expect("api token", phone.raw("POST", REPORTS, body, JSON, **wrong)[0], 401)


def _token(doors: Doors, name: str, *more: str) -> str:
    done = doors.installation.run(
        "token", "add", name, "--organisation", "partner organisation", "--issuer", "organisation", "--purpose",
        "helpline", "--scope", "report:submit", "--scope", "report:state", "--scope", "report:receipt", "--days", "30",
        *more,
    )  # fmt: skip
    return next(word for word in done.stdout.split() if word.startswith("lnd_"))


def _post(phone: Phone, token: str, content: Any, key: str, **more: str) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, **more}
    return phone.raw("POST", REPORTS, json.dumps(content).encode(), JSON, **headers)
