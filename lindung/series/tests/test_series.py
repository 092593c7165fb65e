"""Proposals and series: why, for whom, and how they vanish."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts import services as accounts
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.reporting import services as reporting
from lindung.reporting.models import Report, ReportExclusion, State
from lindung.reporting.services import mailbox
from lindung.reporting.tests.conftest import MONDAY, Sent
from lindung.reporting.tests.staff import Desk, events
from lindung.series import knowledge, rules, selectors
from lindung.series.errors import OtherSeries
from lindung.series.models import Series, SeriesMember, SeriesTally
from lindung.series.proposals import proposals
from lindung.series.services import join, leave, put_back
from lindung.vault import services as vault
from lindung.vault.models import BlindEntry

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]

SEXTORTION = {
    "path": "child", "happened": ["threat_to_spread"], "online_where": ["whatsapp"], "age_band": "13-15",
    "province": "31", "words": "cerita",
}  # fmt: skip
ACCOUNT = {"path": "child", "accounts": "@raja_malam_77", "words": "cerita"}


@pytest.fixture(autouse=True)
def _on_monday() -> Iterator[None]:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def joint(cast: Any) -> Actor:
    """The supervisor reads in a second team of the network too: that of the second analyst, for province 32."""
    system = Actor.system()
    west = accounts.create_team(
        actor=system, organisation=cast.organisation, name="west", kind="intake", province="32", intake_order=3
    )
    accounts.set_roles(actor=system, user=cast.second_analyst, roles=[(west.pk, "analyst")])
    both = [(cast.intake.pk, "supervisor"), (west.pk, "supervisor")]
    accounts.set_roles(actor=system, user=cast.supervisor, roles=both)
    accounts.decide_grant(
        actor=cast.actor(cast.second_analyst),
        request=GrantRequest.objects.get(team=west, user=cast.supervisor),
        keyring=cast.keyring(cast.second_analyst),
        heard=cast.fingerprint(cast.supervisor)[:11],
    )
    return cast.actor(cast.supervisor)


def proposed(sent: Sent, actor: Actor) -> dict[Any, tuple[str, ...]]:
    return {entry.report.pk: entry.signs for entry in proposals(sent.again(), actor)}


class TestProposals:
    def test_a_shared_account_is_enough_and_never_shown(self, send: Send, analyst: Desk) -> None:
        one, two, _other = send(**ACCOUNT), send(path="witness", accounts="raja_malam_77"), send(accounts="@siti_2")
        found = proposals(one.report, analyst.actor)
        assert [entry.report.pk for entry in found] == [two.report.pk]
        assert "identifier" in found[0].signs
        assert "sama-sama menyebut satu akun atau nomor" in found[0].sentences
        assert found[0].why == "identifier"
        token = bytes(BlindEntry.objects.first().token)
        assert "raja" not in repr(found).lower()
        assert token.hex() not in repr(found)

    def test_facts_and_dates_are_enough_together_and_words_never(self, send: Send, analyst: Desk) -> None:
        one = send(**SEXTORTION)
        like = send(**{**SEXTORTION, "words": "lain sama sekali"})
        same_words = send(path="child", words="cerita", age_band="13-15")
        with clock.frozen(MONDAY + timedelta(days=31)):
            late = send(**SEXTORTION)
            assert proposed(one, analyst.actor).keys() == {like.report.pk}
            assert proposed(late, analyst.actor) == {}
        assert same_words.report.pk not in proposed(one, analyst.actor)
        assert set(proposed(like, analyst.actor)[one.report.pk]) == {"form", "platform", "age_band", "near"}

    def test_the_weightiest_comes_first_and_a_common_number_is_called_weak(
        self, send: Send, analyst: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one = send(**SEXTORTION, accounts="@raja_malam_77")
        fact, both = send(**SEXTORTION), send(**SEXTORTION, accounts="@raja_malam_77")
        assert [entry.report.pk for entry in proposals(one.report, analyst.actor)] == [both.report.pk, fact.report.pk]
        rule = knowledge.alike()
        monkeypatch.setattr("lindung.series.proposals.alike", lambda: rules.replace(rule, common=1))
        named = send(**ACCOUNT)
        found = proposals(named.report, analyst.actor)
        assert {entry.signs[0] for entry in found} == {"common_identifier"}
        assert all(entry.weak for entry in found)

    def test_not_for_closed_ones_nor_the_path_of_help(self, send: Send, analyst: Desk) -> None:
        one, closed, asks = send(**ACCOUNT), send(**ACCOUNT), send(path="worried_self", accounts="@raja_malam_77")
        Report.objects.filter(pk=closed.report.pk).update(state=State.CLOSED)
        assert proposed(one, analyst.actor) == {}
        assert proposed(closed, analyst.actor) == {}
        assert proposed(asks, analyst.actor) == {}

    def test_only_whoever_holds_the_key_of_the_team(self, send: Send, cast: Any) -> None:
        one, _two = send(**ACCOUNT), send(**ACCOUNT)
        for name in ("analyst", "case_worker", "supervisor"):
            assert len(proposed(one, cast.actor(getattr(cast, name)))) == 1
        for name in ("other_analyst", "independent_analyst", "partner", "data_analyst", "auditor", "administrator"):
            assert proposed(one, cast.actor(getattr(cast, name))) == {}
        vault.revoke_member(holder=cast.case_worker.pk)
        assert proposed(one, cast.actor(cast.case_worker)) == {}


class TestHidden:
    """A report that somebody may not see changes nothing of what they see: no entry, no number, no word of weakness."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=12)
    @given(data=st.data())
    def test_everything_is_equal_with_and_without_it(
        self, send: Send, cast: Any, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from django.db import transaction

        rule = rules.replace(knowledge.alike(), common=2, proposed=3)
        monkeypatch.setattr("lindung.series.proposals.alike", lambda: rule)
        kind = st.sampled_from([ACCOUNT, SEXTORTION, {**SEXTORTION, **ACCOUNT}])
        actor = cast.actor(cast.analyst)
        with transaction.atomic():
            mine = [send(**data.draw(kind)) for _ in range(data.draw(st.integers(2, 3)))]
            pairs = data.draw(st.lists(st.sampled_from([(0, 1), (1, 0), (0, len(mine) - 1)]), max_size=2))
            for a, b in pairs:
                if a != b:
                    join(actor, mine[a].report.pk, mine[b].report.pk, "hand")
            before = self._view(mine, actor)
            hidden = [self._hidden(send, cast, data, kind) for _ in range(data.draw(st.integers(1, 3)))]
            for sent in hidden:  # and in the same series, put there by somebody who sees both
                for series in Series.objects.all():
                    SeriesMember.objects.create(
                        series=series, report=sent.report, why="hand", joined_at=clock.now(), joined_by=cast.supervisor
                    )
            alone = Series.objects.create(created_at=clock.now())
            for sent in (mine[0], hidden[0]):
                SeriesMember.objects.create(
                    series=alone, report=sent.report, why="hand", joined_at=clock.now(), joined_by=cast.supervisor
                )
            assert self._view(mine, actor) == before
            transaction.set_rollback(True)

    @staticmethod
    def _hidden(send: Send, cast: Any, data: st.DataObject, kind: Any) -> Sent:
        how = data.draw(st.sampled_from(["named", "elsewhere", "excluded", "withdrawn"]))
        answers = data.draw(kind)
        if how == "named":
            return send(**answers, concern=["works_here"])
        if how == "elsewhere":
            return send(**{**answers, "province": "91"})
        sent = send(**answers)
        if how == "excluded":
            ReportExclusion.objects.create(report=sent.report, team=cast.intake)
        else:
            Report.objects.filter(pk=sent.report.pk).update(state=State.WITHDRAWN)
        return sent

    @staticmethod
    def _view(mine: list[Sent], actor: Actor) -> Any:
        series = selectors.listed(actor)
        return (
            [[(p.report.pk, p.signs, p.points, p.weak) for p in proposals(sent.report, actor)] for sent in mine],
            [(row.series.pk, row.size, row.open, row.first, row.last) for row in series],
            [[m.report.pk for m in rows] for rows in selectors.members(actor, [r.series.pk for r in series]).values()],
            [{pk: [r.pk for r in rows] for pk, rows in selectors.series_beside(actor, s.report).items()} for s in mine],
            selectors.counts(sent.report for sent in mine),
            [selectors.series_of(actor, sent.report.pk) for sent in mine],
        )  # fmt: skip

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
    @given(states=st.lists(st.sampled_from([*State]), min_size=1, max_size=3), hidden=st.integers(0, 1))
    def test_the_list_and_the_rule_agree(self, send: Send, cast: Any, states: list[str], hidden: int) -> None:
        from django.db import transaction

        actor = cast.actor(cast.analyst)
        with transaction.atomic():
            series = Series.objects.create(created_at=clock.now())
            reports = [send(path="child") for _ in states] + [send(province="91") for _ in range(hidden)]
            for sent, state in zip(reports, [*states, *([State.NEW] * hidden)], strict=True):
                Report.objects.filter(pk=sent.report.pk).update(state=state)
                SeriesMember.objects.create(
                    series=series, report=sent.report, why="hand", joined_at=clock.now(), joined_by=cast.analyst
                )
            seen = [state for state in states if state != State.WITHDRAWN]
            assert selectors.visible_series(actor).exists() == rules.is_shown(seen)
            transaction.set_rollback(True)


class TestSeries:
    def test_a_proposal_becomes_a_series_and_takes_in_a_third(self, send: Send, analyst: Desk, second: Desk) -> None:
        one, two, three = (send(**ACCOUNT) for _ in range(3))
        series = join(analyst.actor, one.report.pk, two.report.pk, "identifier")
        assert join(second.actor, three.report.pk, one.report.pk, "hand") == series
        assert join(second.actor, one.report.pk, two.report.pk, "hand") == series, "again is once"
        (row,) = selectors.listed(analyst.actor)
        assert (row.series, row.size, row.open) == (series, 3, 3)
        assert len(events(kind="series.joined")) == 2

    def test_who_may_and_what_may(self, send: Send, analyst: Desk, cast: Any) -> None:
        one, two, hidden = send(**ACCOUNT), send(**ACCOUNT), send(**ACCOUNT, concern=["works_here"])
        with pytest.raises(NotFound):
            join(analyst.actor, one.report.pk, hidden.report.pk, "hand")
        with pytest.raises(NotAllowed):
            join(cast.actor(cast.case_worker), one.report.pk, two.report.pk, "hand")
        with pytest.raises(BadInput):
            join(analyst.actor, one.report.pk, one.report.pk, "hand")
        with pytest.raises(BadInput):
            join(analyst.actor, one.report.pk, two.report.pk, "a word of mine")
        with pytest.raises(BadInput):
            join(analyst.actor, one.report.pk, send(path="worried_self").report.pk, "hand")
        Report.objects.filter(pk=two.report.pk).update(state=State.CLOSED)
        with pytest.raises(BadInput):
            join(analyst.actor, one.report.pk, two.report.pk, "hand")
        assert Series.objects.count() == 0

    def test_two_series_are_not_thrown_together_by_chance(self, send: Send, analyst: Desk) -> None:
        one, two, three, four = (send(**ACCOUNT).report.pk for _ in range(4))
        join(analyst.actor, one, two, "hand")
        join(analyst.actor, three, four, "hand")
        with pytest.raises(OtherSeries):
            join(analyst.actor, one, three, "hand")

    def test_leaving_and_coming_back(self, send: Send, analyst: Desk) -> None:
        one, two, three = (send(**ACCOUNT).report.pk for _ in range(3))
        series = join(analyst.actor, one, two, "hand")
        join(analyst.actor, one, three, "hand")
        leave(analyst.actor, series.pk, two)
        assert selectors.series_of(analyst.actor, two) == []
        assert [row.gone for row in selectors.members(analyst.actor, [series.pk])[series.pk]].count(True) == 1
        put_back(analyst.actor, series.pk, two)
        assert selectors.series_of(analyst.actor, two) == [series.pk]
        for pk in (one, two):
            leave(analyst.actor, series.pk, pk)
        assert not Series.objects.exists(), "one report is no series"
        with pytest.raises(NotFound):
            put_back(analyst.actor, series.pk, one)

    def test_it_vanishes_with_its_last_open_report_and_leaves_a_number(self, send: Send, analyst: Desk) -> None:
        one, two = send(**ACCOUNT), send(**ACCOUNT)
        join(analyst.actor, one.report.pk, two.report.pk, "identifier")
        for sent in (one, two):
            assert Series.objects.exists()
            analyst.triage(sent.again(), child_known=False)
            analyst.propose(sent.again())
        assert not Series.objects.exists()
        assert not SeriesMember.objects.exists()
        assert list(SeriesTally.objects.values_list("month", "size", "count")) == [(MONDAY.date().replace(day=1), 2, 1)]
        reporting.reopen(analyst.actor, one.report.pk)
        assert selectors.listed(analyst.actor) == [], "and does not come back"

    @pytest.mark.parametrize("how", ["erased", "withdrawn"])
    def test_so_it_does_by_erasing_and_by_a_wish_to_stop(self, send: Send, analyst: Desk, how: str) -> None:
        one, two = send(**ACCOUNT), send(**ACCOUNT)
        join(analyst.actor, one.report.pk, two.report.pk, "identifier")
        Report.objects.filter(pk=two.report.pk).update(state=State.CLOSED)
        if how == "erased":
            vault.shred(record_id=one.report.record_id)
        else:
            mailbox.ask_to_stop(one.visit())
        assert not Series.objects.exists()

    def test_a_merged_one_that_closes_with_its_lead_ends_the_series_too(self, send: Send, analyst: Desk) -> None:
        from lindung.series.services import merge

        one, two = send(**ACCOUNT), send(**ACCOUNT)
        join(analyst.actor, one.report.pk, two.report.pk, "identifier")
        merge(analyst.actor, two.report.pk, one.report.pk)
        analyst.triage(one.again(), child_known=False)
        analyst.propose(one.again())
        assert not Series.objects.exists()


class TestAcrossTeams:
    def test_each_team_sees_its_part_and_the_supervisor_of_both_the_whole(
        self, send: Send, cast: Any, joint: Actor
    ) -> None:
        here, here_too, there = send(**ACCOUNT), send(**ACCOUNT), send(**{**ACCOUNT, "province": "32"})
        join(joint, here.report.pk, there.report.pk, "identifier")
        analyst, other = cast.actor(cast.analyst), cast.actor(cast.second_analyst)
        assert selectors.listed(analyst) == selectors.listed(other) == [], "one visible report is no series"
        mine = join(analyst, here.report.pk, here_too.report.pk, "hand")
        assert [(row.series, row.size) for row in selectors.listed(analyst)] == [(mine, 2)]
        assert {row.size for row in selectors.listed(joint)} == {2}
        assert {r.pk for r in selectors.joint(joint)} == {here.report.pk, here_too.report.pk, there.report.pk}
        assert selectors.joint(analyst) == []

    def test_the_joint_view_counts_by_place_platform_and_month(self, send: Send, cast: Any, joint: Actor) -> None:
        one = send(**SEXTORTION, regency="31.71")
        with clock.frozen(MONDAY + timedelta(days=10)):
            two = send(**{**SEXTORTION, "province": "32"})
        join(joint, one.report.pk, two.report.pk, "alike")
        counted = selectors.counts(selectors.joint(joint))
        assert [number for _, number in counted.places] == [1, 1]
        assert counted.platforms == [("WhatsApp", 2)]
        assert [(month.month, number) for month, number in counted.months] == [(11, 1), (12, 1)]

    def test_another_team_gets_nothing_of_the_series_along(self, send: Send, analyst: Desk, cast: Any) -> None:
        one, two = send(**ACCOUNT), send(**ACCOUNT)
        join(analyst.actor, one.report.pk, two.report.pk, "hand")
        reporting.mark_conflict(analyst.actor, analyst.keyring, two.report.pk, cast.intake.pk)
        assert not SeriesMember.objects.filter(report=two.report).exists()
        assert not Series.objects.exists()
