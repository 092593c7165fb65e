"""The list of cases: every order and filter, page by page, against the same question asked plainly."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from conftest import Cast
from lindung.accounts.actors import Actor
from lindung.casework import listing, selectors
from lindung.casework.listing import Mark, Wanted
from lindung.casework.models import Case, CaseExclusion, CaseFact, CaseTask, CaseWorker, Risk, Stage, State
from lindung.casework.services.access import settle_free
from lindung.core import clock
from lindung.core.ids import new_id
from lindung.vault.facts import fact_token
from lindung.vault.models import SealedRecord

pytestmark = pytest.mark.django_db

NUMBER = 40


@pytest.fixture
def cases(cast: Cast) -> list[Case]:
    """Cases of the intake team as rows: whoever lists opens nothing. Some are the case worker's, some nobody's."""
    dice = random.Random(4)
    now = clock.coarse_now()
    records = SealedRecord.objects.bulk_create([SealedRecord(kind="case") for _ in range(NUMBER)])
    rows = []
    for record in records:
        state = dice.choice([State.OPEN, State.OPEN, State.OPEN, State.CLOSING, State.CLOSED])
        moment = now - timedelta(minutes=dice.randrange(50))  # few enough that some are equal
        rows.append(
            Case(
                record=record, team=cast.intake, state=state, stage=dice.choice(Stage.values),
                risk=dice.choice(Risk.values), standard="2026.1", opened_at=moment, opened_by=cast.analyst,
                changed_at=now - timedelta(minutes=dice.randrange(50)),
                review_due_at=dice.choice([None, now + timedelta(minutes=dice.randrange(-30, 30))]),
            )
        )  # fmt: skip
    Case.objects.bulk_create(rows)
    people = [cast.case_worker, cast.second_analyst, None]
    held = [(case, person) for case in rows if (person := dice.choice(people)) is not None]
    CaseWorker.objects.bulk_create(
        CaseWorker(case=case, user=person, role="lead", since=now, assigned_by=cast.supervisor) for case, person in held
    )
    for case in rows:
        settle_free(case.pk)
    CaseFact.objects.bulk_create(
        CaseFact(case=case, field="sex", token=fact_token("sex", dice.choice(["female", "male"]))) for case in rows
    )
    CaseFact.objects.bulk_create(
        CaseFact(case=case, field="form", token=fact_token("form", "grooming")) for case in rows if dice.random() < 0.3
    )
    CaseTask.objects.bulk_create(
        CaseTask(case=case, due_at=now + timedelta(minutes=dice.randrange(-30, 30)), created_at=now)
        for case in dice.sample(rows, 12)
    )
    CaseExclusion.objects.create(case=rows[0], team=cast.other_intake)
    return rows


def plainly(actor: Actor, wanted: Wanted) -> list[UUID]:
    """The same list without any index in mind."""
    now, found = clock.now(), []
    lead = dict(CaseWorker.objects.filter(until=None).values_list("case", "user"))
    late = set(CaseTask.objects.filter(done_at=None, due_at__lt=now).values_list("case", flat=True))
    for case in selectors.visible_to(actor).prefetch_related("facts"):
        holds = {"": True, "mine": lead.get(case.pk) == actor.user_id}
        holds["free"] = case.pk not in lead and case.state != State.CLOSED
        facts = {(fact.field, bytes(fact.token)) for fact in case.facts.all()}
        if (
            case.state in wanted.states
            and case.risk in wanted.risks
            and wanted.stage in ("", case.stage)
            and holds[wanted.whose]
            and (not wanted.late or case.pk in late or (case.review_due_at is not None and case.review_due_at < now))
            and all((name, fact_token(name, value)) in facts for name, value in wanted.facts.items())
        ):
            found.append(case)

    def place(case: Case) -> Any:
        if wanted.sort == listing.REVIEW:
            return (case.review_due_at is None, case.review_due_at or now, case.pk)
        if wanted.sort == listing.OPENED:
            return (-case.opened_at.timestamp(), case.pk)
        rank = listing.RANKS[Risk(case.risk)] if wanted.sort == listing.RISK else 0
        return (rank, -case.changed_at.timestamp(), case.pk)

    return [case.pk for case in sorted(found, key=place)]


def walk(actor: Actor, wanted: Wanted, teams: frozenset[UUID]) -> list[UUID]:
    """Page forwards to the end, then backwards to the beginning: the same cases in the same order, each once."""
    pages = []
    page = listing.page(actor, wanted, limit=9, teams=teams)
    while True:
        pages.append(page.ids)
        if page.after is None:
            break
        page = listing.page(actor, wanted, after=Mark.read(str(page.after)), limit=9, teams=teams)
    back = [page.ids]
    while page.before is not None:
        page = listing.page(actor, wanted, before=Mark.read(str(page.before)), limit=9, teams=teams)
        back.append(page.ids)
    forwards = [pk for ids in pages for pk in ids]
    assert [pk for ids in reversed(back) for pk in ids] == forwards
    return forwards


WISHES = [
    *(Wanted(sort=sort, state=state) for sort in listing.SORTS for state in ("", "all")),
    Wanted(whose="mine", sort=listing.RISK), Wanted(whose="free"), Wanted(late=True), Wanted(state="closed"),
    Wanted(risk="high", sort=listing.CHANGED), Wanted(stage="plan", sort=listing.OPENED),
]  # fmt: skip
BY_FACTS = [
    Wanted(facts={"sex": "female"}, sort=listing.OPENED),
    Wanted(facts={"sex": "male", "form": "grooming"}, sort=listing.RISK, state="all"),
    Wanted(facts={"form": "grooming"}, whose="free"),
    Wanted(facts={"form": "grooming"}, whose="mine", sort=listing.CHANGED),
]


def agree(cast: Cast, wishes: list[Wanted]) -> None:
    teams = frozenset({cast.intake.pk})
    for user in (cast.case_worker, cast.supervisor):
        actor = cast.actor(user)
        for wanted in wishes:
            assert walk(actor, wanted, teams) == plainly(actor, wanted), (user.username, wanted)


def test_every_order_and_filter_says_what_a_plain_look_says(cast: Cast, cases: list[Case]) -> None:
    agree(cast, WISHES)


@pytest.mark.parametrize("rare", [0, 4_000], ids=["walked", "from a rare fact"])
def test_a_filter_by_facts_says_what_a_plain_look_says(
    cast: Cast, cases: list[Case], monkeypatch: pytest.MonkeyPatch, rare: int
) -> None:
    monkeypatch.setattr(listing, "RARE", rare)
    agree(cast, BY_FACTS)


def test_a_list_says_how_many_fit(cast: Cast, cases: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    actor, teams = cast.actor(cast.supervisor), frozenset({cast.intake.pk})
    page = listing.page(actor, Wanted(state="all"), limit=9, teams=teams)
    assert (page.total, page.many) == (NUMBER, False)
    monkeypatch.setattr(listing, "FITTING_TO", 20)
    page = listing.page(actor, Wanted(state="all"), limit=9, teams=teams)
    assert (page.total, page.many) == (20, True)


def test_nothing_fits_what_nobody_knows(cast: Cast, cases: list[Case]) -> None:
    actor, teams = cast.actor(cast.supervisor), frozenset({cast.intake.pk})
    for wanted in (Wanted(state="gone"), Wanted(risk="huge"), Wanted(facts={"name": "x"}), Wanted(stage="later")):
        assert listing.page(actor, wanted, teams=teams).ids == []
    assert listing.page(actor, Wanted(), teams=frozenset()).ids == []


def test_whoever_belongs_to_another_team_lists_nothing(cast: Cast, cases: list[Case]) -> None:
    teams = frozenset({cast.intake.pk, cast.other_intake.pk, cast.partner_team.pk})
    for user in (cast.other_analyst, cast.independent_analyst, cast.partner, cast.data_analyst, cast.auditor):
        assert listing.page(cast.actor(user), Wanted(state="all"), teams=teams).ids == []


def test_a_mark_that_nobody_wrote_is_none() -> None:
    mark = Mark(1, clock.now(), new_id())
    assert Mark.read(str(mark)) == mark
    assert Mark.read(str(Mark(0, None, mark.case_id))) == Mark(0, None, mark.case_id)
    for text in ("", "1.2", "1.2.3.4", "x.1.00", "1.99999999999999999999999.00", f"1..{'z' * 32}"):
        assert Mark.read(text) is None
