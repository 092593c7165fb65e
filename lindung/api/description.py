"""The description of the API in OpenAPI 3.1, complete: every error of every operation, examples, links, the one scheme.

django-ninja describes what it knows (parameters, bodies, answers); what this front door promises beyond is added here.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils import translation

from lindung.partners import errors

from . import schemas
from .endpoints import api
from .problems import MEDIA_TYPE, SENTENCES

PATH = "/api/v1/"
DESCRIPTION = """Reports from partners of the network: platforms, schools, helplines, other organisations.

A report is sealed when it arrives. Pictures, films, sounds and files are never accepted, in no form. A partner learns
the reference of its report and, with the scope for it, one of three words. A school never learns outcomes.

In danger now: do not use a program. Call 110 (police) or 129 (SAPA).
"""

_ERRORS = {
    400: ("The body is not JSON in UTF-8.", "bad_json", ""),
    401: ("No token, or one that does not work (any more).", "invalid_token", ""),
    403: ("The token lacks the scope.", "missing_scope", ""),
    404: ("Nothing of that name, or nothing of yours. Which one is not told.", "not_found", ""),
    409: ("The report of this key is in, but its answer is no longer kept (30 days).", "idempotency_key_expired", ""),
    413: ("More than a million bytes.", "too_large", ""),
    415: ("Anything but application/json.", "json_only", ""),
    422: ("A field is wrong, carries a file, or the key was used for another report.", "unknown_code", "happened.0"),
    429: ("Too many at once, or today. Wait for Retry-After.", "too_many_requests", ""),
    500: ("Something broke here. Retry with the same key.", "server_error", ""),
    503: ("Not stored now. Retry with the same key.", "unavailable", ""),
}
_MESSAGES = SENTENCES | {
    error.code: error.message for error in (errors.TokenRefused, errors.MissingScope, errors.KeyExpired, errors.TooMany)
}
_OF = {
    "submit_report": (400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
    "read_state": (400, 401, 403, 404, 500, 503),
    "read_token": (400, 401, 500, 503),
}
_ACCEPTED = {
    "reference": "R717YHPEVPGBCKJDW",
    "state": "received",
    "received_at": "2026-11-22T03:00:00Z",
    "promised_at": "2026-11-22T09:00:00Z",
    "sandbox": False,
}
_TOKEN = {
    "name": "Gerbang laporan",
    "organisation": "Mitra Contoh",
    "purpose": "helpline",
    "scopes": ["report:state", "report:submit"],
    "sandbox": False,
    "expires_on": "2027-06-30",
    "daily_limit": 200,
}


@cache
def document() -> dict[str, Any]:
    """The whole description as plain values, in English; labels of codes stand in both languages."""
    with translation.override("en"):
        return _document()


def _document() -> dict[str, Any]:
    found = dict(api.get_openapi_schema(path_prefix=PATH))
    found["info"] |= {"description": DESCRIPTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}
    found["servers"] = [{"url": "/"}]
    found["tags"] = [
        {"name": "reports", "description": "Sending a report, and asking how far it is."},
        {"name": "token", "description": "About the token itself."},
    ]
    found["components"]["schemas"]["Problem"] = schemas.ProblemOut.model_json_schema()
    for operations in found["paths"].values():
        for operation in operations.values():
            _errors(operation)
    found["paths"][f"{PATH}openapi.json"] = {"get": _itself()}
    _examples(found["paths"])
    return found


def _errors(operation: dict[str, Any]) -> None:
    responses = {str(status): answer for status, answer in operation["responses"].items()}
    for status in _OF[operation["operationId"]]:
        responses[str(status)] = _problem(status)
    operation["responses"] = responses


def _problem(status: int) -> dict[str, Any]:
    text, code, field = _ERRORS[status]
    example = {"code": code, "message": str(_MESSAGES[code])} | ({"field": field} if field else {})
    answer: dict[str, Any] = {
        "description": text,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
    }
    if status == 401:
        answer["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
    if status in {429, 503}:
        answer["headers"] = {
            "Retry-After": {
                "description": "Seconds.", "schema": {"type": "string", "pattern": "^[0-9]+$"}, "required": True,
            }
        }  # fmt: skip
    return answer


def _itself() -> dict[str, Any]:
    return {
        "operationId": "read_description",
        "summary": "This description",
        "tags": ["token"],
        "security": [],
        "responses": {
            "200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}},
            "400": _problem(400),
            "500": _problem(500),
        },
    }


def _examples(paths: dict[str, Any]) -> None:
    submit = paths[f"{PATH}reports"]["post"]
    submit["requestBody"]["content"]["application/json"]["example"] = schemas.EXAMPLE
    done = submit["responses"]["201"]
    done["description"] = "The report is in, now or since an earlier try."
    done["content"]["application/json"]["example"] = _ACCEPTED
    done["headers"] = {
        "Idempotency-Replayed": {
            "description": "true: this answer was given before.",
            "schema": {"type": "string", "enum": ["true", "false"]},
            "required": True,
        }
    }
    done["links"] = {
        "state": {"operationId": "read_state", "parameters": {"reference": "$response.body#/reference"}},
    }
    for parameter in submit["parameters"]:
        if parameter["name"] == "Idempotency-Key":
            parameter["example"] = "6b1f0c9e-5d0a-4f57-9d53-6f3a1f3f2c55"
    state = paths[f"{PATH}reports/{{reference}}"]["get"]
    state["responses"]["200"]["description"] = "One of three words."
    state["responses"]["200"]["content"]["application/json"]["example"] = {"state": "in_progress"}
    for parameter in state["parameters"]:
        parameter["example"] = _ACCEPTED["reference"]
    token = paths[f"{PATH}token"]["get"]
    token["responses"]["200"]["description"] = "What it may do, and until when."
    token["responses"]["200"]["content"]["application/json"]["example"] = _TOKEN
