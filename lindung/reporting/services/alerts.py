"""Calls for attention: planned by the clock, content-free, delivered at least once, never in anybody's way.

A report of high risk that nobody has taken calls the analyst on duty at once, the second after 15 minutes, the
supervisor after 30 (LINDUNG_ESCALATION_MINUTES each). So does one whose reporter wrote and was not read for that
long. A level with nobody on duty hands on to the next at once; when the last is empty too, every supervisor of the team
is written to. What goes out is one fixed sentence and the address of the staff door: no id, no risk, no place.

Two loops may run at once: a lease, taken by one conditional UPDATE, makes one of them deliver. A loop that dies in
between lets its lease run out and the alert goes out again.
"""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext

from lindung.accounts.models import Membership, Team, User
from lindung.accounts.rules import CONTENT_ROLES, SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core import clock, deadlines

from .. import selectors
from ..models import Alert, DutyLevel, Report, ReportExclusion, Risk, State

LEVELS = (DutyLevel.ANALYST, DutyLevel.SECOND, DutyLevel.SUPERVISOR)
LEASE = timedelta(seconds=120)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=15)
WEBHOOK_TIMEOUT_SECONDS = 5
PAYLOAD = json.dumps({"event": "attention"}).encode()

_log = logging.getLogger("lindung.reporting.alerts")


def needing_attention(now: datetime) -> QuerySet[Report]:
    """Reports of high risk that wait for somebody: free ones, and those whose reporter was not read for 15 minutes.

    For a report that was merged into another one that one calls.
    """
    since = now - _wait()
    free = Q(claimed_by=None, state__in=(State.NEW, State.WAITING_STAFF))
    forgotten = Q(claimed_at__lte=since, state__in=(State.CLAIMED, State.WAITING_STAFF))
    forgotten &= selectors.unread_message(at__lte=since)
    return Report.objects.filter(free | forgotten, risk=Risk.HIGH, merged_into=None)


def stop(report_id: UUID) -> int:
    """End the running round of a report: nothing that was not sent yet goes out. For use inside a transaction."""
    return Alert.objects.filter(report=report_id, stopped=False).update(stopped=True)


def plan(report: Report, since: datetime | None = None) -> None:
    """Plan a round of alerts from a moment on (now, when left out); nothing for a report that is not of high risk.

    Planning twice changes nothing: one running alert a level, held by the database.
    """
    if report.risk != Risk.HIGH:
        return
    Alert.objects.bulk_create(
        [Alert(report=report, level=step.level, due_at=clock.coarse(step.at)) for step in _steps(since or clock.now())],
        ignore_conflicts=True,
    )


def escalate(now: datetime | None = None) -> int:
    """Do what the clock asks for: end rounds that are over, plan new ones, deliver what is due.

    Returns how many alerts were delivered. Safe to run at any time, as often as wanted, in several processes.
    """
    moment = now or clock.now()
    _settle(moment)
    return sum(_deliver_level(level, moment) for level in LEVELS)


def _wait() -> timedelta:
    return timedelta(minutes=int(settings.LINDUNG_ESCALATION_MINUTES))


def _steps(since: datetime) -> tuple[deadlines.Step, ...]:
    return deadlines.escalation_steps(since, minutes=int(settings.LINDUNG_ESCALATION_MINUTES))


def _settle(now: datetime) -> None:
    """Make the planned rounds agree with what the reports need. The first round counts from the receipt."""
    waiting = needing_attention(now)
    with transaction.atomic():
        Alert.objects.filter(stopped=False).exclude(report__in=waiting.values("pk")).update(stopped=True)
        running = Alert.objects.filter(report=OuterRef("pk"), stopped=False)
        earlier = Alert.objects.filter(report=OuterRef("pk"))
        unplanned = waiting.annotate(earlier=Exists(earlier)).filter(~Exists(running))
        for report in unplanned:
            first = report.state == State.NEW and not report.earlier
            plan(report, min(report.received_at, now) if first else now)


def _deliver_level(level: DutyLevel, now: datetime) -> int:
    due = (
        Alert.objects.filter(_ready(now), level=level, due_at__lte=now)
        .select_related("report__team")
        .order_by("due_at", "id")
    )
    groups: dict[tuple[UUID, frozenset[UUID]], list[Alert]] = {}
    for alert in due:
        if _lease(alert, now):
            groups.setdefault((alert.report.team_id, _barred(alert.report)), []).append(alert)
    return sum(
        _deliver(alerts[0].report.team, level, alerts, now, barred) for (_team, barred), alerts in groups.items()
    )


def _barred(report: Report) -> frozenset[UUID]:
    """Members of the team who also belong to one that the report names: they neither see it nor are called for it."""
    named = ReportExclusion.objects.filter(report=report).values("team")
    people = Membership.objects.filter(team__in=named, user__memberships__team=report.team_id)
    return frozenset(people.values_list("user_id", flat=True))


def _ready(now: datetime) -> Q:
    return Q(stopped=False, sent_at=None) & (Q(retry_at=None) | Q(retry_at__lte=now))


def _lease(alert: Alert, now: datetime) -> bool:
    """Win the right to deliver, for two minutes: of several loops exactly one, none once it was taken."""
    waiting = needing_attention(now).filter(pk=OuterRef("report"))
    rows = Alert.objects.filter(_ready(now), Exists(waiting), pk=alert.pk)
    if rows.update(retry_at=now + LEASE, tries=F("tries") + 1) != 1:
        return False
    alert.refresh_from_db(fields=["tries", "mailed", "posted"])
    return True


def _deliver(team: Team, level: DutyLevel, alerts: list[Alert], now: datetime, barred: frozenset[UUID]) -> int:
    """Deliver all due alerts of one team and level with one letter a person and one post, outside any transaction."""
    people = [person for person in _on_duty(team, level, now) if person.pk not in barred]
    if not _reachable(people):
        if level != LEVELS[-1]:
            _hand_on(level, alerts, now)
            return 0
        people, nobody = [person for person in _last_resort(team) if person.pk not in barred], True
    else:
        nobody = False
    if nobody and not _reachable(people):
        _log.error("alert: nobody of the team has an e-mail address and there is no webhook")
    mailed = all(alert.mailed for alert in alerts) or _send_letters(people, alerts[0].tries)
    posted = all(alert.posted for alert in alerts) or _post(alerts[0].tries)
    return _note(alerts, people, nobody, mailed, posted, now)


def _on_duty(team: Team, level: DutyLevel, now: datetime) -> list[User]:
    shifts = [shift for shift in selectors.on_duty(team, now) if shift.level == level]
    return list({shift.user_id: shift.user for shift in shifts}.values())


def _reachable(people: Iterable[User]) -> bool:
    """Somebody on duty counts when a letter reaches them, or when the webhook rings for the whole team."""
    listed = list(people)
    return any(person.email for person in listed) or bool(listed and _webhook())


def _last_resort(team: Team) -> list[User]:
    """Nobody is on duty: the supervisors of the team, and without any, everybody in it."""
    return list(members_of(team.pk, SUPERVISOR)) or list(members_of(team.pk, *CONTENT_ROLES))


def _hand_on(level: DutyLevel, alerts: list[Alert], now: datetime) -> None:
    """Nobody at this level: the next one is due at once."""
    following = LEVELS[LEVELS.index(level) + 1]
    reports = [alert.report_id for alert in alerts]
    with transaction.atomic():
        Alert.objects.filter(pk__in=[alert.pk for alert in alerts], sent_at=None).update(
            nobody=True, sent_at=now, retry_at=None
        )
        Alert.objects.filter(report__in=reports, level=following, stopped=False, sent_at=None, due_at__gt=now).update(
            due_at=clock.coarse(now)
        )
        for alert in alerts:
            _record(alert, nobody=True)


def _note(alerts: list[Alert], people: list[User], nobody: bool, mailed: bool, posted: bool, now: datetime) -> int:
    """Write down what went out; what did not is tried again after a while that doubles up to 15 minutes."""
    recipient = people[0].pk if people else None
    with transaction.atomic():
        for alert in alerts:
            rows = Alert.objects.filter(pk=alert.pk, sent_at=None)
            if mailed and posted:
                if rows.update(
                    mailed=True, posted=True, sent_at=now, retry_at=None, nobody=nobody, recipient=recipient
                ):
                    _record(alert, nobody=nobody)
            else:
                again = min(FIRST_RETRY * 2 ** min(alert.tries - 1, 10), LONGEST_RETRY)
                rows.update(mailed=mailed, posted=posted, retry_at=now + again, nobody=nobody, recipient=recipient)
    return len(alerts) if mailed and posted else 0


def _record(alert: Alert, *, nobody: bool) -> None:
    audit.record(
        "report.alert_sent",
        actor="system",
        subject=alert.report_id.hex,
        data={"alert": alert.pk.hex, "level": alert.level, "nobody": nobody},
    )


def _send_letters(people: list[User], tries: int) -> bool:
    """Write one letter to each person. True when there was nobody to write to or one of the letters went out.

    Each goes by itself, so that one broken address does not silence the others.
    """
    letters = [letter(person) for person in people if person.email]
    gone = sum(_send(one) for one in letters)
    if gone < len(letters):
        _log.warning("alert: the mail server took %d of %d, try %d", gone, len(letters), tries)
    return gone > 0 or not letters


def _send(one: mail.EmailMessage) -> bool:
    try:
        return bool(one.send())
    except (OSError, smtplib.SMTPException, ValueError):
        return False


def tell(people: Iterable[User], tries: int = 1) -> bool:
    """Call these people, outside any round: the same letter, and the webhook when there is anybody. True when it went.

    Raises nothing: whoever calls tries again later.
    """
    listed = list(people)
    if not _reachable(listed):
        _log.error("alert: nobody to call has an e-mail address and there is no webhook")
    mailed = _send_letters(listed, tries)
    return (_post(tries) if listed else True) and mailed


def duty_of(team: Team, now: datetime) -> list[User]:
    """Everybody of a team who is on duty now, and without anybody its supervisors."""
    people = {shift.user_id: shift.user for shift in selectors.on_duty(team, now)}
    return list(people.values()) or _last_resort(team)


def letter(person: User) -> mail.EmailMessage:
    """The one letter there is, in the person's language. It says nothing about any report."""
    with translation.override(person.language):
        sentence = gettext("Ada yang perlu dilihat di Lindung.")
    return mail.EmailMessage(subject=sentence, body=f"{sentence}\n\n{door()}\n", to=[person.email])


def door() -> str:
    """The address of the staff door: LINDUNG_PUBLIC_URL, else the first host that is served."""
    base = str(settings.LINDUNG_PUBLIC_URL)
    if not base:
        host = next((name for name in settings.ALLOWED_HOSTS if name not in {"*", ""}), "127.0.0.1")
        base = f"{'https' if settings.LINDUNG_HTTPS else 'http'}://{host.lstrip('.')}"
    return f"{base.rstrip('/')}/kerja/"


class _NoRedirects(HTTPRedirectHandler):
    """A webhook that points elsewhere is a mistake in the settings, not a way to follow."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def _webhook() -> str:
    """The address to post to, when it is one that may be posted to."""
    address = str(getattr(settings, "LINDUNG_ALERT_WEBHOOK", "") or "")
    return address if urlsplit(address).scheme in {"http", "https"} else ""


def _post(tries: int) -> bool:
    """Post the fixed payload. True when there is no webhook or it answered with success."""
    address = _webhook()
    if not address:
        return True
    request = Request(address, data=PAYLOAD, headers={"Content-Type": "application/json"}, method="POST")  # noqa: S310
    try:
        with build_opener(_NoRedirects).open(request, timeout=WEBHOOK_TIMEOUT_SECONDS) as answer:
            answer.read(1024)
            return True
    except HTTPError as error:
        error.close()
        _log.warning("alert: the webhook refused it, try %d", tries)
    except (OSError, HTTPException, ValueError):
        _log.warning("alert: the webhook did not answer, try %d", tries)
    return False
