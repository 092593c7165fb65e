"""The first page, and the way out."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from lindung.core.errors import Unavailable
from lindung.portal import keeping
from lindung.portal.views.common import page

_log = logging.getLogger("lindung.portal")


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page. It asks nothing, reads no cookie and needs no store."""
    return page(request, "home.html")


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, how long, who may know, and whom to ask. It asks nothing and needs no store."""
    days = {
        "withdrawal": settings.LINDUNG_WITHDRAWAL_DAYS,
        "closed": settings.LINDUNG_RETENTION_DAYS,
        "unread": settings.LINDUNG_RETENTION_UNREAD_DAYS,
        "case": settings.LINDUNG_CASE_RETENTION_DAYS,
        "backup": settings.LINDUNG_BACKUP_DAYS,
        "idle": settings.LINDUNG_WALK_IDLE_MINUTES,
    }
    return page(request, "privacy.html", {"days": days, "contact": settings.LINDUNG_PRIVACY_CONTACT})


def leave(request: HttpRequest) -> HttpResponse:
    """Keluar cepat: shred the row, drop every cookie, lead elsewhere. Never fails, whatever the store does."""
    response = HttpResponseRedirect(settings.LINDUNG_EXIT_URL)
    response.status_code = 303
    try:
        keeping.forget(request, response)
    except Unavailable:
        # The cookies are gone, so nobody can open the row any more; it idles out.
        _log.error("a left row could not be shredded at once")
    if settings.LINDUNG_HTTPS:
        # Not "cache": browsers make the person wait for it, and the pages were never stored.
        response["Clear-Site-Data"] = '"cookies", "storage"'
    return response
