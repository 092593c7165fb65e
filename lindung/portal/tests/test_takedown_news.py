"""What the box says about the links somebody reported: fixed sentences without a key, never the address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lindung.core import clock
from lindung.portal.tests.conftest import Reporter, text_of
from lindung.reporting.models import Report
from lindung.takedown import services
from lindung.takedown.models import Item

pytestmark = pytest.mark.django_db
LINK = "https://contoh-tautan.invalid/halaman"


@pytest.fixture
def item(reporter: Reporter, cast: Any) -> Item:
    """A child's link, noted by an analyst; the child's box is open."""
    reporter.walk("young_child", {"satu-kalimat": {"words": "Ada fotoku di link itu"}})
    code = reporter.send()
    reporter.post("receipt", do="saved")
    assert reporter.post("mailbox", code=code).status_code == 303
    report = Report.objects.get()
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    [made] = services.add(
        actor, keyring, report.pk, entries=[("url", LINK)], addressees=["iwf"], bases=["iwf"]
    )  # fmt: skip
    return made


def box(reporter: Reporter) -> str:
    page = reporter.get("mailbox_visit")
    assert page.status_code == 200
    assert b"contoh-tautan" not in page.content
    return text_of(page)


def test_a_child_is_offered_to_keep_a_picture_from_spreading_before_anything_was_sent(
    reporter: Reporter, item: Item
) -> None:
    page = reporter.get("mailbox_visit")
    assert "Cegah fotoku tersebar" in text_of(page)
    assert 'rel="noreferrer noopener"' in page.content.decode()
    assert "sudah kami minta dihapus" not in box(reporter)


def test_the_box_tells_what_became_of_the_link(reporter: Reporter, item: Item, cast: Any) -> None:
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    notice = services.make_notice(actor, [item.pk])
    services.mark_sent(actor, keyring, notice.pk)
    said = box(reporter)
    assert "Link yang kamu laporkan sudah kami minta dihapus." in said
    assert "Kabar terakhir:" in said
    services.answer(actor, keyring, item.pk, "refused")
    assert "Ada yang menolak permintaan kami. Itu bukan salahmu." in box(reporter)
    for day in (0, 1, 2):
        with clock.frozen(clock.now() + timedelta(days=day)):
            services.check(actor, item.pk, "addressee", "not_there")
    assert "Link yang kamu laporkan sudah tidak ada lagi." in box(reporter)


def test_in_english_too(reporter: Reporter, item: Item, cast: Any) -> None:
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    services.mark_sent(actor, keyring, services.make_notice(actor, [item.pk]).pk)
    reporter.language = "en"
    said = text_of(reporter.get("mailbox_visit"))
    assert "We have asked for the link you reported to be removed." in said
    assert "Are you under 18?" in said
    reporter.language = "id"


def test_a_locked_box_says_nothing_of_it(reporter: Reporter, item: Item) -> None:
    Report.objects.update(risk="medium")  # with high risk a supervisor looks first, and nothing is locked
    reporter.post("mailbox_stop", do="stop")
    assert "Cegah fotoku" not in box(reporter)
