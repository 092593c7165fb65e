"""Who is on duty when, in the hours of the place; and the list of platforms that staff keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import selectors, services
from lindung.reporting.models import DutyShift
from lindung.vault import services as vault

from .staff import at, events

pytestmark = pytest.mark.django_db


def put(cast: Any, user: Any, starts: datetime, ends: datetime, level: str = "analyst", team: Any = None) -> DutyShift:
    """The supervisor of the intake team puts somebody on duty."""
    where = team or cast.intake
    return services.add_shift(cast.actor(cast.supervisor), where.pk, user.pk, level, starts, ends)


class TestShifts:
    def test_local_times_are_those_of_the_team(self, cast: Any) -> None:
        cast.intake.tz = "Asia/Makassar"
        cast.intake.save()
        late, early = datetime.fromisoformat("2026-03-20 22:00"), datetime.fromisoformat("2026-03-21 06:00")
        shift = put(cast, cast.analyst, late, early)
        assert (shift.starts_at, shift.ends_at) == (at("2026-03-20 14:00"), at("2026-03-20 22:00"))

    def test_run_across_midnight_and_end_before_their_last_minute(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        on = [bool(selectors.on_duty(cast.intake, at(t))) for t in (
            "2026-03-20 14:59", "2026-03-20 15:00", "2026-03-20 17:30", "2026-03-20 22:59", "2026-03-20 23:00",
        )]  # fmt: skip
        assert on == [False, True, True, True, False]

    def test_are_made_by_the_supervisor_of_the_team_alone(self, cast: Any) -> None:
        start, end = at("2026-03-20 15:00"), at("2026-03-20 23:00")
        for user in (cast.analyst, cast.case_worker, cast.administrator, cast.other_analyst):
            with pytest.raises(NotAllowed):
                services.add_shift(cast.actor(user), cast.intake.pk, cast.analyst.pk, "analyst", start, end)
        with pytest.raises(NotAllowed):
            put(cast, cast.other_analyst, start, end, team=cast.other_intake)

    @pytest.mark.parametrize(
        ("who", "level", "hours", "field"),
        [
            ("other_analyst", "analyst", 8, "user"),
            ("administrator", "analyst", 8, "user"),
            ("analyst", "supervisor", 8, "user"),
            ("analyst", "king", 8, "level"),
            ("analyst", "analyst", 0, "ends"),
            ("analyst", "analyst", -1, "ends"),
            ("analyst", "analyst", 25, "ends"),
        ],
    )
    def test_that_make_no_sense_are_refused(self, cast: Any, who: str, level: str, hours: int, field: str) -> None:
        start = at("2026-03-20 15:00")
        with pytest.raises(BadInput) as caught:
            put(cast, getattr(cast, who), start, start + timedelta(hours=hours), level)
        assert caught.value.field == field

    def test_do_not_overlap_for_one_person_and_level(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        with pytest.raises(BadInput):
            put(cast, cast.analyst, at("2026-03-20 22:00"), at("2026-03-21 02:00"))
        put(cast, cast.analyst, at("2026-03-20 23:00"), at("2026-03-21 02:00"))
        put(cast, cast.analyst, at("2026-03-20 22:00"), at("2026-03-21 02:00"), "second")

    def test_leave_a_trace_and_can_be_taken_off(self, cast: Any) -> None:
        shift = put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        with pytest.raises(NotFound):
            services.remove_shift(cast.actor(cast.analyst), shift.pk)
        services.remove_shift(cast.actor(cast.supervisor), shift.pk)
        assert [e.kind for e in events(shift.pk)] == ["duty.shift_added", "duty.shift_removed"]
        assert not DutyShift.objects.exists()


class TestWhatThePortalSays:
    def test_nobody_is_on_duty_and_when_somebody_is_next(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-21 01:00"), at("2026-03-21 09:00"))
        with clock.frozen(at("2026-03-20 19:00")):  # Friday 20 March 2026, a joint leave day, in the night at 02:00 WIB
            state = selectors.portal_duty("31")
            assert not state.on_duty
            assert state.next_text == "Sabtu, 21 Maret, 08.00 WIB"
        with clock.frozen(at("2026-03-21 01:00")):
            assert selectors.portal_duty("31").on_duty

    @pytest.mark.parametrize(
        ("province", "said"),
        [("35", "08.00 WIB"), ("53", "09.00 WITA"), ("91", "10.00 WIT")],
    )
    def test_in_the_time_of_the_reader(self, cast: Any, province: str, said: str) -> None:
        for team, user in ((cast.intake, cast.analyst), (cast.other_intake, cast.other_analyst)):
            DutyShift.objects.create(
                team=team, user=user, level="analyst", starts_at=at("2026-03-21 01:00"), ends_at=at("2026-03-21 09:00")
            )
        with clock.frozen(at("2026-03-20 19:00")):
            assert selectors.portal_duty(province).next_text.endswith(said)

    def test_without_a_roster_it_promises_nothing(self, cast: Any) -> None:
        state = selectors.portal_duty("31")
        assert (state.on_duty, state.next_start, state.next_text) == (False, None, "")

    def test_somebody_who_left_is_not_on_duty(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        cast.analyst.is_active = False
        cast.analyst.save()
        assert selectors.next_reading(cast.intake, at("2026-03-20 16:00")) == (False, None)

    def test_nor_is_somebody_who_lost_the_role(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        assert selectors.next_reading(cast.intake, at("2026-03-20 16:00")) == (True, None)
        cast.analyst.memberships.all().delete()
        assert selectors.next_reading(cast.intake, at("2026-03-20 16:00")) == (False, None)
        assert selectors.on_duty(cast.intake, at("2026-03-20 16:00")) == []

    def test_nor_is_somebody_who_waits_for_the_key(self, cast: Any) -> None:
        put(cast, cast.analyst, at("2026-03-20 15:00"), at("2026-03-20 23:00"))
        vault.revoke_grants(holder=cast.analyst.pk, team_id=cast.intake.pk)
        assert selectors.next_reading(cast.intake, at("2026-03-20 16:00")) == (False, None)


class TestPlatforms:
    def test_staff_add_retire_and_bring_back(self, cast: Any) -> None:
        actor = cast.actor(cast.analyst)
        services.add_platform(actor, "obrolan_baru", "Obrolan Baru")
        assert [p.label for p in selectors.platforms()][-1] == "Obrolan Baru"
        with pytest.raises(Conflict):
            services.add_platform(actor, "obrolan_baru", "Lagi")
        services.retire_platform(actor, "obrolan_baru")
        assert "obrolan_baru" not in [p.code for p in selectors.platforms()]
        with pytest.raises(NotFound):
            services.retire_platform(actor, "obrolan_baru")
        assert services.add_platform(actor, "obrolan_baru", "Obrolan").active

    @pytest.mark.parametrize(
        ("code", "name", "field"),
        [("A B", "x", "code"), ("ok\n", "x", "code"), ("ok", " ", "name"), ("ok", "x" * 81, "name")],
    )
    def test_need_a_code_and_a_name(self, cast: Any, code: str, name: str, field: str) -> None:
        with pytest.raises(BadInput) as caught:
            services.add_platform(cast.actor(cast.supervisor), code, name)
        assert caught.value.field == field

    def test_are_kept_by_those_who_judge(self, cast: Any) -> None:
        for user in (cast.case_worker, cast.partner, cast.administrator):
            with pytest.raises(NotAllowed):
                services.add_platform(cast.actor(user), "x_y", "X")
