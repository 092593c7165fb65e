"""WSGI entry point for the application server."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lindung.config.settings")

_django = get_wsgi_application()

from lindung.config.warm import warm  # noqa: E402 (the apps must be ready)

warm()
_log = logging.getLogger("lindung.config")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request. What even Django cannot handle must not reach the server's own log with its message."""
    try:
        return _django(environ, start_response)
    except Exception:
        _log.exception("a request could not be answered")
        start_response("500 Internal Server Error", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
        return [b"110 / 129"]
