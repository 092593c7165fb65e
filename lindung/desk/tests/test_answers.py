"""Canned answers: two people, versions that stay, and nobody else's."""

from __future__ import annotations

from itertools import product

import pytest

from lindung.audit.models import Event
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.desk import knowledge, rules, selectors, services
from lindung.desk.models import CannedAnswer, CannedVersion
from lindung.desk.services import AnswerInput

pytestmark = pytest.mark.django_db


def entry(**more: str) -> AnswerInput:
    values = {
        "topic": "first", "title_id": "Terima kasih", "title_en": "Thank you",
        "text_id": "Terima kasih sudah cerita.", "text_en": "Thank you for telling us.", **more,
    }  # fmt: skip
    return AnswerInput(**values)


@pytest.fixture
def people(cast):
    return {name: cast.actor(user) for name, user in cast.everybody().items()}


@pytest.fixture
def answer(people):
    return services.propose_answer(people["analyst"], entry())


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="desk.").order_by("seq").values_list("kind", flat=True))


def test_an_answer_is_offered_only_when_a_second_person_said_yes(people, answer):
    assert selectors.offered(people["analyst"]) == []
    with pytest.raises(NotAllowed):
        services.decide_answer(people["analyst"], answer.pk, 1, approve=True)
    with pytest.raises(NotAllowed):
        services.decide_answer(people["case_worker"], answer.pk, 1, approve=True)
    services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    (offered,) = selectors.offered(people["case_worker"])
    assert (offered.number, offered.text("id"), offered.text("en")) == (
        1, "Terima kasih sudah cerita.", "Thank you for telling us.",
    )  # fmt: skip
    assert offered.decided_by_id == people["supervisor"].user_id
    assert kinds() == ["desk.answer_proposed", "desk.answer_approved"]


def test_an_edit_is_a_new_version_and_the_old_one_stays_offered_and_readable(people, answer):
    services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    services.change_answer(people["supervisor"], answer.pk, entry(text_id="Terima kasih sudah berani cerita."), 1)
    assert [row.number for row in selectors.offered(people["analyst"])] == [1]
    services.decide_answer(people["second_analyst"], answer.pk, 2, approve=True)
    assert [row.text_id for row in selectors.offered(people["analyst"])] == ["Terima kasih sudah berani cerita."]
    texts = list(answer.versions.order_by("number").values_list("number", "text_id", "author", "state"))
    assert texts == [
        (1, "Terima kasih sudah cerita.", people["analyst"].user_id, "approved"),
        (2, "Terima kasih sudah berani cerita.", people["supervisor"].user_id, "approved"),
    ]


def test_a_newer_proposal_takes_the_place_of_an_undecided_one(people, answer):
    services.change_answer(people["second_analyst"], answer.pk, entry(title_id="Baru"), 1)
    assert list(answer.versions.order_by("number").values_list("state", flat=True)) == ["superseded", "proposed"]
    with pytest.raises(Conflict):
        services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    services.decide_answer(people["supervisor"], answer.pk, 2, approve=False)
    assert selectors.offered(people["analyst"]) == []
    with pytest.raises(Conflict):
        services.decide_answer(people["supervisor"], answer.pk, 2, approve=True)
    with pytest.raises(NotFound):
        services.decide_answer(people["supervisor"], answer.pk, 9, approve=True)


def test_two_people_never_write_over_each_other(people, answer):
    services.change_answer(people["second_analyst"], answer.pk, entry(title_id="Dua"), 1)
    with pytest.raises(Conflict):
        services.change_answer(people["supervisor"], answer.pk, entry(title_id="Tiga"), 1)
    assert answer.versions.first().title_id == "Dua"


def test_what_is_retired_is_not_offered_and_comes_back(people, answer):
    services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    services.retire_answer(people["second_analyst"], answer.pk)
    assert selectors.offered(people["analyst"]) == []
    with pytest.raises(Conflict):
        services.retire_answer(people["second_analyst"], answer.pk)
    services.retire_answer(people["second_analyst"], answer.pk, retired=False)
    assert len(selectors.offered(people["analyst"])) == 1
    assert kinds()[-2:] == ["desk.answer_retired", "desk.answer_restored"]


def test_a_team_has_answers_of_its_own(cast, people):
    made = services.propose_answer(people["analyst"], entry(), cast.intake.pk)
    services.decide_answer(people["supervisor"], made.pk, 1, approve=True)
    assert len(selectors.offered(people["case_worker"], cast.intake.pk)) == 1
    assert selectors.offered(people["case_worker"], cast.other_intake.pk) == []
    with pytest.raises(NotAllowed):
        services.propose_answer(people["analyst"], entry(), cast.other_intake.pk)


def test_nobody_else_sees_or_touches_an_answer(people, answer):
    services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    for name in ("other_analyst", "independent_analyst", "partner", "administrator", "auditor", "data_analyst"):
        assert selectors.offered(people[name]) == [], name
        for refused in (
            lambda who: services.change_answer(who, answer.pk, entry(), 1),
            lambda who: services.decide_answer(who, answer.pk, 1, approve=True),
            lambda who: services.retire_answer(who, answer.pk),
        ):
            with pytest.raises(NotFound):
                refused(people[name])
    for name in ("partner", "administrator", "auditor", "data_analyst", "case_worker"):
        with pytest.raises(NotAllowed):
            services.propose_answer(people[name], entry())
        with pytest.raises(NotAllowed):
            services.take_over_starters(people[name], knowledge.starters())
    with pytest.raises(NotAllowed):
        services.retire_answer(people["case_worker"], answer.pk)


def test_rule_and_selector_agree_for_everybody(cast, people):
    organisations = [cast.organisation, cast.other_organisation, cast.independent_organisation]
    for organisation, team in product(organisations, [None, cast.intake, cast.other_intake, cast.partner_team]):
        if team is None or team.organisation_id == organisation.pk:
            CannedAnswer.objects.create(organisation=organisation, team=team)
    for name, actor in people.items():
        seen = set(selectors.visible_to(actor).values_list("pk", flat=True))
        ruled = {a.pk for a in CannedAnswer.objects.all() if rules.may_use(actor, a.organisation_id, a.team_id)}
        assert seen == ruled, name


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("text_id", "Hubungi 0812 3456 7890."),
        ("text_en", "Write to @contoh_17"),
        ("title_id", "contoh.xyz"),
        ("text_id", "   "),
        ("title_en", ""),
        ("text_en", "x" * 4001),
        ("title_id", "x" * 81),
        ("topic", "entah"),
        ("text_id", "data:image/png;base64,AAAA"),
    ],
)
def test_facts_of_a_case_and_empty_texts_are_refused_and_never_repeated(people, answer, field, text):
    for write in (
        lambda: services.propose_answer(people["analyst"], entry(**{field: text})),
        lambda: services.change_answer(people["second_analyst"], answer.pk, entry(**{field: text}), 1),
    ):
        with pytest.raises(BadInput) as refused:
            write()
        assert refused.value.field == field
        assert not text.strip() or text not in str(refused.value.message)
    assert CannedVersion.objects.count() == 1


def test_starters_are_taken_over_once_as_proposals(people):
    codes = [*knowledge.starters(), "entah", "received"]
    assert services.take_over_starters(people["analyst"], codes) == len(knowledge.starters())
    assert services.take_over_starters(people["second_analyst"], codes) == 0
    assert set(CannedVersion.objects.values_list("state", flat=True)) == {"proposed"}
    assert selectors.offered(people["analyst"]) == []
    assert services.take_over_starters(people["other_analyst"], ["received"]) == 1
    event = Event.objects.filter(kind="desk.answer_proposed").first()
    assert event is not None
    assert '"starter"' in event.data


def test_the_code_of_an_answer_is_read_back_and_nothing_else_is(people, answer):
    services.decide_answer(people["supervisor"], answer.pk, 1, approve=True)
    code = selectors.code_of(answer.versions.get())
    assert selectors.parse(code) == (answer.pk, 1)
    assert selectors.was_offered(people["analyst"], code)
    assert not selectors.was_offered(people["other_analyst"], code)
    services.change_answer(people["analyst"], answer.pk, entry(title_id="Dua"), 1)
    services.decide_answer(people["supervisor"], answer.pk, 2, approve=True)
    assert selectors.was_offered(people["analyst"], code), "somebody may still have it in the box"
    assert selectors.offered_version(people["analyst"], code) is None
    for odd in ("", ".", "x.1", f"{answer.pk}.1", f"{answer.pk.hex}.", f"{answer.pk.hex}.-1", f"{answer.pk.hex}.1.1",
                f"{answer.pk.hex}.{'9' * 30}", f"{answer.pk.hex}.²"):  # fmt: skip
        assert selectors.parse(odd) is None or not selectors.was_offered(people["analyst"], odd), odd
