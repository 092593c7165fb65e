"""The sealed row of this browser (vault.drafts) and its cookies. One row holds a walk, a mailbox visit, or both.

Cookies: `a` is closed to scripts, `b` is not, so that "Keluar cepat" can drop it offline; without either the row cannot
be opened. `d` carries nothing: a browser that keeps left pages in memory drops them when a closed cookie changes. All
of them end with the browser session.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from lindung.portal import walk as walks
from lindung.vault import drafts

_CACHED = "_portal_row"


def row(request: HttpRequest) -> drafts.Walk | None:
    """The row that the cookies open. Raises Unavailable when the store cannot be read."""
    if not hasattr(request, _CACHED):
        a, b = request.COOKIES.get("a"), request.COOKIES.get("b")
        setattr(request, _CACHED, drafts.load(a, b) if a and b else None)
    found: drafts.Walk | None = getattr(request, _CACHED)
    return found


def walk(request: HttpRequest) -> drafts.Walk | None:
    """The row, if it holds a walk."""
    found = row(request)
    return found if found is not None and walks.is_walk(found.data) else None


def begin_walk(request: HttpRequest, data: dict[str, Any]) -> drafts.Walk:
    """Begin a walk in a new row; a mailbox visit of the old row is carried over. Raises Unavailable."""
    old = row(request)
    if old is not None and "visit" in old.data:
        data["visit"] = old.data["visit"]
    fresh = drafts.begin("walk", data)
    if old is not None:
        drafts.destroy(old.a, old.b)
    setattr(request, _CACHED, fresh)
    return fresh


def begin_visit(request: HttpRequest, visit: dict[str, Any]) -> drafts.Walk:
    """Keep a mailbox visit in a new row, beside an unfinished walk if there is one. Raises Unavailable.

    New, because whoever held the phone before may know the cookies of the old one and would read along from elsewhere.
    The walk goes on as the same one (`id_of`), so that a retried send is still one report.
    """
    old = row(request)
    if old is None:
        fresh = drafts.begin("visit", {"visit": visit})
    else:
        fresh = drafts.begin(old.kind, {**old.data, "visit": visit, "id": id_of(old)})
        fresh.began = old.began
        drafts.save(fresh)
        drafts.destroy(old.a, old.b)
    setattr(request, _CACHED, fresh)
    return fresh


def id_of(found: drafts.Walk) -> str:
    """The name of a walk, the same in every row that it was carried through."""
    name: str = found.data.get("id") or found.id
    return name


def save(found: drafts.Walk) -> None:
    """Write the row. Raises Unavailable."""
    drafts.save(found)


def end_visit(request: HttpRequest, response: HttpResponse) -> None:
    """Forget the mailbox; an unfinished walk stays."""
    found = row(request)
    if found is not None and walks.is_walk(found.data):
        found.data.pop("visit", None)
        drafts.save(found)
        stir(response)
    else:
        forget(request, response)


def attach(response: HttpResponse, found: drafts.Walk) -> None:
    """Hand the two halves of the key to the browser."""
    _set(response, "a", found.a, httponly=True)
    _set(response, "b", found.b, httponly=False)


def stir(response: HttpResponse) -> None:
    """Change a closed cookie, so that no page with answers survives in the browser's memory."""
    _set(response, "d", secrets.token_urlsafe(6), httponly=True)


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Destroy the row and delete every cookie of this front door. Raises Unavailable when the store is gone."""
    for name in ("a", "b", "d", settings.CSRF_COOKIE_NAME):
        response.delete_cookie(name, path="/", samesite="Strict")
    setattr(request, _CACHED, None)
    drafts.destroy(request.COOKIES.get("a"), request.COOKIES.get("b"))


def _set(response: HttpResponse, name: str, value: str, *, httponly: bool) -> None:
    response.set_cookie(name, value, path="/", samesite="Strict", secure=settings.LINDUNG_HTTPS, httponly=httponly)
