"""Who is calling: a bearer token, and nothing else. Cookies and sessions of the platform mean nothing here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from lindung.partners import services
from lindung.partners.services import Caller
from lindung.reporting.services.storing import storing

from .problems import Problem


class BearerToken(HttpBearer):
    """Puts the Caller into `request.auth`, and refuses what is no JSON before anything of it is read."""

    openapi_bearerFormat = "lnd_<id>_<secret>"
    openapi_description = "A token of a partner, made by an administrator of the network and shown once."

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        with storing():
            caller = services.authenticate(token)
        if request.method == "POST" and request.content_type != "application/json":
            raise Problem(415, "json_only")
        return caller


def caller_of(request: HttpRequest) -> Caller:
    """The machine behind a request that `BearerToken` let in."""
    caller = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)
    return caller
