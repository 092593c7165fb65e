"""The doors of what changes hands and of incidents: words for another team, what happened, references, reasons."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors

ZONE = ZoneInfo("Asia/Jakarta")


def hand_on(doors: Doors, analyst: Phone) -> None:
    """Offers a report to another team, keeps one on hold, and enters an incident; needs a report in the inbox."""
    report = _offer(doors, analyst)
    supervisor = doors.sign_in("supervisor")
    _hold(doors, supervisor)
    _incident(doors, supervisor, report)
    for page, name in (("/kerja/serahkan/?n=", "count"), ("/kerja/serah-terima/?ok=", "sentence")):
        doors.expect(name, supervisor.get(page + doors.word("nowhere", f"query of {name}")).status, 200)


def _offer(doors: Doors, phone: Phone) -> str:
    w = doors.word
    addresses = re.findall(r"/kerja/laporan/[0-9a-f-]{36}/", phone.get("/kerja/").body)
    report = next((a for a in dict.fromkeys(addresses) if "/tawarkan/" in phone.get(a).body), "")
    assert report, "no report in the inbox can be offered"
    form = phone.form("/tawarkan/")
    plain = {"team": form.offered["team"][0], "reason": "place"}
    for how in ("before", "deep"):
        broken = {**plain, "words": f"Kata {w('nowhere', f'transfer {how}')}"}
        doors.expect(f"transfer {how}", phone.fill(form, broken, None, how).status, 500)
    long = {**plain, "words": "panjang " * 3000 + w("nowhere", "transfer long")}
    doors.expect("transfer long", phone.fill(form, long).status, 422)
    form.offered = {}
    odd = {"team": w("nowhere", "transfer team"), "reason": w("nowhere", "transfer reason"), "words": "x"}
    doors.expect("transfer odd", phone.fill(form, odd).status, 422)
    phone.get(report)
    form, word = phone.form("/tawarkan/"), w("staff", "transfer words")
    doors.expect("transfer", phone.fill(form, {**plain, "words": f"Kata {word}"}).status, 200)
    phone.get("/kerja/serah-terima/")
    assert doors.mark not in phone.page.body, "the list shows no words"
    phone.get(report)
    doors.expect("taken back", phone.fill(phone.form("/tarik/"), {}).status, 200)
    assert word in phone.page.body, "the history shows what was said to the other team"
    return report


def _hold(doors: Doors, phone: Phone) -> None:
    w = doors.word
    phone.get("/kerja/penyimpanan-hukum/")
    form = phone.form("/simpan/")
    odd = {"number": w("nowhere", "number to keep")[:16], "reason": "court"}
    doors.expect("hold", phone.fill(form, odd).status, 422)
    doors.expect("hold broken", phone.fill(form, odd, None, "before").status, 500)


def _incident(doors: Doors, phone: Phone, report: str) -> None:
    w, now = doors.word, datetime.now(ZONE).strftime("%Y-%m-%dT%H:%M")
    phone.get("/kerja/insiden/")
    form = phone.form("/insiden/")
    plain = {  # the last team is their own; the first one is independent, whose words they could not read
        "team": form.offered["team"][-1], "discovered_at": now, "kinds": ["story"], "systems": ["laptop"],
        "people_band": "one",
    }  # fmt: skip
    for how in ("before", "deep"):
        broken = {**plain, "words": f"Kata {w('nowhere', f'incident {how}')}"}
        doors.expect(f"incident {how}", phone.fill(form, broken, None, how).status, 500)
    future = {**plain, "discovered_at": "2199-01-01T00:00", "words": f"Kata {w('nowhere', 'incident of the future')}"}
    doors.expect("incident of the future", phone.fill(form, future).status, 422)
    word = w("staff", "incident words")
    doors.expect("incident", phone.fill(form, {**plain, "words": f"Kata {word}"}).status, 200)
    incident = phone.page.path.split("?")[0]
    assert word in phone.page.body
    phone.get("/kerja/insiden/")
    assert doors.mark not in phone.page.body, "the list shows no words"
    phone.get(incident)
    form = phone.form("/tindakan/")
    broken = {"words": f"Kata {w('nowhere', 'measures broken')}", "people_band": "one"}
    doors.expect("measures broken", phone.fill(form, broken, None, "deep").status, 500)
    _authority(doors, phone, incident, now)
    _decide(doors, phone, incident, report)


def _authority(doors: Doors, phone: Phone, incident: str, now: str) -> None:
    w = doors.word
    form = phone.form("/lembaga/")
    broken = {"told_at": now, "reference": w("nowhere", "authority broken")}
    doors.expect("authority broken", phone.fill(form, broken, None, "before").status, 500)
    wrong = {"told_at": "2000-01-01T00:00", "reference": w("nowhere", "authority too early")}
    doors.expect("authority too early", phone.fill(form, wrong).status, 422)
    phone.get(incident)
    word = w("staff", "authority reference")
    doors.expect("authority", phone.fill(phone.form("/lembaga/"), {"told_at": now, "reference": word}).status, 200)
    assert word in phone.page.body


def _decide(doors: Doors, phone: Phone, incident: str, report: str) -> None:
    w, number = doors.word, report.rstrip("/").rsplit("/", 1)[-1][:8]
    form = phone.form("/terkena/")
    doors.expect("odd number", phone.fill(form, {"number": w("nowhere", "affected")[:16]}).status, 422)
    phone.get(incident)
    doors.expect("affected", phone.fill(phone.form("/terkena/"), {"number": number}).status, 200)
    address = re.search(r"/kerja/insiden/putusan/[0-9a-f-]{36}/", phone.page.body)
    assert address
    phone.get(address.group())
    form = next(one for one in phone.forms() if "way" in one.offered)
    for how in ("before", "deep"):
        broken = {"way": "later", "reason": f"Karena {w('nowhere', f'decision {how}')}"}
        doors.expect(f"decision {how}", phone.fill(form, broken, None, how).status, 500)
    home = {"way": "home", "reason": f"Karena {w('nowhere', 'decision refused')}"}
    doors.expect("home is unsafe", phone.fill(form, home).status, 422)
    phone.get(address.group())
    form = next(one for one in phone.forms() if "way" in one.offered)
    word = w("staff", "decision reason")
    doors.expect("decision", phone.fill(form, {"way": "not_home", "reason": f"Karena {word}"}).status, 200)
    assert word in phone.page.body
