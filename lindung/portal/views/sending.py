"""Check your answers, send, receive the code. A retried or doubled send gives the same report and the same code."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from lindung.core import clock, worktime
from lindung.core.errors import BadInput, Unavailable
from lindung.portal import answering, keeping
from lindung.portal import walk as walks
from lindung.portal.questions import screens
from lindung.portal.views.common import expired, language_of, page, source_of, steady, url_of
from lindung.portal.views.steps import see_other
from lindung.reporting import services
from lindung.reporting.models import Report
from lindung.vault import drafts, receipts


@dataclass(frozen=True)
class Line:
    """One page on the summary: what was asked, what was answered (empty when skipped), where to change it."""

    title: str
    values: list[str]
    url: str


@steady
@require_safe
def check(request: HttpRequest) -> HttpResponse:
    """Show everything that was answered. The receipt code is made here and kept, so that a retry shows the same one."""
    row = keeping.walk(request)
    if row is None:
        return see_other(reverse("portal:report"))
    if "sent" in row.data:
        return see_other(reverse("portal:receipt"))
    row.data["at"] = walks.CHECK
    _code(row)
    keeping.save(row)
    return _check_page(request, row)


def _check_page(request: HttpRequest, row: drafts.Walk, problem: Any = "", status: int = 200) -> HttpResponse:
    lines = list(_lines(row.data))
    position = walks.position(row.data, walks.CHECK)
    context = {
        "given": [line for line in lines if line.values],
        "open": [line for line in lines if not line.values],
        "position": position,
        "back": url_of(position.before),
        "problem": problem,
        "province": row.data["answers"].get("province") or None,
    }
    return page(request, "check.html", context, status)


def _lines(data: dict[str, Any]) -> Iterator[Line]:
    answers, path = data["answers"], data["path"]
    seen: set[str] = set()
    for slug in [*walks.order(data), *(slug for slug, screen in screens().items() if screen.anytime)]:
        screen = screens()[slug]
        names = {field.name: field.other_labels for field in screen.fields}
        if not names:
            # Pages that answer with their buttons: in danger, too heavy.
            names = {name: {} for action in screen.actions for name in action.sets}
        values = []
        for name, labels in names.items():
            if answers.get(name) and name not in seen:
                values += answering.labels_of(name, answers[name], path, labels)
                seen.add(name)
        if values or (screen.fields and not screen.anytime):
            yield Line(str(screen.words(path).title), values, url_of(slug))


def _code(row: drafts.Walk) -> str:
    code: str = row.data.setdefault("code", "") or receipts.generate()
    row.data["code"] = code
    return code


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Send the report (POST). Too soon after the walk began: a page that waits and then goes on by itself (GET)."""
    row = keeping.walk(request)
    if row is None:
        return expired(request) if request.method == "POST" else see_other(reverse("portal:report"))
    if "sent" in row.data:
        return see_other(reverse("portal:receipt"))
    # A GET sends nothing unless this very walk was asked to wait: that wish is sealed inside it.
    if request.method != "POST" and not row.data.get("sending"):
        return see_other(reverse("portal:check"))
    wait = _seconds_left(row)
    if wait or not row.data.get("code"):
        row.data["sending"] = True
        _code(row)
        keeping.save(row)
    if wait:
        return _wait(request, wait)
    try:
        report = services.receive(
            answers={"path": row.data["path"], **row.data["answers"]},
            code=row.data["code"],
            walk_id=bytes.fromhex(keeping.id_of(row)),
            language=language_of(),
            source=source_of(request),
        )
    except BadInput as error:
        return _check_page(request, row, error.message, 422)
    return _sent(request, row, report)


def _seconds_left(row: drafts.Walk) -> int:
    gone = (clock.now() - row.began).total_seconds()
    return max(0, math.ceil(settings.LINDUNG_WALK_MIN_SECONDS - gone))


def _wait(request: HttpRequest, seconds: int) -> HttpResponse:
    response = page(request, "wait.html", {"seconds": seconds})
    response["Refresh"] = f"{seconds}; url={reverse('portal:send')}"
    return response


def _sent(request: HttpRequest, row: drafts.Walk, report: Report) -> HttpResponse:
    """Forget the answers, keep the code until it is written down."""
    row.data["answers"] = {}
    row.data["marks"] = []
    row.data["sent"] = {"promised": report.promised_at.isoformat(), "tz": report.tz}
    try:
        keeping.save(row)
    except Unavailable:
        # The report is safe; only the draft could not be emptied. The code must not be lost for that.
        response = _receipt_page(request, row)
    else:
        response = see_other(reverse("portal:receipt"))
    keeping.stir(response)
    return response


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """Show the code until the reporter says that it is written down (POST); then nothing leads back to it."""
    row = keeping.walk(request)
    if row is None:
        return see_other(reverse("portal:done" if request.method == "POST" else "portal:report"))
    if "sent" not in row.data:
        return see_other(reverse("portal:check"))
    if request.method != "POST":
        return _receipt_page(request, row)
    response = see_other(reverse("portal:done"))
    keeping.forget(request, response)
    return response


def _receipt_page(request: HttpRequest, row: drafts.Walk) -> HttpResponse:
    sent = row.data["sent"]
    promised = worktime.describe_moment(datetime.fromisoformat(sent["promised"]), sent["tz"])
    groups = receipts.grouped(row.data["code"]).split(" ")
    return page(request, "receipt.html", {"groups": groups, "promised": promised})


@steady
@require_safe
def cannot_keep(request: HttpRequest) -> HttpResponse:
    """For somebody who has no safe place for a code."""
    row = keeping.walk(request)
    if row is None or "sent" not in row.data:
        return see_other(reverse("portal:report"))
    return page(request, "cannot_keep.html")


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """The end: thanks, and where help is."""
    return page(request, "done.html")
