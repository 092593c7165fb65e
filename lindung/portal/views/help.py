"""National channels as dated public facts, who helps nearby, and pages to read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from lindung.portal import finder, questions
from lindung.portal.views.common import page, steady


@steady
@require_http_methods(["GET", "HEAD", "POST"])
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel, urgent ones first, each with the day on which it was checked; below them help nearby (POST)."""
    shown = [channel for channel in questions.channels().values() if not channel.hidden]
    answer = finder.answer(finder.Asked.read(request.POST)) if request.method == "POST" else None
    context = {
        "channels": shown,
        "checked": max(channel.checked for channel in shown),
        "more": questions.pages().values(),
        "needs": finder.needs(),
        "asked": answer.asked if answer else finder.Asked(),
        "answer": answer,
    }
    return page(request, "help.html", context)


@require_safe
def screen(request: HttpRequest, slug: str) -> HttpResponse:
    """A page to read."""
    found = questions.pages().get(slug)
    if found is None:
        raise Http404
    return page(request, "page.html", {"screen": found, "words": found.own})
