"""The duty roster: gaps in words, and only supervisors change it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.urls import reverse

from lindung.core import clock
from lindung.reporting import services
from lindung.reporting.models import DutyShift

ROSTER = reverse("workspace:roster")
ADD = reverse("workspace:shift_add")
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 08:00 in Jakarta


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def form(cast, **more):
    return {
        "team": str(cast.intake.pk),
        "user": str(cast.analyst.pk),
        "level": "analyst",
        "day": "2026-11-24",
        "starts": "22:00",
        "ends": "06:00",
        **more,
    }


def test_it_works(cast, browse):
    with clock.frozen(MONDAY):
        page = html(browse(cast.analyst).get(ROSTER))
    assert "Sen 23 Nov" in page
    assert "tidak ada yang jaga" in page
    assert "08.00–24.00" in page  # what is over is no gap any more
    assert f'action="{ADD}"' not in page


def test_a_supervisor_adds_and_removes_a_night(cast, browse):
    with clock.frozen(MONDAY):
        browser = browse(cast.supervisor)
        assert browser.post(ADD, form(cast)).status_code == 302
        shift = DutyShift.objects.get()
        assert shift.starts_at == datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
        assert shift.ends_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
        page = html(browser.get(ROSTER))
        assert "22.00–24.00" in page
        assert "00.00–06.00" in page
        assert "06.00–24.00" in page  # the gap after it
        assert browser.post(reverse("workspace:shift_remove", args=[shift.pk])).status_code == 302
        assert not DutyShift.objects.exists()


def test_wrong_input_comes_back(cast, browse):
    with clock.frozen(MONDAY):
        browser = browse(cast.supervisor)
        assert browser.post(ADD, form(cast, user=str(cast.other_analyst.pk))).status_code == 422
        assert browser.post(ADD, form(cast, day="")).status_code == 422
        assert browser.post(ADD, form(cast, level="supervisor")).status_code == 422
        assert browser.post(ADD, form(cast)).status_code == 302
        assert "sudah berjaga" in html(browser.post(ADD, form(cast)), 422)


def test_others_change_nothing(cast, browse):
    with clock.frozen(MONDAY):
        end = MONDAY + timedelta(hours=8)
        actor = cast.actor(cast.supervisor)
        shift = services.add_shift(actor, cast.intake.pk, cast.supervisor.pk, "analyst", MONDAY, end)
        for user in (cast.analyst, cast.other_analyst, cast.partner):
            browser = browse(user)
            assert browser.post(ADD, form(cast)).status_code == 404
            assert browser.post(reverse("workspace:shift_remove", args=[shift.pk])).status_code == 404
        assert cast.supervisor.display_name not in html(browse(cast.other_analyst).get(ROSTER))
    assert DutyShift.objects.count() == 1


def test_another_week_and_nonsense(cast, browse):
    with clock.frozen(MONDAY):
        browser = browse(cast.analyst)
        assert "Sen 7 Des" in html(browser.get(ROSTER + "?pekan=2026-12-09"))
        assert "Sen 23 Nov" in html(browser.get(ROSTER + "?pekan=kapan&team=mana"))
        assert browser.get(ROSTER + "?pekan=0001-01-01").status_code == 200
        assert browser.get(ROSTER + "?pekan=9999-12-31").status_code == 200
