"""Marks of the standard's checklist, moving a case to a newer version, and case conferences."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lindung.casework import services
from lindung.casework.knowledge import standard as standards
from lindung.casework.models import Case, CaseTask, TaskKind
from lindung.casework.models_plan import Conference, Mark, MarkState
from lindung.casework.services import checklist
from lindung.casework.services.access import open_keys, unseal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound

from .cases import make_case
from .standards import as_file

pytestmark = pytest.mark.django_db
WIB = ZoneInfo("Asia/Jakarta")
NEWER = as_file(
    "pppa-baru.1",
    ["simfoni", "case_kind, was: [case_type]", "brand_new", "accommodation"],
    in_force=date(2026, 1, 1),
)


def who(cast: Any, name: str = "case_worker") -> tuple[Any, Any]:
    user = getattr(cast, name)
    return cast.actor(user), cast.keyring(user)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.LINDUNG_STANDARDS_DIR = tmp_path / "standards"
    settings.LINDUNG_STANDARDS_DIR.mkdir()
    return Path(settings.LINDUNG_STANDARDS_DIR)


def test_a_mark_counts_until_the_next_one(cast: Any) -> None:
    case = make_case(cast)
    services.mark(*who(cast), case.pk, "simfoni", MarkState.DONE, seen=0)
    assert checklist.counts(case) == {"simfoni": 1}
    services.mark(*who(cast, "supervisor"), case.pk, "simfoni", MarkState.UNDONE, seen=1)
    assert checklist.states_of(checklist.newest_marks(case)) == {"simfoni": "undone"}
    assert Mark.objects.filter(case=case).count() == 2


def test_of_two_who_mark_from_the_same_page_one_is_told(cast: Any) -> None:
    case = make_case(cast)
    services.mark(*who(cast), case.pk, "simfoni", MarkState.DONE, seen=0)
    with pytest.raises(Conflict):
        services.mark(*who(cast, "supervisor"), case.pk, "simfoni", MarkState.NOT_APPLICABLE, "Sudah.", seen=0)
    assert checklist.newest_marks(case)["simfoni"].state == MarkState.DONE


def test_that_a_point_does_not_apply_needs_its_reason_and_unknown_points_are_refused(cast: Any) -> None:
    case = make_case(cast)
    for item, state, words in (("simfoni", "not_applicable", ""), ("pijat", "done", ""), ("simfoni", "maybe", "")):
        with pytest.raises(BadInput):
            services.mark(*who(cast), case.pk, item, state, words, seen=0)
    row = services.mark(*who(cast), case.pk, "simfoni", "not_applicable", "Belum ada akses.", seen=0)
    keys = open_keys(case, cast.keyring(cast.case_worker))
    assert unseal(case, keys, row.field) == {"text": "Belum ada akses."}


def test_an_open_case_keeps_its_version_until_somebody_moves_it(cast: Any, folder: Path) -> None:
    case = make_case(cast)
    before = case.standard
    services.mark(*who(cast), case.pk, "case_type", MarkState.DONE, seen=0)
    na = services.mark(*who(cast), case.pk, "accommodation", "not_applicable", "Tidak perlu.", seen=0)
    services.mark(*who(cast), case.pk, "papers_attached", MarkState.DONE, seen=0)
    (folder / "baru.yaml").write_bytes(NEWER)
    case.refresh_from_db()
    assert case.standard == before
    assert make_case(cast).standard == "pppa-baru.1"
    carried = services.move_standard(*who(cast), case.pk, "pppa-baru.1", case.version)
    assert carried == {"case_kind": ("case_type", "done"), "accommodation": ("accommodation", "not_applicable")}
    case.refresh_from_db()
    marks = checklist.newest_marks(case)
    assert checklist.states_of(marks) == {"case_kind": "done", "accommodation": "not_applicable"}
    keys = open_keys(case, cast.keyring(cast.case_worker))
    assert unseal(case, keys, marks["accommodation"].field) == {"text": "Tidak perlu."}
    assert marks["accommodation"].at == na.at
    assert Mark.objects.filter(case=case, standard=before).count() == 3


def test_a_case_is_not_moved_back_nor_to_what_is_not_in_force(cast: Any, folder: Path) -> None:
    case = make_case(cast)
    tomorrow = clock.now().date() + timedelta(days=2)
    (folder / "nanti.yaml").write_bytes(as_file("nanti.1", ["simfoni"], in_force=tomorrow))
    (folder / "lama.yaml").write_bytes(as_file("lama.1", ["simfoni"], in_force=date(2020, 1, 1)))
    for to in ("nanti.1", "lama.1", case.standard, "tidak-ada"):
        with pytest.raises(BadInput):
            services.move_standard(*who(cast), case.pk, to, case.version)
    (folder / "baru.yaml").write_bytes(NEWER)
    with pytest.raises(Conflict):
        services.move_standard(*who(cast), case.pk, "pppa-baru.1", case.version - 1)


def test_a_case_whose_version_is_gone_still_opens_and_can_be_moved(cast: Any, folder: Path) -> None:
    case = make_case(cast)
    Case.objects.filter(pk=case.pk).update(standard="hilang.1")
    with pytest.raises(BadInput):
        services.mark(*who(cast), case.pk, "simfoni", "done", seen=0)
    newest = standards.newest(clock.now().date()).version
    assert services.move_standard(*who(cast), case.pk, newest, case.version) == {}


def test_the_stage_may_go_back(cast: Any) -> None:
    case = make_case(cast)
    for stage in ("monitoring", "assessment"):
        case = services.set_stage(cast.actor(cast.case_worker), case.pk, stage, case.version)
        assert case.stage == stage
    with pytest.raises(BadInput):
        services.set_stage(cast.actor(cast.case_worker), case.pk, "nanti", case.version)


# --- conferences


def test_a_conference_is_planned_makes_a_task_and_is_written_down_once(cast: Any) -> None:
    now = datetime(2026, 4, 6, 9, tzinfo=WIB)
    with clock.frozen(now):
        case = make_case(cast)
        row = services.plan_conference(
            *who(cast),
            case.pk,
            datetime(2026, 4, 8, 13, 0),  # noqa: DTZ001 - as the form gives it
            "Sekolah, puskesmas",
            "Pindah sekolah",
        )
        assert row.planned_at == datetime(2026, 4, 8, 13, tzinfo=WIB)
        assert CaseTask.objects.get(case=case, kind=TaskKind.CONFERENCE, done_at=None).due_at == row.planned_at
    held = services.HeldInput(came="Sekolah", agreed="Sekolah menyiapkan kelas baru.", child_view="Setuju.")
    with clock.frozen(now + timedelta(days=2, hours=6)):
        services.hold_conference(*who(cast), row.pk, clock.now(), held)
        with pytest.raises(Conflict):
            services.hold_conference(*who(cast, "supervisor"), row.pk, clock.now(), held)
    keys = open_keys(case, cast.keyring(cast.case_worker))
    words = unseal(case, keys, row.field)
    assert words["invited"] == "Sekolah, puskesmas"
    assert words["agreed"] == held.agreed
    assert not CaseTask.objects.filter(case=case, kind=TaskKind.CONFERENCE, done_at=None).exists()


def test_a_conference_is_not_planned_in_the_past_nor_held_in_the_future(cast: Any) -> None:
    case = make_case(cast)
    with pytest.raises(BadInput):
        services.plan_conference(*who(cast), case.pk, clock.now() - timedelta(days=2), "Sekolah", "")
    row = services.plan_conference(*who(cast), case.pk, clock.now() + timedelta(days=2), "Sekolah", "")
    with pytest.raises(BadInput):
        services.hold_conference(
            *who(cast), row.pk, clock.now() + timedelta(days=2), services.HeldInput(came="x", agreed="y")
        )
    with pytest.raises(NotFound):
        services.hold_conference(*who(cast, "analyst"), row.pk, clock.now(), services.HeldInput(came="x", agreed="y"))
    assert Conference.objects.get(pk=row.pk).held_at is None
