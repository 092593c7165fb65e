"""Group activities: answers sealed in each case, one number at the end, and none of fewer than five children."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lindung.casework import services
from lindung.casework.knowledge import plan as knowledge
from lindung.casework.models import Case, CaseExclusion
from lindung.casework.models_plan import Group, GroupMember, GroupSession
from lindung.casework.services import groups
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.vault.models import SealedField

from .cases import make_case

pytestmark = pytest.mark.django_db


def who(cast: Any, name: str = "case_worker") -> tuple[Any, Any]:
    user = getattr(cast, name)
    return cast.actor(user), cast.keyring(user)


def all_of(value: int) -> dict[str, int]:
    return dict.fromkeys(knowledge.statements(), value)


@pytest.fixture
def group(cast: Any) -> Group:
    today = local_day(clock.now(), cast.intake.tz)
    return services.make_group(cast.actor(cast.case_worker), cast.intake.pk, "aku_bangkit", today - timedelta(days=30))


def member(cast: Any, group: Group, before: int = 0, after: int = 0) -> GroupMember:
    row = services.join(cast.actor(cast.case_worker), group.pk, make_case(cast).pk)
    for when, value in (("before", before), ("after", after)):
        if value:
            services.answer(*who(cast), row.pk, when, all_of(value))
    return row


def end(cast: Any, group: Group, name: str = "case_worker") -> Group:
    group.refresh_from_db()
    return services.end_group(*who(cast, name), group.pk, local_day(clock.now(), group.team.tz), group.version)


def test_five_children_and_their_mean_difference(cast: Any, group: Group) -> None:
    for before, after in ((1, 3), (2, 3), (2, 2), (3, 4), (1, 2)):
        member(cast, group, before, after)
    member(cast, group, before=2)  # left before the end
    ended = end(cast, group)
    assert (ended.answered, ended.change_tenths) == (5, 10)


def test_of_four_children_nothing_is_shown(cast: Any, group: Group) -> None:
    for _ in range(4):
        member(cast, group, 1, 4)
    ended = end(cast, group)
    assert (ended.answered, ended.change_tenths) == (None, None)
    assert ended.ended_on is not None


def test_a_group_that_ended_takes_nothing_more(cast: Any, group: Group) -> None:
    row = member(cast, group, before=2)
    end(cast, group)
    today = local_day(clock.now(), group.team.tz)
    for attempt in (
        lambda: services.answer(*who(cast), row.pk, "after", all_of(3)),
        lambda: services.join(cast.actor(cast.case_worker), group.pk, make_case(cast).pk),
        lambda: services.hold_session(cast.actor(cast.case_worker), group.pk, today, [row.pk]),
        lambda: services.leave(cast.actor(cast.case_worker), row.pk),
        lambda: end(cast, group),
    ):
        with pytest.raises(Conflict):
            attempt()


def test_answers_are_sealed_and_written_once_unless_anew(cast: Any, group: Group) -> None:
    row = member(cast, group, before=2)
    with pytest.raises(Conflict):
        services.answer(*who(cast), row.pk, "before", all_of(3))
    services.answer(*who(cast), row.pk, "before", {"calm": 4}, again=True)
    assert services.read_answers(*who(cast), row.pk) == {"before": {"calm": 4}, "after": {}}
    sealed = SealedField.objects.filter(record=row.case.record_id, field=row.field)
    assert sealed.count() == 2
    assert all(b"calm" not in bytes(one.ciphertext) for one in sealed)


@pytest.mark.parametrize(
    ("when", "answers"),
    [("before", {}), ("before", {"calm": 5}), ("before", {"nilai": 1}), ("later", {"calm": 1})],
)
def test_answers_that_cannot_be_are_refused(cast: Any, group: Group, when: str, answers: dict[str, int]) -> None:
    row = member(cast, group)
    with pytest.raises(BadInput):
        services.answer(*who(cast), row.pk, when, answers)


def test_who_may_not_see_a_case_meets_nobody_of_it_in_a_group(cast: Any, group: Group) -> None:
    row = member(cast, group, before=2)
    assert list(groups.visible_groups(cast.actor(cast.analyst))) == [group]
    assert list(groups.visible_members(cast.actor(cast.analyst), group)) == []
    assert list(groups.visible_members(cast.actor(cast.supervisor), group)) == [row]
    with pytest.raises(NotFound):
        services.answer(*who(cast, "analyst"), row.pk, "after", all_of(3))
    with pytest.raises(NotFound):
        services.join(cast.actor(cast.analyst), group.pk, row.case_id)
    with pytest.raises(BadInput):
        services.hold_session(cast.actor(cast.analyst), group.pk, local_day(clock.now(), "Asia/Jakarta"), [row.pk])
    for name in ("other_analyst", "partner", "administrator"):
        assert not groups.visible_groups(cast.actor(getattr(cast, name))).exists()
        with pytest.raises(NotFound):
            end(cast, group, name)


def test_a_case_of_an_excluded_team_is_not_counted_for_its_people(cast: Any, group: Group) -> None:
    rows = [member(cast, group, 1, 2) for _ in range(5)]
    CaseExclusion.objects.create(case=rows[0].case, team=cast.intake)
    assert groups.visible_members(cast.actor(cast.supervisor), group).count() == 4
    assert end(cast, group).answered is None


def test_sessions_name_members_and_a_second_entry_adds(cast: Any, group: Group) -> None:
    today = local_day(clock.now(), group.team.tz)
    one, two = member(cast, group), member(cast, group)
    services.hold_session(cast.actor(cast.case_worker), group.pk, today, [one.pk])
    services.hold_session(cast.actor(cast.case_worker), group.pk, today, [two.pk])
    assert set(GroupSession.objects.get(group=group).came.all()) == {one, two}
    with pytest.raises(BadInput):
        services.hold_session(cast.actor(cast.case_worker), group.pk, today + timedelta(days=1), [one.pk])
    third = member(cast, group)
    services.leave(cast.actor(cast.case_worker), third.pk)
    with pytest.raises(Conflict):
        services.leave(cast.actor(cast.case_worker), one.pk)


def test_a_case_of_another_team_does_not_join(cast: Any, group: Group) -> None:
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(team=cast.other_intake)
    with pytest.raises(NotFound):
        services.join(cast.actor(cast.case_worker), group.pk, case.pk)
    today, actor = local_day(clock.now(), "Asia/Jakarta"), cast.actor(cast.case_worker)
    with pytest.raises(BadInput):
        services.make_group(actor, cast.intake.pk, "pijat", today)
    with pytest.raises(NotFound):
        services.make_group(actor, cast.other_intake.pk, "other", today)
