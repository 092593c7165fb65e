"""Reports that belong together, shown without telling more than the person may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.reporting import selectors, services
from lindung.reporting.models import Report, ReportLink, State
from lindung.reporting.services import mailbox
from lindung.vault.models import BlindEntry

from .conftest import MONDAY, Sent

pytestmark = pytest.mark.django_db


def test_reports_that_name_the_same_account_find_each_other(send: Callable[..., Sent], cast: Any) -> None:
    with clock.frozen(MONDAY):
        one = send(accounts="IG: @Budi_123\n+62 812-3456-7890")
        two = send(accounts="budi_123", media_url="https://example.org/x")
        three = send(accounts="0812 3456 7890\n@budi_123")
        send(accounts="@siti")
    rows = {row.report_id: row for row in selectors.links(one.report, cast.actor(cast.analyst))}
    assert set(rows) == {two.report.pk, three.report.pk}
    assert rows[two.report.pk].kinds == ("handle",)
    assert rows[three.report.pk].kinds == ("handle", "phone")
    assert rows[two.report.pk].month == date(2026, 11, 1)
    assert rows[two.report.pk].reference == two.report.reference
    assert "budi" not in repr(rows).lower()


def test_what_somebody_may_not_see_leaves_no_trace_not_even_a_number(send: Callable[..., Sent], cast: Any) -> None:
    mine = send(accounts="@budi_123")
    hidden = send(accounts="@budi_123", concern=["works_here"])
    elsewhere = send(accounts="@budi_123", province="91")
    assert selectors.links(mine.report, cast.actor(cast.analyst)) == []
    assert selectors.links(hidden.report, cast.actor(cast.analyst)) == []
    assert selectors.links(hidden.report, cast.actor(cast.independent_analyst)) == []
    assert selectors.links(elsewhere.report, cast.actor(cast.other_analyst)) == []
    for person in ("administrator", "auditor", "data_analyst", "partner"):
        assert selectors.links(mine.report, cast.actor(getattr(cast, person))) == []


@pytest.mark.parametrize("state", [State.CLOSED, State.WITHDRAWN])
def test_series_exist_between_open_reports_alone(send: Callable[..., Sent], cast: Any, state: str) -> None:
    one, two = send(accounts="@budi_123"), send(accounts="@budi_123")
    Report.objects.filter(pk=two.report.pk).update(state=state)
    assert selectors.links(one.report, cast.actor(cast.analyst)) == []
    assert selectors.links(two.again(), cast.actor(cast.analyst)) == []


def test_a_locked_report_matches_nothing_and_matches_again_when_the_mind_was_changed(
    send: Callable[..., Sent], cast: Any
) -> None:
    one, two = send(accounts="@budi_123"), send(accounts="@budi_123")
    mailbox.ask_to_stop(two.visit())
    assert selectors.links(one.report, cast.actor(cast.analyst)) == []
    mailbox.undo_stop(two.visit())
    assert len(selectors.links(one.report, cast.actor(cast.analyst))) == 1


def test_the_path_of_help_is_never_part_of_a_series(send: Callable[..., Sent], cast: Any) -> None:
    help_wanted, report = send(path="worried_self", accounts="@budi_123"), send(accounts="@budi_123")
    assert BlindEntry.objects.count() == 1
    assert selectors.links(report.report, cast.actor(cast.analyst)) == []
    assert selectors.links(help_wanted.report, cast.actor(cast.analyst)) == []


def test_after_a_lost_receipt_a_colleague_links_and_the_old_box_stays_shut(
    send: Callable[..., Sent], cast: Any
) -> None:
    old, new = send(words="dulu"), send(words="aku pernah cerita")
    actor = cast.actor(cast.analyst)
    link = services.link_reports(actor, new.report.pk, old.report.pk, "told_before")
    assert services.link_reports(actor, old.report.pk, new.report.pk, "told_before") == link
    assert ReportLink.objects.count() == 1
    for a, b in ((old, new), (new, old)):
        (row,) = selectors.links(a.report, actor)
        assert (row.report_id, row.reason, row.kinds) == (b.report.pk, "told_before", ())
    assert mailbox.view(new.visit()).messages == ()
    assert mailbox.enter(new.code, "x").report_id == new.report.pk
    assert Event.objects.get(kind="report.linked").subject == new.report.pk.hex


def test_a_link_to_a_closed_report_stays_visible(send: Callable[..., Sent], cast: Any) -> None:
    old, new = send(), send()
    actor = cast.actor(cast.analyst)
    services.link_reports(actor, new.report.pk, old.report.pk, "told_before")
    Report.objects.filter(pk=old.report.pk).update(state=State.CLOSED)
    assert [row.state for row in selectors.links(new.report, actor)] == ["closed"]
    services.unlink_reports(actor, ReportLink.objects.get().pk)
    assert selectors.links(new.report, actor) == []


def test_a_link_to_a_hidden_report_cannot_be_made_seen_or_taken_away(send: Callable[..., Sent], cast: Any) -> None:
    mine, hidden = send(), send(concern=["works_here"])
    actor = cast.actor(cast.analyst)
    for pair in ((mine, hidden), (hidden, mine)):
        with pytest.raises(NotFound):
            services.link_reports(actor, pair[0].report.pk, pair[1].report.pk, "told_before")
    link = ReportLink.objects.create(
        report=mine.report, other=hidden.report, reason="told_before", created_by=cast.analyst, created_at=clock.now()
    )
    assert selectors.links(mine.report, actor) == []
    with pytest.raises(NotFound):
        services.unlink_reports(actor, link.pk)


def test_a_link_needs_a_reason_two_reports_and_somebody_who_may_judge(send: Callable[..., Sent], cast: Any) -> None:
    one, two = send(), send()
    actor = cast.actor(cast.analyst)
    with pytest.raises(BadInput):
        services.link_reports(actor, one.report.pk, two.report.pk, "because")
    with pytest.raises(BadInput):
        services.link_reports(actor, one.report.pk, one.report.pk, "told_before")
    with pytest.raises(NotAllowed):
        services.link_reports(cast.actor(cast.case_worker), one.report.pk, two.report.pk, "told_before")
    assert not ReportLink.objects.exists()


def test_a_report_is_found_by_its_short_reference_only_by_those_who_see_it(
    send: Callable[..., Sent], cast: Any
) -> None:
    report = send().report
    assert services.find_by_reference(cast.actor(cast.analyst), f" {report.reference} ") == report
    assert services.find_by_reference(cast.actor(cast.other_analyst), report.reference) is None
    for text in ("", "xyz", "ZZZZZZZZ", "12345678901"):
        assert services.find_by_reference(cast.actor(cast.analyst), text) is None
