"""The demonstration: whole, invented, marked, filled in once, and never into somebody's data."""

from __future__ import annotations

import re
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from lindung.accounts.models import GrantRequest, Organisation, User
from lindung.accounts.selectors import actor_for
from lindung.audit.selectors import verify_database
from lindung.cli import demo
from lindung.cli.bootstrap import CommandError
from lindung.cli.demo import invented, people, play, story
from lindung.core import clock
from lindung.reporting import inbox, selectors
from lindung.reporting.answers import check
from lindung.reporting.models import DutyShift, Report, Withdrawal
from lindung.reporting.services import mailbox

# Words that the network's glossary replaces, and words that must not stand in a demonstration.
NEVER = [
    "pornografi",
    "pelacur",
    "prostitusi anak",
    "psk",
    "predator",
    "pedofil",
    "pelaku anak",
    "anak nakal",
    "mau sama mau",
]


@pytest.fixture
def filled(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    monkeypatch.setattr(settings, "LINDUNG_DATA_DIR", tmp_path)
    monkeypatch.setattr(invented, "COUNT", 24)
    monkeypatch.setattr(invented, "ERASED", 0)
    monkeypatch.setattr(demo, "_quick_writes", nullcontext)  # the test's own transaction is open already
    lines: list[str] = []
    demo.ensure(lines.append)
    demo.introduce(lines.append)
    return lines


def test_the_demonstration(filled: list[str]) -> None:
    """One test: filling it in takes longer than looking at all of it."""
    whole_marked_and_filled_in_once()
    visitors_are_told_how_to_sign_in_and_which_receipts_open(filled)
    the_newest_urgent_report_waits_and_somebody_is_on_duty()
    reports_about_a_partner_are_read_by_the_independent_team_alone()


def whole_marked_and_filled_in_once() -> None:
    reports = Report.objects.count()
    assert {entry["number"] for entry in story.scenarios()} == set(range(1, 13))
    assert reports >= 24 + len(invented.FRESH) + 20
    assert all("demonstrasi" in name for name in Organisation.objects.values_list("name", flat=True))
    assert verify_database() == []
    assert Withdrawal.objects.filter(state="waiting").exists(), "scenario 12 waits to be erased"
    assert GrantRequest.objects.filter(state="open").count() == 1
    demo.ensure(lambda line: pytest.fail(line))
    assert Report.objects.count() == reports


def visitors_are_told_how_to_sign_in_and_which_receipts_open(filled: list[str]) -> None:
    text = "\n".join(filled)
    assert people.PASSPHRASE in text
    for person in people.STAFF:
        assert person.username in text
    codes = re.findall(r"\d{4}(?: \d{4}){4}", text)
    assert len(codes) == 3
    for code in codes:
        assert mailbox.view(mailbox.enter(code, "test")).step


def the_newest_urgent_report_waits_and_somebody_is_on_duty() -> None:
    rows = inbox.listed(actor_for(User.objects.get(username="melati")))
    assert any(row.report.state == "new" and row.report.danger_now for row in rows)
    now = clock.now()
    for hours in range(0, 24 * 7, 7):
        moment = now + timedelta(hours=hours)
        assert DutyShift.objects.filter(starts_at__lte=moment, ends_at__gt=moment).count() >= 3


def reports_about_a_partner_are_read_by_the_independent_team_alone() -> None:
    partner = Report.objects.filter(team__kind="independent")
    assert partner.count() == 2
    assert not selectors.visible_to(actor_for(User.objects.get(username="melati"))).filter(pk__in=partner).exists()


@pytest.mark.django_db
def test_it_refuses_a_database_with_somebody_elses_data() -> None:
    Organisation.objects.create(name="Jaringan sungguhan", kind="network")
    with pytest.raises(CommandError, match="not the demonstration's"):
        demo.ensure(lambda line: pytest.fail(line))


def test_every_text_is_short_clinical_and_in_the_terms_of_the_glossary() -> None:
    stories: list[play.Story] = [*story.load(clock.now()), *invented.reports(clock.now())]
    assert len(stories) > 320
    assert len({s.answers.get("regency") for s in stories}) > 100, "many districts"
    for one in stories:
        check(one.answers)
        texts = [str(one.answers.get("words", "")), *(str(s.get("text") or s.get("reason") or "") for s in one.steps)]
        assert "Contoh demonstrasi" in texts[0]
        for text in texts:
            assert len(text) < 400
            assert not [word for word in NEVER if word in text.lower()]


def test_the_same_reports_are_invented_every_time() -> None:
    now = clock.now()
    first, second = ([(s.at, s.answers, s.steps) for s in invented.reports(now)] for _ in range(2))
    assert first == second
