"""What is counted and what is not; the same before and after erasing; the time to acceptance worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from conftest import Cast
from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.casework.models import Case, CaseExclusion, CaseFact
from lindung.casework.models_legal import Simfoni
from lindung.casework.models_plan import Delivery, Goal, Plan
from lindung.casework.models_rights import Decision
from lindung.core import clock
from lindung.core.errors import NotFound
from lindung.directory.models import Organisation
from lindung.referrals.models import Referral
from lindung.reporting import services as reporting
from lindung.reporting.models import Report, ReportFact
from lindung.series import services as series
from lindung.statistics import knowledge, selectors
from lindung.statistics.counts import Counts, Scope
from lindung.statistics.models import Counted, Erased, FirstAnswer
from lindung.statistics.release import LIVING, count, months_over, protect, release
from lindung.vault import services as vault
from lindung.vault.facts import fact_token

from .conftest import JANUARY, NOW

pytestmark = pytest.mark.django_db

FACTS = {"happened": ["threat_to_spread"], "age_band": "13-15", "sex": "male", "province": "31"}


def number(counts: Counts, dimension: str, value: str, month: int = 0) -> int:
    return counts.dimensions[dimension].get(value, [0] * 12)[month]


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", list(knowledge.definitions()))
def test_every_definition_computes(code: str, team: Scope, send) -> None:
    from lindung.statistics import files, monthly

    one = knowledge.definitions()[code]
    for _ in range(6):
        send(**FACTS)
    if one.source == "takedowns":
        assert monthly.takedowns_of(team, 2026, 1) == monthly.Takedowns(0, 0, True)
        return
    period = release(one.source, team, 2026).months[0]
    assert period.total == (6 if one.source == "reports" else 0)
    assert set(one.dimensions) <= set(period.columns)
    if one.measure == "share":
        assert files.share(period, one) == 0
    if one.measure == "median":
        assert period.hours is None


def test_every_source_has_a_definition_and_every_table_of_a_definition_exists() -> None:
    from django.apps import apps

    there = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert {one.source for one in knowledge.definitions().values()} == {*LIVING, "takedowns"}
    for one in knowledge.definitions().values():
        assert set(one.tables) <= there, one.code


# --- reports ----------------------------------------------------------------------------------------------------------


def test_reports_are_counted_by_their_facts(team: Scope, send) -> None:
    send(**FACTS)
    send(**{**FACTS, "sex": "female", "happened": ["threat_to_spread", "touched"]})
    send(at=JANUARY + timedelta(days=20))
    found = count("reports", team, 2026)
    assert found.totals[:3] == [2, 1, 0]
    assert number(found, "form", "sextortion") == 2
    assert number(found, "form", "contact") == 1
    assert number(found, "sex", "male") == number(found, "sex", "female") == 1
    assert number(found, "sex", "unknown", 1) == number(found, "province", "unknown", 1) == 1
    assert number(found, "province", "31") == 2
    assert (
        number(found, "channel", "portal") == number(found, "outcome", "open") == number(found, "promise", "none") == 2
    )
    for dimension in set(found.dimensions) - {"form"}:
        assert [sum(row[m] for row in found.dimensions[dimension].values()) for m in range(12)] == found.totals


def test_a_month_begins_when_it_begins_where_the_team_is(cast: Cast, team: Scope, send) -> None:
    """31 January 17:30 UTC is 1 February in Jakarta; the other team's month has begun two hours before."""
    send(at=datetime(2026, 1, 31, 16, 30, tzinfo=UTC))
    send(at=datetime(2026, 1, 31, 17, 30, tzinfo=UTC))
    assert count("reports", team, 2026).totals[:2] == [1, 1]


def test_help_for_an_adult_is_not_counted(team: Scope, send) -> None:
    send(path="worried_self")
    assert sum(count("reports", team, 2026).totals) == 0


def test_a_report_that_names_our_people_is_counted_by_the_independent_recipient_alone(
    cast: Cast, team: Scope, body: Scope, send
) -> None:
    send(concern=["works_here"])
    assert sum(count("reports", team, 2026).totals) == sum(count("reports", body, 2026).totals) == 0
    own = Scope("team", cast.independent.pk, "x", ((cast.independent.pk, "Asia/Jakarta"),), "Asia/Jakarta", named=True)
    assert count("reports", own, 2026).totals[0] == 1


def test_merged_reports_are_counted_once_and_still_once_when_they_are_erased(cast: Cast, team: Scope, send) -> None:
    analyst = cast.actor(cast.analyst)
    lead, merged, third = send(**FACTS), send(**FACTS), send(**FACTS)
    for one in (merged, third):
        series.merge(analyst, one.pk, lead.pk)
    assert count("reports", team, 2026).totals[0] == 1
    vault.shred(record_id=lead.record_id)  # the two others stand alone now
    assert Report.objects.filter(merged_into=None).count() == Counted.objects.count() == 2
    assert count("reports", team, 2026).totals[0] == 1
    for one in (merged, third):
        vault.shred(record_id=one.record_id)
    assert count("reports", team, 2026).totals[0] == 1


def test_the_numbers_stay_when_the_reports_are_erased(cast: Cast, team: Scope, send) -> None:
    reports = [send(**FACTS), send(**{**FACTS, "sex": "female"}), send(), send(**FACTS)]
    with clock.frozen(JANUARY + timedelta(minutes=5)):
        answer(cast, reports[0])
    Report.objects.filter(pk=reports[3].pk).update(state="closed", outcome="advice", closed_at=NOW)
    before = count("reports", team, 2026)
    for report in reports:
        vault.shred(record_id=report.record_id)
    assert not Report.objects.exists()
    after = count("reports", team, 2026)
    # One that is still open has no outcome when it goes: "open" in both.
    assert (after.totals, after.dimensions) == (before.totals, before.dimensions)
    assert sum(Erased.objects.values_list("count", flat=True)) == 4


def test_equal_reports_are_one_row_without_an_id(send) -> None:
    for report in [send(**FACTS) for _ in range(3)]:
        vault.shred(record_id=report.record_id)
    assert list(Erased.objects.values_list("count", flat=True)) == [3]


def answer(cast: Cast, report: Report) -> None:
    actor, keyring = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    version = Report.objects.get(pk=report.pk).version
    reporting.post_staff_message(actor, keyring, report.pk, "Terima kasih sudah cerita.", version)


def test_the_first_answer_is_measured_by_what_was_promised_then(cast: Cast, team: Scope, send) -> None:
    quick, slow = send(), send()
    with clock.frozen(JANUARY + timedelta(minutes=30)):
        answer(cast, quick)
    with clock.frozen(Report.objects.get(pk=slow.pk).promised_at + timedelta(minutes=1)):
        answer(cast, slow)
    with clock.frozen(NOW):
        answer(cast, quick)  # a second answer changes nothing
    found = count("reports", team, 2026)
    assert (number(found, "promise", "in_time"), number(found, "promise", "late")) == (1, 1)
    assert FirstAnswer.objects.get(report=quick.pk).in_time


# --- cases ------------------------------------------------------------------------------------------------------------


def make_case(cast: Cast, *, at: datetime = JANUARY, team=None, **columns) -> Case:
    keys = vault.new_record(kind="case", team_id=(team or cast.intake).pk)
    case = Case.objects.create(
        record_id=keys.record_id, team=team or cast.intake, standard="x", opened_at=at, opened_by=cast.analyst,
        changed_at=at, **columns,
    )  # fmt: skip
    facts = [("form", "sextortion"), ("age_band", "13-15"), ("sex", "male"), ("present_province", "31"),
             ("home_province", "53"), ("channel", "portal")]  # fmt: skip
    CaseFact.objects.bulk_create([CaseFact(case=case, field=f, token=fact_token(f, v)) for f, v in facts])
    return case


def deliver(cast: Cast, case: Case, service: str, *days: date, came: bool = True) -> None:
    plan = Plan.objects.create(case=case, number=case.plans.count() + 1, made_at=JANUARY, made_by=cast.analyst)
    goal = Goal.objects.create(plan=plan, service=service, due_on=days[0])
    for day in days:
        Delivery.objects.create(goal=goal, on=day, child_came=came, recorded_at=NOW, recorded_by=cast.analyst)


def test_cases_are_counted_by_opening_and_closing(cast: Cast, team: Scope) -> None:
    make_case(cast, risk="high")
    make_case(cast, state="closed", closed_at=JANUARY + timedelta(days=30), outcome="goals_reached")
    make_case(cast, team=cast.other_intake)
    opened, closed = count("cases", team, 2026), count("closed", team, 2026)
    assert (opened.totals[:2], closed.totals[:2]) == ([2, 0], [0, 1])
    assert number(opened, "province", "31") == 2
    assert number(opened, "province", "53") == 0
    assert number(opened, "risk", "high") == number(closed, "closing", "goals_reached", 1) == 1


def test_a_case_that_another_body_typed_into_simfoni_is_counted_there(cast: Cast, team: Scope) -> None:
    ours, theirs = make_case(cast), make_case(cast)
    for case, elsewhere in ((ours, False), (theirs, True)):
        Simfoni.objects.create(
            case=case, typed_on=date(2026, 1, 21), typed_by=cast.analyst, typed_elsewhere=elsewhere, recorded_at=NOW
        )
    found = count("cases", team, 2026)
    assert found.totals[0] == number(found, "form", "sextortion") == number(found, "sex", "male") == 1


def test_a_case_that_is_hidden_from_a_team_is_not_counted(cast: Cast, team: Scope) -> None:
    case = make_case(cast)
    deliver(cast, case, "health", date(2026, 1, 22))
    CaseExclusion.objects.create(case=case, team=cast.partner_team)
    for source in ("cases", "services", "referrals"):
        assert sum(count(source, team, 2026).totals) == 0


def test_a_child_counts_once_a_service_and_month_however_often_it_came(cast: Cast, team: Scope) -> None:
    first, second = make_case(cast), make_case(cast)
    deliver(cast, first, "health", date(2026, 1, 21), date(2026, 1, 28), date(2026, 2, 4))
    deliver(cast, first, "legal", date(2026, 1, 21))
    deliver(cast, second, "health", date(2026, 1, 30))
    deliver(cast, second, "legal", date(2026, 1, 30), came=False)
    found = count("services", team, 2026)
    assert found.totals[:3] == [2, 1, 0]
    assert (number(found, "service", "health"), number(found, "service", "legal")) == (2, 1)


# --- referrals --------------------------------------------------------------------------------------------------------


def refer(cast: Cast, case: Case, hours: float | None, *, voice: float | None = None, **columns) -> Referral:
    """A referral that was sent on 20 January and accepted so many hours later."""
    place = Organisation.objects.first() or Organisation.objects.create(name="Rumah Sakit Contoh", kind="hospital")
    row = Referral(
        case=case, organisation=place, way="letter", service="health", made_at=JANUARY, made_by=cast.analyst,
        changed_at=JANUARY, state=columns.pop("state", "accepted" if hours is not None else "sent"), **columns,
    )  # fmt: skip
    row.sent_at = JANUARY
    row.accepted_at = JANUARY + timedelta(hours=hours) if hours is not None else None
    row.voice_at = JANUARY + timedelta(hours=voice) if voice is not None else None
    row.decision = signed(cast, case)
    row.save()
    return row


def signed(cast: Cast, case: Case) -> Decision:
    found = Decision.objects.filter(case=case).first()
    return found or Decision.objects.create(
        case=case, question="x", written_by=cast.analyst, written_at=JANUARY, review_on=date(2026, 6, 1)
    )


def test_the_time_to_acceptance_agrees_with_the_table_worked_out_by_hand(cast: Cast, team: Scope) -> None:
    """Six accepted after 0.5, 2, 3.2, 4.0, 30 and 100.1 hours: the median is (3.2 + 4.0) / 2 = 3.6 hours.

    The child at high risk was accepted by a click after 1 hour and by voice after 100.1: only the voice counts. Another
    one at high risk was accepted by a click alone and still waits. One was declined, one lapsed.
    """
    case = make_case(cast)
    for hours in (0.5, 2, 3.2, 4.0, 30):
        refer(cast, case, hours)
    refer(cast, case, 1, voice=100.1, risk="high")
    refer(cast, case, 1, risk="high")
    refer(cast, case, None, state="declined")
    refer(cast, case, None, state="lapsed")
    Referral.objects.create(
        case=case, organisation=Organisation.objects.first(), way="letter", service="health", made_at=JANUARY,
        made_by=cast.analyst, changed_at=JANUARY,
    )  # fmt: skip
    found = count("referrals", team, 2026)
    assert found.totals[0] == 9
    assert {v: row[0] for v, row in found.dimensions["answer"].items()} == {
        "accepted": 6, "declined": 1, "ended": 1, "waiting": 1,
    }  # fmt: skip
    assert sorted(found.lengths[0]) == [5, 20, 32, 40, 300, 1001]
    assert release("referrals", team, 2026).months[0].hours is None  # the six are hidden with the small ones
    vault.shred(record_id=case.record_id)
    assert not Referral.objects.exists()
    again = count("referrals", team, 2026)
    assert (again.totals, again.dimensions, sorted(again.lengths[0])) == (
        found.totals, found.dimensions, sorted(found.lengths[0]),
    )  # fmt: skip


@pytest.mark.parametrize(("accepted", "shown"), [(4, None), (5, 3.2), (6, 3.6)])
def test_the_median_is_shown_from_five_on(cast: Cast, team: Scope, accepted: int, shown: float | None) -> None:
    case = make_case(cast)
    for hours in (0.5, 2, 3.2, 4.0, 30, 100)[:accepted]:
        refer(cast, case, hours)
    assert release("referrals", team, 2026).months[0].hours == shown


def test_the_numbers_stay_when_a_case_is_erased(cast: Cast, team: Scope) -> None:
    case = make_case(cast, state="closed", closed_at=JANUARY + timedelta(days=30), outcome="goals_reached")
    deliver(cast, case, "health", date(2026, 1, 21), date(2026, 2, 4))
    deliver(cast, case, "legal", date(2026, 1, 21))
    sources = ("cases", "closed", "services")
    before = [count(source, team, 2026) for source in sources]
    vault.shred(record_id=case.record_id)
    assert not Case.objects.exists()
    for source, found in zip(sources, before, strict=True):
        after = count(source, team, 2026)
        assert (after.totals, after.dimensions) == (found.totals, found.dimensions), source
        assert sum(after.totals) > 0


# --- whose numbers ----------------------------------------------------------------------------------------------------


def test_supervisors_see_their_team_data_analysts_their_organisation_and_nobody_else_anything(cast: Cast) -> None:
    for name, user in cast.everybody().items():
        found = [(scope.kind, scope.id) for scope in selectors.scopes(cast.actor(user))]
        wanted = {
            "supervisor": [("team", cast.intake.pk)], "data_analyst": [("organisation", cast.organisation.pk)],
        }.get(name, [])  # fmt: skip
        assert found == wanted, name
    assert selectors.scopes(Actor.system()) == []


def test_a_supervisor_without_the_key_of_the_team_sees_no_number(cast: Cast) -> None:
    newcomer = accounts.add_user(
        actor=Actor.system(), organisation=cast.organisation, username="baru", display_name="Baru", alias="Kak Baru",
        passphrase="empat kapal di pelabuhan", temporary=False, roles=[(cast.intake.pk, "supervisor")],
    )  # fmt: skip
    assert selectors.scopes(cast.actor(newcomer)) == []


def test_a_scope_that_is_not_ones_own_is_not_there(cast: Cast, team: Scope, body: Scope) -> None:
    for user, code in ((cast.supervisor, body.code), (cast.data_analyst, team.code), (cast.analyst, "")):
        with pytest.raises(NotFound):
            selectors.scope_for(cast.actor(user), code)


# --- what is published ------------------------------------------------------------------------------------------------


def test_nothing_is_published_of_a_month_that_runs(team: Scope, send) -> None:
    for _ in range(7):
        send(at=NOW - timedelta(days=3))
    assert months_over(team, 2026) == 2
    assert months_over(team, 2025) == 12
    assert months_over(team, 2027) == 0
    made = release("reports", team, 2026)
    assert [period.total for period in made.months] == [0, 0]
    assert made.whole is None


def test_a_month_alone_is_the_same_as_in_its_year(team: Scope, send) -> None:
    for at in [JANUARY] * 7 + [JANUARY + timedelta(days=20)] * 6:
        send(at=at, **FACTS)
    whole = release("reports", team, 2026)
    for month in (1, 2):
        alone = release("reports", team, 2026, month)
        assert alone.months[month - 1] == whole.months[month - 1]
        assert [period.total for period in alone.months] == [period.total for period in whole.months]
        assert alone.months[2 - month].columns == {}
        assert alone.whole is None


def test_a_month_of_fewer_than_five_shows_nothing_at_all(team: Scope, send) -> None:
    for _ in range(settings.LINDUNG_SMALL_CELL - 1):
        send(**FACTS)
    period = release("reports", team, 2026).months[0]
    assert (period.total, period.columns) == (None, {})


def test_the_setting_decides_what_is_small(team: Scope, send, settings) -> None:
    for _ in range(4):
        send(**FACTS)
    settings.LINDUNG_SMALL_CELL = 3
    assert release("reports", team, 2026).months[0].total == 4


def test_the_year_of_a_team_with_quiet_months_is_shown_when_no_month_follows_from_it() -> None:
    """Twelve months of 3: none is shown, their sum is, and what is large in it."""
    found = Counts(totals=[3] * 12)
    for value, row in (("female", [2] * 12), ("male", [1] * 12)):
        found.dimensions.setdefault("sex", {})[value] = row
    for dimension in knowledge.of_source("closed"):
        found.dimensions.setdefault(dimension, {"unknown": [3] * 12})
    made = protect("closed", 2025, found, 12)
    assert all(period.total is None for period in made.months)
    assert made.whole is not None
    assert made.whole.total == 36
    assert made.whole.columns["sex"].numbers == {"female": 24, "male": 12}


def test_a_fact_whose_code_no_list_knows_any_more_counts_as_unknown(team: Scope, send) -> None:
    report = send(**FACTS)
    ReportFact.objects.filter(report=report, field="sex").update(token=fact_token("sex", "gone"))
    assert number(count("reports", team, 2026), "sex", "unknown") == 1
