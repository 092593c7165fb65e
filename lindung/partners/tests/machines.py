"""Machines of partners, as the tests of this room, of the API and of the whole platform use them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client

from lindung.accounts.actors import Actor
from lindung.accounts.models import Organisation
from lindung.partners import selectors, services
from lindung.partners.models import PartnerToken, Scope, Submission
from lindung.reporting.models import Report

ALL = tuple(Scope.values)
SCHOOL_ALL = (Scope.SUBMIT, Scope.STATE)
REPORTS, TOKEN = "/api/v1/reports", "/api/v1/token"
MINIMAL: dict[str, Any] = {"words": "Seorang murid bercerita."}


def new_key() -> str:
    return str(uuid.uuid4())


@dataclass
class Machine:
    """A token with its text, and a client that sends it."""

    token: PartnerToken
    text: str = field(repr=False)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.text}"}

    @property
    def caller(self) -> services.Caller:
        return services.authenticate(self.text)

    def send(self, content: Any = None, key: str = "", **headers: str) -> Any:
        """POST a report; the minimal one when nothing is given."""
        body = json.dumps(MINIMAL if content is None else content)
        named = {"Idempotency-Key": key or new_key(), **self.auth, **headers}
        return self.client.post(REPORTS, body, content_type="application/json", headers=named)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={**self.auth, **headers})

    def state(self, reference: str) -> str:
        """The word that the API tells now, or the status when it tells none."""
        response = self.get(f"{REPORTS}/{reference}")
        return response.json()["state"] if response.status_code == 200 else str(response.status_code)

    def report(self, content: Any = None) -> tuple[Report, str]:
        """Send a report; return it as it is stored, with the partner's reference."""
        response = self.send(content)
        assert response.status_code == 201, response.content
        reference = response.json()["reference"]
        report = Submission.objects.get(reference=reference).report
        assert report is not None
        return report, reference


def machine(
    issuer: Organisation,
    organisation: Organisation,
    purpose: str = "helpline",
    scopes: Collection[str] = ALL,
    *,
    sandbox: bool = False,
    daily_limit: int = 5000,
) -> Machine:
    """Make a token on the command line's authority."""
    token, text = services.create_token(
        actor=Actor.system(),
        issuer=issuer,
        organisation=organisation,
        name=f"Mesin {purpose}",
        purpose=purpose,
        scopes=scopes,
        expires_on=selectors.today() + timedelta(days=30),
        daily_limit=daily_limit,
        sandbox=sandbox,
    )
    return Machine(token, text)


def school_of(system: Actor | None = None) -> Organisation:
    """A school, which the cast has none of."""
    from lindung.accounts import services as accounts

    return accounts.create_organisation(actor=system or Actor.system(), name="SMP Contoh", kind="school")
