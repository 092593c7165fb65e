"""The operations. Each asks one service of partners; what goes wrong below becomes a problem in one place."""

from __future__ import annotations

import json
import logging
from datetime import date
from typing import Any, cast

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Body, Header, NinjaAPI, Path
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from pydantic import BaseModel

from lindung.core.errors import LindungError
from lindung.partners import services
from lindung.partners.services import Content

from . import problems, schemas
from .problems import Problem
from .security import BearerToken, caller_of

VERSION = "1.0.0"
_log = logging.getLogger("lindung.api")

NEVER_ANSWERS = frozenset({"language", "identifiers", "links", "happened_on"})
"""Fields of a report that are no question of the walk."""


class JsonParser(Parser):
    """JSON in UTF-8 as the standard has it: no NaN, no name twice, no nesting without end."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _refuse(_: str) -> Any:
    raise ValueError("no JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


api = NinjaAPI(
    title="Lindung partner API",
    version=VERSION,
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    auth=BearerToken(),
    parser=JsonParser(),
)

ReportIn: Any = schemas.report_in()


@api.post(
    "/reports",
    url_name="submit",
    operation_id="submit_report",
    summary="Send a report",
    response={201: schemas.Accepted},
    tags=["reports"],
)
def submit(
    request: HttpRequest,
    content: ReportIn = Body(...),  # noqa: B008
    idempotency_key: str = Header(
        ...,
        alias="Idempotency-Key",
        min_length=schemas.KEY_SHORTEST,
        max_length=schemas.KEY_LONGEST,
        pattern="^[!-~]+$",
        description="A random name for this report, such as a UUID: 16 to 200 visible ASCII characters without blanks. "
        "Send it again with every retry of the same report.",
    ),
) -> HttpResponse:
    """Seal a report into the inbox of the team that is responsible for its place.

    The same key with the same body gives the same answer again, with the header `Idempotency-Replayed: true`, and never
    a second report. The same key with another body is refused with 422 `idempotency_key_reused`.
    """
    sent = cast(BaseModel, content).model_dump(exclude_none=True)
    canonical = json.dumps(sent, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    answer = services.submit(
        caller_of(request),
        key=idempotency_key,
        content=_content(sent),
        body=canonical.encode("utf-8", "surrogatepass"),
    )
    response = JsonResponse(answer.body, status=201)
    response["Idempotency-Replayed"] = "true" if answer.replayed else "false"
    return response


def _content(sent: dict[str, Any]) -> Content:
    day = sent.get("happened_on")
    return Content(
        answers={name: value for name, value in sent.items() if name not in NEVER_ANSWERS},
        identifiers=tuple((entry["kind"], entry["value"]) for entry in sent.get("identifiers", ())),
        links=tuple(sent.get("links", ())),
        happened_on=date.fromisoformat(day) if day else None,
        language=sent.get("language", "id"),
    )


@api.get(
    "/reports/{reference}",
    url_name="state",
    operation_id="read_state",
    summary="How far a report is",
    response={200: schemas.State},
    tags=["reports"],
)
def state(
    request: HttpRequest,
    reference: str = Path(
        ...,
        pattern="^[RS][0-9A-HJKMNP-TV-Z]{16}$",
        description="The reference that came with the answer to a report of your organisation.",
    ),
) -> HttpResponse:
    """Say received, in_progress or closed.

    Some reports stay at `received` for ever, all of a school among them. That tells nothing about them.
    """
    return JsonResponse({"state": services.read_state(caller_of(request), reference)})


@api.get(
    "/token",
    url_name="token",
    operation_id="read_token",
    summary="What this token may do",
    response={200: schemas.TokenInfo},
    tags=["token"],
)
def token(request: HttpRequest) -> HttpResponse:
    """Tell scopes and expiry, so that a program can warn its people in time."""
    found = caller_of(request).token
    return JsonResponse(
        {
            "name": found.name,
            "organisation": found.organisation.name,
            "purpose": found.purpose,
            "scopes": sorted(found.scope_set),
            "sandbox": found.sandbox,
            "expires_on": found.expires_on.isoformat(),
            "daily_limit": found.daily_limit,
        }
    )


# --- what goes wrong ------------------------------------------------------------------------------------------------


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.answer(problem)


@api.exception_handler(LindungError)
def _expected(request: HttpRequest, error: LindungError) -> HttpResponse:
    return problems.answer(problems.of_error(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.answer(problems.of_validation(error.errors))


@api.exception_handler(AuthenticationError)
def _nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.answer(Problem(401, "missing_token"))


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.answer(Problem(400, "bad_json"))


@api.exception_handler(DatabaseError)
def _store(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    return problems.answer(Problem(503, "unavailable", retry_after=10))


@api.exception_handler(Exception)
def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    _log.exception("a request of a partner could not be answered")  # the type and the place; never the message
    return problems.answer(Problem(500, "server_error"))
