"""The client of docs/api.md, as a partner would run it: against a real server, with retries, and typed."""

from __future__ import annotations

import importlib.util
import sys
import urllib.request
import uuid
from pathlib import Path
from typing import Any, get_args
from unittest import mock

import pytest

from lindung.api import description, schemas
from lindung.partners.models import CoarseState, PartnerToken, Submission
from lindung.partners.tests.machines import ALL, machine
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox, receiving

DOCS = Path(__file__).resolve().parent.parent / "docs"
EXAMPLE = DOCS / "examples" / "partner_client.py"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("partner_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["partner_client"] = module
    spec.loader.exec_module(module)
    return module


client_of = load()


def test_the_page_shows_the_file_that_is_tried_here() -> None:
    assert EXAMPLE.read_text() in (DOCS / "api.md").read_text()


def test_the_page_names_every_error_scope_and_limit() -> None:
    page = (DOCS / "api.md").read_text()
    for code in {*description._MESSAGES, "daily_limit_reached", "token_expired", "token_revoked", "media_refused",
                 "idempotency_key_reused"}:  # fmt: skip
        assert f"`{code}`" in page, code
    for scope in ALL:
        assert f"`{scope}`" in page


def test_the_types_of_the_client_are_those_of_the_description() -> None:
    known = description.document()["components"]["schemas"]["Report"]["properties"]
    assert set(client_of.Report.__annotations__) <= set(known)
    assert set(get_args(client_of.State)) == set(CoarseState.values)
    assert set(client_of.Accepted.__annotations__) == set(schemas.Accepted.model_fields)


@pytest.mark.django_db(transaction=True)
def test_it_sends_retries_and_asks(cast: Any, live_server: Any) -> None:
    text = machine(cast.organisation, cast.partner_organisation).text
    pauses: list[float] = []
    client = client_of.Client(live_server.url, text, pause=pauses.append)
    key = str(uuid.uuid4())
    broken = mock.patch.object(receiving.vault, "new_record", side_effect=RuntimeError)
    with broken, pytest.raises(client_of.NotReached):
        client.submit({"words": "cerita"}, key=key)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert Report.objects.count() == 0

    lost, real = [], urllib.request.urlopen

    def breaks_off(*arguments: Any, **more: Any) -> Any:
        answer = real(*arguments, **more)
        if not lost:
            lost.append(answer.read())  # the report is in, and the line breaks before anybody hears of it
            raise ConnectionResetError
        return answer

    with mock.patch.object(urllib.request, "urlopen", breaks_off):
        accepted = client.submit({"words": "cerita"}, key=key)
    assert lost
    assert client.submit({"words": "cerita"}, key=key) == accepted
    assert Report.objects.count() == Submission.objects.count() == 1
    assert mailbox.enter(accepted.receipt, "x").report_id == Report.objects.get().pk
    assert client.state(accepted.reference) == "received"
    assert client.expires_on() == PartnerToken.objects.get().expires_on.isoformat()

    for report, code, field in (
        ({"words": "data:image/png;base64,AAAA"}, "media_refused", "words"),
        ({"happened": ["x"]}, "unknown_code", "happened.0"),
    ):
        with pytest.raises(client_of.Refused) as refused:
            client.submit(report, key=str(uuid.uuid4()))
        assert (refused.value.code, refused.value.field) == (code, field)
    with pytest.raises(client_of.Refused) as refused:
        client.submit({"words": "lain"}, key=key)
    assert refused.value.code == "idempotency_key_reused"
