"""Pages for what goes wrong. Whatever a person typed is shown back to them, so that nothing has to be written twice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lindung.api import problems
from lindung.portal.views import common as portal

# Fields that are never shown back: they are secrets or tokens, not somebody's words.
_NOT_WORDS = frozenset(
    [
        "csrfmiddlewaretoken",
        "passphrase",
        "old_passphrase",
        "new_passphrase",
        "code",
        "again",
        "kode",
        "token",
        "opened",
        "version",
    ]
)


def kept_text(request: HttpRequest) -> str:
    """Return what was typed into the form of a refused request, field after field."""
    if request.method != "POST":
        return ""
    try:
        pairs = [(k, v) for k in request.POST for v in request.POST.getlist(k)]
    except Exception:  # the body itself may be what is wrong: then there is nothing to show
        return ""
    return "\n\n".join(v for k, v in pairs if k not in _NOT_WORDS and len(v) > 12)


def page(request: HttpRequest, status: int, kind: str) -> HttpResponse:
    """Render the error page `kind` with the text kept and the phone numbers on it; below /api/ a problem in JSON."""
    if request.path.startswith(problems.PREFIX):
        return problems.page(request, status)
    staff = request.path.removeprefix("/en").startswith("/kerja/")
    kept = kept_text(request) if staff else portal.words_of(request)
    context = {"kind": kind, "kept": kept, "staff": staff}
    return render(request, "workspace/error.html" if staff else "portal/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 400, "bad_request")


def bad_bytes(request: HttpRequest) -> HttpResponse:
    return page(request, 400, "bad_bytes")


def media(request: HttpRequest) -> HttpResponse:
    return page(request, 415, "media")


def too_large(request: HttpRequest) -> HttpResponse:
    return page(request, 413, "too_long")


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(request, 403, "expired")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, 404, "not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    return page(request, 500, "server_error")
