"""The mailbox: enter with the code, read, write, add, stop, change one's mind."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lindung.casework import told as casework
from lindung.casework.knowledge import ending
from lindung.casework.services import feedback
from lindung.core.errors import BadInput, Conflict
from lindung.core.worktime import describe_day
from lindung.portal import keeping
from lindung.portal.answering import text_problem
from lindung.portal.views.common import page, refused, source_of, steady
from lindung.portal.views.steps import see_other
from lindung.referrals import told as referrals
from lindung.reporting import answers as reporting_answers
from lindung.reporting.errors import StoppedMeanwhile, TooLate, WrongReceipt
from lindung.reporting.services import mailbox as service
from lindung.takedown import selectors as takedowns
from lindung.vault.errors import BadReceipt

KINDS = {"text", "addition", "stop_pressure"}


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code (GET), open the box (POST). A text that an expired page kept travels along."""
    if request.method != "POST":
        found = keeping.row(request)
        open_already = found is not None and "visit" in found.data
        return page(request, "mailbox/enter.html", {"open_already": open_already})
    typed, kept = request.POST.get("code", ""), request.POST.get("text", "")
    context = {"typed": typed[:60], "kept": kept}
    if not typed.strip():
        return page(request, "mailbox/enter.html", {**context, "problem": "empty"}, 422)
    try:
        visit = service.enter(typed, source_of(request))
    except BadReceipt as error:
        return page(request, "mailbox/enter.html", {**context, "problem": "typed", "why": error.message}, 422)
    except WrongReceipt:
        return page(request, "mailbox/enter.html", {**context, "problem": "unknown"}, 422)
    found = keeping.begin_visit(request, {**visit.to_dict(), "kept": kept})
    response = see_other(reverse("portal:mailbox_write" if kept else "portal:mailbox_visit"))
    keeping.attach(response, found)
    return response


def _visit(request: HttpRequest) -> service.Visit | None:
    found = keeping.row(request)
    if found is None or "visit" not in found.data:
        return None
    return service.Visit.from_dict(found.data["visit"])


def _gone(request: HttpRequest) -> HttpResponse:
    """The visit is over: ask for the code again, with the text kept."""
    if request.method != "POST":
        return see_other(reverse("portal:mailbox"))
    return page(request, "mailbox/enter.html", {"problem": "over", "kept": request.POST.get("text", "")}, 410)


@steady
@require_safe
def visit(request: HttpRequest) -> HttpResponse:
    """Where it stands, with the promised time, and every message both ways."""
    opened = _visit(request)
    if opened is None:
        return _gone(request)
    try:
        box = service.view(opened)
    except WrongReceipt:
        return _erased(request)
    links = takedowns.told(opened.report_id)
    context = {"box": box, "token": _token(), "written": request.GET.get("ok") == "1", "told": _told(request)}
    context |= {"links": links, "links_on": describe_day(*links.changed) if links and links.changed else ""}
    steps = (*casework.told(opened.report_id), *referrals.told(opened.report_id))
    context |= {"case": steps, "can_say": feedback.can_say(opened.report_id)}
    context |= {"said": request.GET.get("ok") == "2"}
    return page(request, "mailbox/visit.html", context)


def _remember_told(request: HttpRequest) -> None:
    """Thank once for "Ada yang menyuruhku berhenti". Nothing of it stays in the box: somebody may read along."""
    found = keeping.row(request)
    if found is not None:
        found.data["visit"]["told"] = True
        keeping.save(found)


def _told(request: HttpRequest) -> bool:
    found = keeping.row(request)
    told = bool(found and found.data["visit"].pop("told", False))
    if found is not None and told:
        keeping.save(found)
    return told


def _why(error: Conflict) -> str:
    """Why it cannot be done now. That a record changed meanwhile is a sentence for staff; here it only means: again."""
    if isinstance(error, (StoppedMeanwhile, TooLate)):
        return str(error.message)
    return _("Ada yang baru saja berubah di kotakmu. Kembali, lalu coba lagi.")


def _token() -> str:
    """What makes a message that is sent twice the same one."""
    return secrets.token_urlsafe(12)


def _erased(request: HttpRequest) -> HttpResponse:
    response = page(request, "mailbox/erased.html", {}, 410)
    keeping.end_visit(request, response)
    return response


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a message, or add to or correct the story."""
    opened = _visit(request)
    if opened is None:
        return _gone(request)
    limit = reporting_answers.limit_of("words")
    found = keeping.row(request)
    if request.method != "POST":
        kept = found.data["visit"].get("kept", "") if found else ""
        kind = "addition" if request.GET.get("untuk") == "tambah" else "text"
        return page(request, "mailbox/write.html", {"text": kept, "kind": kind, "token": _token(), "limit": limit})
    text, kind = request.POST.get("text", ""), request.POST.get("kind", "text")
    token = request.POST.get("token", "") or _token()
    context = {"text": text, "kind": kind if kind in KINDS else "text", "token": token, "limit": limit}
    problem = text_problem(text, limit)
    if problem:
        return page(request, "mailbox/write.html", {**context, "problem": problem}, 422)
    try:
        service.write(opened, text, kind, token)
    except WrongReceipt:
        return _erased(request)
    except BadInput as error:
        return page(request, "mailbox/write.html", {**context, "problem": error.message}, 422)
    except Conflict as error:
        return refused(request, "locked", 409, why=_why(error))
    if found is not None and found.data["visit"].pop("kept", ""):
        keeping.save(found)
    return see_other(reverse("portal:mailbox_visit") + "?ok=1")


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """Stop: says what happens and what is kept, then does it. "Ada yang menyuruhku berhenti" stops nothing."""
    opened = _visit(request)
    if opened is None:
        return _gone(request)
    try:
        if request.method != "POST":
            return page(request, "mailbox/stop.html", {"box": service.view(opened), "token": _token()})
        if request.POST.get("do") == "pressured":
            token = request.POST.get("token", "") or _token()
            service.write(opened, request.POST.get("text", ""), "stop_pressure", token)
            _remember_told(request)
        else:
            service.ask_to_stop(opened)
    except WrongReceipt:
        return _erased(request)
    except BadInput as error:
        context = {"box": service.view(opened), "token": _token(), "problem": error.message}
        return page(request, "mailbox/stop.html", {**context, "text": request.POST.get("text", "")}, 422)
    except Conflict as error:
        return refused(request, "locked", 409, why=_why(error))
    return see_other(reverse("portal:mailbox_visit"))


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest) -> HttpResponse:
    """What a child says about us: one choice, one box, nothing compulsory. Its case worker does not read it."""
    opened = _visit(request)
    if opened is None:
        return _gone(request)
    if not feedback.can_say(opened.report_id):
        return see_other(reverse("portal:mailbox_visit"))
    context = {"moods": list(ending.moods().values()), "said": feedback.told(opened.report_id), "token": _token()}
    if request.method != "POST":
        return page(request, "mailbox/say.html", context)
    mood, text = request.POST.get("mood", ""), request.POST.get("text", "")
    kind = "complaint" if request.POST.get("complaint") else "feedback"
    token = request.POST.get("token", "") or _token()
    context |= {"mood": mood, "text": text, "complaint": kind == "complaint", "token": token}
    problem = text_problem(text, reporting_answers.limit_of("words")) if text else ""
    if problem:
        return page(request, "mailbox/say.html", {**context, "problem": problem}, 422)
    try:
        feedback.from_mailbox(opened, kind=kind, mood=mood, text=text, token=token)
    except WrongReceipt:
        return _erased(request)
    except BadInput as error:
        return page(request, "mailbox/say.html", {**context, "problem": error.message}, 422)
    except Conflict as error:
        return refused(request, "locked", 409, why=_why(error))
    return see_other(reverse("portal:mailbox_visit") + "?ok=2")


@steady
@require_POST
def undo_stop(request: HttpRequest) -> HttpResponse:
    """Change one's mind within the waiting period."""
    opened = _visit(request)
    if opened is None:
        return _gone(request)
    try:
        service.undo_stop(opened)
    except WrongReceipt:
        return _erased(request)
    except Conflict as error:
        return refused(request, "locked", 409, why=_why(error))
    return see_other(reverse("portal:mailbox_visit"))


@steady
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close the box on this phone."""
    response = see_other(reverse("portal:mailbox"))
    keeping.end_visit(request, response)
    return response


@require_safe
def lost_code(request: HttpRequest) -> HttpResponse:
    """For somebody whose code is gone: it cannot be recovered, and why that protects them."""
    return page(request, "mailbox/lost.html")
