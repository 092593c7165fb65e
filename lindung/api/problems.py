"""What goes wrong, as `application/problem+json` (RFC 9457): a code for programs, a fixed sentence for people, a field.

Nothing that was sent is ever repeated in an answer, and nothing of it reaches a log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from lindung.core import errors
from lindung.partners import errors as partners

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/"

SENTENCES: dict[str, str | Promise] = {
    "missing_token": _("Sertakan token: Authorization: Bearer lnd_…"),
    "bad_json": _("Isi permintaan bukan JSON yang utuh dalam UTF-8."),
    "bad_query": _("Alamat ini tidak menerima parameter. Semua isi ada di badan permintaan."),
    "invalid_value": _("Nilai ini tidak bisa diterima."),
    "unknown_code": _("Kode ini tidak dikenal."),
    "unknown_field": _("Ada isian yang tidak dikenal."),
    "missing": _("Isian ini wajib ada."),
    "too_long": _("Isian ini terlalu panjang."),
    "too_short": _("Isian ini terlalu pendek."),
    "wrong_type": _("Jenis nilai ini keliru."),
    "not_found": _("Tidak ada yang seperti itu di sini."),
    "method_not_allowed": _("Cara ini tidak berlaku untuk alamat ini."),
    "too_large": _("Permintaan ini terlalu besar."),
    "json_only": _("Hanya application/json yang diterima. Berkas dan gambar tidak pernah."),
    "unavailable": _("Laporan belum bisa disimpan sekarang. Kirim lagi dengan Idempotency-Key yang sama."),
    "server_error": _("Ada yang rusak di sini. Kirim lagi dengan Idempotency-Key yang sama."),
}

_OF_PAGES = {
    400: "bad_json", 403: "not_found", 404: "not_found", 413: "too_large", 415: "json_only", 500: "server_error",
}  # fmt: skip
"""Codes for what happens outside of any operation: unknown addresses, refused bodies, errors of the program."""

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
_KINDS = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "unknown_code",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
}


@dataclass
class Problem(Exception):
    """An expected failure of a request; raised anywhere below an operation."""

    status: int
    code: str
    field: str = ""
    message: str | Promise = ""
    retry_after: int = 0

    def __str__(self) -> str:
        return self.code


def answer(problem: Problem) -> HttpResponse:
    """The answer to a request that failed, in the active language."""
    message = problem.message or SENTENCES.get(problem.code) or SENTENCES["server_error"]
    data = {"code": problem.code, "message": str(message)}
    if _FIELD.fullmatch(problem.field):
        data["field"] = problem.field
    response = JsonResponse(data, status=problem.status, json_dumps_params={"ensure_ascii": False})
    response["Content-Type"] = MEDIA_TYPE
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="lindung"'
    if problem.retry_after:
        response["Retry-After"] = str(problem.retry_after)
    return response


def page(request: HttpRequest, status: int) -> HttpResponse:
    """What a path below /api/ answers instead of an error page."""
    with translation.override(language_of(request)):
        return answer(Problem(status, _OF_PAGES.get(status, "server_error")))


def language_of(request: HttpRequest) -> str:
    """English, unless the client asks for Indonesian and does not prefer English."""
    wanted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    for tag, _weight in wanted:
        if tag.partition("-")[0] in {"id", "en"}:
            return tag.partition("-")[0]
    return "en"


def of_error(error: errors.LindungError) -> Problem:
    """Turn a failure of the rooms below into the problem that the API promises."""
    if isinstance(error, partners.TokenRefused):
        return Problem(401, error.code, message=error.message)
    if isinstance(error, partners.MissingScope):
        return Problem(403, error.code, message=error.message)
    if isinstance(error, partners.TooMany):
        return Problem(429, error.code, message=error.message, retry_after=error.seconds)
    if isinstance(error, partners.KeyReused):
        return Problem(422, error.code, "Idempotency-Key", error.message)
    if isinstance(error, errors.BadInput):
        code = error.code if error.code == "media_refused" else "invalid_value"
        return Problem(422, code, error.field, error.message)
    if isinstance(error, errors.Conflict):
        return Problem(409, error.code, message=error.message)
    if isinstance(error, errors.NotFound | errors.NotAllowed):
        return Problem(404, "not_found")
    if isinstance(error, errors.Unavailable):
        return Problem(503, "unavailable", retry_after=10)
    return Problem(500, "server_error")


def of_validation(found: list[dict[str, Any]]) -> Problem:
    """Turn what the checking of a body, a header or a path found into one problem about the first of it."""
    first = found[0]
    where = first["loc"][0]
    if where == "path":
        return Problem(404, "not_found")
    names = [str(part) for part in first["loc"][1:] if part not in {"content", "body"}]
    code = _KINDS.get(first["type"], "wrong_type" if str(first["type"]).endswith("_type") else "invalid_value")
    if code == "unknown_field":
        names = names[:-1]  # a name that a stranger made up is not repeated
    field = "Idempotency-Key" if where == "header" else ".".join(name for name in names if _plain(name))
    return Problem(422, code, field)


def _plain(name: str) -> bool:
    """Names of fields and places in lists; what pydantic calls the branches of a union is left out."""
    return bool(re.fullmatch(r"[a-z_]{1,40}|\d{1,4}", name))
