"""The doors of the law and of the end of a case: every text of both tabs, approvals, moves, and what a child says.

A case of its own, so that it can end; a supervisor is the second person, and reads what the child says.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.support.doors_casework import write
from tests.support.phone import Phone
from tools.walker import Form

if TYPE_CHECKING:
    from tests.support.doors import Doors

DAY = "2026-03-20"
ID = r"[0-9a-f-]{36}/"
LETTER = {"agency": "police", "basis": "letter_investigation", "received_on": DAY}
TIP = {"to": "ppatk", "basis": "public_information", "way": "letter", "handed_on": DAY}


def go_through_law(doors: Doors, worker: Phone) -> None:
    """Write everything that the two tabs take, end the case by two people, and open it again."""
    case, supervisor = _open(doors, worker), doors.sign_in("supervisor")
    _law(doors, worker, f"{case}hukum/")
    _say(doors, worker, supervisor, case)
    _end(doors, worker, supervisor, case)
    _move(doors, supervisor, case)


def _law(doors: Doors, phone: Phone, tab: str) -> None:
    step = {"step": "legal_review", "on": DAY, "article": "none_adequate", "result": "none_fits"}
    write(doors, phone, f"{tab}langkah/", "/langkah/", {"number": "", "words": ""}, step)
    struck = _address(phone, tab, rf"langkah/{ID}")
    write(doors, phone, struck, struck, {"words": ""})
    police = {"reason": "", "who_told_child": ""}
    write(doors, phone, f"{tab}polisi/", "/polisi/", police, {"decision": "reported"})
    asked = {"on": DAY, "agency": "police", "topics": "who"}
    write(doors, phone, f"{tab}wawancara/", "/wawancara/", {"words": ""}, asked)
    write(doors, phone, f"{tab}permintaan/", "/permintaan/", dict.fromkeys(("number", "who", "wanted"), ""), LETTER)
    lawyer = _address(phone, tab, rf"permintaan/{ID}ahli/")
    write(doors, phone, lawyer, "/ahli/", {"lawyer": "", "advice": ""})
    given = lawyer.replace("/ahli/", "/diberikan/")
    write(doors, phone, given, "/diberikan/", {"given": ""}, {"answered_on": _today(), "sections": "standing"})
    write(doors, phone, f"{tab}informasi/", "/informasi/", {"taken_by": "", "told": ""}, TIP)
    noted = {"typed_on": DAY, "identity": "duty"}
    write(doors, phone, f"{tab}simfoni/", "/simfoni/", {"number": "", "duty": ""}, noted)
    phone.get(f"{tab}simfoni/lembar/")
    sheet = {"identity": "duty", "duty": doors.word("nowhere", "duty of a sheet"), "form": "csv"}
    doors.expect("sheet", phone.fill(phone.form("/lembar/"), sheet).status, 200)
    phone.get(f"{tab}damai/")
    asked = {name: doors.word("nowhere", f"out of court {name}") for name in ("question", "lawyer", "answer")}
    doors.expect("out of court", phone.fill(phone.form("/damai/"), asked).status, 422)
    doors.expect("back at the law", phone.get(tab).status, 200)
    assert doors.mark in phone.page.body


def _say(doors: Doors, worker: Phone, supervisor: Phone, case: str) -> None:
    """What a child said: sealed for the supervisor, shown on no page of the case."""
    before = set(doors.words["staff"].values())
    write(doors, worker, f"{case}penutupan/pendapat/", "/pendapat/", {"text": ""}, {"kind": "complaint", "mood": "2"})
    said = next(word for word in doors.words["staff"].values() if word not in before)
    assert said not in worker.get(f"{case}penutupan/").body
    one = re.search(rf"/kerja/kasus/pendapat/{ID}", supervisor.get("/kerja/kasus/pendapat/").body)
    assert one is not None
    assert doors.mark not in supervisor.page.body, "a list of what children say shows no words"
    assert said in supervisor.get(one.group()).body
    doors.expect("nobody who works with the child", worker.get(one.group()).status, 404)
    answer = {"words": doors.word("staff", "answer to what a child said")}
    doors.expect("answer", supervisor.get(one.group()).status, 200)
    doors.expect("answered", supervisor.fill(supervisor.form(one.group()), answer).status, 200)


def _end(doors: Doors, worker: Phone, supervisor: Phone, case: str) -> None:
    tab = f"{case}penutupan/"
    proposal = {"summary": "", "child_says": ""}
    chosen = {"reason": "goals_reached", "child_agrees": "yes"}
    for approve in ("no", "yes"):
        write(doors, worker, f"{tab}usul/", "/usul/", proposal, chosen)
        found = re.search(rf"{case}setujui/{ID}", worker.get(tab).body)
        assert found is not None
        supervisor.get(found.group())
        words = {"words": doors.word("staff", f"second person says {approve}"), "approve": approve}
        doors.expect(f"second person says {approve}", supervisor.fill(_deciding(supervisor), words).status, 200)
    assert doors.mark not in supervisor.get("/kerja/kasus/persetujuan/").body, "a list of questions shows no words"
    look = _address(worker, tab, rf"menyusul/{ID}")
    write(doors, worker, look, look, {"words": ""}, {"result": "needs_support"})
    write(doors, worker, f"{tab}buka/", "/buka/", {"words": ""}, {"reason": "new_need"})
    doors.expect("back at the end", worker.get(tab).status, 200)


def _move(doors: Doors, supervisor: Phone, case: str) -> None:
    tab = f"{case}penutupan/"
    team = re.search(r'<option value="([0-9a-f-]{36})"', supervisor.get(f"{tab}pindah/").body)
    assert team is not None
    chosen = {"team": team[1], "reason": "skill"}
    write(doors, supervisor, f"{tab}pindah/", "/pindah/", {"words": ""}, chosen)
    assert doors.mark not in supervisor.get("/kerja/kasus/antartim/").body, "a list of offers shows no words"
    doors.expect("taken back", supervisor.fill(supervisor.form("/tarik/"), {}).status, 200)


def _deciding(phone: Phone) -> Form:
    return next(form for form in phone.forms() if "words" in form.texts)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _address(phone: Phone, tab: str, pattern: str) -> str:
    """The first address of this kind that the tab leads to."""
    found = re.search(re.escape(tab) + pattern, phone.get(tab).body)
    assert found, f"{phone.page.path}: nothing leads to {pattern}"
    return found.group()


def _open(doors: Doors, phone: Phone) -> str:
    """A case from a report of the inbox that has none yet."""
    for report in dict.fromkeys(re.findall(rf"/kerja/laporan/{ID}", phone.get("/kerja/").body)):
        if phone.get(f"{report}kasus/").status != 200 or "another_child" in phone.page.body:
            continue
        form = next((form for form in phone.forms() if "nickname" in form.texts), None)
        if form is None or phone.fill(form, {"take": "on"}).status != 200:
            continue
        found = re.match(rf"/kerja/kasus/{ID}", phone.page.path)
        if found:
            return found.group()
    raise AssertionError("no report in the inbox can become a case of its own")
