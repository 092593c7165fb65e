"""What every page of this front door does the same way: rendering, refusing kindly, and giving the text back."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from lindung.core.errors import SealBroken, Unavailable
from lindung.portal import keeping
from lindung.portal import walk as walks
from lindung.portal.questions import paths
from lindung.reporting import knowledge
from lindung.vault import drafts

View = Callable[..., HttpResponse]
_log = logging.getLogger("lindung.portal")
_NOT_WORDS = frozenset({"csrfmiddlewaretoken", "do", "token", "code", "kind", "q"})


def steady(view: View) -> View:
    """Answer 503 with the text kept and the phone numbers when a store cannot be used (disk full, database down)."""

    @functools.wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Unavailable, DatabaseError, OSError):
            _log.exception("a page could not be answered: a store is unavailable")
            return unavailable(request)

    return wrapped


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """Render a template of this room."""
    return render(request, f"portal/{template}", context or {}, status=status)


def url_of(target: str) -> str:
    """The address of a page of the walk, or of the summary."""
    return reverse("portal:check") if target == walks.CHECK else reverse("portal:step", args=[target])


def source_of(request: HttpRequest) -> str:
    """Where a request comes from, for fair turns. It is held in memory while it waits and never written."""
    if settings.LINDUNG_TRUSTED_PROXY:
        return str(request.META.get("HTTP_X_REAL_IP") or "")
    return str(request.META.get("REMOTE_ADDR") or "")


def language_of() -> str:
    return "en" if (get_language() or "id").startswith("en") else "id"


def words_of(request: HttpRequest) -> str:
    """The free text of a posted form: whatever is no code, token or button."""
    if request.method != "POST":
        return ""
    try:
        pairs = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    except Exception:  # the body itself may be what is wrong: then there is nothing to show
        return ""
    return "\r\n\r\n".join(value for name, value in pairs if name not in _NOT_WORDS and _is_text(name, value))


def _is_text(name: str, value: str) -> bool:
    question = knowledge.questions().get(name)
    if question is not None and question.kind != "text":
        return False
    return bool(value.strip())


def refused(request: HttpRequest, kind: str, status: int, **more: Any) -> HttpResponse:
    """A page that says kindly why something was not taken, with the typed text kept."""
    context = {"kind": kind, "kept": words_of(request), **more}
    return page(request, "error.html", context, status)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: nothing was stored. Everything that was posted stands in the form of the button that tries again."""
    fields = []
    if request.method == "POST":
        fields = [
            {"name": name, "value": value, "text": _is_text(name, value) and name not in _NOT_WORDS}
            for name in request.POST
            if name != "csrfmiddlewaretoken"
            for value in request.POST.getlist(name)
        ]
    context = {
        "kind": "unavailable",
        "retry": request.path,
        "again": request.method == "POST",
        "fields": fields,
        "kept": _draft_words(request),
    }
    response = page(request, "error.html", context, 503)
    response["Retry-After"] = "10"
    return response


def _draft_words(request: HttpRequest) -> str:
    """On the page of a send that failed: the words of the walk, so that they can be copied. Elsewhere nothing."""
    if request.path != reverse("portal:send"):
        return ""
    row = open_safely(request, keeping.walk)
    answers = row.data.get("answers", {}) if row else {}
    texts = [value for name, value in answers.items() if _is_text(name, str(value)) and isinstance(value, str)]
    return "\r\n\r\n".join(texts)


def expired(request: HttpRequest) -> HttpResponse:
    """410: the walk is over. The text goes on in a new one with one button."""
    return refused(request, "gone", 410, path=request.POST.get("path", ""), carry_on=True)


def path_code(text: str) -> str:
    """A posted path if there is such a one, else child."""
    return text if text in paths() else "child"


def open_safely(request: HttpRequest, get: Callable[[HttpRequest], drafts.Walk | None]) -> drafts.Walk | None:
    """For pages that work without the store: None when it cannot be read."""
    try:
        return get(request)
    except (Unavailable, SealBroken):
        return None
