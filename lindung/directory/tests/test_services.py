"""Keeping the directory: who may, what is refused in words, whoever comes second is told, every change is audited."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.directory import selectors, services
from lindung.directory.models import Organisation, Service
from lindung.directory.services import OrganisationInput, ServiceInput

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
"""Already 23 November in Jakarta."""

ENTRY = OrganisationInput(code="lbh.contoh", name="LBH Contoh", kind="legal_aid", region="35.09", phone="0331-000000")
LEGAL = ServiceInput(service="legal", does="provides", coverage=("35.09",), hours="Sen-Jum 08.00-16.00")


@pytest.fixture
def keeper(cast: Any) -> Any:
    with clock.frozen(NOW):
        yield cast.actor(cast.supervisor)


def entry(**more: Any) -> OrganisationInput:
    return OrganisationInput(**{**ENTRY.__dict__, **more})


def last() -> Event:
    event = Event.objects.order_by("seq").last()
    assert event is not None
    return event


def test_a_body_is_added_changed_verified_and_ended_each_with_one_event(keeper: Any) -> None:
    before = Event.objects.count()
    made = services.save_organisation(keeper, ENTRY)
    assert (made.tz, made.name_key, made.version, made.verified_on) == ("Asia/Jakarta", "lbh contoh", 1, None)
    services.save_organisation(keeper, entry(name="LBH Contoh Baru"), made.pk, 1)
    verified = services.verify(keeper, made.pk, 2)
    assert (verified.verified_on, verified.verified_by_id) == (date(2026, 11, 23), keeper.user_id)
    services.save_service(keeper, made.pk, LEGAL, version=3)
    ended = services.end(keeper, made.pk, date(2026, 12, 1), ["lpsk"], 4)
    assert ended.until == date(2026, 12, 1)
    assert Event.objects.count() == before + 5
    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))[before:]
    assert kinds == ["directory.added", "directory.changed", "directory.verified", "directory.service_saved",
                     "directory.ended"]  # fmt: skip
    for event in Event.objects.order_by("seq")[before:]:
        assert event.subject == made.pk.hex
        assert "LBH" not in event.data


def test_a_changed_way_of_reaching_a_body_has_to_be_verified_again_unless_that_was_just_done(keeper: Any) -> None:
    made = services.save_organisation(keeper, ENTRY, verified=True)
    assert made.verified_on
    same = services.save_organisation(keeper, entry(source="Situs resmi"), made.pk, 1)
    assert same.verified_on
    changed = services.save_organisation(keeper, entry(phone="0331-111111"), made.pk, 2)
    assert (changed.verified_on, changed.verified_by_id) == (None, None)
    asked = services.save_organisation(keeper, entry(phone="0331-222222"), made.pk, 3, verified=True)
    assert asked.verified_on == date(2026, 11, 23)


@pytest.mark.parametrize("who", ["analyst", "case_worker", "data_analyst", "auditor", "partner"])
def test_only_supervisors_and_administrators_change_it(cast: Any, keeper: Any, who: str) -> None:
    made = services.save_organisation(keeper, ENTRY)
    offered = services.save_service(keeper, made.pk, LEGAL)
    before, actor = Event.objects.count(), cast.actor(getattr(cast, who))
    for write in (
        lambda: services.save_organisation(actor, entry(code="lain", name="Lain")),
        lambda: services.verify(actor, made.pk),
        lambda: services.end(actor, made.pk, date(2026, 12, 1)),
        lambda: services.save_service(actor, made.pk, LEGAL),
        lambda: services.retire_service(actor, made.pk, offered.pk),
        lambda: services.link_team(actor, made.pk, None),
    ):
        with pytest.raises(NotAllowed):
            write()
    assert Event.objects.count() == before


def test_whoever_comes_second_is_told_and_nothing_is_lost(cast: Any, keeper: Any) -> None:
    made = services.save_organisation(keeper, ENTRY)
    other = cast.actor(cast.administrator)
    services.save_organisation(other, entry(phone="0331-999999"), made.pk, 1)
    for write in (
        lambda: services.save_organisation(keeper, entry(phone="0331-1"), made.pk, 1),
        lambda: services.save_service(keeper, made.pk, LEGAL, version=1),
        lambda: services.verify(keeper, made.pk, 1),
        lambda: services.end(keeper, made.pk, date(2026, 12, 1), version=1),
    ):
        with pytest.raises(Conflict):
            write()
    made.refresh_from_db()
    assert (made.phone, made.until, made.version) == ("0331-999999", None, 2)
    assert not made.services.exists()


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("name", {"name": "UPT PPPA Kab. Jember"}),  # the unit is there as UPTD PPA Kabupaten Jember
        ("variants", {"variants": ("UPTD P3A Jember",)}),
        ("region", {"region": "92.71"}),
        ("phone", {"phone": "tanya satpam"}),
        ("email", {"email": "tanpa-at"}),
        ("website", {"website": "javascript:alert(1)"}),
        ("name", {"name": "=1+1"}),
        ("kind", {"kind": "panti"}),
        ("address", {"kind": "shelter", "address": "Jalan Rahasia 1"}),
        ("public", {"kind": "shelter", "public": True}),
        ("affiliation", {"affiliation": "tidak-ada"}),
        ("source", {"source": "NIK 3174012345678901"}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(keeper: Any, field: str, more: dict[str, Any]) -> None:
    services.save_organisation(
        keeper, entry(code="uptd", name="UPTD PPA Kabupaten Jember", kind="uptd_district", phone="")
    )
    with pytest.raises(BadInput) as refused:
        services.save_organisation(keeper, entry(**more))
    assert refused.value.field == field
    assert str(refused.value.message)
    assert not Organisation.objects.filter(code="lbh.contoh").exists()


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("service", {"service": "pijat"}), ("does", {"does": "membantu"}), ("coverage", {"coverage": ()}),
        ("coverage", {"whole_country": True}), ("coverage", {"coverage": ("91.01",)}),
        ("age_from", {"age_from": 18, "age_to": 17}), ("hours", {"hours": "pagi"}),
        ("languages", {"languages": "Jawa!"}),
        ("capacity", {"capacity": -1}), ("notes", {"notes": "@SUM(A1)"}),
    ],
)  # fmt: skip
def test_a_service_that_cannot_be_is_refused_beside_its_field(keeper: Any, field: str, more: dict[str, Any]) -> None:
    made = services.save_organisation(keeper, ENTRY)
    with pytest.raises(BadInput) as refused:
        services.save_service(keeper, made.pk, ServiceInput(**{**LEGAL.__dict__, **more}))
    assert refused.value.field == field
    assert not Service.objects.filter(organisation=made).exists()
    made.refresh_from_db()
    assert made.version == 1


def test_a_code_or_a_service_that_is_there_already_is_a_conflict(keeper: Any) -> None:
    made = services.save_organisation(keeper, ENTRY)
    with pytest.raises(Conflict):
        services.save_organisation(keeper, entry(name="Nama Lain Sekali"))
    services.save_service(keeper, made.pk, LEGAL)
    with pytest.raises(Conflict):
        services.save_service(keeper, made.pk, LEGAL)


def test_a_service_that_is_no_longer_offered_stays_and_is_not_found(keeper: Any) -> None:
    made = services.save_organisation(keeper, ENTRY)
    offered = services.save_service(keeper, made.pk, LEGAL)
    assert selectors.providers("legal", "35.09")
    services.retire_service(keeper, made.pk, offered.pk)
    assert not selectors.providers("legal", "35.09")
    assert Service.objects.filter(pk=offered.pk, active=False).exists()
    with pytest.raises(NotFound):
        services.retire_service(keeper, made.pk, offered.pk)


def test_which_team_works_for_a_body_is_said_by_administrators_alone(cast: Any, keeper: Any) -> None:
    made = services.save_organisation(keeper, ENTRY)
    with pytest.raises(NotAllowed):
        services.link_team(keeper, made.pk, cast.partner_team.pk)
    admin = cast.actor(cast.administrator)
    services.link_team(admin, made.pk, cast.partner_team.pk, 1)
    assert cast.partner_team.directory_entry.pk == made.pk
    assert last().kind == "directory.team_linked"
    other = services.save_organisation(keeper, entry(code="lain", name="Bantuan Lain"))
    with pytest.raises(BadInput):
        services.link_team(admin, other.pk, cast.partner_team.pk)
    services.link_team(admin, made.pk, None)
    services.link_team(admin, other.pk, cast.partner_team.pk)


@pytest.mark.parametrize(
    ("on", "successors", "field"),
    [
        (date(2019, 1, 1), [], "on"),
        (date(2026, 1, 1), ["tiada"], "successors"),
        (date(2026, 1, 1), ["lbh.contoh"], "successors"),
    ],
)
def test_an_end_before_the_beginning_or_into_nothing_is_refused(
    keeper: Any, on: date, successors: list[str], field: str
) -> None:
    made = services.save_organisation(keeper, entry(since=date(2020, 1, 1)))
    with pytest.raises(BadInput) as refused:
        services.end(keeper, made.pk, on, successors)
    assert refused.value.field == field
