"""Opens, in the environment of an installation, whatever keys can open; with `plant` it writes a clear word everywhere.

Reads one JSON object on standard input: {"codes", "passphrases", "drafts"} or {"plant": word}. Prints one JSON object:
the text that each kind of key opened, and what lies in the sessions once they are unpacked.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.mail import send_mail  # noqa: E402

from lindung.accounts.models import User  # noqa: E402
from lindung.core.errors import NotAllowed  # noqa: E402
from lindung.reporting.models import Platform, Report  # noqa: E402
from lindung.reporting.services import mailbox  # noqa: E402
from lindung.vault import drafts  # noqa: E402
from lindung.vault import services as vault  # noqa: E402
from lindung.vault.models import SealedRecord  # noqa: E402


def opened(record_id: UUID, keys: Any) -> str:
    fields = vault.get_many(record_id=record_id, keys=keys)
    return "\n".join(f"{name} {value.decode('utf-8', 'replace')}" for name, value in fields.items())


def open_all(asked: dict[str, Any]) -> dict[str, str]:
    found: dict[str, list[str]] = {"receipt": [], "team": [], "draft": [], "sessions": []}
    for code in asked["codes"]:
        visit = mailbox.enter(code, "x")
        report = Report.objects.get(pk=visit.report_id)
        keys = vault.open_with_receipt(record_id=report.record_id, receipt=visit.receipt)
        found["receipt"].append(opened(report.record_id, keys))
    for username, passphrase in asked["passphrases"].items():
        keyring = vault.unlock(holder=User.objects.get(username=username).pk, passphrase=passphrase)
        # Reports and whatever else is sealed to a team (incidents).
        for record in SealedRecord.objects.filter(shredded_at=None).values_list("pk", flat=True):
            try:
                found["team"].append(opened(record, vault.open_with_team(record_id=record, keyring=keyring)))
            except NotAllowed:
                continue
    for a, b in asked["drafts"]:
        row = drafts.load(a, b)
        found["draft"].append(json.dumps(row.data, ensure_ascii=False) if row else "")
    found["sessions"] = [json.dumps(row.get_decoded()) for row in Session.objects.all()]
    return {name: "\n".join(texts) for name, texts in found.items()}


def plant(word: str) -> dict[str, str]:
    Platform.objects.update_or_create(code="kontrol", defaults={"name": word})
    session = SessionStore()
    session.update({"words": word, "again": word * 20})
    session.create()
    send_mail("Kontrol", word, None, ["x@example.org"])
    with Path(settings.LINDUNG_TOMBSTONES).open("a") as file:
        file.write(word + "\n")
    with sqlite3.connect(settings.LINDUNG_DRAFTS_PATH) as db:
        db.execute("INSERT INTO draft VALUES (?, 'walk', 0, 0, ?)", (b"control", word.encode()))
    return {"sessions": "\n".join(json.dumps(row.get_decoded()) for row in Session.objects.all())}


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    json.dump(plant(asked["plant"]) if "plant" in asked else open_all(asked), sys.stdout)
