"""What tries the cells of tests/url_matrix.txt: the table, a world in which all of it exists, one request judged."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.template import Template
from django.test import Client
from django.test.utils import _TestState
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone, translation

from conftest import Browser, Cast, code_now, sign_in_with
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest, User
from lindung.breaches import services as breaches
from lindung.breaches.models import Breach
from lindung.config import errors
from lindung.core import clock
from lindung.desk import services as desk
from lindung.desk.services import AnswerInput
from lindung.directory import services as directory
from lindung.partners.tests.machines import machine
from lindung.reporting import services as reporting
from lindung.reporting.models import FollowUp, Platform, Report
from lindung.reporting.services import mailbox
from lindung.series import services as series
from lindung.statistics import selectors as statistics_selectors
from lindung.statistics import services as statistics
from lindung.takedown import services as takedowns
from lindung.takedown.models import Contact, Item
from lindung.vault import drafts, receipts
from lindung.vault import services as vault
from tests.support import matrix_cases

TABLE = Path(__file__).parent.with_name("url_matrix.txt")
STAFF = {
    "A": "analyst", "B": "second_analyst", "S": "supervisor", "W": "case_worker", "D": "data_analyst",
    "M": "administrator", "U": "auditor", "P": "partner", "X": "other_analyst", "I": "independent_analyst",
}  # fmt: skip
MORE = {"Y": "supervisor", "O": "administrator"}
"""Made for this test, of another network: role by letter."""
INSIDE = "".join([*STAFF, *MORE])
OUTSIDE = "VRHL"
EVERYBODY = OUTSIDE + "T" + INSIDE
STATES = ("new", "claimed", "waiting", "closed", "held", "locked", "named", "erased")
BOXES = ("nothing", "walk", "sent", "new", "closed", "held", "locked", "erased")
REFUSED = {401, 404, 405, 409, 410, 422}
_WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


# --- the table ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    section: str
    name: str
    method: str
    cells: tuple[str, ...]
    ok: int = 0


def read_table() -> list[Row]:
    rows, section = [], ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            section = line[1 : line.index("]")]
        elif line and not line.startswith("#") and section != "told":
            name, method, *cells = line.split()
            ok = 0 if section in {"public", "api"} else int(cells.pop(0))
            assert len(cells) == {"public": len(BOXES), "report": len(STATES), "api": 9}.get(section, 1), line
            for one, values in _methods(method, cells):
                rows.append(Row(section, name, one, tuple(values), ok))
    return rows


def _methods(method: str, cells: list[str]) -> Iterator[tuple[str, list[str]]]:
    """`GET*` stands for two rows: the other method is 405 everywhere."""
    plain = method.rstrip("*")
    yield plain, cells
    if method != plain:
        yield ("POST" if plain == "GET" else "GET"), ["405"] * len(cells)


def expected(row: Row, cell: str, who: str, body: dict[str, Any]) -> tuple[str, bool]:
    """Return (outcome, done): a status or a way on, and whether the person does what the page is for."""
    if row.section in {"team", "report"}:
        if who in OUTSIDE:
            wrote = any(len(str(value)) > 12 for name, value in body.items() if name not in {"team", "user", "laporan"})
            kept = row.method == "POST" and row.name.startswith("workspace:") and wrote
            return ("401" if kept else ">sign_in"), False
        if who == "T":
            return ">choose_passphrase", False
    for part in cell.split("/"):
        people, _, status = part.partition(":")
        if who in people:
            return status or str(row.ok), not status
    return "404", False


def named_patterns(patterns: list[Any] | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from named_patterns(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"{pattern.pattern} has no name, so no row can speak of it"
            yield space + pattern.name, pattern


@cache
def patterns_by_name() -> dict[str, URLPattern]:
    return dict(named_patterns())


# --- the world ------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """Everything that the cells speak of, made once; each request is rolled back."""

    cast: Cast
    users: dict[str, User] = field(default_factory=dict)
    jars: dict[str, dict[str, str]] = field(default_factory=dict)
    reports: dict[str, UUID] = field(default_factory=dict)
    visits: dict[str, mailbox.Visit] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cases: matrix_cases.Made = field(default_factory=matrix_cases.Made)
    before: list[Any] = field(default_factory=list)
    forms: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    client: Browser = field(default_factory=lambda: Browser(raise_request_exception=False))

    def send(self, state: str, **answers: Any) -> Report:
        code = receipts.generate()
        report = reporting.receive(
            answers={"path": "child", "words": "cerita", **answers}, code=code, walk_id=secrets.token_bytes(32),
            language="id", source="x",
        )  # fmt: skip
        self.reports[state], self.codes[state] = report.pk, code
        self.visits[state] = mailbox.enter(code, "x")
        return report

    def judge(self, report: Report, **entry: Any) -> None:
        entry = {"risk": "medium", "reason": "Dibaca.", "child_known": False, **entry}
        version = Report.objects.values_list("version", flat=True).get(pk=report.pk)
        reporting.triage(self.analyst, self.keyring, report.pk, reporting.TriageInput(**entry), version)

    @property
    def analyst(self) -> Actor:
        return self.cast.actor(self.cast.analyst)

    @property
    def keyring(self) -> Any:
        return self.cast.keyring(self.cast.analyst)

    # -- making it ---------------------------------------------------------------------------------------------------
    def make_reports(self) -> None:
        vault.shred(record_id=self.send("erased").record_id)
        self.send("new")
        self.send("named", concern=["works_here"])
        self.send("locked")
        mailbox.ask_to_stop(self.visits["locked"])
        claimed, waiting, closed = self.send("claimed"), self.send("waiting"), self.send("closed")
        held = self.send("held", danger="yes")
        for report in (claimed, waiting, closed):
            self.judge(report)
        proposal = reporting.propose_closure(self.analyst, claimed.pk, "misuse", True)
        version = Report.objects.get(pk=waiting.pk).version
        reporting.post_staff_message(self.analyst, self.keyring, waiting.pk, "Terima kasih.", version)
        reporting.propose_closure(self.analyst, closed.pk, "done", True)
        link = reporting.link_reports(self.analyst, claimed.pk, closed.pk, "same_child")
        self.judge(held, risk="high", selfharm=True, safety_plan="Bersama bibi.", next_step="safety_plan")
        mailbox.ask_to_stop(self.visits["held"])
        follow_up = FollowUp.objects.get(report=held)
        self.ids |= {"proposal_id": proposal.pk, "link_id": link.pk, "follow_up_id": follow_up.pk}
        states = {
            s: Report.objects.filter(pk=pk).values_list("state", flat=True).first() for s, pk in self.reports.items()
        }
        assert states == {
            "new": "new", "named": "new", "locked": "withdrawn", "claimed": "claimed", "waiting": "waiting_reporter",
            "closed": "closed", "held": "claimed", "erased": None,
        }  # fmt: skip

    def make_series(self) -> None:
        """Two reports merged, and a series of the claimed one from which the new one was taken out."""
        lead, merged, pair = self.send("lead"), self.send("merged"), self.send("pair")
        series.merge(self.analyst, merged.pk, lead.pk)
        made = series.join(self.analyst, self.reports["claimed"], pair.pk, "hand")
        series.join(self.analyst, self.reports["new"], pair.pk, "hand")
        series.leave(self.analyst, made.pk, self.reports["new"])
        self.ids |= {"merged_id": merged.pk, "series_id": made.pk}

    def seen(self) -> int:
        """The version of the request on its way."""
        return Item.objects.filter(pk=self.ids.get("item_id")).values_list("version", flat=True).first() or 0

    def make_takedowns(self) -> None:
        """Three requests about the claimed report: one on its way, one on a letter, one that waits for a letter."""
        actor, keyring = self.analyst, self.keyring
        entries = [("url", f"https://contoh.invalid/{number}") for number in range(3)]
        sent, on_letter, free = takedowns.add(
            actor, keyring, self.reports["claimed"], entries=entries, addressees=["iwf"], bases=["iwf"]
        )
        takedowns.mark_sent(actor, keyring, takedowns.make_notice(actor, [sent.pk]).pk)
        notice = takedowns.make_notice(actor, [on_letter.pk])
        contact = Contact.objects.get(addressee="iwf")
        self.ids |= {"item_id": sent.pk, "free_item": free.pk, "letter_id": notice.pk, "contact_id": contact.pk}

    def make_moves(self) -> None:
        """An offer to another team, a hold that somebody wants to end, an incident with a report to decide on."""
        cast, supervisor = self.cast, self.cast.actor(self.cast.supervisor)
        offered, kept, told = self.send("offered"), self.send("kept"), self.send("told")
        offer = reporting.transferring.offer(
            self.analyst, self.keyring, offered.pk, cast.other_intake.pk, "place", "Pindah."
        )
        hold = reporting.holding.put_on_hold(supervisor, kept.pk, "court")
        reporting.holding.ask_to_lift(supervisor, kept.pk, "over")
        breach = breaches.open_breach(
            supervisor, cast.intake.pk, clock.now(), ["story"], ["laptop"], "one", "Laptop hilang."
        )
        notice = breaches.add_report(supervisor, breach.pk, told.pk)
        Breach.objects.filter(pk=breach.pk).update(closing_by=cast.supervisor, closing_at=clock.now())
        self.ids |= {
            "transfer_id": offer.pk, "hold_id": hold.pk, "breach_id": breach.pk, "notice_id": notice.pk,
            "team_id": cast.intake.pk,
        }  # fmt: skip

    def make_statistics(self) -> None:
        """A monthly report of the team."""
        supervisor = self.cast.actor(self.cast.supervisor)
        scope = statistics_selectors.scope_for(supervisor)
        made = statistics.make_monthly_report(supervisor, scope.code, statistics_selectors.last_month(scope))
        self.ids |= {"monthly_id": made.pk, "form": "csv"}

    def make_people(self) -> None:
        cast = self.cast
        self.users = {letter: getattr(cast, name) for letter, name in STAFF.items()}
        for letter, role in MORE.items():
            team = cast.other_intake.pk if role == "supervisor" else None
            self.users[letter] = self._person(cast.other_organisation, f"lain-{role}", [(team, role)])
        for letter in INSIDE:
            self.jars[letter] = self._signed_in(self.users[letter])
        self.users["L"] = self._person(cast.organisation, "pergi", [(cast.intake.pk, "analyst")])
        self.jars["L"] = self._signed_in(self.users["L"])
        accounts.deactivate(actor=cast.actor(cast.administrator), user=self.users["L"])
        self.users["T"] = self._person(cast.organisation, "sementara", [(cast.intake.pk, "analyst")])
        self.jars["T"] = self._signed_in(self.users["T"])
        User.objects.filter(pk=self.users["T"].pk).update(temporary_passphrase=True)
        newcomer = self._person(cast.organisation, "baru", [(cast.intake.pk, "analyst")])
        self.ids["grant_id"] = GrantRequest.objects.get(user=newcomer, state="open").pk
        self.jars["H"] = self._half_signed_in(cast.second_analyst)
        self.jars["V"] = {}
        start = clock.coarse_now() + timedelta(days=3)
        shift = reporting.add_shift(
            cast.actor(cast.supervisor), cast.intake.pk, cast.analyst.pk, "analyst", start, start + timedelta(hours=8)
        )
        self.ids |= {
            "shift_id": shift.pk,
            "user_id": cast.analyst.pk,
            "code": Platform.objects.filter(active=True)[0].code,
            "view_id": reporting.save_view(self.analyst, "Punya A", "risiko=high").pk,
            "token_id": machine(cast.organisation, cast.partner_organisation).token.pk,
        }
        self.open_intake()
        # Codes may be used again within this test: what is tried is who gets in, not the authenticator.
        User.objects.update(totp_last_step=0)

    def open_intake(self) -> None:
        """Everybody who may has the page of a call open; A has sent one and not read the receipt out yet."""
        self.ids["channel"] = "phone"
        path = self.path("workspace:intake_channel")
        for who in INSIDE:
            client = Browser()
            client.cookies.load(self.jars[who])
            found = re.search(r'name="token" value="([^"]+)"', client.get(path).content.decode())
            self.tokens[who] = found.group(1) if found else ""
            if who == "A":
                sent = client.post(path, self.body("workspace:intake_channel", who="A"))
                self.ids["intake_id"] = UUID(sent["Location"].rstrip("/").rsplit("/", 1)[-1])
                again = re.search(r'name="token" value="([^"]+)"', client.get(path).content.decode())
                assert again is not None
                self.tokens["A"] = again.group(1)

    def _person(self, organisation: Any, username: str, roles: list[tuple[Any, str]]) -> User:
        from lindung.accounts import second_factor

        user = accounts.add_user(
            actor=Actor.system(), organisation=organisation, username=username, display_name=username.title(),
            passphrase=Cast.passphrase_of(User(username=username)), temporary=False, roles=roles,
        )  # fmt: skip
        user.totp_sealed = second_factor.seal_seed(user.pk, second_factor.new_seed())
        user.second_factor_on = True
        user.save()
        return user

    def _signed_in(self, user: User) -> dict[str, str]:
        client = Browser()
        sign_in_with(client, user)
        return _jar(client)

    def _half_signed_in(self, user: User) -> dict[str, str]:
        client = Browser()
        body = {"username": user.username, "passphrase": Cast.passphrase_of(user)}
        assert client.post(reverse("accounts:sign_in"), body).status_code == 302
        assert "p" in client.cookies
        return _jar(client)

    # -- asking ------------------------------------------------------------------------------------------------------
    def jar_of(self, who: str, state: str) -> dict[str, str]:
        return self.browser_with(state) if who == "R" else self.jars[who]

    def browser_with(self, box: str) -> dict[str, str]:
        """The cookies of a browser in one of BOXES, or with the mailbox of the report in a state open."""
        if box == "nothing":
            return {}
        data: dict[str, Any] = {"path": "child", "answers": {"words": "cerita"}, "marks": [], "at": "kata"}
        data["code"] = receipts.generate()
        if box == "sent":
            data |= {"answers": {}, "sent": {"promised": clock.now().isoformat(), "tz": "Asia/Jakarta"}}
        if box in self.visits:
            data = {"visit": {**self.visits[box].to_dict(), "kept": ""}}
        with clock.frozen(clock.now() - timedelta(minutes=2)):
            row = drafts.begin("visit" if "visit" in data else "walk", data)
        return {"a": row.a, "b": row.b}

    def ask(self, row: Row, jar: dict[str, str], path: str, body: dict[str, Any]) -> tuple[Any, list[str]]:
        """Send one request, undo it, and return the answer with the tables that it wrote."""
        written: list[str] = []

        def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            found = _WRITES.match(sql)
            if found and found.group(1) != "django_session":
                written.append(found.group(1))
            return execute(sql, params, many, context)

        self.client.cookies.clear()
        for name, value in jar.items():
            self.client.cookies[name] = value
        self.before = self.before or self.versions()
        with transaction.atomic():
            with connection.execute_wrapper(watch):
                response = self.client.get(path) if row.method == "GET" else self.client.post(path, body)
                if response.streaming:
                    list(response.streaming_content)
            touched = "reporting_report" in written
            if touched and response.status_code in REFUSED and self.versions() != self.before:
                written.append("reporting_report changed")
            transaction.set_rollback(True)
        return response, written

    def versions(self) -> list[Any]:
        return list(
            Report.objects.order_by("pk").values_list("pk", "version", "state", "claimed_by", "team", "legal_hold")
        )

    def body_of(self, row: Row, state: str = "", who: str = "") -> dict[str, Any]:
        """What is sent along: nothing with a GET. Forms are written once: every request is undone."""
        if row.method == "GET":
            return {}
        if row.name == "accounts:second_factor":
            return {"code": code_now(self.cast.second_analyst)}
        if (state, who) not in self.forms:
            self.forms[state, who] = self._written(state, who)
        return self._of(row.name, self.forms[state, who])

    def body(self, name: str, state: str = "", who: str = "") -> dict[str, Any]:
        """The smallest form that the page takes, from somebody who has it open."""
        return self._of(name, self._written(state, who))

    def _of(self, name: str, forms: dict[str, Any]) -> dict[str, Any]:
        return dict(self.cases.bodies.get(name) or forms.get(name, {}))

    def _written(self, state: str, who: str) -> dict[str, Any]:
        """The forms of all pages."""
        cast, version = self.cast, 0
        if state in self.reports:
            version = Report.objects.filter(pk=self.reports[state]).values_list("version", flat=True).first() or 0
        other = self.reports.get("claimed" if state == "waiting" else "waiting", cast.intake.pk).hex[:8]
        pair = self.reports.get("pair", cast.intake.pk).hex[:8]
        day = (clock.now() + timedelta(days=5)).date().isoformat()
        return {
            "portal:continue": {"words": "cerita"},
            "portal:step": {"do": "next", "words": "cerita"},
            "portal:mailbox": {"code": self.codes.get("new", "")},
            "portal:mailbox_write": {"text": "pesan", "kind": "text", "token": uuid4().hex},
            "portal:mailbox_stop": {"do": "stop"},
            "accounts:sign_in": {"username": "analyst", "passphrase": Cast.passphrase_of(cast.analyst)},
            "accounts:choose_passphrase": {"new_passphrase": "lima kapal di laut", "again": "lima kapal di laut"},
            "accounts:account": {"what": "language", "language": "en"},
            "accounts:grant_decide": {"decision": "refuse"},
            "accounts:person_deactivate": {"release": "on"},
            "workspace:transfer_offer": {"team": cast.other_intake.pk, "reason": "place", "words": "Pindah."},
            "workspace:transfer_decline": {"reason": "full"},
            "workspace:hand_over_person": {
                "reports": self.reports.get("claimed", ""), "people": cast.second_analyst.pk,
            },
            "workspace:hold_set": {"number": self.reports.get("waiting", cast.intake.pk).hex[:8], "reason": "court"},
            "workspace:hold_lift": {"reason": "over"},
            "workspace:hold_decide": {"keputusan": "confirm"},
            "workspace:breaches": {
                "team": cast.intake.pk, "discovered_at": "2026-01-05T09:30", "kinds": "story", "systems": "laptop",
                "people_band": "one", "words": "Laptop hilang.",
            },
            "workspace:breach_measures": {"words": "Kunci diganti.", "people_band": "one", "version": 1},
            "workspace:breach_authority": {
                "told_at": timezone.localtime(clock.now(), ZoneInfo("Asia/Jakarta")).strftime("%Y-%m-%dT%H:%M"),
                "reference": "7/XI",
            },
            "workspace:breach_affected": {"number": self.reports.get("waiting", cast.intake.pk).hex[:8]},
            "workspace:breach_closure": {"keputusan": "reject"},
            "workspace:breach_decide": {"way": "mailbox"},
            "accounts:person_add": {"display_name": "Baru", "username": "orang.baru", "roles": ":data_analyst"},
            "accounts:person": {"roles": f"{cast.intake.pk}:case_worker"},
            "workspace:partner_token_add": {
                "organisation": cast.partner_organisation.pk, "label": "Mesin", "purpose": "ngo",
                "scopes": "report:submit", "expires_on": day, "daily_limit": "10",
            },
            "workspace:claim_many": {"laporan": str(self.reports.get("new", ""))},
            "workspace:view_save": {"nama": "Milikku", "saringan": "risiko=high"},
            "workspace:view_change": {"nama": "Lain"},
            "workspace:shift_add": {
                "team": cast.intake.pk, "user": cast.analyst.pk, "level": "analyst", "day": day, "starts": "08:00",
                "ends": "16:00",
            },
            "workspace:intake_channel": {
                "path": "child", "words": "Seseorang menelepon.", "keep": "story", "given_by": "child",
                "given_how": "voice", "token": self.tokens.get(who, ""),
            },
            "workspace:intake_taken": {"do": "noted"},
            "workspace:platform_add": {"label": "Aplikasi Baru Sekali"},
            "workspace:canned_add": self.answer,
            "workspace:canned_starters": {"contoh": "received"},
            "workspace:canned_change": {**self.answer, "version": "2"},
            "workspace:canned_decide": {"keputusan": "approve", "version": "2"},
            "workspace:terms": {"text": "Anak itu korban menurut undang-undang."},
            "workspace:own": {"what": "rest"},
            "workspace:takedown_add": {
                "kind": "url", "entries": "https://contoh.invalid/baru", "addressees": "iwf", "bases": "iwf",
            },
            "workspace:takedown_answer": {"code": "removed", "version": self.seen()},
            "workspace:takedown_check": {"result": "not_there", "method": "list", "version": self.seen()},
            "workspace:takedown_end": {"event": "withdraw", "reason": "mistake", "version": self.seen()},
            "workspace:takedown_notice_make": {"item": self.ids.get("free_item", "")},
            "workspace:takedown_notice_sent": {"reference": "R-1"},
            "workspace:takedown_contact_add": {"addressee": "host", "asks": "Alamat lengkap."},
            "workspace:takedown_contact": {"addressee": "iwf", "asks": "Alamat lengkap.", "version": 1},
            "workspace:message": {"text": "Kami membaca ceritamu.", "version": version},
            "workspace:note": {"text": "Catatan."},
            "workspace:triage": {
                "risk": "high", "authority": "district", "next_step": "safety_plan", "selfharm": "on",
                "safety_plan": "Bersama bibi.", "reason": "Dibaca.", "version": version,
            },
            "workspace:police": {"decision": "not_enough", "reason": "Belum jelas.", "who_told_child": "Kak Analyst"},
            "workspace:handover": {"person": "Ibu Sari", "by_voice": "on"},
            "workspace:attempt": {"channel": "phone", "note": "Tidak diangkat."},
            "workspace:closure": {"reason": "misuse", "safety_checked": "on"},
            "workspace:closure_decide": {"keputusan": "confirm"},
            "workspace:link": {"other": other, "reason": "same_event"},
            "workspace:conflict": {"team": cast.partner_team.pk, "sure": "on"},
            "workspace:withdrawal": {"keputusan": "allow"},
            "workspace:series_join": {"other": pair},
            "workspace:series_merge": {"other": pair, "way": "sini"},
            "workspace:statistics_monthlies": {
                "untuk": f"organisation-{cast.organisation.pk.hex}" if who == "D" else f"team-{cast.intake.pk.hex}",
                "bulan": f"{clock.now() - timedelta(days=40):%Y-%m}", "lagi": "1",
            },
            "workspace:legal_hold": {"tahan": "1", "reason": "court"},
            "workspace:directory_add": {"title": "Kantor Baru", "code": "kantor.baru", "kind": "legal_aid"},
            "workspace:directory_import": {
                "cells": "kode\tnama\tjenis\nimpor.baru\tLembaga Impor\tlegal_aid", "do": "import",
                "seen": hashlib.sha256().hexdigest(),
            },
            "workspace:directory_edit": {"title": "Kantor Contoh", "code": "kantor.contoh", "kind": "legal_aid"},
            "workspace:directory_end": {"on": day, "version": 2},
            "workspace:directory_team": {"team": cast.other_intake.pk, "version": 2},
            "workspace:directory_service_add": {
                "service": "health", "does": "provides", "coverage": "35.09", "version": 2,
            },
            "workspace:directory_service": {
                "service": "legal", "does": "provides", "coverage": "35", "version": 2,
            },
        }  # fmt: skip

    answer = {"topic": "first", "title_id": "Dua", "text_id": "Halo.", "title_en": "Two", "text_en": "Hello.",
              "version": "0"}  # fmt: skip

    def make_answer(self) -> None:
        """A canned answer: one version approved, the next one waiting."""
        entry = AnswerInput("first", "Satu", "One", "Halo.", "Hello.")
        made = desk.propose_answer(self.analyst, entry)
        desk.decide_answer(self.cast.actor(self.cast.supervisor), made.pk, 1, approve=True)
        desk.change_answer(self.analyst, made.pk, entry, 1)
        self.ids["answer_id"] = made.pk

    def make_directory(self) -> None:
        """A body that helps, with one service."""
        body = directory.save_organisation(
            Actor.system(), directory.OrganisationInput(code="kantor.contoh", name="Kantor Contoh", kind="legal_aid")
        )
        entry = directory.ServiceInput(service="legal", does="provides", coverage=("35.09",))
        made = directory.save_service(Actor.system(), body.pk, entry)
        self.ids |= {"organisation_id": body.pk, "service_id": made.pk}

    def path(self, name: str, state: str = "") -> str:
        values = {
            "slug": "kata" if name == "portal:step" else "tentang",
            "report_id": self.reports.get(state or "lead"),
            **self.ids,
        }
        of_case, more = matrix_cases.kwargs_of(self.cases, name)
        values |= of_case
        wanted = patterns_by_name()[name].pattern.converters
        query = f"?team={self.cast.intake.pk}" if name == "workspace:shift_add" else ""
        return reverse(name, kwargs={key: values[key] for key in wanted}) + query + more


def _jar(client: Client) -> dict[str, str]:
    return {name: morsel.value for name, morsel in client.cookies.items() if morsel.value}


@pytest.fixture
def world(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    # Django's tests copy the context of every template; thousands of pages need not be remembered.
    monkeypatch.setattr(Template, "_render", _TestState.saved_data.template_render)
    # Two requests of three are refused. What the page of a refusal says is for its own tests, here its status counts.
    monkeypatch.setattr(errors, "render", lambda request, template, context, status: HttpResponse(status=status))
    made = World(cast)
    made.make_reports()
    made.make_moves()
    made.make_takedowns()
    made.make_series()
    made.make_people()
    made.make_answer()
    made.make_directory()
    made.cases = matrix_cases.make(made)
    made.make_statistics()
    return made


# --- trying it ------------------------------------------------------------------------------------------------------


def outcome(response: Any) -> str:
    """The status, or ">name" for a way on."""
    if response.status_code not in {302, 303}:
        return str(response.status_code)
    target = urlsplit(response["Location"])
    if target.netloc:
        return ">away"
    with translation.override("id"):  # somebody whose language is English lands on the same page below /en/
        return ">" + str(resolve(target.path.removeprefix("/en")).url_name)


def compare(row: Row, who: str, where: str, wanted: str, done: bool, response: Any, written: list[str]) -> list[str]:
    """Say what is not as the table says."""
    label = f"{row.name} {row.method} {where} by {who}"
    got = outcome(response)
    if wanted.isdigit() and got.startswith(">"):
        got = str(302 if response.status_code == 303 else response.status_code)
    if got != wanted:
        why = (
            f" ({response.exc_info[0].__name__}: {response.exc_info[1]})" if getattr(response, "exc_info", None) else ""
        )
        return [f"{label}: {got} instead of {wanted}{why}"]
    if row.method == "POST" and done and row.ok in {200, 302} and not written:
        return [f"{label}: {got}, but nothing was done"]
    if wanted in {"401", "404", "405"} and written:
        return [f"{label}: {got}, but {sorted(set(written))} was written"]
    if not done and "reporting_report changed" in written:
        return [f"{label}: {got}, but the report was changed"]
    if wanted in {">sign_in", ">choose_passphrase", "302"} and not done and set(written) - {"audit_event"}:
        return [f"{label}: {got}, but {sorted(set(written))} was written"]
    return []


def show(wrong: list[str]) -> None:
    assert not wrong, f"{len(wrong)} cells are not as the table says:\n" + "\n".join(wrong[:60])
