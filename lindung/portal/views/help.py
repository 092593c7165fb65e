"""National channels as dated public facts, and pages to read."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lindung.portal import questions
from lindung.portal.views.common import page


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel, urgent ones first, each with the day on which it was checked."""
    shown = [channel for channel in questions.channels().values() if not channel.hidden]
    newest = max(channel.checked for channel in shown)
    return page(request, "help.html", {"channels": shown, "checked": newest, "more": questions.pages().values()})


@require_safe
def screen(request: HttpRequest, slug: str) -> HttpResponse:
    """A page to read."""
    found = questions.pages().get(slug)
    if found is None:
        raise Http404
    return page(request, "page.html", {"screen": found, "words": found.own})
