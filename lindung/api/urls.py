"""Addresses below /api/v1/. One wrapper gives them all what Django's pages have of their own: language and refusals."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import translation

from . import description, problems
from .endpoints import api
from .problems import Problem

app_name = "api"
View = Callable[..., HttpResponse]


def front(view: View) -> View:
    """Speak the client's language, take nothing from the address, and say what is not allowed as a problem."""

    @wraps(view)
    def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with translation.override(problems.language_of(request)):
            if request.META.get("QUERY_STRING"):
                response = problems.answer(Problem(400, "bad_query"))
            else:
                response = view(request, *args, **kwargs)
            if response.status_code == 405:
                allowed = response["Allow"]
                response = problems.answer(Problem(405, "method_not_allowed"))
                response["Allow"] = allowed
            response["Content-Language"] = translation.get_language() or "en"
        return response

    # No cookie of ours is read below /api/: there is nothing that another site could make a browser send.
    inside.csrf_exempt = True  # type: ignore[attr-defined]
    return inside


def openapi(request: HttpRequest) -> HttpResponse:
    """The description, for everybody."""
    if request.method != "GET":
        response = HttpResponse(status=405)
        response["Allow"] = "GET"
        return response
    return JsonResponse(description.document())


def _patterns() -> list[URLPattern]:
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        assert isinstance(pattern, URLPattern)
        if pattern.name == "api-root":
            continue
        pattern.callback = front(pattern.callback)
        found.append(pattern)
    return found


urlpatterns = [path("openapi.json", front(openapi), name="openapi"), *_patterns()]
