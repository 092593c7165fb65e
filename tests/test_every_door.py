"""Every door that a report can come in by ends in the same inbox, sealed: the portal, the desk's six ways, machines."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.translation import override

from conftest import Browser
from lindung.core import clock
from lindung.partners.tests.machines import Machine, machine
from lindung.portal.tests.conftest import Reporter
from lindung.reporting.knowledge import intake
from lindung.reporting.models import Report
from tests.support.canary import encodings

pytestmark = pytest.mark.django_db

TOLD = {
    "path": "child", "language": "id", "province": "31", "keep": ["story"], "given_by": "child", "given_how": "voice",
    "child_agreed": "yes",
}  # fmt: skip


def by_the_portal(word: str, settings: Any) -> None:
    settings.LINDUNG_WALK_MIN_SECONDS = 0
    reporter = Reporter(Browser())
    reporter.walk("child", {"kata": {"words": word, "do": "next"}})
    reporter.send()


def by_the_desk(desk: Browser, channel: str, word: str) -> None:
    url = reverse("workspace:intake_channel", args=[channel])
    told: dict[str, Any]
    token = re.search(r'name="token" value="([^"]+)"', desk.get(url).content.decode())
    assert token is not None
    if intake.channels()[channel].short:
        told = {"media_url": f"https://berita.example/{word}", "seen_on": clock.now().date().isoformat()}
    else:
        told = {**TOLD, "words": word}
    response = desk.post(url, {**told, "token": token.group(1)})
    assert response.status_code == 302, response.content.decode()


def by_a_machine(helpline: Machine, word: str) -> None:
    assert helpline.send({"words": word, "province": "31"}).status_code == 201


def everything_stored() -> bytes:
    """Every value of every table, as the database gives it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


def test_every_door_ends_in_the_same_inbox_and_nothing_is_readable(cast: Any, settings: Any) -> None:
    desk = Browser()
    with override("id"):
        cast.sign_in(desk, cast.analyst)
        words = {
            channel: f"kenari{number}pintu" for number, channel in enumerate(["portal", *intake.channels(), "api"])
        }
        by_the_portal(words["portal"], settings)
        for channel in intake.channels():
            by_the_desk(desk, channel, words[channel])
        by_a_machine(machine(cast.organisation, cast.partner_organisation), words["api"])

        assert sorted(Report.objects.values_list("channel", flat=True)) == sorted(words)
        listed = desk.get(reverse("workspace:inbox")).content.decode()
        for report in Report.objects.all():
            assert report.team == cast.intake
            assert report.reference in listed
            assert words[report.channel] in desk.get(reverse("workspace:report", args=[report.pk])).content.decode()

    stored = everything_stored()
    assert cast.analyst.username.encode() in stored, "the search must see what is there"
    for word in words.values():
        assert [how for how, forms in encodings(word).items() if any(form in stored for form in forms)] == [], word
