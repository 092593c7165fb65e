"""What holds for every page: nothing is kept by a browser, and broken bytes never pass for text."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.module_loading import import_string

Handler = Callable[[HttpRequest], HttpResponse]
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")


class NoStoreMiddleware:
    """Forbids every cache to keep a page. Static files are served before this and keep their own headers."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store, private, max-age=0"
        return response


class CleanInputMiddleware:
    """Refuses what no form of ours sends: files, bytes that are not UTF-8 (Django would replace them silently), and
    bodies over settings.DATA_UPLOAD_MAX_MEMORY_SIZE bytes.

    Each refusal is a page with status 415, 400 or 413 that keeps what could be read of the text. Nothing is written.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.content_type == "multipart/form-data":
            return _refusal("media")(request)
        if _length(request) > limit:
            kept = QueryDict(request.read(limit), encoding="utf-8") if _is_form(request) else QueryDict()
            request._post, request._files = kept, MultiValueDict()  # type: ignore[attr-defined]
            return _refusal("too_large")(request)
        if _is_form(request) and not _is_utf8_form(request.body):
            return _refusal("bad_bytes")(request)
        return self.get_response(request)


def _refusal(name: str) -> Handler:
    handler: Handler = import_string(f"lindung.config.errors.{name}")
    return handler


def _is_form(request: HttpRequest) -> bool:
    return request.content_type == "application/x-www-form-urlencoded"


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _is_utf8_form(body: bytes) -> bool:
    plain = _ESCAPED.sub(lambda m: bytes([int(m.group(1), 16)]), body)
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in plain
