"""Middleware for tests alone: breaks a request at will, with everything that was typed in the message of the error.

It stands in no settings of the platform; tests/support/breaking_settings.py puts it in front. It wakes for requests
with the header X-Uji, which says how: `before` the page has run, `after` it has run, or `deep`, so that not even the
page that says so can be made and the error reaches the application server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

HEADER = "X-Uji"


class Broken(RuntimeError):
    """The error of this middleware; its message is what must never be written anywhere."""


class Breaking:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        mode = request.headers.get(HEADER)
        if mode is None:
            return
        typed = f"{request.POST} {request.GET} {request.COOKIES} {request.META}"
        if mode == "after":
            view(request, *args, **kwargs)
        if mode == "deep":
            request.path = None  # type: ignore[assignment]
        raise Broken(typed)
