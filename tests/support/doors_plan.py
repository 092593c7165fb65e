"""The doors of a plan: assessment, safety, review, plan, goals, deliveries, checklist, conferences; and groups."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from tests.support.doors_casework import write
from tests.support.phone import Phone

if TYPE_CHECKING:
    from tests.support.doors import Doors

AREAS = ("safety", "body", "mind", "home", "social", "strengths")
SAFETY = ("signs", "steps", "people", "places", "not_alone")


def plan_case(doors: Doors, phone: Phone, case: str) -> None:
    """Write everything that the tab Rencana of this case takes (`case` is its address), and make a group."""
    tab = f"{case}rencana/"
    assessed = dict.fromkeys([*(f"c-{area}" for area in AREAS), "needs", "rationale"], "")
    write(doors, phone, f"{tab}nilai/", "/nilai/", assessed, {"risk": "high"})
    today = _today()
    again = {"review_on": (today + timedelta(days=7)).isoformat()}
    write(doors, phone, f"{tab}aman/", "/aman/", dict.fromkeys(SAFETY, ""), again)
    write(doors, phone, f"{tab}tinjau/", "/tinjau/", {"words": ""})
    write(doors, phone, f"{tab}standar/butir/simfoni/", "/simfoni/", {"words": ""}, {"state": "not_applicable"})
    _plan(doors, phone, tab)
    moment = datetime.now(UTC) + timedelta(days=2)
    planned = {"planned_at": moment.strftime("%Y-%m-%dT%H:%M")}
    write(doors, phone, f"{tab}konferensi/", "/konferensi/", {"invited": "", "agenda": ""}, planned)
    conference = _address(phone, tab, r"konferensi/[0-9a-f-]{36}/")
    held = {"held_at": f"{today}T00:01"}
    write(doors, phone, conference, conference, dict.fromkeys(("came", "child_view", "agreed"), ""), held)
    for page in (tab, f"{tab}standar/", f"{tab}nilai/", conference):
        doors.expect("back at the plan", phone.get(page).status, 200)
        assert doors.mark in phone.page.body
    _group(doors, phone)


def _today() -> date:
    """The day at the place of the case: of the team, because the child named none."""
    return datetime.now(ZoneInfo("Asia/Jakarta")).date()


def _plan(doors: Doors, phone: Phone, tab: str) -> None:
    write(doors, phone, f"{tab}baru/", "/baru/", {"wishes": "", "agreed": ""})
    plan = _address(phone, tab, r"[0-9a-f-]{36}/")
    _broken(doors, phone, plan, ("wishes", "agreed"))
    service = f"{plan}tujuan/?layanan=psychological"
    write(doors, phone, service, "/tujuan/", {"words": ""}, {"working_days": "5"})
    goal = _address(phone, tab, r"tujuan/[0-9a-f-]{36}/")
    _broken(doors, phone, goal, ("words",))
    given = {"on": _today().isoformat(), "child_came": "on"}
    write(doors, phone, f"{goal}layanan/", "/layanan/", {"words": ""}, given)
    write(doors, phone, f"{goal}kabar/", "/kabar/", {"words": ""}, {"state": "partly"})
    write(doors, phone, tab, "/minta/", {"words": ""})


def _broken(doors: Doors, phone: Phone, page: str, names: tuple[str, ...]) -> None:
    """A page that writes over what stands there: broken only, so that the words of the first writing stay the last."""
    doors.expect(page, phone.get(page).status, 200)
    for how in ("before", "deep"):
        words = {name: doors.word("nowhere", f"{page} {name} {how}") for name in names}
        doors.expect(f"{page} {how}", phone.fill(phone.form(page), words, None, how).status, 500)


def _address(phone: Phone, tab: str, pattern: str) -> str:
    """The first address of this kind that the tab leads to."""
    found = re.search(re.escape(tab) + pattern, phone.get(tab).body)
    assert found, f"{phone.page.path}: nothing leads to {pattern}"
    return found.group()


def _group(doors: Doors, phone: Phone) -> None:
    """A group keeps no words; what is typed to find a child is kept nowhere."""
    phone.get("/kerja/kelompok/")
    today = _today().isoformat()
    team = re.search(r'name="team".*?value="([0-9a-f-]{36})"', phone.page.body, re.S)
    assert team, "nobody may make a group"
    wanted = {"team": team[1], "programme": "aku_bangkit", "starts_on": today}
    made = phone.fill(phone.form("/kelompok/"), wanted)
    doors.expect("group", made.status, 200)
    odd = {"reference": doors.word("nowhere", "reference of a case")[:16]}
    doors.expect("group refused", phone.fill(phone.form("/tambah/"), odd).status, 422)
    assert doors.mark not in phone.get("/kerja/kelompok/").body, "a list of groups shows no words"
