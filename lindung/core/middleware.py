"""What holds for every page: nothing is kept by a browser, and broken bytes never pass for text."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
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
    """Refuses bodies that are not UTF-8 (Django would replace the bytes silently) and marks refused files.

    The refusal is a page with status 400 that keeps what could be read of the text. Bodies are read in memory only;
    the limit is settings.DATA_UPLOAD_MAX_MEMORY_SIZE.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and self._length(request) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            kind = request.content_type
            if kind == "application/x-www-form-urlencoded" and not _is_utf8_form(request.body):
                return import_string("lindung.config.errors.bad_bytes")(request)
        return self.get_response(request)

    @staticmethod
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
