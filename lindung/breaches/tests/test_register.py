"""The register at work: entering, deciding, telling, reminding, closing; who sees what of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from lindung.accounts.models import Membership, Team
from lindung.audit.models import Event
from lindung.breaches import selectors, services
from lindung.breaches.models import Breach, Notice
from lindung.breaches.services import deciding, reminding
from lindung.breaches.services.registering import NotYetClosable
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.models import Message, Report
from lindung.reporting.services import mailbox, mark_conflict, transferring
from lindung.reporting.tests.races import at_once, on_a_file
from lindung.reporting.tests.staff import CALM, Desk, later
from lindung.vault import services as vault
from lindung.vault.models import SealedField

from .conftest import MONDAY, WORDS, Sent

pytestmark = pytest.mark.django_db
Send = Callable[..., Sent]
Enter = Callable[..., Breach]


def listed(desk: Desk, breach: Breach, sent: Sent) -> Notice:
    return services.add_report(desk.actor, breach.pk, sent.report.pk)


def decide(desk: Desk, notice: Notice, way: str, reason: str = "", safe: bool = False) -> Notice:
    return services.decide(desk.actor, desk.keyring, notice.pk, way, reason, safe)


class TestEntering:
    def test_starts_the_clocks_and_seals_the_words(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        assert breach.discovered_at == clock.coarse(MONDAY)
        assert breach.due_at == clock.coarse(MONDAY) + timedelta(hours=72)
        opened = services.read(supervisor.actor, supervisor.keyring, breach.pk)
        assert opened.measures == WORDS
        assert WORDS.encode() not in b"".join(bytes(row.ciphertext) for row in SealedField.objects.all())
        assert {e.kind for e in Event.objects.filter(subject=breach.pk.hex)} == {"breach.opened", "breach.read"}
        assert not any("Laptop" in e.data for e in Event.objects.all())

    def test_in_the_local_time_of_the_team(self, cast: Any, other_supervisor: Desk) -> None:
        breach = services.open_breach(
            other_supervisor.actor, cast.other_intake.pk, datetime(2026, 11, 23, 7, 15), ["story"], ["phone"], "one",  # noqa: DTZ001
            "x",
        )  # fmt: skip
        assert breach.discovered_at == datetime(2026, 11, 22, 22, 15, tzinfo=UTC), "07:15 WIT"

    def test_refuses_the_future_and_unknown_codes(self, cast: Any, supervisor: Desk) -> None:
        good = (MONDAY, ["story"], ["laptop"], "one", "x")
        for position, bad in (
            (0, MONDAY + timedelta(minutes=2)),
            (1, []),
            (1, ["gossip"]),
            (2, ["x"]),
            (3, "x"),
            (4, " "),
        ):
            values: list[Any] = list(good)
            values[position] = bad
            with pytest.raises(BadInput):
                services.open_breach(supervisor.actor, cast.intake.pk, *values)
        assert not Breach.objects.exists()

    def test_an_administrator_enters_and_reads_nothing(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach, admin = enter(cast.administrator), cast.actor(cast.administrator)
        assert not selectors.visible_breaches(admin).exists()
        with pytest.raises(NotFound):
            services.read(admin, cast.keyring(cast.administrator), breach.pk)
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=breach.record_id, keyring=cast.keyring(cast.administrator))
        assert services.read(supervisor.actor, supervisor.keyring, breach.pk).measures == WORDS
        for team in (cast.other_intake, cast.independent):
            with pytest.raises(NotFound):
                enter(cast.administrator, team)

    def test_a_supervisor_may_tell_the_independent_team_about_colleagues(self, cast: Any, enter: Enter) -> None:
        breach = enter(cast.supervisor, cast.independent)
        assert not selectors.visible_breaches(cast.actor(cast.supervisor)).exists()
        Membership.objects.create(user=cast.independent_analyst, team=cast.independent, role="supervisor")
        desk = Desk(cast, cast.independent_analyst)
        assert services.read(desk.actor, desk.keyring, breach.pk).measures == WORDS

    @pytest.mark.parametrize("who", ["analyst", "case_worker", "auditor", "partner", "other_analyst", "data_analyst"])
    def test_nobody_else_enters_or_sees(self, cast: Any, enter: Enter, who: str) -> None:
        breach, user = enter(), getattr(cast, who)
        with pytest.raises(NotFound):
            enter(user)
        assert not selectors.visible_breaches(cast.actor(user)).exists()
        with pytest.raises(NotFound):
            services.read(cast.actor(user), cast.keyring(user), breach.pk)

    def test_a_supervisor_without_the_key_sees_nothing(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        vault.reset_member_key(holder=cast.supervisor.pk, new_passphrase="frasa yang baru sekali")
        with pytest.raises(NotFound):
            services.read(supervisor.actor, supervisor.keyring, breach.pk)

    def test_measures_are_written_anew_and_earlier_ones_stay(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        services.write_measures(supervisor.actor, supervisor.keyring, breach.pk, "Lebih lengkap.", "to_100", 1)
        with pytest.raises(Conflict):
            services.write_measures(supervisor.actor, supervisor.keyring, breach.pk, "Terlambat.", "one", 1)
        opened = services.read(supervisor.actor, supervisor.keyring, breach.pk)
        assert (opened.measures, opened.breach.people_band) == ("Lebih lengkap.", "to_100")
        assert vault.fields(breach.record_id)["measures"] == 2

    def test_a_rotation_keeps_it_readable(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        vault.rotate_team_key(team_id=cast.intake.pk, keyring=supervisor.keyring)
        while vault.rewrap_batch(team_id=cast.intake.pk, keyring=supervisor.keyring):
            pass
        assert vault.destroy_old_keys(team_id=cast.intake.pk) == 1
        assert services.read(supervisor.actor, supervisor.keyring, breach.pk).measures == WORDS


class TestTelling:
    def test_through_the_mailbox_with_the_fixed_sentence_once(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach, sent = enter(), send(**CALM)
        notice = decide(supervisor, listed(supervisor, breach, sent), "mailbox")
        assert (notice.way, notice.home_safe, notice.decided_by_id) == ("mailbox", None, cast.supervisor.pk)
        box = mailbox.view(sent.visit())
        assert [message.text[:17] for message in box.messages] == ["Ada data di tempa"]
        assert "aptop" not in box.messages[0].text
        assert box.new_answers == 1
        assert mail.outbox == [], "nothing ever goes out of the house"
        with pytest.raises(Conflict):
            decide(supervisor, notice, "mailbox")
        assert Message.objects.count() == 1

    def test_never_at_home_where_a_sign_speaks_against_it(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach = enter()
        afraid = send(path="parent", must_not_know="ayah tiri", reach="contact")
        notice = listed(supervisor, breach, afraid)
        assert deciding.signs_of(supervisor.actor, supervisor.keyring, notice.pk) == ("must_not_know",)
        with pytest.raises(BadInput) as error:
            decide(supervisor, notice, "home", "Ibu sudah tahu.", safe=True)
        assert error.value.field == "way"
        notice = decide(supervisor, notice, "not_home", "Ayah tiri tidak boleh tahu.")
        assert notice.way == "not_home"
        assert Message.objects.filter(report=afraid.report, kind="system").count() == 1
        opened = services.read(supervisor.actor, supervisor.keyring, breach.pk)
        assert opened.reasons[notice.pk] == "Ayah tiri tidak boleh tahu."

    def test_a_child_alone_only_when_somebody_judged_the_home(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        notice = listed(supervisor, enter(), send(**CALM))
        with pytest.raises(BadInput) as error:
            decide(supervisor, notice, "home", "Ibu.")
        assert error.value.field == "home_safe"
        notice = decide(supervisor, notice, "home", "Ibunya mengantar, dinilai Kak Analyst.", safe=True)
        assert (notice.way, notice.home_safe) == ("home", True)
        assert not Message.objects.exists()

    def test_a_decision_to_tell_later_may_become_another(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        notice = listed(supervisor, enter(), send(**CALM))
        with pytest.raises(BadInput):
            decide(supervisor, notice, "later")
        decide(supervisor, notice, "later", "Belum ada cara aman.")
        assert decide(supervisor, notice, "mailbox").way == "mailbox"

    def test_many_at_once(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(deciding, "AT_ONCE", 3)
        breach = enter()
        stopped, *others = [send(**CALM) for _ in range(5)]
        assert services.add_all(supervisor.actor, breach.pk) == 5
        assert services.add_all(supervisor.actor, breach.pk) == 0
        mailbox.ask_to_stop(stopped.visit())
        told, _left = services.decide_all_by_mailbox(supervisor.actor, supervisor.keyring, breach.pk)
        told += services.decide_all_by_mailbox(supervisor.actor, supervisor.keyring, breach.pk)[0]
        told += services.decide_all_by_mailbox(supervisor.actor, supervisor.keyring, breach.pk)[0]
        assert told == 4
        assert all(len(mailbox.view(sent.visit()).messages) == 1 for sent in others)
        assert Notice.objects.filter(way="").get().report == stopped.report, "its keys are with the reporter alone"

    def test_a_report_is_listed_once_and_taken_off_only_before_a_decision(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach, sent = enter(), send(**CALM)
        notice = listed(supervisor, breach, sent)
        assert listed(supervisor, breach, sent).pk == notice.pk
        services.remove_report(supervisor.actor, breach.pk, notice.pk)
        assert not Notice.objects.exists()
        notice = decide(supervisor, listed(supervisor, breach, sent), "mailbox")
        with pytest.raises(Conflict):
            services.remove_report(supervisor.actor, breach.pk, notice.pk)

    def test_of_other_teams_reports_nothing_is_listed(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach, hidden = enter(), send(**CALM, concern=["works_here"])
        with pytest.raises(NotFound):
            listed(supervisor, breach, hidden)
        assert services.add_all(supervisor.actor, breach.pk) == 0


class TestReportsThatMove:
    def test_the_team_that_took_it_over_decides(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk, analyst: Desk, other_supervisor: Desk
    ) -> None:
        breach, sent = enter(), send(**CALM)
        notice = listed(supervisor, breach, sent)
        row = transferring.offer(
            analyst.actor, analyst.keyring, sent.report.pk, cast.other_intake.pk, "place", "Pindah."
        )
        transferring.accept(other_supervisor.actor, other_supervisor.keyring, row.pk)
        assert services.read(supervisor.actor, supervisor.keyring, breach.pk).notices == ()
        with pytest.raises(NotFound):
            decide(supervisor, notice, "mailbox")
        assert [n.pk for n in selectors.strange_notices(other_supervisor.actor)] == [notice.pk]
        decide(other_supervisor, notice, "not_home", "Rumah tidak aman.")
        assert not selectors.strange_notices(other_supervisor.actor).exists()
        keys = vault.open_with_team(record_id=sent.report.record_id, keyring=other_supervisor.keyring)
        field = f"decision:{notice.pk.hex}"
        assert vault.get(record_id=sent.report.record_id, keys=keys, field=field) == b"Rumah tidak aman."
        with pytest.raises(NotFound):
            services.read(other_supervisor.actor, other_supervisor.keyring, breach.pk)

    def test_a_conflict_of_interest_hides_it_even_as_a_number(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk, analyst: Desk
    ) -> None:
        breach, sent = enter(), send(**CALM)
        listed(supervisor, breach, sent)
        mark_conflict(analyst.actor, analyst.keyring, sent.report.pk, cast.intake.pk)
        opened = services.read(supervisor.actor, supervisor.keyring, breach.pk)
        assert (opened.notices, "undecided" in opened.missing) == ((), False)

    def test_erasing_leaves_the_decision_without_the_report(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach, one, two = enter(), send(**CALM), send(**CALM)
        decide(supervisor, listed(supervisor, breach, one), "mailbox")
        listed(supervisor, breach, two)
        for sent in (one, two):
            vault.shred(record_id=sent.report.record_id)
        assert [(n.report_id, n.way) for n in Notice.objects.order_by("way")] == [(None, ""), (None, "mailbox")]
        assert "undecided" not in services.read(supervisor.actor, supervisor.keyring, breach.pk).missing


class TestAuthority:
    def test_is_noted_once_with_its_reference_sealed(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        with later(hours=71):
            services.note_authority(supervisor.actor, supervisor.keyring, breach.pk, clock.now(), "Tanda terima 7/XI")
            with pytest.raises(Conflict):
                services.note_authority(supervisor.actor, supervisor.keyring, breach.pk, clock.now(), "lagi")
        opened = services.read(supervisor.actor, supervisor.keyring, breach.pk)
        assert opened.authority == "Tanda terima 7/XI"
        assert '"late":false' in Event.objects.get(kind="breach.authority_told").data.replace(" ", "")

    def test_a_time_before_the_discovery_or_ahead_is_refused(self, cast: Any, enter: Enter, supervisor: Desk) -> None:
        breach = enter()
        for moment in (MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1)):
            with pytest.raises(BadInput):
                services.note_authority(supervisor.actor, supervisor.keyring, breach.pk, moment, "x")


class TestReminders:
    def at(self, hours: float) -> int:
        return reminding.remind(MONDAY + timedelta(hours=hours))

    def test_at_once_at_24_48_66_72_and_daily_until_both_notices_are_done(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk
    ) -> None:
        breach = enter()
        notice = listed(supervisor, breach, send(**CALM))
        assert [self.at(h) for h in (0, 1, 23.9, 24, 25, 48, 66, 66.5, 72, 95, 96)] == [1, 0, 0, 1, 0, 1, 1, 0, 1, 0, 1]
        assert {address for letter in mail.outbox for address in letter.to} == {"supervisor@example.org"}
        services.note_authority(supervisor.actor, supervisor.keyring, breach.pk, MONDAY, "x")
        assert self.at(120) == 1, "somebody is not told yet"
        decide(supervisor, notice, "mailbox")
        assert self.at(144) == 0

    def test_the_letter_says_nothing(self, cast: Any, enter: Enter) -> None:
        breach = enter()
        self.at(0)
        (letter,) = mail.outbox
        for word in (breach.reference, "insiden", "breach", "data", "Laptop"):
            assert word.lower() not in f"{letter.subject} {letter.body}".lower().replace("data:", "")

    def test_two_loops_call_once(self, cast: Any, enter: Enter, tmp_path: Path) -> None:
        breach = enter()
        Breach.objects.filter(pk=breach.pk).update(remind_at=MONDAY)
        row = Breach.objects.select_related("team").get()
        assert [reminding._lease(row, MONDAY), reminding._lease(row, MONDAY)] == [True, False]

    def test_a_mail_server_that_is_down_is_asked_again(
        self, cast: Any, enter: Enter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from lindung.reporting.services import alerts

        enter()
        with monkeypatch.context() as patch:
            patch.setattr(alerts, "_send", lambda letter: False)
            assert self.at(0) == 0
        assert self.at(0.02) == 0
        assert self.at(0.05) == 1

    def test_the_loop_knows_the_step(self, cast: Any, enter: Enter) -> None:
        from lindung.reporting import tasks

        enter()
        assert tasks.run_due(MONDAY)["breaches"] == 1


class TestClosing:
    def ready(self, desk: Desk, breach: Breach) -> None:
        services.note_authority(desk.actor, desk.keyring, breach.pk, clock.now(), "7/XI")

    def test_needs_everything_done_and_two_people(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk, analyst: Desk
    ) -> None:
        breach = enter()
        notice = listed(supervisor, breach, send(**CALM))
        with pytest.raises(NotYetClosable) as error:
            services.propose_closure(supervisor.actor, breach.pk)
        assert error.value.missing == ("authority", "undecided")
        self.ready(supervisor, breach)
        decide(supervisor, notice, "later", "Belum aman.")
        with pytest.raises(NotYetClosable) as error:
            services.propose_closure(supervisor.actor, breach.pk)
        assert error.value.missing == ("later",)
        decide(supervisor, notice, "mailbox")
        with pytest.raises(NotFound):
            services.close(analyst.actor, breach.pk)
        services.propose_closure(supervisor.actor, breach.pk)
        with pytest.raises(NotAllowed):
            services.close(supervisor.actor, breach.pk)
        assert services.close(analyst.actor, breach.pk).state == "closed"
        assert not selectors.visible_breaches(analyst.actor).exists(), "what is closed is the supervisors' again"
        assert reminding.remind(MONDAY + timedelta(days=30)) == 0
        with pytest.raises(Conflict):
            services.write_measures(supervisor.actor, supervisor.keyring, breach.pk, "x", "one", breach.version)

    def test_the_second_person_may_disagree(self, cast: Any, enter: Enter, supervisor: Desk, second: Desk) -> None:
        breach = enter()
        self.ready(supervisor, breach)
        services.propose_closure(supervisor.actor, breach.pk)
        with pytest.raises(Conflict):
            services.propose_closure(supervisor.actor, breach.pk)
        assert services.read(second.actor, second.keyring, breach.pk).measures == WORDS
        assert services.reject_closure(second.actor, breach.pk).closing_by is None

    def test_somebody_added_meanwhile_keeps_it_open(
        self, cast: Any, enter: Enter, send: Send, supervisor: Desk, analyst: Desk
    ) -> None:
        breach = enter()
        self.ready(supervisor, breach)
        services.propose_closure(supervisor.actor, breach.pk)
        listed(supervisor, breach, send(**CALM))
        with pytest.raises(NotYetClosable):
            services.close(analyst.actor, breach.pk)


def of_decisions(cast: Any, send: Send, enter: Enter) -> None:
    """Two supervisors press the same button: the child reads one sentence."""
    sent, breach = send(**CALM), enter()
    desk = Desk(cast, cast.supervisor)
    notice = listed(desk, breach, sent)
    results = at_once(*[lambda: decide(desk, notice, "mailbox")] * 3)
    assert sum(isinstance(r, Notice) for r in results) == 1, results
    assert Message.objects.count() == 1


def of_closing(cast: Any, send: Send, enter: Enter) -> None:
    breach, desk = enter(), Desk(cast, cast.supervisor)
    services.note_authority(desk.actor, desk.keyring, breach.pk, clock.now(), "7/XI")
    services.propose_closure(desk.actor, breach.pk)
    actors = [cast.actor(cast.analyst), cast.actor(cast.second_analyst)]
    results = at_once(*[lambda a=actor: services.close(a, breach.pk) for actor in actors])
    assert sum(isinstance(r, Breach) for r in results) == 1, results
    assert Event.objects.filter(kind="breach.closed").count() == 1


RACES = [of_decisions, of_closing]


@pytest.mark.parametrize("race", RACES)
@pytest.mark.sqlite
def test_on_a_sqlite_file(race: Any, cast: Any, send: Send, enter: Enter, tmp_path: Path) -> None:
    with on_a_file(tmp_path / "race.sqlite3"):
        race(cast, send, enter)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_on_postgresql(race: Any, cast: Any, send: Send, enter: Enter) -> None:
    race(cast, send, enter)


def test_a_list_of_teams_without_keys_is_empty(cast: Any) -> None:
    keyless = Team.objects.create(organisation=cast.organisation, name="tanpa kunci", kind="intake")
    found = {team.pk for team in selectors.teams_to_enter_for(cast.actor(cast.administrator))}
    assert found == {cast.intake.pk}
    assert keyless.pk not in found
    assert Report.objects.count() == 0
