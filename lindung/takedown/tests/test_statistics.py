"""Response times: a table worked out by hand, three time zones, what leaves the team, what stays after erasing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.core import clock
from lindung.reporting.services import mailbox
from lindung.takedown import services, statistics
from lindung.takedown.statistics import Line
from lindung.vault import services as vault

from .conftest import LINK, Desk

LATE = datetime(2026, 11, 30, 15, 30, tzinfo=UTC)
"""30 November, 22:30 WIB and 23:30 WITA; 1 December, 00:30 WIT."""
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def after(hours: float) -> datetime:
    return LATE + timedelta(hours=hours)


def world(send, desk: Desk, plan: Iterable[tuple[str, float, float | None, list[tuple[float, str]]]]) -> list:
    """One report and one request to the IWF a line: (province, hours until sent, until answered, checks)."""
    reports, deeds = [], []
    for number, (province, sent_after, answered_after, checks) in enumerate(plan):
        with clock.frozen(after(-2)):
            sent = send(province=province)
            [item] = desk.add(sent, f"https://contoh{number}.invalid/x")
        reports.append((sent, item))
        deeds.append((after(sent_after), lambda d=desk, i=item: d.send(i)))
        if answered_after is not None:
            deeds.append((after(answered_after), lambda d=desk, i=item: d.answer(i)))
        for hours, result in checks:
            deeds.append((after(hours), lambda d=desk, i=item, r=result: d.check(i, r)))
    for moment, deed in sorted(deeds, key=lambda pair: pair[0]):
        with clock.frozen(moment):
            deed()
    return reports


INTAKE = (
    # place, sent, answered, checks (hours after LATE)
    ("31", 0, 1.0, [(26, "not_there"), (50, "not_there"), (74, "not_there")]),  # gone
    ("31", 0, 2.0, [(30, "not_there")]),
    ("32", 0, 4.5, [(3, "could_not_tell"), (50, "not_there")]),
    ("31", 0, 10.0, [(20, "there")]),  # still there
    ("33", 0, None, []),
    ("73", 0, 24.0, [(30, "not_there")]),  # Makassar, 23:30 on 30 November
    ("73", 0, 0.5, []),
    ("73", 1, None, []),  # Makassar, 00:30 on 1 December
)


@pytest.mark.django_db
def test_the_table_agrees_with_the_one_worked_out_by_hand(send, cast) -> None:
    """November: answers after 0.5 1 2 4.5 10 24 h, so the median is (2 + 4.5) / 2 = 3.25 and the sixth of six is 24.

    Nothing there after 26 30 30 50 h: the median is (30 + 30) / 2 = 30, the fourth of four 50.
    """
    analyst, other = Desk(cast, cast.analyst), Desk(cast, cast.other_analyst)
    reports = world(send, analyst, INTAKE)
    world(send, other, [("91", 0, 6.0, [])])  # Jayapura, 00:30 on 1 December
    with clock.frozen(after(80)):
        analyst.add(send(), "https://tak-terkirim.invalid/x")
        [taken_back] = analyst.add(send(), "https://ditarik.invalid/x")
        analyst.send(taken_back)
        services.end(analyst.actor, taken_back.pk, "withdraw", "mistake")
        analyst.add(reports[0][0], LINK, addressees=["komdigi"], bases=["ite"])

        november = statistics.Row(NOVEMBER, "iwf", "", 7, 6, 1, 1, 3.25, 24.0, 30.0, 50.0)
        december = statistics.Row(DECEMBER, "iwf", "", 1, 0, 0, 0, None, None, None, None)
        assert statistics.table(statistics.lines_for_team(analyst.actor)) == [december, november]
        there = statistics.Row(DECEMBER, "iwf", "", 1, 1, 0, 0, 6.0, 6.0, None, None)
        assert statistics.table(statistics.lines_for_team(other.actor)) == [there]

        for sent, _item in reports[:5]:
            vault.shred(record_id=sent.report.record_id)
        table = statistics.table(statistics.lines_for_team(analyst.actor))
        assert table == [december, november], "erasing changes no number"

        outside = statistics.outside_table(statistics.lines_for_organisation(cast.actor(cast.data_analyst)))
        assert outside == [
            statistics.OutsideRow(DECEMBER, "iwf", "", *[None] * 8),
            # 6 of 7 were answered: one was not, and 1 could be reckoned. Of 4 that are not there no hours are given.
            statistics.OutsideRow(NOVEMBER, "iwf", "", 7, None, None, None, 3.25, 24.0, None, None),
        ]


@pytest.mark.django_db
def test_the_first_sending_and_the_first_answer_count_whatever_comes_later(send, cast) -> None:
    desk = Desk(cast, cast.analyst)
    [(_sent, item)] = world(send, desk, [("31", 0, 2.0, [(30, "not_there"), (40, "there")])])
    with clock.frozen(after(24 * 5)):
        desk.send(item)
    with clock.frozen(after(24 * 6)):
        desk.answer(item, "refused")
        [row] = statistics.table(statistics.lines_for_team(desk.actor))
    assert (row.month, row.count, row.median_answer, row.median_not_there) == (NOVEMBER, 1, 2.0, 30.0)
    assert row.still_there == 1


@pytest.mark.django_db
def test_nobody_counts_a_report_that_they_may_not_see(send, cast) -> None:
    desk = Desk(cast, cast.analyst)
    [(sent, _), (locked, _)] = world(send, desk, [("31", 0, 1, []), ("31", 0, 1, [])])
    reporting_conflict(desk, sent, cast)
    mailbox.ask_to_stop(locked.visit())
    assert statistics.lines_for_team(desk.actor) == []
    assert statistics.lines_for_organisation(cast.actor(cast.data_analyst)) == []
    assert len(statistics.lines_for_team(cast.actor(cast.independent_analyst))) == 1
    vault.shred(record_id=sent.report.record_id)
    assert statistics.lines_for_team(desk.actor) == []
    assert len(statistics.lines_for_team(cast.actor(cast.independent_analyst))) == 1
    for nobody in (cast.other_analyst, cast.administrator, cast.partner):
        assert statistics.lines_for_team(cast.actor(nobody)) == []


def reporting_conflict(desk: Desk, sent, cast) -> None:
    from lindung.reporting import services as reporting

    reporting.mark_conflict(desk.actor, desk.keyring, sent.pk, cast.intake.pk)


def test_hours_are_rounded_to_tenths_half_up() -> None:
    start = LATE
    for seconds, tenths in ((0, 0), (179, 0), (180, 1), (3600, 10), (3779, 10), (3780, 11), (-60, 0)):
        assert statistics.tenths(start, start + timedelta(seconds=seconds)) == tenths
    assert statistics.tenths(start, None) is None


@pytest.mark.parametrize(
    ("values", "middle", "ninety"),
    [([], None, None), ([7], 0.7, 0.7), ([10, 20], 1.5, 2.0), ([1, 2, 30], 0.2, 3.0), (list(range(1, 11)), 0.55, 0.9),
     (list(range(1, 12)), 0.6, 1.0)],
)  # fmt: skip
def test_median_and_ninetieth_percentile(values, middle, ninety) -> None:
    assert statistics.median(values) == middle
    assert statistics.p90(list(reversed(values))) == ninety


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=40))
def test_nine_tenths_do_not_exceed_the_percentile_and_no_smaller_value_does(values: list[int]) -> None:
    found = round((statistics.p90(values) or 0) * 10)
    assert sum(value <= found for value in values) * 10 >= 9 * len(values)
    smaller = [value for value in values if value < found]
    if smaller:
        assert sum(value <= max(smaller) for value in values) * 10 < 9 * len(values)


lines = st.builds(
    Line,
    month=st.sampled_from([NOVEMBER, DECEMBER]),
    addressee=st.sampled_from(["iwf", "platform"]),
    platform=st.sampled_from(["", "instagram"]),
    answered=st.none() | st.integers(0, 500),
    not_there=st.none() | st.integers(0, 500),
    gone=st.booleans(),
    still_there=st.booleans(),
)


@given(st.lists(lines, max_size=40))
def test_no_small_number_leaves_the_team_and_none_can_be_reckoned(found: list[Line]) -> None:
    inside = {(r.month, r.addressee, r.platform): r for r in statistics.table(found)}
    for row in statistics.outside_table(found):
        full = inside[row.month, row.addressee, row.platform]
        if full.count < 5:
            assert set(list(vars(row).values())[3:]) == {None}
            continue
        assert row.count == full.count
        for number in (row.answered, row.gone, row.still_there):
            if number is not None:
                assert number not in range(1, 5)
                assert row.count - number not in range(1, 5)
        if full.answered < 5:
            assert row.median_answer is row.p90_answer is None
