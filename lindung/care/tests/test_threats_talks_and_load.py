"""Threats are read by few, talks have no words, load is counted, a diary opens to nobody but its writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.care import rules, selectors, services, tasks
from lindung.care.models import Diary, DiaryEntry, Threat
from lindung.casework.models import CaseWorker, Risk
from lindung.casework.tests.cases import give_to, make_case
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

pytestmark = pytest.mark.django_db

WORDS = "Contoh: ada yang menunggu di depan kantor."


def hands(cast: Any, name: str) -> tuple[Any, Any]:
    user = getattr(cast, name)
    return cast.actor(user), cast.keyring(user)


@pytest.fixture
def threat(cast: Any) -> Threat:
    return services.tell_threat(
        *hands(cast, "analyst"), cast.intake.pk, about=cast.case_worker.pk, kind="followed", on=clock.now().date(),
        text=WORDS,
    )  # fmt: skip


def test_a_threat_is_read_by_who_it_is_about_who_told_it_and_supervisors(cast: Any, threat: Threat) -> None:
    for name in ("case_worker", "analyst", "supervisor"):
        assert services.open_threat(*hands(cast, name), threat.pk).text == WORDS
        assert list(selectors.threats_seen(cast.actor(getattr(cast, name)))) == [threat]
    for name in ("second_analyst", "other_analyst", "independent_analyst", "partner"):
        with pytest.raises(NotAllowed):
            services.open_threat(*hands(cast, name), threat.pk)
        assert not selectors.threats_seen(cast.actor(getattr(cast, name))).exists()


def test_what_was_done_is_added_and_nothing_after_the_end(cast: Any, threat: Threat) -> None:
    supervisor = hands(cast, "supervisor")
    services.continue_threat(*supervisor, threat.pk, text="Pulang diantar.", police="reported", version=1)
    with pytest.raises(Conflict):
        services.continue_threat(*supervisor, threat.pk, text="Dua orang menulis.", version=1)
    services.continue_threat(*supervisor, threat.pk, text="Kunci pintu diganti.")
    opened = services.open_threat(*supervisor, threat.pk)
    assert [step["text"] for step in opened.steps] == ["Pulang diantar.", "Kunci pintu diganti."]
    assert opened.threat.police == "reported"
    services.close_threat(supervisor[0], threat.pk)
    with pytest.raises(Conflict):
        services.continue_threat(*supervisor, threat.pk, text="Terlambat.")


def test_a_threat_is_told_of_a_colleague_by_a_colleague(cast: Any) -> None:
    today = clock.now().date()
    wanted = {"kind": "phone", "on": today, "text": WORDS}
    with pytest.raises(NotAllowed):
        services.tell_threat(*hands(cast, "other_analyst"), cast.intake.pk, about=cast.analyst.pk, **wanted)
    for wrong in ({"about": cast.other_analyst.pk}, {"text": " "}, {"kind": "x"}, {"on": today + timedelta(days=2)}):
        with pytest.raises(BadInput):
            services.tell_threat(
                *hands(cast, "analyst"), cast.intake.pk, **{"about": cast.case_worker.pk, **wanted, **wrong}
            )
    assert not Threat.objects.exists()


def test_talks_are_planned_for_others_by_supervisors_and_by_everybody_for_themselves(cast: Any) -> None:
    soon = clock.now() + timedelta(days=1)
    supervisor, worker = cast.actor(cast.supervisor), cast.actor(cast.case_worker)
    with pytest.raises(NotAllowed):
        services.plan_talk(worker, cast.intake.pk, cast.analyst.pk, kind="peer", planned_at=soon)
    own = services.plan_talk(worker, cast.intake.pk, cast.case_worker.pk, kind="debriefing", planned_at=soon)
    services.plan_talk(supervisor, cast.intake.pk, cast.analyst.pk, kind="supervision", planned_at=soon)
    with pytest.raises(BadInput):
        services.plan_talk(supervisor, cast.intake.pk, cast.other_analyst.pk, kind="peer", planned_at=soon)
    with pytest.raises(NotFound):
        services.hold_talk(cast.actor(cast.analyst), own.pk)
    services.hold_talk(worker, own.pk)
    with pytest.raises(Conflict):
        services.call_off_talk(supervisor, own.pk)


def test_load_agrees_with_a_count_by_hand(cast: Any) -> None:
    """Three cases: one begun in June and left in August, one since September, one high risk since October."""
    now = datetime(2026, 11, 20, 5, tzinfo=UTC)
    spans = ((datetime(2026, 6, 10, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC)), (datetime(2026, 9, 5, tzinfo=UTC),
             None), (datetime(2026, 10, 1, tzinfo=UTC), None))  # fmt: skip
    for number, (since, until) in enumerate(spans):
        case = make_case(cast, cast.supervisor)
        CaseWorker.objects.filter(case=case).delete()
        row = give_to(case, cast.case_worker, "lead")
        CaseWorker.objects.filter(pk=row.pk).update(since=since, until=until)
        last = {"risk": Risk.HIGH, "review_due_at": now - timedelta(days=1)}
        type(case).objects.filter(pk=case.pk).update(**(last if number == 2 else {"risk": Risk.MEDIUM}))
    rows = {row.user.pk: row for row in selectors.load(cast.actor(cast.supervisor), cast.intake, now)}
    row = rows[cast.case_worker.pk]
    assert (row.cases, row.high, row.late, row.months) == (2, 1, 1, (1, 1, 1, 1, 2, 2))
    assert str(selectors.month_names(cast.intake, now)[0]) == "2026-06-01"
    assert rows[cast.analyst.pk].months == (0,) * 6
    assert selectors.own_load(cast.actor(cast.case_worker), cast.intake, now) == row
    assert selectors.load(cast.actor(cast.case_worker), cast.intake, now) == []
    assert selectors.load(cast.actor(cast.other_analyst), cast.intake, now) == []


def test_a_regular_talk_is_due_so_many_days_after_the_last_one() -> None:
    came, held = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    assert rules.talk_due(None, came, 30) == datetime(2026, 1, 31, tzinfo=UTC)
    assert rules.talk_due(held, came, 30) == datetime(2026, 3, 31, tzinfo=UTC)


def test_a_diary_is_ones_own_choice_and_opens_to_nobody_else(cast: Any) -> None:
    own, other = cast.keyring(cast.analyst), cast.keyring(cast.supervisor)
    today, before = clock.now().date(), Event.objects.count()
    with pytest.raises(NotFound):
        services.write_entry(own, today, mood=2, text=WORDS)
    services.begin_diary(own, today)
    with pytest.raises(BadInput):
        services.write_entry(own, today, mood=6)
    services.write_entry(own, today, mood=2, text="Berat.")
    services.write_entry(own, today, mood=3, text=WORDS)
    assert [(entry.mood, entry.text) for entry in services.entries(own)] == [(3, WORDS)]
    row = DiaryEntry.objects.get()
    assert WORDS.encode() not in bytes(row.sealed)
    services.begin_diary(other, today)
    DiaryEntry.objects.filter(pk=row.pk).update(diary=Diary.objects.get(user=cast.supervisor))
    assert services.entries(other) == [], "even a row that was moved under another name stays shut"
    DiaryEntry.objects.update(diary=Diary.objects.get(user=cast.analyst))
    services.end_diary(own)
    assert not DiaryEntry.objects.exists()
    assert Event.objects.count() == before, "no trace"


def test_old_entries_of_diaries_go(cast: Any) -> None:
    own, now = cast.keyring(cast.analyst), clock.now()
    services.begin_diary(own, now.date())
    for days in (rules.DIARY_DAYS + 1, rules.DIARY_DAYS):
        services.write_entry(own, (now - timedelta(days=days)).date(), mood=4)
    assert tasks.forget(now) == 1
    assert len(services.entries(own)) == 1
