"""The sender's side: a draft, what it says, sending it on a ground, and further versions.

Nothing is sent without a consent or a signed decision for its scope (casework's basis_for, asked again while the case
is held still), nothing past the gate (casework's outgoing), and nothing to a body that does not fit the child unless
somebody writes down why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.casework import outgoing
from lindung.casework.errors import CaseClosed
from lindung.casework.models import Case
from lindung.casework.models import State as CaseState
from lindung.casework.models_closing import CaseMove, MoveState
from lindung.casework.models_plan import Goal
from lindung.casework.models_rights import Consent, Decision, DecisionState, Outgoing
from lindung.casework.rules_consent import Basis
from lindung.casework.services import consents
from lindung.casework.services.access import checked_choice, checked_text, open_case_for, open_keys, seal, unseal
from lindung.casework.services.beside import hold
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.directory import knowledge as directory
from lindung.directory.models import Organisation
from lindung.directory.rules import Hindrance
from lindung.vault import services as vault
from lindung.vault.locks import first_shared
from lindung.vault.services import Keyring, RecordKeys

from .. import rules_clock, rules_fit
from ..errors import DoesNotFit
from ..models import ACTIVE, ENDED, Referral, State, Version, Way
from ..state import Event
from . import calling, contents, fitting, moving
from .access import move, sent, unshare, write
from .contents import Contents


@dataclass(frozen=True)
class DraftInput:
    """A referral as its form gives it. `sections`: code -> text, as somebody read it; `way`: for a body without an
    account here; `needs`: codes of rules_fit.NEEDS."""

    service: str
    organisation_id: UUID
    goal: str = field(repr=False)
    sections: Mapping[str, str] = field(default_factory=dict, repr=False)
    needs: tuple[str, ...] = ()
    goal_id: UUID | None = None
    second_choice_of: UUID | None = None
    way: str = ""


def draft(actor: Actor, keyring: Keyring, case_id: UUID, entry: DraftInput) -> Referral:
    """Begin a referral: nothing leaves yet. Its words pass the gate already, so that nobody learns it at the end.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, and Barred for what may not be told.
    """
    checked_choice("service", entry.service, directory.services())
    words = contents.checked(entry.service, entry.goal, entry.sections, entry.needs)
    case = open_case_for(actor, case_id)
    organisation = _organisation(case, entry.organisation_id)
    way = _way(organisation, entry.way)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        hold(case)
        guarded = _passed(case, keys, words, organisation)
        referral = Referral.objects.create(
            case=case,
            organisation=organisation,
            receiving_team_id=organisation.team_id if way == Way.PLATFORM else None,
            way=way,
            service=entry.service,
            goal=_goal(case, entry.goal_id),
            risk=case.risk,
            second_choice_of=_earlier(case, entry.second_choice_of),
            made_at=clock.now(),
            made_by_id=actor.user_id,
            changed_at=clock.now(),
        )
        row, _keys = contents.write_version(referral, contents.with_cautions(words, guarded), actor)
        moving.offer_also(case, row, keyring)
        _record("referral.drafted", actor, referral, service=referral.service, way=referral.way)
    return referral


def _organisation(case: Case, organisation_id: UUID) -> Organisation:
    """The body that is asked: never one's own team, and none that the case excludes."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise BadInput("organisation", _("Pilih lembaganya dari direktori."))
    if found.team_id is not None and found.team_id == case.team_id:
        raise BadInput("organisation", _("Ini timmu sendiri. Catat layanannya di rencana."))
    _check_team(case, found)
    return found


def _check_team(case: Case, organisation: Organisation) -> None:
    if organisation.team_id is None:
        return
    if case.exclusions.filter(team=organisation.team_id).exists():
        raise BadInput("organisation", _("Lembaga ini tersangkut kasusnya. Pilih yang lain."))
    if CaseMove.objects.filter(case=case, to_team=organisation.team_id, state=MoveState.OFFERED).exists():
        raise BadInput("organisation", _("Kasus ini sedang ditawarkan ke tim itu. Tunggu dulu jawabannya."))


def _check_same_team(referral: Referral) -> None:
    """What is sent goes to the team that works for the body today, not to one that did when it was written."""
    present = Organisation.objects.filter(pk=referral.organisation_id).values_list("team_id", flat=True).first()
    if referral.receiving_team_id is not None and referral.receiving_team_id != present:
        raise BadInput("organisation", _("Tim lembaga ini sudah berganti. Buat rujukan baru."))


def _way(organisation: Organisation, wanted: str) -> str:
    ways = fitting.ways_to(organisation)
    if not wanted or ways == (Way.PLATFORM,):
        return ways[0].value
    return checked_choice("way", wanted, ways)


def _goal(case: Case, goal_id: UUID | None) -> Goal | None:
    if goal_id is None:
        return None
    goal = Goal.objects.filter(pk=goal_id, plan__case=case).first()
    if goal is None:
        raise BadInput("goal_id", _("Pilih tujuan dari rencana kasus ini."))
    return goal


def _earlier(case: Case, referral_id: UUID | None) -> Referral | None:
    if referral_id is None:
        return None
    earlier = Referral.objects.filter(pk=referral_id, case=case).exclude(state=State.DRAFT).first()
    if earlier is None:
        raise NotFound
    return earlier


def _passed(case: Case, keys: RecordKeys, words: Contents, organisation: Organisation) -> outgoing.Guarded:
    """Through the gate, or Barred."""
    guarded = outgoing.guard(case, keys)
    outgoing.check(guarded, keys, words.texts, asked=words.goal, to_body=organisation, sections=words.chosen)
    return guarded


def amend(
    actor: Actor,
    keyring: Keyring,
    referral_id: UUID,
    *,
    goal: str,
    sections: Mapping[str, str],
    needs: tuple[str, ...] | None = None,
    version: int | None = None,
) -> Version:
    """Write a new version, under keys of its own. It is shared at once while the receiver works with it, on a ground
    that is asked again, and never when the referral has ended.

    Raises NotFound, NotAllowed, CaseClosed, BadInput, NoConsent, Barred, and Conflict when it changed since `version`.
    """
    referral = sent(actor, referral_id)
    _need_open(referral.case)
    keys = open_keys(referral.case, keyring)
    before = _newest(referral, keyring)
    words = contents.checked(referral.service, goal, sections, before.needs if needs is None else needs)
    with transaction.atomic():
        hold(referral.case)
        guarded = _passed(referral.case, keys, words, referral.organisation)
        ground = {}
        if referral.state in ACTIVE:
            _check_same_team(referral)
            ground = _ground(referral, _basis(referral, keys))
        write(referral, version=version, **ground)
        row, _keys = contents.write_version(referral, contents.with_cautions(words, guarded), actor)
        if referral.state in ACTIVE:
            _share(referral, row, keyring)
        moving.offer_also(referral.case, row, keyring)
        _record("referral.amended", actor, referral, number=row.number, shared=row.shared_at is not None)
    return row


def discard(actor: Actor, referral_id: UUID, *, version: int | None = None) -> None:
    """Throw a draft away, with its sealed words. Raises NotFound, NotAllowed, Conflict once it was sent."""
    referral = sent(actor, referral_id)
    if referral.state != State.DRAFT:
        raise Conflict
    with transaction.atomic():
        hold(referral.case)
        write(referral, version=version)
        records = list(Version.objects.filter(referral=referral).values_list("record_id", flat=True))
        Referral.objects.filter(pk=referral.pk, state=State.DRAFT).delete()
        for record_id in records:
            vault.shred(record_id=record_id)
        _record("referral.discarded", actor, referral)


def send(
    actor: Actor, keyring: Keyring, referral_id: UUID, *, override: str = "", version: int | None = None
) -> Referral:
    """Send a draft. `override`: why it goes to a body that does not quite fit; sealed in the case.

    The first choice, if it has not answered, lapses in the same moment. Raises NotFound, NotAllowed, CaseClosed,
    NoConsent, Barred, DoesNotFit (a BadInput), and Conflict when it was sent already or changed since `version`.
    """
    override = checked_text("override", override, required=False)
    referral = sent(actor, referral_id)
    _need_open(referral.case)
    keys = open_keys(referral.case, keyring)
    words = _newest(referral, keyring)
    found = _fit(referral, keys, words)
    if found and not override.strip():
        raise DoesNotFit(found, fitting.in_words(found))
    with transaction.atomic():
        hold(referral.case)
        referral.case.refresh_from_db(fields=["risk"])
        _check_team(referral.case, referral.organisation)
        _check_same_team(referral)
        guarded = _passed(referral.case, keys, words, referral.organisation)
        basis = _basis(referral, keys)
        _move_to_sent(actor, referral, basis, found, version)
        row = _version_to_send(referral, contents.with_cautions(words, guarded), words, actor)
        if referral.way == Way.PLATFORM:
            _share(referral, row, keyring)
        moving.offer_also(referral.case, row, keyring)
        if override.strip():
            kept = unseal(referral.case, keys, referral.field)
            seal(referral.case, keys, referral.field, {**kept, "override": override})
        _first_choice_lapses(referral, actor)
        _note_outgoing(actor, referral)
        _record("referral.sent", actor, referral, ground=referral.ground, overridden=len(found), number=row.number)
    calling.call_receivers(referral)
    return referral


def _need_open(case: Case) -> None:
    if case.state == CaseState.CLOSED:
        raise CaseClosed


def _newest(referral: Referral, keyring: Keyring) -> Contents:
    version = Version.objects.filter(referral=referral).order_by("-number").first()
    if version is None:
        raise NotFound
    keys = vault.open_with_team(record_id=version.record_id, keyring=keyring)
    return contents.read(version, keys)[0]


def _fit(referral: Referral, keys: RecordKeys, words: Contents) -> tuple[Hindrance, ...]:
    case = referral.case
    places = {role: unseal(case, keys, f"place:{role}") for role in ("present", "home")}
    child = fitting.child_of(case, unseal(case, keys, "child"), places, words.needs)
    found = fitting.problems(referral.organisation, referral.service, child, urgent=fitting.is_urgent(case))
    gone = [one for one in found if one.code in fitting.NOT_THERE]
    if gone:
        raise BadInput("organisation", fitting.in_words(gone)[0])
    return found


def _basis(referral: Referral, keys: RecordKeys) -> Basis:
    """Why it may leave today, held until the commit: who takes the yes back meanwhile finds it sent and stops it."""
    basis = consents.basis_for(referral.case, keys, referral.service)
    if basis.decision_id is not None:
        held = first_shared(Decision.objects.filter(pk=basis.decision_id, state=DecisionState.SIGNED)) is not None
    else:
        rows = [first_shared(Consent.objects.filter(pk=pk, withdrawn_at=None)) for pk in basis.consent_ids]
        held = bool(rows) and all(row is not None for row in rows)
    if not held:
        raise Conflict
    return basis


def _ground(referral: Referral, basis: Basis) -> dict[str, object]:
    decided = basis.decision_id is not None
    return {
        "ground": basis.ground,
        "consent_id": None if decided else basis.consent_id,
        "decision_id": basis.decision_id,
    }


def _move_to_sent(
    actor: Actor, referral: Referral, basis: Basis, found: tuple[Hindrance, ...], version: int | None
) -> None:
    now = clock.now()
    times = rules_clock.times(now, referral.case.risk, referral.organisation.tz)
    move(
        referral, Event.SEND, version=version, sent_at=now, sent_by_id=actor.user_id, risk=referral.case.risk,
        answer_due_at=times.answer, next_call_at=times.answer, overridden=" ".join(rules_fit.codes(found)),
        **_ground(referral, basis),
    )  # fmt: skip


def _version_to_send(referral: Referral, wanted: Contents, newest: Contents, actor: Actor) -> Version:
    """The newest version, unless who may not know has changed since it was written."""
    if wanted == newest:
        version = Version.objects.filter(referral=referral).order_by("-number").first()
        assert version is not None
        return version
    return contents.write_version(referral, wanted, actor)[0]


def _share(referral: Referral, row: Version, keyring: Keyring) -> None:
    if referral.receiving_team_id is None:
        return
    if referral.receiving_team_id != referral.case.team_id:
        vault.share(record_id=row.record_id, keyring=keyring, to_team_id=referral.receiving_team_id)
    row.shared_at = clock.now()
    row.save(update_fields=["shared_at"])


def _first_choice_lapses(referral: Referral, actor: Actor) -> None:
    """Two bodies are not asked at once: who did not answer reads it no more, and its tasks are done."""
    if referral.second_choice_of_id is None:
        return
    earlier = Referral.objects.select_related("case", "organisation").get(pk=referral.second_choice_of_id)
    if earlier.state == State.SENT:
        move(earlier, Event.LAPSE, ended_at=clock.now(), ended_by_id=actor.user_id, next_call_at=None)
        unshare(earlier)
        _record("referral.lapsed", actor, earlier)
    elif earlier.state in ENDED and earlier.next_call_at is not None:
        write(earlier, next_call_at=None)
    calling.end(earlier, actor)


def _note_outgoing(actor: Actor, referral: Referral) -> None:
    """What left, to whom, on which ground: beside the letters of the case."""
    Outgoing.objects.create(
        case=referral.case, kind="referral", organisation=referral.organisation, ground=referral.ground,
        at=clock.now(), by_id=actor.user_id,
    )  # fmt: skip


def _record(kind: str, actor: Actor, referral: Referral, **data: str | int | bool) -> None:
    audit.record(kind, actor=actor.audit_name, subject=referral.pk.hex, data={"case": referral.case_id.hex, **data})
