"""What a child says about us: through its mailbox or a colleague, read by somebody who does not work with the child.

It goes to the supervisors of the case's team who never worked on the case; without any, to the independent team. Its
words are sealed in a record of their own, under the key of the team that reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.accounts.rules import ANALYST, SUPERVISOR
from lindung.accounts.selectors import members_of
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import answers as answering
from lindung.reporting.errors import StoppedMeanwhile
from lindung.reporting.models import State as ReportState
from lindung.reporting.services.storing import storing
from lindung.reporting.services.visits import Visit, opened
from lindung.vault import services as vault
from lindung.vault.models import TeamKey
from lindung.vault.primitives import token as keyed
from lindung.vault.secrets import key_for
from lindung.vault.services import STAFF, Keyring

from .. import moves, rules, selectors, signals
from ..knowledge import ending
from ..models import Case, CaseExclusion, CaseWorker
from ..models_closing import Feedback, FeedbackKind
from .access import case_for, checked_choice, checked_text

WORDS, ANSWER = "words", "answer"


@dataclass(frozen=True)
class Told:
    """What the mailbox says about it: whether anything was said, and whether the last was read. No words."""

    said: bool
    read: bool


@dataclass(frozen=True)
class OpenedFeedback:
    """One opinion or complaint, opened for somebody who may read it."""

    row: Feedback
    words: str = field(repr=False)
    answer: str = field(default="", repr=False)


# --- from the child ---------------------------------------------------------------------------------------------------


def can_say(report_id: UUID) -> bool:
    """Whether the mailbox of a report offers it: a case was made from it, and the child lives."""
    return _case_of(report_id) is not None


def told(report_id: UUID) -> Told:
    """What the mailbox may say about what was said before."""
    case = _case_of(report_id)
    last = Feedback.objects.filter(case=case, form_tag__isnull=False).order_by("-at", "-id").first() if case else None
    return Told(last is not None, bool(last and last.answered_at))


def from_mailbox(visit: Visit, *, kind: str, mood: str, text: str, token: str) -> Feedback:
    """Take what somebody with the receipt says about us. The same form twice is one.

    Raises WrongReceipt when the report was erased, NotFound without a case, BadInput when nothing is said, and
    StoppedMeanwhile while a wish to stop locks the box.
    """
    tag = keyed(key_for("reporting/form"), "feedback", token)
    with storing():
        try:
            with transaction.atomic():
                report, _keys = opened(visit, lock=True)
                if report.state == ReportState.WITHDRAWN:
                    raise StoppedMeanwhile()
                case = _case_of(report.pk)
                if case is None:
                    raise NotFound
                known = Feedback.objects.filter(case=case, form_tag=tag).first()
                if known is not None:
                    return known
                return _keep(case, kind, mood, text, tag=tag)
        except IntegrityError:
            raise Conflict from None


def _case_of(report_id: UUID) -> Case | None:
    """The newest case of a report, as long as its mailbox may speak: of no child who is missing or died."""
    rows = Case.objects.filter(case_reports__report=report_id).select_related("team").order_by("-opened_at", "id")
    cases = list(rows)
    return cases[0] if cases and not any(selectors.is_silent(case.pk) for case in cases) else None


# --- from a colleague -------------------------------------------------------------------------------------------------


def from_colleague(actor: Actor, case_id: UUID, *, kind: str, mood: str, text: str) -> Feedback:
    """Pass on what a child said about us. Nobody who works on the case reads it again, nor does whoever wrote it."""
    case = case_for(actor, case_id, rules.may_work)
    with transaction.atomic():
        return _keep(case, kind, mood, text, actor=actor)


def _keep(
    case: Case, kind: str, mood: str, text: str, *, actor: Actor | None = None, tag: bytes | None = None
) -> Feedback:
    checked_choice("kind", kind, FeedbackKind)
    if mood:
        checked_choice("mood", mood, ending.moods())
    answering.check_text("text", text, int(settings.LINDUNG_WORDS_MAX_CHARACTERS))
    if not mood and not text.strip():
        raise BadInput("text", _("Pilih satu gambar, atau tulis sedikit. Satu kata juga boleh."))
    team, person = reader_for(case)
    keys = vault.new_record(kind="feedback", team_id=team.pk)
    vault.put_first(record_id=keys.record_id, keys=keys, fields={WORDS: (STAFF, _json({"text": text}))})
    row = Feedback(
        case=case,
        record_id=keys.record_id,
        team=team,
        kind=kind,
        mood=int(mood) if mood else None,
        at=clock.coarse_now() if actor is None else clock.now(),
        for_user=person,
        form_tag=tag,
    )
    row.save(force_insert=True)
    signals.case_changed.send(sender=Case, case_id=case.pk, what="case.feedback_received")
    audit.record(
        "case.feedback_received",
        actor=actor.audit_name if actor else "",
        subject=case.pk.hex,
        data={"feedback": row.pk, "kind": kind},
        coarse=actor is None,
    )
    return row


def reader_for(case: Case) -> tuple[Team, User | None]:
    """Which team reads what is said about this case, and who of it is told first.

    The case's own team when a supervisor there never worked on it; else the independent one, of the same organisation
    before others. Without any such team it waits, sealed, for a supervisor of the case's own team.
    """
    worked = set(CaseWorker.objects.filter(case=case).values_list("user_id", flat=True))
    own = _free(case.team, worked)
    if own is not None:
        return case.team, own
    keyed_team = TeamKey.objects.filter(team=OuterRef("pk"), state=TeamKey.State.ACTIVE)
    hidden = CaseExclusion.objects.filter(case=case, team=OuterRef("pk"))
    rows = Team.objects.filter(Exists(keyed_team), ~Exists(hidden), kind=Team.Kind.INDEPENDENT).exclude(pk=case.team_id)
    teams = sorted(rows, key=lambda team: (team.organisation_id != case.team.organisation_id, team.name))
    return (teams[0], _free(teams[0], worked)) if teams else (case.team, None)


def _free(team: Team, worked: set[UUID]) -> User | None:
    roles = (SUPERVISOR, ANALYST) if team.kind == Team.Kind.INDEPENDENT else (SUPERVISOR,)
    return next((person for person in members_of(team.pk, *roles) if person.pk not in worked), None)


# --- reading it -------------------------------------------------------------------------------------------------------


def open_feedback(actor: Actor, keyring: Keyring, feedback_id: UUID) -> OpenedFeedback:
    """Open what a child said, for somebody who may read it; audited. Raises NotFound, NotAllowed, SealBroken."""
    row = _found(actor, feedback_id)
    keys = vault.open_with_team(record_id=row.record_id, keyring=keyring)
    sealed = {name: json.loads(raw) for name, raw in vault.get_many(record_id=row.record_id, keys=keys).items()}
    with transaction.atomic():
        audit.record("case.feedback_opened", actor=actor.audit_name, subject=row.case_id.hex, data={"feedback": row.pk})
    return OpenedFeedback(row, sealed[WORDS]["text"], sealed.get(ANSWER, {}).get("text", ""))


def answer(actor: Actor, keyring: Keyring, feedback_id: UUID, *, words: str) -> Feedback:
    """Note what was done about it; the child's box says that it was read. Raises NotFound, BadInput, Conflict."""
    words = checked_text("words", words)
    row = _found(actor, feedback_id)
    keys = vault.open_with_team(record_id=row.record_id, keyring=keyring)
    with transaction.atomic():
        rows = Feedback.objects.filter(pk=row.pk, answered_at=None)
        if rows.update(answered_at=clock.now(), answered_by=actor.user_id) != 1:
            raise Conflict
        raw = _json({"text": words})
        vault.put(record_id=row.record_id, keys=keys, key_name=STAFF, field=ANSWER, plaintext=raw)
        row.refresh_from_db()
        data = {"feedback": row.pk}
        audit.record("case.feedback_answered", actor=actor.audit_name, subject=row.case_id.hex, data=data)
    return row


def _found(actor: Actor, feedback_id: UUID) -> Feedback:
    row = moves.feedback_for(actor).filter(pk=feedback_id).first()
    if row is None:
        raise NotFound
    return row


def on_case_erased(sender: object, *, case_id: UUID, **_: object) -> None:
    """Receiver of `signals.case_erased`: what was said about it goes with it."""
    for record_id in Feedback.objects.filter(case=case_id).values_list("record_id", flat=True):
        vault.shred(record_id=record_id)


def on_left_teams(sender: object, *, user_id: UUID, teams: set[UUID] | None, **_: object) -> None:
    """Receiver of accounts' `left_teams`: the others of the team are told of what that person has not read."""
    rows = Feedback.objects.filter(for_user=user_id, answered_at=None)
    (rows if teams is None else rows.filter(team__in=teams)).update(for_user=None)


def _json(value: Mapping[str, str]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()
