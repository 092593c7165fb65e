"""Who provides what, for whom, now; who has the tasks of a body that ended; what everybody may be shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.directory import knowledge, rules, selectors, services
from lindung.directory.models import Does, Organisation
from lindung.directory.rules import ForWhom
from lindung.directory.seeding import seed_bodies

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system()
MONDAY = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""10:00 in Jember, 11:00 in Kupang."""
SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def body(code: str, region: str = "35.09", kind: str = "legal_aid", **more: Any) -> Organisation:
    entry = services.OrganisationInput(code=code, name=f"Kantor {code}", kind=kind, region=region, **more)
    return services.save_organisation(SYSTEM, entry)


def offer(there: Organisation, **more: Any) -> Any:
    entry = {"service": "legal", "does": "provides", "coverage": (there.region,), "accepts_boys": True,
             "accepts_girls": True, "hours": "Sen-Jum 08.00-16.00", **more}  # fmt: skip
    return services.save_service(SYSTEM, there.pk, services.ServiceInput(**entry))


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with clock.frozen(MONDAY):
        yield


def codes(found: list[selectors.Provider]) -> list[str]:
    return [one.organisation.code for one in found]


def why(found: list[selectors.Provider]) -> dict[str, list[tuple[str, bool]]]:
    return {one.organisation.code: [(h.code, h.sure) for h in one.hindrances] for one in found}


def test_a_referral_sees_who_provides_with_the_reasons_why_somebody_may_not_do() -> None:
    offer(body("dekat"))
    offer(body("provinsi", region="35"))
    offer(body("tetangga", region="35.10"))
    offer(body("fasilitasi"), does="facilitates")
    offer(body("perempuan"), accepts_boys=False)
    offer(body("entah"), accepts_boys=None)
    offer(body("malam"), hours="Setiap hari 18.00-22.00")
    offer(body("jauh", region=""), coverage=(), whole_country=True)
    found = selectors.providers("legal", "35.09", child=ForWhom(age_from=14, age_to=14, sex="male"))
    assert codes(found) == ["dekat", "provinsi", "jauh", "entah", "malam", "perempuan"]
    assert why(found) == {
        "dekat": [], "provinsi": [], "jauh": [],
        "entah": [("boys", False)],
        "malam": [("closed", True)],
        "perempuan": [("boys", True)],
    }  # fmt: skip
    assert [one.near for one in found[:3]] == [5, 2, 1]
    assert found[4].reasons == ["tutup sekarang"]
    assert [one.fits for one in found] == [True, True, True, False, False, False]
    assert all(one.service.does == Does.PROVIDES for one in found)
    sunday = why(selectors.providers("legal", "35.09", moment=SUNDAY))
    assert sunday["dekat"] == [("closed", True)]


def test_a_search_leaves_out_what_is_known_not_to_do_and_keeps_what_nobody_asked() -> None:
    offer(body("ya"), sign_language=True)
    offer(body("tidak"), sign_language=False)
    offer(body("entah"))
    own = (Does.PROVIDES,)
    wanted = selectors.Search(region="35.09", service="legal", does=own, child=ForWhom(sign_language=True))
    assert codes(selectors.find(wanted)) == ["ya", "entah"]
    assert codes(selectors.find(selectors.Search(region="35.09", open_now=True), moment=SUNDAY)) == []


def test_a_body_that_ended_leads_to_who_has_its_tasks_however_often_they_moved() -> None:
    first, second = body("pertama"), body("kedua")
    body("ketiga")
    offer(first)
    services.end(SYSTEM, first.pk, date(2026, 1, 1), ["kedua"])
    services.end(SYSTEM, second.pk, date(2026, 6, 1), ["ketiga"])
    found = selectors.providers("legal", "35.09")
    assert codes(found) == ["pertama"]
    assert found[0].hindrances[0].code == "ended"
    assert [one.code for one in found[0].now] == ["ketiga"]
    assert not found[0].fits
    assert codes(selectors.find(selectors.Search(region="35.09", service="legal", does=(Does.PROVIDES,)))) == []
    first.refresh_from_db()
    assert [one.code for one in selectors.present(first, date(2026, 3, 1))] == ["kedua"]
    assert [one.code for one in selectors.present(first, date(2025, 12, 31))] == ["pertama"]


def test_successors_that_point_at_each_other_end_somewhere() -> None:
    one, two = body("satu"), body("dua")
    services.end(SYSTEM, one.pk, date(2026, 1, 1), ["dua"])
    services.end(SYSTEM, two.pk, date(2026, 2, 1), ["satu"])
    one.refresh_from_db()
    assert selectors.present(one) == ()


def test_an_entry_under_an_old_region_code_is_found_by_the_new_one() -> None:
    there = body("sorong", region="96.71")
    offered = offer(there)
    offered.coverage.update(region="92.71")
    assert codes(selectors.providers("legal", "96.71")) == ["sorong"]
    assert codes(selectors.providers("legal", "92.71")) == ["sorong"]
    assert codes(selectors.providers("legal", "92.02")) == []


def test_many_providers_are_found_in_few_queries() -> None:
    for number in range(12):
        offer(body(f"kantor{number}"))
    with CaptureQueriesContext(connection) as queries:
        assert len(selectors.providers("legal", "35.09")) == 12
    assert len(queries) == 3


@pytest.mark.parametrize("kind", ["shelter", "network_person"])
def test_the_database_itself_refuses_to_make_them_public(kind: str) -> None:
    there = body("rahasia", kind=kind)
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=there.pk).update(public=True)


def test_the_database_itself_keeps_no_address_of_a_shelter() -> None:
    there = body("rahasia", kind="shelter")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(pk=there.pk).update(address="Jalan Rahasia 1")


def test_who_reads_all_of_it_agrees_with_the_rule(cast: Any) -> None:
    everything = set(Organisation.objects.values_list("pk", flat=True))
    assert everything
    for user in cast.everybody().values():
        actor = cast.actor(user)
        seen = set(selectors.visible_to(actor).values_list("pk", flat=True))
        assert seen == (everything if rules.may_read(actor) else set()), user.username
    assert not rules.may_read(cast.actor(cast.auditor))


# --- what every installation knows ----------------------------------------------------------------------------------


def test_public_bodies_are_there_from_the_start_and_what_staff_changed_stays() -> None:
    kominfo = selectors.by_code("kominfo")
    assert kominfo is not None
    assert [one.code for one in selectors.present(kominfo)] == ["komdigi"]
    assert [one.code for one in selectors.present(kominfo, date(2024, 10, 20))] == ["kominfo"]
    hukum = selectors.by_code("kemenkumham")
    assert hukum is not None
    assert {one.code for one in selectors.present(hukum)} == {"kemenkum", "kemenham", "kemenimipas"}
    assert all(selectors.by_code(code) for code in ("kemenpppa", "unhcr", "lpsk", "sapa129", "polri"))
    count = Organisation.objects.count()
    Organisation.objects.filter(code="lpsk").update(phone="148")
    seed_bodies(None)
    assert Organisation.objects.count() == count
    assert Organisation.objects.get(code="lpsk").phone == "148"


def test_no_body_of_the_knowledge_file_holds_a_person_or_an_unsourced_contact() -> None:
    for one in knowledge.bodies():
        assert one.source
        assert not any(character.isdigit() for character in one.source) or len(one.source) <= 200
        assert not one.phone or "review" in one.source or "standard" in one.source.lower()
    assert {one.code for one in knowledge.bodies() if one.phone} == {"sapa129", "polri"}


def test_the_services_are_those_of_the_regulation_and_say_what_a_unit_itself_does() -> None:
    found = knowledge.services()
    assert list(found)[:3] == ["outreach", "rights_information", "health"]
    assert len(found) == 12
    assert {code for code, kind in found.items() if kind.uptd == "provides"} == {
        "outreach", "rights_information", "legal",
    }  # fmt: skip
    assert found["health"].uptd == "facilitates"
    assert found["shelter"].uptd == "identifies"
    assert all(kind.label_id and kind.label_en and kind.basis for kind in found.values())


@pytest.mark.parametrize(
    ("name", "region"),
    [("UPD PPA Kabupaten Jember", "35.09"), ("UPTD PPPA Jember", "35.09"), ("upt. p3a kab. jember", "35.09")],
)
def test_ways_of_writing_a_unit_are_one_key(name: str, region: str) -> None:
    from lindung.directory.names import name_key

    assert name_key(name, region) == name_key("UPTD PPA Kabupaten Jember", region) == "uptd ppa"


@pytest.mark.parametrize("name", ["DP2KBP3A", "DP3AP2KB", "DP2AP3KB", "Dinas PPAPP", "DP3A"])
def test_the_offices_above_them_are_kin_and_never_the_unit_itself(name: str) -> None:
    from lindung.directory.names import name_key

    assert name_key(f"{name} Provinsi Banten", "36") == "dinas ppa"
    assert name_key(f"UPTD PPA {name} Provinsi Banten", "36") != "dinas ppa"


def test_a_name_that_is_only_a_place_keeps_its_words() -> None:
    from lindung.directory.names import name_key

    assert name_key("Kota Bogor", "32.71") == "kota bogor"
    assert name_key("Kementerian Pemberdayaan Perempuan dan Perlindungan Anak") == name_key("KPPPA") == "kemenppa"
