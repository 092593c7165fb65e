"""A child says in its box what it thinks of our help; its case worker does not read it."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.casework.models_closing import Feedback
from lindung.casework.services import feedback
from lindung.casework.tests.cases import make_case
from lindung.casework.tests.desks import Desk
from lindung.portal.tests.conftest import Reporter, text_of
from lindung.portal.tests.test_mailbox import form_token
from lindung.reporting.models import Report

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(reporter: Reporter) -> Reporter:
    """A reporter whose box is open."""
    reporter.walk("young_child", {"satu-kalimat": {"words": "Tolong"}})
    code = reporter.send()
    reporter.post("receipt", do="saved")
    assert reporter.post("mailbox", code=code).status_code == 303
    return reporter


def test_a_box_without_a_case_does_not_ask(inside: Reporter) -> None:
    assert "Bagaimana bantuan kami?" not in text_of(inside.get("mailbox_visit"))
    assert inside.get("mailbox_say")["Location"].endswith("/kotak/isi/")


def test_one_choice_is_enough_and_somebody_else_reads_it(inside: Reporter, cast: Any) -> None:
    make_case(cast, report=Report.objects.get())
    assert "Bagaimana bantuan kami?" in text_of(inside.get("mailbox_visit"))
    page = inside.get("mailbox_say")
    assert "bukan pendampingmu" in text_of(page)
    token = form_token(page)
    empty = inside.post("mailbox_say", token=token, text="", mood="")
    assert empty.status_code == 422
    assert "Satu kata juga boleh" in text_of(empty)
    for _again in range(2):
        sent = inside.post("mailbox_say", token=token, text="Kakaknya baik.", mood="4", complaint="1")
        assert sent["Location"].endswith("?ok=2")
    assert "bukan pendampingmu" in text_of(inside.client.get(sent["Location"]))
    row = Feedback.objects.get()
    assert (row.kind, row.mood) == ("complaint", 4)
    page = inside.get("mailbox_say")
    assert "sudah sampai" in text_of(page)
    assert "Kakaknya baik." not in page.content.decode(), "whoever holds the code reads no old words"
    feedback.answer(*Desk(cast, cast.supervisor).hands, row.pk, words="Dibaca.")
    assert "sudah dibaca" in text_of(inside.get("mailbox_say"))


def test_a_picture_in_disguise_is_refused(inside: Reporter, cast: Any) -> None:
    make_case(cast, report=Report.objects.get())
    token = form_token(inside.get("mailbox_say"))
    refused = inside.post("mailbox_say", token=token, text="data:image/png;base64,AAAA", mood="4")
    assert refused.status_code == 422
    assert not Feedback.objects.exists()
