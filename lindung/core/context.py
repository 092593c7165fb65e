"""What every template may know about the installation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.urls.base import translate_url


def site(request: HttpRequest) -> dict[str, Any]:
    """Give `demo`, `exit_url`, and `other_language_url`: the same page in the other language."""
    language = getattr(request, "LANGUAGE_CODE", "id")
    other = "en" if language == "id" else "id"
    return {
        "demo": settings.LINDUNG_DEMO,
        "exit_url": settings.LINDUNG_EXIT_URL,
        "language": language,
        "other_language": other,
        "other_language_url": _translated(request.path, other),
    }


def _translated(path: str, language: str) -> str:
    try:
        resolve(path)
    except Resolver404:
        return "/" if language == "id" else "/en/"
    return translate_url(path, language)
