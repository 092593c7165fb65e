"""The API does what its description says, whatever is sent: tried by schemathesis with every check that it has."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.config import SchemathesisConfig

from lindung.partners.models import PartnerToken, Submission
from lindung.partners.tests.machines import Machine, new_key
from lindung.reporting.models import Report

pytestmark = pytest.mark.django_db

TEXT = f"lnd_{'0' * 31}1_{'5e' * 32}"
"""A token that is known before there is a database, so that schemathesis can be told of it."""

QUICK = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
schema = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json",
    get_wsgi_application(),
    config=SchemathesisConfig.from_dict(
        # Its client inside the process does not unpack what it asks to be packed.
        {"auth": {"openapi": {"BearerToken": {"bearer": TEXT}}}, "headers": {"Accept-Encoding": "identity"}}
    ),
)


def fewer_places(raw: dict[str, Any]) -> None:
    """Each code is tried by itself: of the 514 regencies the first three stand for all."""
    for name in ("province", "regency"):
        choice = raw["components"]["schemas"]["Report"]["properties"][name]["anyOf"][0]
        assert len(choice["enum"]) in {38, 514}
        choice["enum"] = choice["enum"][:3]


fewer_places(schema.raw_schema)


def rename(case: Any) -> None:
    """Another report has another key, of the same length: one key for two reports is refused, as it is to be."""
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{16,200}", key):
        case.headers["Idempotency-Key"] = (new_key().replace("-", "") + key)[: len(key)]


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """A request ends with its connection, and with it the transaction of the test: not here."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def known_token(helpline: Machine) -> PartnerToken:
    """The helpline's token once more, under the name that the description is tried with."""
    row = helpline.token
    row.pk = UUID(hex=TEXT.split("_")[1])
    row.secret_hash = hashlib.sha256(bytes.fromhex(TEXT.split("_")[2])).digest()
    row.save(force_insert=True)
    return row


@schema.parametrize()
@QUICK
def test_every_operation_keeps_to_its_description(case: Any, known_token: PartnerToken) -> None:
    """Every field at its limits and beyond, some hundred requests: with a practice token, which checks the same."""
    PartnerToken.objects.filter(sandbox=False).update(sandbox=True)
    rename(case)
    case.call_and_validate()
    assert Report.objects.count() == 0


@pytest.mark.parametrize("operation", [(path, method) for path in schema for method in schema[path]])
def test_whatever_is_sent_with_a_real_token(operation: tuple[str, str], known_token: PartnerToken) -> None:
    path, method = operation

    @QUICK
    @given(case=schema[path][method].as_strategy())
    def each(case: Any) -> None:
        rename(case)
        case.call_and_validate()

    each()
    assert Report.objects.count() == Submission.objects.count()


def test_one_operation_after_another_keeps_to_it(known_token: PartnerToken) -> None:
    class Steps(schema.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: Any) -> None:
            rename(case)

    Steps.run(settings=settings(QUICK, max_examples=10, stateful_step_count=4))
    assert Report.objects.count() == Submission.objects.count() > 0
