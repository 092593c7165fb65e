"""A partner's machine sends a report and asks how far it is: what it gets, and what it never gets."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.test import Client

from lindung.api import schemas
from lindung.core import clock
from lindung.partners.models import StoredResponse, Submission
from lindung.partners.tests.machines import ALL, MINIMAL, REPORTS, TOKEN, Machine, machine, new_key
from lindung.reporting import answers as answering
from lindung.reporting.models import Report
from lindung.reporting.services import mailbox, receiving
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry, SealedRecord

pytestmark = pytest.mark.django_db


def problem(response: Any) -> tuple[int, str, str]:
    assert response["Content-Type"] == "application/problem+json"
    data = response.json()
    assert data["message"]
    return response.status_code, data["code"], data.get("field", "")


def opened(cast: Any, report: Report) -> dict[str, Any]:
    keys = vault.open_with_team(record_id=report.record_id, keyring=cast.keyring(cast.analyst))
    return answering.decode(vault.get(record_id=report.record_id, keys=keys, field=receiving.ANSWERS))


def test_a_report_is_sealed_into_the_inbox_and_opens_with_the_receipt(cast: Any, helpline: Machine) -> None:
    response = helpline.send(schemas.EXAMPLE)
    assert response.status_code == 201, response.content
    told = response.json()
    report = Report.objects.get()
    assert told["state"] == "received"
    assert told["sandbox"] is False
    assert (report.channel, report.path, report.language) == ("api", "professional", "id")
    stored = opened(cast, report)
    assert stored["words"] == schemas.EXAMPLE["words"]
    assert stored["accounts"] == "@akun_rekaan_01"
    assert stored["happened_on"] == "2026-11-20"
    assert stored["when"] in {"within_72h", "week", "month", "year", "longer"}
    assert mailbox.enter(told["receipt"], "x").report_id == report.pk
    assert vault.open_with_receipt(record_id=report.record_id, receipt=receipts.derive(told["receipt"])).staff is None
    assert response["Idempotency-Replayed"] == "false"


def test_a_receipt_is_given_only_with_its_scope(cast: Any) -> None:
    plain = machine(cast.organisation, cast.partner_organisation, scopes=["report:submit"])
    assert "receipt" not in plain.send().json()
    assert problem(plain.get(f"{REPORTS}/R717YHPEVPGBCKJDW")) == (403, "missing_scope", "")


def test_what_one_partner_names_is_found_from_the_portal_and_from_another_partner(cast: Any, helpline: Machine) -> None:
    entries = [
        {"kind": "handle", "value": "@orang_rekaan"},
        {"kind": "phone", "value": "+62 812 0000 1111"},
        {"kind": "account", "value": "BCA 0812345678"},
    ]
    helpline.send({"identifiers": entries, "links": ["https://contoh.example/x"]})
    kinds = set(BlindEntry.objects.values_list("kind", flat=True))
    assert kinds == {"handle", "phone", "account", "url"}
    found = answering.identifiers({"accounts": "ig: orang_rekaan\n0812-0000-1111"})
    from lindung.vault import blind

    wanted = {blind.normalise(entry.kind, entry.text) for entry in found}
    assert {"orang_rekaan", "+6281200001111"} <= wanted


def test_nothing_may_be_added_that_is_not_described(helpline: Machine) -> None:
    assert problem(helpline.send({"photo": "x"})) == (422, "unknown_field", "")
    assert problem(helpline.send({"identifiers": [{"kind": "handle", "value": "a", "name": "b"}]})) == (
        422, "unknown_field", "identifiers.0",
    )  # fmt: skip
    assert problem(helpline.send({"happened": ["nothing_like_it"]})) == (422, "unknown_code", "happened.0")
    assert problem(helpline.send({"words": 7})) == (422, "wrong_type", "words")
    assert problem(helpline.send({"words": "x" * 20_001})) == (422, "too_long", "words")
    assert problem(helpline.send({"happened_on": "20261120"})) == (422, "invalid_value", "happened_on")
    assert problem(helpline.send({"links": ["https://contoh.example/" + "x" * 1900] * 5})) == (
        422, "invalid_value", "links",
    )  # fmt: skip
    assert problem(helpline.send([])) == (422, "wrong_type", "")
    assert Report.objects.count() == 0


@pytest.mark.parametrize(
    "text",
    [
        "data:image/png;base64,AAAA",
        "lihat DATA:application/octet-stream;base64,AAAA",
        "data:,x",
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90)).decode(),
        (b"\xff\xd8\xff" + bytes(90)).hex(),
    ],
)
def test_pictures_are_refused_however_they_are_disguised(helpline: Machine, text: str) -> None:
    assert problem(helpline.send({"words": text})) == (422, "media_refused", "words")
    in_link = {"links": [text]} if len(text) < 2000 else {"words": text}
    assert problem(helpline.send(in_link))[1] == "media_refused"
    assert text not in helpline.send({"words": text}).content.decode()
    assert SealedRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("{", "application/json", 400, "bad_json"),
        (b'{"words": "\xff"}', "application/json", 400, "bad_json"),
        ('{"words": NaN}', "application/json", 400, "bad_json"),
        ('{"words": "a", "words": "b"}', "application/json", 400, "bad_json"),
        ("[" * 100_000, "application/json", 400, "bad_json"),
        ("words=x", "application/x-www-form-urlencoded", 415, "json_only"),
        ("--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415, "json_only"),
        (b"\x89PNG", "image/png", 415, "json_only"),
        ('{"words": "' + "x" * 1_100_000 + '"}', "application/json", 413, "too_large"),
        ("null", "application/json", 422, "wrong_type"),
    ],
)
def test_what_is_no_report_in_json_is_refused(helpline: Machine, body: Any, kind: str, status: int, code: str) -> None:
    headers = {**helpline.auth, "Idempotency-Key": new_key()}
    response = helpline.client.generic("POST", REPORTS, body, content_type=kind, headers=headers)
    assert problem(response)[:2] == (status, code)
    assert Report.objects.count() == 0


def test_the_key_is_required_and_has_a_length(helpline: Machine) -> None:
    for key, code in (("short", "too_short"), ("k" * 201, "too_long"), ("with blanks in it", "invalid_value")):
        assert problem(helpline.send(key=key)) == (422, code, "Idempotency-Key")
    response = helpline.client.post(
        REPORTS, json.dumps(MINIMAL), content_type="application/json", headers=helpline.auth
    )
    assert problem(response) == (422, "missing", "Idempotency-Key")


def test_nothing_stands_in_an_address(helpline: Machine) -> None:
    response = helpline.client.post(
        REPORTS + "?words=x", json.dumps(MINIMAL), content_type="application/json",
        headers={**helpline.auth, "Idempotency-Key": new_key()},
    )  # fmt: skip
    assert problem(response) == (400, "bad_query", "")
    assert Report.objects.count() == 0


def test_tokens_that_do_not_work(helpline: Machine) -> None:
    client = Client()
    assert problem(client.get(TOKEN)) == (401, "missing_token", "")
    wrong = helpline.text[:-1] + ("0" if helpline.text[-1] != "0" else "1")
    for text in ("x", wrong, f"lnd_{secrets.token_hex(16)}_{secrets.token_hex(32)}", "lnd_é_é", helpline.text + " "):
        response = client.get(TOKEN, headers={"Authorization": f"Bearer {text}"})
        assert problem(response) == (401, "invalid_token", "")
        assert response["WWW-Authenticate"].startswith("Bearer")
    basic = client.get(TOKEN, headers={"Authorization": f"Basic {helpline.text}"})
    assert problem(basic) == (401, "missing_token", "")


def test_the_token_tells_what_it_may_do(helpline: Machine) -> None:
    told = helpline.get(TOKEN).json()
    assert told["scopes"] == sorted(ALL)
    assert told["purpose"] == "helpline"
    assert told["expires_on"] == helpline.token.expires_on.isoformat()


def test_messages_follow_the_language_that_was_asked_for(helpline: Machine) -> None:
    path = f"{REPORTS}/R0000000000000000"
    english, indonesian = helpline.get(path), helpline.get(path, **{"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"})
    assert english.json()["message"] == "There is nothing like that here."
    assert indonesian.json()["message"] == "Tidak ada yang seperti itu di sini."
    assert (english["Content-Language"], indonesian["Content-Language"]) == ("en", "id")


def test_an_unknown_address_answers_in_json_and_no_answer_sets_a_cookie(helpline: Machine) -> None:
    answers = [
        helpline.get("/api/v1/nothing"), helpline.get("/api/"), helpline.get(TOKEN), helpline.send(),
        helpline.client.put(TOKEN, headers=helpline.auth), helpline.client.options(TOKEN),
        Client().get("/api/v1/openapi.json"),
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [404, 404, 200, 201, 405, 405, 200]
    for response in answers:
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert "json" in response["Content-Type"]
        assert not [name for name in response.headers if name.lower().startswith("access-control")]
    assert answers[4]["Allow"] == "GET"


def test_a_session_of_staff_opens_nothing(cast: Any, client: Any) -> None:
    cast.sign_in(client, cast.administrator)
    assert problem(client.get(TOKEN)) == (401, "missing_token", "")


def test_a_broken_store_asks_for_a_retry_and_keeps_nothing(helpline: Machine) -> None:
    with mock.patch.object(receiving.vault, "new_record", side_effect=OperationalError("disk is full: words")):
        response = helpline.send()
    assert problem(response) == (503, "unavailable", "")
    assert int(response["Retry-After"]) > 0
    assert Report.objects.count() == Submission.objects.count() == StoredResponse.objects.count() == 0


def test_an_error_of_the_program_tells_nothing(helpline: Machine, caplog: pytest.LogCaptureFixture) -> None:
    with mock.patch.object(receiving.vault, "new_record", side_effect=RuntimeError("kanari words")):
        response = helpline.send()
    assert problem(response) == (500, "server_error", "")
    assert "kanari" not in response.content.decode()


def test_a_practice_token_checks_everything_and_stores_nothing(practice: Machine) -> None:
    key = new_key()
    first, again = practice.send(key=key), practice.send(key=key)
    assert first.status_code == 201
    told = first.json()
    assert told["sandbox"] is True
    assert told["reference"] == again.json()["reference"]
    assert told["reference"].startswith("S")
    assert practice.send().json()["reference"] != told["reference"]
    assert told["receipt"] == "00000000000000000098"
    assert practice.state(told["reference"]) == "received"
    assert problem(practice.get(f"{REPORTS}/S0000000000000000")) == (404, "not_found", "")
    assert problem(practice.send({"words": "data:image/png;base64,AAAA"}))[1] == "media_refused"
    assert Report.objects.count() == Submission.objects.count() == StoredResponse.objects.count() == 0
    with pytest.raises(Exception, match="wrong_receipt"):
        mailbox.enter(told["receipt"], "x")


def test_a_practice_reference_is_nothing_to_anybody_else(practice: Machine, helpline: Machine) -> None:
    reference = practice.send().json()["reference"]
    assert helpline.state(reference) == "404"


def test_times_are_whole_minutes(helpline: Machine) -> None:
    told = helpline.send().json()
    assert told["received_at"].endswith(":00Z")
    assert Submission.objects.get().received_at == clock.coarse(Submission.objects.get().received_at)
