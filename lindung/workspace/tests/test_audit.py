"""The auditor's page: codes only, a verification that finds what was done, files to take away."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from lindung.audit import selectors
from lindung.audit.chain import Checkpoint
from lindung.audit.verify import verify_events

from .conftest import DANGER

PAGE, VERIFY = reverse("workspace:audit"), reverse("workspace:audit_verify")


@pytest.fixture
def auditor(cast, browse):
    return browse(cast.auditor)


def test_it_works(auditor, send):
    sent = send(**DANGER)
    page = auditor.get(PAGE).content.decode()
    assert "report.received" in page
    assert sent.id.hex[:8] in page
    assert "tolong aku" not in page
    assert "dekat pasar" not in page


def test_verify_now(auditor):
    page = auditor.post(VERIFY).content.decode()
    assert "Rantai utuh di dalam dirinya sendiri." in page


def test_a_checkpoint_is_taken_away_and_held_against_the_log(auditor, send):
    response = auditor.get(reverse("workspace:audit_checkpoint"))
    assert response["Content-Disposition"].startswith("attachment")
    line = response.content.decode()
    point = Checkpoint.from_json(line)
    send(**DANGER)
    assert "cocok dengan titik periksamu" in auditor.post(VERIFY, {"earlier": line}).content.decode()
    wrong = Checkpoint(point.seq, "0" * 64, point.count, point.at).to_json()
    page = auditor.post(VERIFY, {"earlier": wrong}).content.decode()
    assert "Ada yang tidak cocok" in page
    assert f"Peristiwa {point.seq} bukan yang dilihat" in page


def test_nonsense_for_a_checkpoint(auditor):
    response = auditor.post(VERIFY, {"earlier": "bukan titik"})
    assert response.status_code == 422
    assert "Ini bukan titik periksa" in response.content.decode()


def test_the_export_verifies_elsewhere(auditor, send):
    send(**DANGER)
    response = auditor.get(reverse("workspace:audit_export"))
    lines = b"".join(response.streaming_content).decode().splitlines()
    events = [json.loads(line) for line in lines[:-1]]
    assert verify_events(events, [Checkpoint.from_json(lines[-1])]) == []
    assert len(events) == len(list(selectors.rows(up_to=events[-1]["seq"])))
