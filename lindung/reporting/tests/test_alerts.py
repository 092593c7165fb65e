"""Calls for attention: by the clock at any hour of any day, to whoever is on duty, with nothing in them."""

from __future__ import annotations

import json
import smtplib
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.test import override_settings

from lindung.core import clock
from lindung.reporting import services, tasks
from lindung.reporting.models import Alert, DutyShift, Message, Report, State
from lindung.reporting.services import alerts, mailbox

from .conftest import Sent
from .staff import CALM, DANGER, Desk, at, events

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]

# Friday 20 March 2026 at 02:00 WIB: joint leave between Nyepi and Idul Fitri, in the middle of the night.
NIGHT = at("2026-03-19 19:00")


def duty(cast: Any, level: str, user: Any, start: datetime = NIGHT, hours: float = 4, team: Any = None) -> None:
    """Put somebody on duty from an hour before `start` on."""
    DutyShift.objects.create(
        team=team or cast.intake, user=user, level=level,
        starts_at=start - timedelta(hours=1), ends_at=start + timedelta(hours=hours),
    )  # fmt: skip


def full_house(cast: Any, start: datetime = NIGHT) -> None:
    duty(cast, "analyst", cast.analyst, start)
    duty(cast, "second", cast.second_analyst, start)
    duty(cast, "supervisor", cast.supervisor, start)


def run(moment: datetime) -> int:
    with clock.frozen(moment):
        return alerts.escalate(moment)


def told() -> list[str]:
    """Who was written to, in order."""
    return [letter.to[0].split("@")[0] for letter in mail.outbox]


class TestTheClock:
    def test_analyst_at_once_second_after_15_supervisor_after_30_minutes(self, cast: Any, send: Send) -> None:
        """At 02:00 on a holiday, worked out by hand: 02:00, 02:15, 02:30 WIB."""
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
        seen = []
        for minute in range(0, 46):
            before = len(mail.outbox)
            run(NIGHT + timedelta(minutes=minute))
            seen += [(minute, name) for name in told()[before:]]
        assert seen == [(0, "analyst"), (15, "second-analyst"), (30, "supervisor")]

    @pytest.mark.parametrize("zone_hours", [7, 8, 9])
    def test_across_midnight_in_every_zone(self, cast: Any, send: Send, zone_hours: int) -> None:
        """Received at 23:50 of the place: 23:50, then 00:05 and 00:20 of the next day."""
        start = at("2026-03-20 23:50") - timedelta(hours=zone_hours)
        full_house(cast, start)
        with clock.frozen(start):
            report = send(**DANGER).report
        due = list(Alert.objects.filter(report=report).order_by("due_at").values_list("level", "due_at"))
        assert due == [
            ("analyst", start),
            ("second", start + timedelta(minutes=15)),
            ("supervisor", start + timedelta(minutes=30)),
        ]
        run(start + timedelta(minutes=14))
        assert told() == ["analyst"]
        run(start + timedelta(minutes=15))
        assert told() == ["analyst", "second-analyst"]

    def test_whoever_is_on_duty_at_that_minute_is_told(self, cast: Any, send: Send) -> None:
        """The second's shift changes at 02:10, between the first and the second call."""
        duty(cast, "analyst", cast.analyst)
        duty(cast, "second", cast.second_analyst, hours=1 / 6)
        DutyShift.objects.create(
            team=cast.intake, user=cast.case_worker, level="second",
            starts_at=NIGHT + timedelta(minutes=10), ends_at=NIGHT + timedelta(hours=8),
        )  # fmt: skip
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        run(NIGHT + timedelta(minutes=15))
        assert told() == ["analyst", "case-worker"]

    def test_a_loop_that_was_down_catches_up(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT + timedelta(minutes=40))
        assert told() == ["analyst", "second-analyst", "supervisor"]

    @override_settings(LINDUNG_ESCALATION_MINUTES=5)
    def test_minutes_are_a_setting(self, cast: Any, send: Send) -> None:
        with clock.frozen(NIGHT):
            send(**DANGER)
        due = Alert.objects.order_by("due_at").values_list("due_at", flat=True)
        assert [d - NIGHT for d in due] == [timedelta(0), timedelta(minutes=5), timedelta(minutes=10)]

    def test_only_high_risk_calls(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**CALM)
        assert run(NIGHT + timedelta(hours=3)) == 0
        assert (Alert.objects.count(), len(mail.outbox)) == (0, 0)

    def test_one_call_for_many_reports_of_one_minute(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            for _ in range(5):
                send(**DANGER)
        assert run(NIGHT) == 5
        assert told() == ["analyst"]


class TestTaken:
    def test_a_claim_stops_what_was_not_sent(self, cast: Any, send: Send, analyst: Desk) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**DANGER).report
            run(NIGHT)
            analyst.claim(report)
        run(NIGHT + timedelta(hours=1))
        assert told() == ["analyst"]
        assert not Alert.objects.filter(stopped=False).exists()

    def test_released_it_calls_again_from_the_start(self, cast: Any, send: Send, analyst: Desk) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**DANGER).report
            run(NIGHT)
            analyst.claim(report)
        with clock.frozen(NIGHT + timedelta(hours=1)):
            analyst.release(report)
        for minutes in (60, 61, 76, 91):
            run(NIGHT + timedelta(minutes=minutes))
        assert told() == ["analyst", "analyst", "second-analyst", "supervisor"]

    def test_lowered_risk_ends_the_round(self, cast: Any, send: Send, analyst: Desk) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**DANGER).report
            analyst.triage(report, risk="low")
            analyst.release(report)
        run(NIGHT + timedelta(hours=1))
        assert told() == []

    def test_a_raise_starts_a_round_once_nobody_has_it(self, cast: Any, send: Send, analyst: Desk) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**CALM).report
            analyst.triage(report, risk="high")
            assert run(NIGHT) == 0
            analyst.answer(report)
            analyst.release(report)
        assert run(NIGHT + timedelta(minutes=1)) == 0, "the next step is the reporter's"
        Report.objects.update(state=State.WAITING_STAFF)
        run(NIGHT + timedelta(minutes=2))
        assert told() == ["analyst"]

    def test_a_message_that_its_holder_does_not_read_calls_after_15_minutes(
        self, cast: Any, send: Send, analyst: Desk
    ) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            sent = send(**DANGER)
            analyst.claim(sent.report)
            analyst.answer(sent.report)
        with clock.frozen(NIGHT + timedelta(minutes=30)):
            mailbox.write(sent.visit(), "dia datang", "text", b"1")
        run(NIGHT + timedelta(minutes=44))
        assert told() == []
        run(NIGHT + timedelta(minutes=45))
        assert told() == ["analyst"]
        with clock.frozen(NIGHT + timedelta(minutes=50)):
            analyst.open(sent.report)
        run(NIGHT + timedelta(minutes=90))
        assert told() == ["analyst"]

    def test_withdrawn_and_closed_reports_are_quiet(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
            send(**DANGER)
        first, other = Report.objects.all()
        Report.objects.filter(pk=first.pk).update(state=State.CLOSED)
        Report.objects.filter(pk=other.pk).update(state=State.WITHDRAWN)
        assert run(NIGHT + timedelta(hours=1)) == 0


class TestNobody:
    def test_at_a_level_hands_on_to_the_next_at_once(self, cast: Any, send: Send) -> None:
        duty(cast, "second", cast.second_analyst)
        duty(cast, "supervisor", cast.supervisor)
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        assert told() == ["second-analyst"]
        assert Alert.objects.get(level="analyst").nobody
        run(NIGHT + timedelta(minutes=29))
        assert told() == ["second-analyst"]
        run(NIGHT + timedelta(minutes=30))
        assert told() == ["second-analyst", "supervisor"]

    def test_at_all_writes_to_every_supervisor_and_says_so(self, cast: Any, send: Send) -> None:
        with clock.frozen(NIGHT):
            report = send(**DANGER).report
        run(NIGHT)
        assert told() == ["supervisor"]
        last = Alert.objects.get(level="supervisor")
        assert (last.nobody, last.sent_at, last.recipient_id) == (True, NIGHT, cast.supervisor.pk)
        assert all(json.loads(e.data)["nobody"] for e in events(report.pk, "report.alert_sent"))
        run(NIGHT + timedelta(hours=2))
        assert told() == ["supervisor"]

    def test_not_even_a_supervisor_writes_to_the_whole_team(self, cast: Any, send: Send) -> None:
        cast.supervisor.is_active = False
        cast.supervisor.save()
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        assert sorted(told()) == ["analyst", "case-worker", "second-analyst"]

    def test_who_left_the_team_is_not_called(self, cast: Any, send: Send) -> None:
        full_house(cast)
        cast.analyst.memberships.all().delete()
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        assert told() == ["second-analyst"]

    def test_without_an_address_somebody_else_is_called(self, cast: Any, send: Send) -> None:
        full_house(cast)
        cast.analyst.email = ""
        cast.analyst.save()
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        assert told() == ["second-analyst"]

    def test_of_a_report_about_us_our_team_hears_nothing(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER, concern=["works_here"])
        run(NIGHT + timedelta(hours=1))
        assert set(told()) == {"independent-analyst"}


class TestContentFree:
    def test_every_letter_is_the_same(self, cast: Any, send: Send, analyst: Desk, settings: Any) -> None:
        settings.LINDUNG_PUBLIC_URL = "https://lindung.example.org"
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**DANGER, province="31").report
        run(NIGHT + timedelta(minutes=40))
        assert {(m.subject, m.body) for m in mail.outbox} == {
            (
                "Ada yang perlu dilihat di Lindung.",
                "Ada yang perlu dilihat di Lindung.\n\nhttps://lindung.example.org/kerja/\n",
            )
        }
        for letter in mail.outbox:
            whole = letter.message().as_string()
            for secret in (report.pk.hex, str(report.pk), report.reference, "high", "tinggi", "tolong", "Jakarta"):
                assert secret not in whole
            assert len(letter.to) == 1
            assert not letter.cc + letter.bcc

    def test_is_in_the_language_of_who_reads_it(self, cast: Any) -> None:
        cast.analyst.language = "en"
        assert alerts.letter(cast.analyst).subject == "Something in Lindung needs your attention."

    def test_the_door_without_a_setting_is_the_first_host(self, settings: Any) -> None:
        settings.ALLOWED_HOSTS = ["lindung.example.org", "127.0.0.1"]
        settings.LINDUNG_HTTPS = True
        assert alerts.door() == "https://lindung.example.org/kerja/"


class Hook(HTTPServer):
    """A webhook that remembers what it was sent and answers as told."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.answer = 204
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.server.answer)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def hook(settings: Any) -> Iterator[Hook]:
    server = Hook()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.LINDUNG_ALERT_WEBHOOK = server.address
    yield server
    server.shutdown()
    server.server_close()


class TestDelivery:
    def test_the_webhook_gets_one_fixed_word(self, cast: Any, send: Send, hook: Hook) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
        run(NIGHT)
        assert [json.loads(body) for body in hook.bodies] == [{"event": "attention"}]

    @pytest.mark.parametrize("answer", [500, 404, 302])
    def test_a_webhook_that_fails_is_tried_again_later_and_the_letter_is_not(
        self, cast: Any, send: Send, hook: Hook, answer: int
    ) -> None:
        full_house(cast)
        hook.answer = answer
        with clock.frozen(NIGHT):
            send(**DANGER)
        assert run(NIGHT) == 0
        assert run(NIGHT + timedelta(seconds=29)) == 0
        assert (len(hook.bodies), told()) == (1, ["analyst"])
        hook.answer = 200
        assert run(NIGHT + timedelta(seconds=31)) == 1
        assert (len(hook.bodies), told()) == (2, ["analyst"])
        assert run(NIGHT + timedelta(minutes=5)) == 0

    def test_waits_longer_after_each_failure_up_to_15_minutes(self, cast: Any, send: Send, settings: Any) -> None:
        settings.LINDUNG_ALERT_WEBHOOK = "http://127.0.0.1:9/closed"
        duty(cast, "analyst", cast.analyst, hours=12)
        with clock.frozen(NIGHT):
            send(**DANGER)
        moment, waits = NIGHT, []
        for _ in range(7):
            run(moment)
            alert = Alert.objects.get(level="analyst")
            assert alert.retry_at is not None
            waits.append((alert.retry_at - moment).total_seconds())
            moment = alert.retry_at
        assert waits == [30, 60, 120, 240, 480, 900, 900]

    def test_a_mail_server_that_is_down_is_tried_again_and_stops_nothing_else(
        self, cast: Any, send: Send, hook: Hook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            report = send(**DANGER).report

        def down(*_: Any, **__: Any) -> Any:
            raise smtplib.SMTPServerDisconnected("analyst@example.org is not welcome")

        with monkeypatch.context() as patch:
            patch.setattr("django.core.mail.get_connection", down)
            assert run(NIGHT) == 0
        assert (len(hook.bodies), told()) == (1, [])
        assert run(NIGHT + timedelta(seconds=31)) == 1
        assert (len(hook.bodies), told()) == (1, ["analyst"])
        written = " ".join(record.getMessage() for record in caplog.records)
        assert "mail server" in written
        assert "example.org" not in written
        assert report.pk.hex not in written

    def test_one_broken_address_does_not_silence_the_others(self, cast: Any, send: Send) -> None:
        duty(cast, "analyst", cast.analyst)
        duty(cast, "analyst", cast.second_analyst)
        cast.analyst.email = "analyst@example.org\nBcc: everybody@example.org"
        cast.analyst.save()
        with clock.frozen(NIGHT):
            send(**DANGER)
        assert run(NIGHT) == 1
        assert told() == ["second-analyst"]

    @pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "javascript:1", "nonsense"])
    def test_only_http_is_ever_posted_to(
        self, cast: Any, send: Send, settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        settings.LINDUNG_ALERT_WEBHOOK = address
        monkeypatch.setattr(alerts, "build_opener", lambda *_: pytest.fail("posted"))
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
        assert run(NIGHT) == 1

    def test_a_loop_that_dies_while_delivering_is_replaced_after_two_minutes(
        self, cast: Any, send: Send, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
        with monkeypatch.context() as patch:
            patch.setattr(alerts, "_note", lambda *_: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                run(NIGHT)
        assert told() == ["analyst"]
        run(NIGHT + timedelta(seconds=119))
        assert told() == ["analyst"]
        run(NIGHT + timedelta(seconds=120))
        assert told() == ["analyst", "analyst"]

    def test_planning_twice_makes_one_round(self, cast: Any, send: Send) -> None:
        with clock.frozen(NIGHT):
            report = send(**DANGER).report
            alerts.plan(report)
            alerts.plan(report, NIGHT + timedelta(hours=1))
        assert Alert.objects.count() == 3


class TestTheWholeLoop:
    def test_does_everything_and_again_nothing(self, cast: Any, send: Send) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
            first, again = tasks.run_due(NIGHT), tasks.run_due(NIGHT)
        assert set(first) >= {"alerts", "withdrawals", "retention", "cleaning", "drafts", "tombstones"}
        assert first["alerts"] == 1
        assert set(again.values()) == {0}

    def test_calls_the_steps_of_the_rooms_above(self, cast: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        called: list[Any] = []
        monkeypatch.setattr(tasks, "_steps_above", {})
        tasks.register_step("b_room", lambda now: called.append(now))
        tasks.register_step("a_room", lambda now: 3)
        done = tasks.run_due(NIGHT)
        assert (done["a_room"], done["b_room"], called) == (3, 0, [NIGHT])
        assert list(done)[:4] == ["alerts", "transfers", "a_room", "b_room"]

    def test_one_broken_step_does_not_stop_the_others(
        self, cast: Any, send: Send, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        full_house(cast)
        with clock.frozen(NIGHT):
            send(**DANGER)
            monkeypatch.setattr(tasks.retaining, "run_withdrawals", lambda _: 1 / 0)
            done = tasks.run_due(NIGHT)
        assert (done["alerts"], done["withdrawals"], done["retention"]) == (1, -1, 0)


def test_a_message_alone_never_makes_an_alert_for_a_calm_report(cast: Any, send: Send) -> None:
    with clock.frozen(NIGHT):
        sent = send(**CALM)
        services.mailbox.write(sent.visit(), "halo", "text", b"1")
    run(NIGHT + timedelta(days=1))
    assert (Message.objects.count(), Alert.objects.count()) == (1, 0)
