"""Over random people, cases and referrals: who sees one, what leaves, and what a receiver's keys open."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.accounts.rules import ALL_ROLES, TEAM_KIND_ROLES
from lindung.casework.errors import Barred, NoConsent
from lindung.casework.models import Case, CaseExclusion, CaseIncident, CaseWorker, Incident
from lindung.casework.models_rights import Answer, BarredKind, Consent, DecisionState, Giver
from lindung.casework.services import barring, consents
from lindung.casework.services.access import open_keys, settle_free
from lindung.casework.services.barring import BarInput
from lindung.core import clock
from lindung.core.errors import Conflict, LindungError, NotAllowed, NotFound
from lindung.directory.models import Organisation
from lindung.referrals import rules, selectors
from lindung.referrals.models import SHARED, Referral, State, Version
from lindung.referrals.tests.people import SERVICE, Worker, decide, provider
from lindung.vault import services as vault
from lindung.vault.models import SealedField, SealedRecord

pytestmark = pytest.mark.django_db
SLOWLY = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


def row(case: Case, body: Any, team: Team | None, state: str, user: User) -> Referral:
    """A referral in some state, written down without asking any rule: only who sees it is tried."""
    now = clock.now()
    consent = Consent.objects.create(
        case=case, giver=Giver.CHILD, scope=SERVICE, answer=Answer.GIVEN, asked_on=now.date(), recorded_at=now,
        recorded_by=user,
    )  # fmt: skip
    sent = {} if state == State.DRAFT else {"sent_at": now, "consent": consent}
    return Referral.objects.create(
        case=case, organisation=body, receiving_team=team, way="platform" if team else "letter", service=SERVICE,
        state=state, made_at=now, made_by=user, changed_at=now, **sent,
    )  # fmt: skip


def body_of(team: Team) -> Any:
    """The body of a team: one for all examples."""
    return Organisation.objects.filter(team=team).first() or provider(team)


def bare_case(team: Team, user: User) -> Case:
    record = SealedRecord.objects.create(kind="case")
    now = clock.now()
    return Case.objects.create(record=record, team=team, standard="x", opened_at=now, opened_by=user, changed_at=now)


class TestWhoSees:
    @given(seed=st.integers(0, 10**9))
    @settings(max_examples=8, deadline=None, suppress_health_check=SLOWLY)
    def test_the_selector_and_the_rule_agree(self, cast: Any, seed: int) -> None:
        """Random roles in random teams, cases with workers, exclusions and shared incidents, referrals to and fro."""
        dice = random.Random(seed)
        teams = [cast.intake, cast.other_intake, cast.independent, cast.partner_team]
        people = list(cast.everybody().values())
        actors = [self._somebody(dice, teams, person) for person in people]
        referrals = [self._referral(dice, teams, people) for _number in range(4)]
        for actor in [*actors, Actor.system()]:
            seen = set(selectors.visible_to(actor).values_list("pk", flat=True))
            got = set(selectors.received_by(actor).values_list("pk", flat=True))
            for referral in referrals:
                facts = selectors.facts_of(referral)
                assert (referral.pk in seen) == rules.may_open(actor, facts), (actor, facts)
                assert (referral.pk in got) == rules.receives(actor, facts), (actor, facts)
        Referral.objects.all().delete()
        Case.objects.all().delete()

    @staticmethod
    def _somebody(dice: random.Random, teams: list[Team], person: User) -> Actor:
        chosen = dice.sample(teams, dice.randint(0, 2))
        roles = {(team.pk, dice.choice(sorted(TEAM_KIND_ROLES[team.kind]))) for team in chosen}
        if dice.random() < 0.2:
            roles.add((None, dice.choice(sorted(ALL_ROLES - {"case_worker", "analyst", "supervisor", "partner"}))))
        return Actor(person.pk, person.username, roles=frozenset(roles))

    @staticmethod
    def _referral(dice: random.Random, teams: list[Team], people: list[User]) -> Referral:
        by = dice.choice(people)
        case = bare_case(dice.choice(teams), by)
        Case.objects.filter(pk=case.pk).update(state=dice.choice(["open", "open", "closed"]))
        for person in dice.sample(people, dice.randint(0, 2)):
            CaseWorker.objects.create(case=case, user=person, role="co", since=clock.now(), assigned_by=by)
        for team in dice.sample(teams, dice.choice([0, 0, 1])):
            CaseExclusion.objects.create(case=case, team=team)
        if dice.random() < 0.4:  # another child of the same incident, with somebody of its own
            other, incident = bare_case(dice.choice(teams), by), Incident.objects.create(created_at=clock.now())
            for one in (case, other):
                CaseIncident.objects.create(case=one, incident=incident, added_at=clock.now(), added_by=by)
            CaseWorker.objects.create(
                case=other, user=dice.choice(people), role="co", since=clock.now(), assigned_by=by
            )
            settle_free(other.pk)
        settle_free(case.pk)
        team = dice.choice([None, *teams])
        made = row(case, provider(), team, dice.choice(State.values), by)
        return Referral.objects.select_related("case").get(pk=made.pk)


class TestWhatLeaves:
    @given(seed=st.integers(0, 10**9))
    @settings(max_examples=6, deadline=None, suppress_health_check=SLOWLY)
    def test_nothing_without_a_yes_or_a_decision_of_two_and_no_barred_word(
        self, cast: Any, sender: Worker, receiver: Worker, seed: int
    ) -> None:
        """Whatever is tried in whatever order: what was sent stands on a ground that holds at that moment, holds no
        barred word, and stays readable only while it does."""
        dice = random.Random(seed)
        case = sender.case()
        guardian = sender.guardian(case, dice.choice(["safe", "safe", "unknown", "implicated"]))
        body = body_of(cast.partner_team)
        barred: list[str] = []
        for step in range(dice.randint(4, 8)):
            with clock.frozen(clock.now()):
                self._something(dice, cast, sender, case, guardian.pk, body, barred, step)
            self._check(case, sender, receiver, barred)

    @staticmethod
    def _something(
        dice: random.Random,
        cast: Any,
        sender: Worker,
        case: Case,
        guardian: UUID,
        body: Any,
        barred: list[str],
        step: int,
    ) -> None:
        deed = dice.choice(["child", "child", "guardian", "no", "withdraw", "decide", "bar", "send", "send", "send"])
        now = clock.now().replace(minute=step)
        with clock.frozen(now):
            try:
                if deed == "child":
                    sender.consent(case)
                elif deed == "guardian":
                    sender.consent(case, giver=Giver.GUARDIAN, person=guardian)
                elif deed == "no":
                    sender.consent(case, answer=Answer.REFUSED)
                elif deed == "withdraw":
                    sender.withdraw(case, dice.choice([Giver.CHILD, Giver.GUARDIAN]))
                elif deed == "decide":
                    decide(cast, case, question=dice.choice(["consent_overridden", "guardian_left_out"]))
                elif deed == "bar":
                    word = dice.choice(["melati", "pesantren"])
                    entry = BarInput(kind=BarredKind.FACT, what="Hal pribadi", words=[word])
                    barring.bar(sender.actor, sender.keyring, case.pk, entry)
                    barred.append(word)
                else:
                    TestWhatLeaves._send(dice, sender, case, body, barred)
            except (Consent.DoesNotExist, LindungError):
                pass  # refused; what matters is what left

    @staticmethod
    def _send(dice: random.Random, sender: Worker, case: Case, body: Any, barred: list[str]) -> None:
        text = dice.choice(["Suka menggambar", "Dulu di pesantren", "Rumah dekat kebun m e l a t i"])
        holds = any(word in text.replace(" ", "").lower() for word in barred)
        keys = open_keys(case, sender.keyring)
        try:
            consents.basis_for(case, keys, SERVICE)
            allowed = True
        except NoConsent:
            allowed = False
        try:
            referral = sender.draft(case, body, goal=text)
            sender.send(referral)
        except Barred:
            assert holds
        except NoConsent:
            assert not allowed
        else:
            assert allowed
            assert not holds

    @staticmethod
    def _check(case: Case, sender: Worker, receiver: Worker, barred: list[str]) -> None:
        for referral in Referral.objects.filter(case=case, state__in=SHARED):
            decided = referral.decision is not None and referral.decision.state == DecisionState.SIGNED
            agreed = referral.consent is not None and referral.consent.withdrawn_at is None
            assert decided != agreed
            if decided:
                assert referral.decision.first_signed_by_id != referral.decision.second_signed_by_id  # type: ignore[union-attr]
            said_no = Consent.objects.filter(case=case, scope=SERVICE, giver=Giver.CHILD).order_by("recorded_at").last()
            later_no = said_no is not None and (
                (said_no.answer == Answer.REFUSED and said_no.recorded_at > referral.sent_at)
                or (said_no.withdrawn_at is not None and said_no.withdrawn_at > referral.sent_at)
            )
            assert not later_no, "a no of the child stops what was sent before it"
        for referral in Referral.objects.filter(case=case).exclude(state__in=SHARED):
            for version in referral.versions.all():
                with pytest.raises(NotAllowed):
                    vault.open_with_team(record_id=version.record_id, keyring=receiver.keyring)


def opens(keyring: Any, record_ids: Iterable[UUID]) -> set[tuple[UUID, str, int]]:
    """Everything that a keyring opens of all sealed rows there are: (record, field, version)."""
    found = set()
    for record_id in record_ids:
        try:
            keys = vault.open_with_team(record_id=record_id, keyring=keyring)
        except (NotAllowed, NotFound):
            continue
        for sealed in SealedField.objects.filter(record=record_id):
            try:
                vault.get(record_id=record_id, keys=keys, field=sealed.field, version=sealed.version)
            except NotAllowed:
                continue
            found.add((record_id, sealed.field, sealed.version))
    return found


def a_receivers_keys_open_what_was_granted(cast: Any, seed: int) -> None:
    """Cases, drafts, referrals to this team, to others and on paper, in every state; then every sealed row is tried."""
    dice = random.Random(seed)
    sender, receiver, other = (Worker(cast, user) for user in (cast.case_worker, cast.partner, cast.other_analyst))
    here, paper = body_of(cast.partner_team), provider()
    elsewhere = body_of(cast.other_intake)
    cases = [sender.ready_case() for _number in range(2)]
    for _number in range(6):
        case, body = dice.choice(cases), dice.choice([here, here, paper, elsewhere])
        referral = sender.draft(case, body)
        for deed in dice.choice(_LIVES):
            _live(deed, sender, receiver, referral)
    granted = set()
    shared = Version.objects.filter(referral__receiving_team=cast.partner_team, referral__state__in=SHARED)
    for version in shared.filter(shared_at__isnull=False, unshared_at=None):
        granted |= {
            (version.record_id, sealed.field, sealed.version)
            for sealed in SealedField.objects.filter(record=version.record_id)
        }
    everything = list(SealedRecord.objects.values_list("pk", flat=True))
    assert opens(receiver.keyring, everything) == granted
    assert not opens(other.keyring, everything) & granted
    assert all(kind == "referral" for kind in SealedRecord.objects.filter(
        pk__in={record for record, *_rest in granted}
    ).values_list("kind", flat=True))  # fmt: skip
    assert opens(sender.keyring, everything) >= granted


_LIVES = (
    (), ("send",), ("send", "accept"), ("send", "accept", "deliver", "amend"), ("send", "decline"),
    ("send", "accept", "revoke", "amend"), ("send", "amend", "accept", "complete"), ("send", "lapse"),
)  # fmt: skip


def _live(deed: str, sender: Worker, receiver: Worker, referral: Referral) -> None:
    """One step in the life of a referral, if the receiver is one that answers here."""
    referral.refresh_from_db()
    answers = {"accept": receiver.accept, "deliver": receiver.deliver, "decline": receiver.decline,
               "complete": receiver.complete}  # fmt: skip
    try:
        if deed in answers:
            answers[deed](referral)
        elif deed == "send":
            sender.send(referral)
        elif deed == "amend":
            sender.amend(referral)
        elif deed == "revoke":
            sender.revoke(referral)
        else:
            sender.send(sender.draft(referral.case, provider(), second_choice_of=referral.pk))
    except (NotFound, NotAllowed, Conflict):
        assert referral.receiving_team_id != receiver.cast.partner_team.pk, "only those of another team refuse"


class TestWhatTheKeysOpen:
    @given(seed=st.integers(0, 10**9))
    @settings(max_examples=2, deadline=None, suppress_health_check=SLOWLY)
    def test_exactly_the_granted_sections(self, cast: Any, seed: int) -> None:
        a_receivers_keys_open_what_was_granted(cast, seed)
