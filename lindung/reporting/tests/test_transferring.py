"""From one team to another: what the other team sees before it says yes, and who opens what at each moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, Team
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.core.ids import new_id
from lindung.reporting import inbox, rules, rules_moves, selectors, selectors_moves, services, tasks
from lindung.reporting.errors import HeldByColleague
from lindung.reporting.models import Alert, ClosureProposal, FollowUp, Message, PoliceClock, Report, ReportExclusion
from lindung.reporting.models_moves import Transfer
from lindung.reporting.services import alerts, mailbox, reminding, transferring
from lindung.reporting.services.transferring import NotNow
from lindung.vault import services as vault
from lindung.vault.models import WrappedKey

from .conftest import MONDAY, Sent
from .staff import CALM, DANGER, Desk, events, later

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]
WORDS = "Anaknya pindah ke sana pekan ini."


@pytest.fixture(autouse=True)
def monday() -> Any:
    with clock.frozen(MONDAY):
        yield


@pytest.fixture
def other(cast: Any) -> Desk:
    return Desk(cast, cast.other_analyst)


def offer(desk: Desk, sent: Sent, team: Team, reason: str = "place", words: str = WORDS, urgent: bool = False) -> Any:
    return transferring.offer(desk.actor, desk.keyring, sent.report.pk, team.pk, reason, words, urgent)


def accept(desk: Desk, row: Transfer) -> Report:
    return transferring.accept(desk.actor, desk.keyring, row.pk)


def opens(desk: Desk, report: Report) -> bool:
    try:
        vault.open_with_team(record_id=report.record_id, keyring=desk.keyring)
    except NotAllowed:
        return False
    return True


class TestAnOffer:
    def test_leaves_the_report_with_the_team_and_shows_the_other_one_a_coarse_card(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM, province="31", regency="31.71", age_band="13-15", happened=["touched"], sex="female")
        Team.objects.filter(pk=cast.other_intake.pk).update(province="")  # there for the whole country
        row = offer(analyst, sent, cast.other_intake)
        assert opens(analyst, sent.report)
        assert not opens(other, sent.report)
        assert sent.report not in selectors.visible_to(other.actor)
        with pytest.raises(NotFound):
            other.open(sent.report)
        (card,) = selectors_moves.cards(other.actor)
        assert (card.reason, card.risk, card.place, card.channel) == (
            "place",
            "medium",
            "Daerah Khusus Ibukota Jakarta",
            "portal",
        )
        assert set(vars(card)) == {
            "id", "from_team", "to_team", "tz", "reason", "risk", "urgent", "danger_now", "channel", "language",
            "place", "is_help", "offered_at", "due_at",
        }, "nothing more may stand on a card without a decision"  # fmt: skip
        assert WORDS not in repr(card)
        assert card.due_at == clock.coarse(MONDAY) + timedelta(hours=6)
        assert selectors_moves.cards(analyst.actor) == []
        assert [e.actor for e in events(row.report_id, "report.transfer_offered")] == [analyst.user.pk.hex]

    def test_names_no_province_that_the_asked_team_is_not_there_for(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        offer(analyst, send(**CALM, province="53"), cast.other_intake)
        assert [card.place for card in selectors_moves.cards(other.actor)] == [""]

    def test_is_made_once(self, cast: Any, send: Send, analyst: Desk, supervisor: Desk) -> None:
        sent = send(**CALM)
        offer(analyst, sent, cast.other_intake)
        for desk in (analyst, supervisor):
            with pytest.raises(Conflict):
                offer(desk, sent, cast.other_intake)

    def test_needs_a_known_reason_words_and_a_team_that_may_be_asked(
        self, cast: Any, send: Send, analyst: Desk
    ) -> None:
        sent = send(**CALM)
        for team, reason, words in (
            (cast.other_intake, "because", WORDS),
            (cast.other_intake, "place", "  "),
            (cast.other_intake, "place", "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAE"),
            (cast.intake, "place", WORDS),
            (cast.partner_team, "place", WORDS),
        ):
            with pytest.raises(BadInput):
                offer(analyst, sent, team, reason, words)
        keyless = Team.objects.create(organisation=cast.other_organisation, name="tanpa kunci", kind="intake")
        with pytest.raises(BadInput):
            offer(analyst, sent, keyless)
        assert not Transfer.objects.exists()

    @pytest.mark.parametrize("person", ["case_worker", "other_analyst", "administrator", "auditor", "partner"])
    def test_is_for_analysts_and_supervisors_of_the_team(
        self, cast: Any, send: Send, analyst: Desk, person: str
    ) -> None:
        sent, user = send(**CALM), getattr(cast, person)
        with pytest.raises((NotAllowed, NotFound)):
            transferring.offer(cast.actor(user), cast.keyring(user), sent.report.pk, cast.other_intake.pk, "place", "x")

    def test_waits_until_a_colleague_lets_go_unless_a_supervisor_makes_it(
        self, cast: Any, send: Send, analyst: Desk, second: Desk, supervisor: Desk
    ) -> None:
        sent = send(**CALM)
        second.claim(sent.report)
        with pytest.raises(HeldByColleague):
            offer(analyst, sent, cast.other_intake)
        assert offer(supervisor, sent, cast.other_intake).state == "offered"

    def test_waits_for_the_decision_on_a_wish_to_stop(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        mailbox.ask_to_stop(sent.visit())
        with pytest.raises(NotNow):
            offer(analyst, sent, cast.other_intake)

    def test_of_a_merged_report_is_refused(self, cast: Any, send: Send, analyst: Desk) -> None:
        one, two = send(**CALM), send(**CALM)
        Report.objects.filter(pk=two.report.pk).update(merged_into=one.report)
        for sent in (one, two):
            with pytest.raises(NotNow):
                offer(analyst, sent, cast.other_intake)

    def test_of_a_closed_report_is_refused(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, child_known=False)
        analyst.propose(sent.report)
        with pytest.raises(Conflict):
            offer(analyst, sent, cast.other_intake)


class TestIndependence:
    def test_a_report_that_names_a_team_is_never_offered_to_it(self, cast: Any, send: Send) -> None:
        Membership.objects.create(user=cast.independent_analyst, team=cast.independent, role="supervisor")
        desk = Desk(cast, cast.independent_analyst)
        sent = send(**CALM, concern=["works_here"])
        assert sent.report.team == cast.independent
        for team in (cast.intake, cast.other_intake):
            with pytest.raises(BadInput):
                offer(desk, sent, team)

    def test_a_team_that_was_made_later_is_kept_out_by_what_the_answers_name(self, cast: Any, send: Send) -> None:
        Membership.objects.create(user=cast.independent_analyst, team=cast.independent, role="supervisor")
        desk = Desk(cast, cast.independent_analyst)
        sent = send(**CALM, concern=["works_here"])
        ReportExclusion.objects.filter(team=cast.other_intake).delete()  # as if it had been made since
        with pytest.raises(BadInput):
            offer(desk, sent, cast.other_intake)

    def test_out_of_the_independent_team_only_by_a_supervisors_hand(self, cast: Any, send: Send) -> None:
        sent = send(**CALM, concern=["partner"])
        assert sent.report.team == cast.independent
        desk = Desk(cast, cast.independent_analyst)
        with pytest.raises(BadInput):
            offer(desk, sent, cast.other_intake)
        Membership.objects.create(user=cast.independent_analyst, team=cast.independent, role="supervisor")
        assert offer(Desk(cast, cast.independent_analyst), sent, cast.other_intake).state == "offered"

    def test_to_the_independent_team_any_analyst_may_offer(self, cast: Any, send: Send, analyst: Desk) -> None:
        assert offer(analyst, send(**CALM), cast.independent).state == "offered"

    def test_somebody_who_also_belongs_to_a_named_team_sees_no_card(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        ReportExclusion.objects.create(report=sent.report, team=cast.partner_team)
        row = offer(analyst, sent, cast.other_intake)
        Membership.objects.create(user=cast.other_analyst, team=cast.partner_team, role="case_worker")
        both = cast.actor(cast.other_analyst)
        assert selectors_moves.cards(both) == []
        with pytest.raises(NotFound):
            transferring.accept(both, other.keyring, row.pk)


class TestTakingOver:
    def test_moves_the_report_its_keys_and_its_clocks(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        analyst.note(sent.report, "catatan lama")
        analyst.triage(sent.report, child_known=True)
        due, promised = sent.again().due_at, sent.report.promised_at
        police, version = PoliceClock.objects.get(), sent.report.version
        row = offer(analyst, sent, cast.other_intake)
        with later(hours=1):
            report = accept(other, row)
        assert (report.team, report.claimed_by_id, report.state) == (cast.other_intake, None, "waiting_staff")
        assert (report.due_at, report.promised_at) == (due, promised), "what waited for staff keeps its time"
        assert PoliceClock.objects.get().due_at == police.due_at
        assert report.version == version + 1
        assert opens(other, report)
        assert not opens(analyst, report)
        assert report not in selectors.visible_to(analyst.actor)
        with pytest.raises(NotFound):
            analyst.open(report)
        seen = other.open(report)
        assert [note.text for note in seen.notes] == ["catatan lama"]
        assert WORDS in [line.text for line in seen.timeline if line.kind == "transfer_offered"]
        assert [e.actor for e in events(report.pk, "report.transfer_accepted")] == [other.user.pk.hex]

    def test_leaves_the_first_team_one_line_and_no_more(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        row = offer(analyst, send(**CALM), cast.other_intake)
        accept(other, row)
        (line,) = selectors_moves.offers_out(analyst.actor)
        assert (line.state, line.decided_at) == ("accepted", MONDAY)
        assert inbox.listed(analyst.actor, state="all") == []
        with later(days=91):
            assert not selectors_moves.offers_out(analyst.actor).exists()

    def test_gives_what_waited_for_the_reporter_the_full_time_of_its_risk(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        analyst.answer(sent.report)
        row = offer(analyst, sent, cast.other_intake)
        with later(days=2):
            report = accept(other, row)
            assert report.state == "waiting_staff"
            assert report.due_at == clock.coarse_now() + timedelta(hours=6)
            assert report.promised_at >= report.due_at

    def test_tells_the_child_in_one_fixed_sentence_that_names_no_place(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        analyst.answer(sent.report)
        before = mailbox.view(sent.visit())
        row = offer(analyst, sent, cast.other_intake)
        assert len(mailbox.view(sent.visit()).messages) == len(before.messages), "an offer tells nothing"
        accept(other, row)
        after = mailbox.view(sent.visit())
        text = after.messages[-1].text
        assert text.startswith("Ceritamu sekarang dibaca tim lain")
        for team in Team.objects.all():
            assert team.name not in text
        assert after.alias == "Petugas", "nobody of the first team is named any more"
        assert after.new_answers == 1

    def test_tells_it_in_the_language_of_the_report(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        Report.objects.filter(pk=sent.report.pk).update(language="en")
        row = offer(analyst, sent, cast.other_intake)
        with translation.override("id"):
            accept(other, row)
        assert mailbox.view(sent.visit()).messages[-1].text.startswith("Your story is now read by another team")

    def test_high_risk_calls_the_new_duty(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**DANGER)
        analyst.claim(sent.report)
        row = offer(analyst, sent, cast.other_intake)
        report = accept(other, row)
        assert (report.state, report.claimed_by) == ("waiting_staff", None)
        assert Alert.objects.filter(report=report, stopped=False).count() == 3
        mail.outbox.clear()
        with later(minutes=31):
            alerts.escalate(clock.now())
        assert {address for letter in mail.outbox for address in letter.to} == {"other-analyst@example.org"}

    def test_ends_a_proposal_to_close(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, child_known=False)
        analyst.propose(sent.report, "misuse")
        accept(other, offer(analyst, sent, cast.other_intake))
        assert ClosureProposal.objects.get().state == "rejected"

    def test_keeps_follow_ups_and_lets_the_new_team_do_them(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, risk="high", selfharm=True, safety_plan="Bersama bibi.", next_step="safety_plan")
        accept(other, offer(analyst, sent, cast.other_intake))
        services.complete_follow_up(other.actor, FollowUp.objects.get().pk)
        with pytest.raises(NotFound):
            services.complete_follow_up(analyst.actor, FollowUp.objects.get().pk)

    @pytest.mark.parametrize("person", ["analyst", "supervisor", "independent_analyst", "partner", "administrator"])
    def test_is_for_the_team_that_was_asked(self, cast: Any, send: Send, analyst: Desk, person: str) -> None:
        row, user = offer(analyst, send(**CALM), cast.other_intake), getattr(cast, person)
        with pytest.raises(NotFound):
            transferring.accept(cast.actor(user), cast.keyring(user), row.pk)
        with pytest.raises(NotFound):
            transferring.decline(cast.actor(user), row.pk, "full")
        with pytest.raises(NotFound):
            transferring.accept(cast.actor(user), cast.keyring(user), new_id())

    def test_needs_the_teams_key(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        row = offer(analyst, send(**CALM), cast.other_intake)
        vault.reset_member_key(holder=cast.other_analyst.pk, new_passphrase="frasa yang baru sekali")
        assert selectors_moves.cards(other.actor) == []
        with pytest.raises(NotFound):
            accept(other, row)
        with pytest.raises(NotFound):
            transferring.decline(other.actor, row.pk, "full")

    def test_back_again_later_leaves_two_lines_and_nothing_open(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        accept(other, offer(analyst, sent, cast.other_intake))
        back = transferring.offer(other.actor, other.keyring, sent.report.pk, cast.intake.pk, "place", WORDS)
        report = accept(analyst, back)
        assert (report.team, opens(analyst, report), opens(other, report)) == (cast.intake, True, False)
        assert not WrappedKey.objects.filter(recipient="offered").exists()


class TestNoAndBack:
    def test_declining_says_why_and_leaves_nothing(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        with pytest.raises(BadInput):
            transferring.decline(other.actor, row.pk, "rude")
        row = transferring.decline(other.actor, row.pk, "other_area")
        assert (row.state, row.decline_reason) == ("declined", "other_area")
        assert not vault.is_offered(sent.report.record_id)
        assert selectors_moves.cards(other.actor) == []
        assert opens(analyst, sent.report)
        assert sent.again().team == cast.intake
        with pytest.raises(Conflict):
            accept(other, row)
        assert offer(analyst, sent, cast.other_intake).state == "offered", "it can be offered again"

    def test_taking_it_back(self, cast: Any, send: Send, analyst: Desk, second: Desk, other: Desk) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        with pytest.raises(NotFound):
            transferring.take_back(other.actor, row.pk)
        with pytest.raises(NotFound):
            transferring.take_back(cast.actor(cast.case_worker), row.pk)
        assert transferring.take_back(second.actor, row.pk).state == "withdrawn"
        assert not vault.is_offered(sent.report.record_id)
        with pytest.raises(Conflict):
            transferring.take_back(analyst.actor, row.pk)
        with pytest.raises(Conflict):
            accept(other, row)


class TestFalling:
    def fell(self, sent: Sent) -> bool:
        assert not vault.is_offered(sent.report.record_id)
        return Transfer.objects.get(report=sent.report).state == "fallen"

    def test_when_the_reporter_stops_and_stays_fallen_when_they_change_their_mind(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        mailbox.ask_to_stop(sent.visit())
        assert self.fell(sent)
        with pytest.raises(Conflict):
            accept(other, row)
        mailbox.undo_stop(sent.visit())
        assert opens(analyst, sent.report)
        assert not opens(other, sent.report)
        assert [e.actor for e in events(row.report_id, "report.transfer_fell")] == ["system"]

    def test_when_a_wish_to_stop_waits_for_a_supervisor(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**DANGER)
        offer(analyst, sent, cast.other_intake)
        mailbox.ask_to_stop(sent.visit())
        assert self.fell(sent)

    def test_when_it_is_closed(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        analyst.triage(sent.report, child_known=False)
        offer(analyst, sent, cast.other_intake)
        analyst.propose(sent.report)
        assert self.fell(sent)

    def test_when_it_turns_out_to_name_the_team_that_was_asked(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        services.mark_conflict(analyst.actor, analyst.keyring, sent.report.pk, cast.other_intake.pk)
        assert self.fell(sent)
        assert selectors_moves.cards(other.actor) == []
        with pytest.raises(NotFound):
            accept(other, row)

    def test_when_it_names_the_team_that_offered(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        offer(analyst, sent, cast.other_intake)
        services.mark_conflict(analyst.actor, analyst.keyring, sent.report.pk, cast.intake.pk)
        assert sent.again().team == cast.independent
        assert self.fell(sent)
        assert not selectors_moves.offers_out(analyst.actor).exists(), "not even that there was one"

    def test_writing_judging_and_claiming_leave_it_standing(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        mailbox.write(sent.visit(), "Masih di sini.", "text", b"1")
        analyst.claim(sent.report)
        analyst.triage(sent.report, risk="low", child_known=False)
        assert [card.risk for card in selectors_moves.cards(other.actor)] == ["low"]
        assert accept(other, row).team == cast.other_intake

    def test_erasing_takes_the_offer_along(self, cast: Any, send: Send, analyst: Desk) -> None:
        sent = send(**CALM)
        offer(analyst, sent, cast.other_intake)
        vault.shred(record_id=sent.report.record_id)
        assert not Transfer.objects.exists()
        assert not WrappedKey.objects.exists()


class TestRotation:
    @staticmethod
    def rotate(team: Team, desk: Desk) -> None:
        vault.rotate_team_key(team_id=team.pk, keyring=desk.keyring)
        while vault.rewrap_batch(team_id=team.pk, keyring=desk.keyring):
            pass
        vault.destroy_old_keys(team_id=team.pk)

    def test_of_both_teams_while_it_is_offered(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        self.rotate(cast.intake, analyst)
        self.rotate(cast.other_intake, other)
        assert opens(analyst, sent.report)
        assert not opens(other, sent.report)
        assert other.open(accept(other, row)).answers["words"] == CALM["words"]


class TestRestoring:
    """What a backup from before the yes brings back. The files themselves are tried in cli/tests/test_backup.py."""

    TABLES = (Report, Transfer, WrappedKey)

    def keep(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        return [(model, list(model.objects.values())) for model in self.TABLES]

    def bring_back(self, kept: list[tuple[Any, list[dict[str, Any]]]]) -> None:
        for model, rows in kept:
            for row in rows:
                model.objects.update_or_create(pk=row["id"], defaults=row)
            model.objects.exclude(pk__in=[row["id"] for row in rows]).delete()

    def test_the_offer_stands_again_and_the_yes_must_be_repeated(
        self, cast: Any, send: Send, analyst: Desk, other: Desk
    ) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        kept = self.keep()
        accept(other, row)
        self.bring_back(kept)
        assert opens(analyst, sent.report)
        assert not opens(other, sent.report)
        assert [card.id for card in selectors_moves.cards(other.actor)] == [row.pk]
        assert accept(other, row).team == cast.other_intake
        assert not opens(analyst, sent.report)

    def test_what_was_erased_since_stays_erased(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        sent = send(**CALM)
        row = offer(analyst, sent, cast.other_intake)
        record = sent.report.record_id
        vault.shred(record_id=record)
        assert vault.replay_tombstones() == 0
        assert not vault.is_offered(record)
        with pytest.raises(NotFound):
            accept(other, row)


class TestCalls:
    def letters(self) -> set[str]:
        found = {address for letter in mail.outbox for address in letter.to}
        mail.outbox.clear()
        return found

    def test_when_the_time_is_over_then_both_supervisors_then_daily(self, cast: Any, send: Send, analyst: Desk) -> None:
        row = offer(analyst, send(**CALM), cast.other_intake)
        assert reminding.call_for_answers(MONDAY + timedelta(hours=5, minutes=59)) == 0
        assert reminding.call_for_answers(MONDAY + timedelta(hours=6)) == 1
        assert self.letters() == {"other-analyst@example.org"}
        assert reminding.call_for_answers(MONDAY + timedelta(hours=6, minutes=5)) == 0
        assert reminding.call_for_answers(MONDAY + timedelta(hours=12)) == 1
        assert self.letters() == {"supervisor@example.org", "analyst@example.org"}
        assert reminding.call_for_answers(MONDAY + timedelta(hours=30)) == 0
        assert reminding.call_for_answers(MONDAY + timedelta(hours=36, minutes=1)) == 1
        row.refresh_from_db()
        assert row.reminders == 3
        numbers = [e.data for e in events(row.report_id, "report.transfer_called")]
        assert len(numbers) == 3

    @pytest.mark.parametrize(("answers", "urgent"), [(DANGER, False), (CALM, True)])
    def test_what_presses_is_called_for_at_once(
        self, cast: Any, send: Send, analyst: Desk, answers: dict[str, Any], urgent: bool
    ) -> None:
        row = offer(analyst, send(**answers), cast.other_intake, urgent=urgent)
        assert row.due_at == clock.coarse(MONDAY) + timedelta(minutes=15)
        assert reminding.call_for_answers(MONDAY) == 1
        assert self.letters() == {"other-analyst@example.org"}

    def test_the_letter_says_nothing(self, cast: Any, send: Send, analyst: Desk) -> None:
        row = offer(analyst, send(**DANGER), cast.other_intake)
        reminding.call_for_answers(MONDAY)
        (letter,) = mail.outbox
        for word in (row.report.reference, "serah", "tim", WORDS):
            assert word.lower() not in f"{letter.subject} {letter.body}".lower()

    def test_an_answer_ends_the_calls(self, cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
        transferring.decline(other.actor, offer(analyst, send(**CALM), cast.other_intake).pk, "full")
        assert reminding.call_for_answers(MONDAY + timedelta(days=3)) == 0

    def test_a_broken_mail_server_is_tried_again(
        self, cast: Any, send: Send, analyst: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = offer(analyst, send(**CALM), cast.other_intake)
        with monkeypatch.context() as patch:
            patch.setattr(alerts, "_send", lambda letter: False)
            assert reminding.call_for_answers(MONDAY + timedelta(hours=6)) == 0
        assert reminding.call_for_answers(MONDAY + timedelta(hours=6, minutes=1)) == 0
        assert reminding.call_for_answers(MONDAY + timedelta(hours=6, minutes=3)) == 1
        row.refresh_from_db()
        assert row.reminders == 1

    def test_the_loop_makes_them(self, cast: Any, send: Send, analyst: Desk) -> None:
        offer(analyst, send(**CALM), cast.other_intake)
        with clock.frozen(MONDAY + timedelta(hours=7)):
            assert tasks.run_due(clock.now())["transfers"] == 1

    def test_bytes_of_dropped_keys_are_cleaned(self) -> None:
        wanted = {"transfer_accepted", "transfer_declined", "transfer_withdrawn", "transfer_fell"}
        assert {f"report.{name}" for name in wanted} <= tasks._takes_keys_away


TEAMS = [new_id() for _ in range(3)]
PROPERTY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


@PROPERTY
@given(
    roles=st.sets(st.sampled_from(["analyst", "case_worker", "supervisor", "partner"]), max_size=2),
    where=st.sampled_from(["intake", "other_intake", "partner_team"]),
    named=st.sets(st.sampled_from(["other_intake", "partner_team", "independent"]), max_size=2),
    also=st.sampled_from(["", "partner_team", "independent"]),
    ended=st.booleans(),
)
def test_the_rule_and_the_list_of_cards_say_the_same(
    cast: Any, send: Send, roles: set[str], where: str, named: set[str], also: str, ended: bool
) -> None:
    from django.db import transaction

    with transaction.atomic():
        desk, sent = Desk(cast, cast.analyst), send(**CALM)
        row = offer(desk, sent, cast.other_intake)
        for team in named:
            ReportExclusion.objects.get_or_create(report=sent.report, team=getattr(cast, team))
        if ended:
            transferring.take_back(desk.actor, row.pk)
            row.refresh_from_db()
        held = {(getattr(cast, where).pk, role) for role in roles}
        held |= {(getattr(cast, also).pk, "case_worker")} if also else set()
        actor = Actor(new_id(), "siapa", frozenset(held))
        excluded = frozenset(getattr(cast, team).pk for team in named)
        facts = rules_moves.OfferFacts(row.to_team_id, excluded, row.state, sent.report.state)
        assert selectors_moves.offers_in(actor).filter(pk=row.pk).exists() == rules_moves.may_see_offer(actor, facts)
        transaction.set_rollback(True)


class TestPureRules:
    def test_times_of_the_calls(self) -> None:
        due = MONDAY + timedelta(hours=6)
        assert rules_moves.first_call("medium", False, MONDAY, due) == due
        assert rules_moves.first_call("medium", True, MONDAY, due) == MONDAY
        assert rules_moves.first_call("high", False, MONDAY, due) == MONDAY
        assert rules_moves.next_call(MONDAY, due, MONDAY) == due
        assert rules_moves.next_call(MONDAY, due, due) == MONDAY + timedelta(hours=12)
        late = MONDAY + timedelta(hours=13)
        assert rules_moves.next_call(MONDAY, due, late) == late + timedelta(days=1)
        assert not rules_moves.call_reaches_both(MONDAY, due, due)
        assert rules_moves.call_reaches_both(MONDAY, due, late)

    @pytest.mark.parametrize(
        ("risk", "urgent", "wanted"),
        [("high", False, timedelta(minutes=15)), ("medium", False, timedelta(hours=6)),
         ("medium", True, timedelta(minutes=15)), ("low", True, timedelta(hours=6))],
    )  # fmt: skip
    def test_urgent_counts_as_the_next_higher_risk(self, risk: str, urgent: bool, wanted: timedelta) -> None:
        assert rules_moves.answer_due(risk, urgent, MONDAY, "Asia/Jakarta") == MONDAY + wanted

    def test_the_independent_team_gives_nothing_away_without_a_supervisor(self) -> None:
        own, other = (
            rules.TeamFacts(pk, kind, "network", 1) for pk, kind in zip(TEAMS, ("independent", "intake"), strict=False)
        )
        for role, may in (("analyst", False), ("supervisor", True), ("case_worker", False)):
            actor = Actor(new_id(), "x", frozenset({(own.id, role)}))
            assert rules_moves.may_offer_to(actor, own, other, excluded=(), concerns=()) is may
            assert not rules_moves.may_offer_to(actor, own, other, excluded=[other.id], concerns=())
            assert not rules_moves.may_offer_to(actor, own, other, excluded=(), concerns=["works_here"])


def test_messages_of_the_platform_are_shown_to_staff_as_such(cast: Any, send: Send, analyst: Desk, other: Desk) -> None:
    accept(other, offer(analyst, send(**CALM), cast.other_intake))
    message = Message.objects.get()
    assert (message.kind, message.direction, message.author, message.alias) == ("system", "out", None, "Petugas")
