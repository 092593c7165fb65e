"""A visit: considered before, begun, said to be well, ended. The clock calls for whoever does not come back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership
from lindung.audit import services as audit
from lindung.casework.models import Case
from lindung.casework.selectors import visible_to
from lindung.casework.services.access import case_for, checked_text, decode, open_case_for, open_keys, seal
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from .. import rules
from ..knowledge import visit_rules
from ..models import Visit, VisitLevel, VisitState
from ..selectors import out_now


@dataclass(frozen=True)
class VisitPlan:
    """What is known before somebody goes. `answers`: codes of knowledge/visits.yaml that apply.

    `level`: the chosen way, never freer than the rules ask for; empty takes theirs. `escort`: who goes along from the
    police or the local authority, in words.
    """

    starts_at: datetime
    back_by: datetime
    place: str = field(repr=False)
    reach: str = field(default="", repr=False)
    answers: tuple[str, ...] = ()
    level: str = ""
    companion: UUID | None = None
    escort: str = field(default="", repr=False)
    care: str = field(default="", repr=False)


@dataclass(frozen=True)
class OpenedVisit:
    """A visit with what was written about it."""

    visit: Visit
    words: dict[str, Any] = field(repr=False)


def plan_visit(actor: Actor, keyring: Keyring, case_id: UUID, plan: VisitPlan) -> Visit:
    """Plan a visit of one's own for a case. Raises NotFound, NotAllowed, CaseClosed, BadInput.

    BadInput for times that do not fit, an unknown answer, a way freer than the rules ask for, a companion who is not
    of the team or is missing, no escort where one is needed, and for a visit that should not be made now.
    """
    now = clock.now()
    level = _checked(plan, now)
    words = {
        "place": checked_text("place", plan.place),
        "reach": checked_text("reach", plan.reach, required=False),
        "escort": checked_text("escort", plan.escort, required=level == VisitLevel.ESCORT),
        "care": checked_text("care", plan.care, required=False),
        "answers": sorted(set(plan.answers)),
    }
    case = open_case_for(actor, case_id)
    _check_companion(actor, case, plan.companion, level)
    keys = open_keys(case, keyring)
    with transaction.atomic():
        visit = Visit(
            case=case, worker_id=actor.user_id, companion_id=plan.companion, level=level, rules=visit_rules().version,
            starts_at=plan.starts_at, back_by=plan.back_by,
        )  # fmt: skip
        visit.save(force_insert=True)
        seal(case, keys, visit.field, words)
        _record("care.visit_planned", actor, visit, level=level.value)
    return visit


def go_out(actor: Actor, visit_id: UUID, *, version: int | None = None) -> Visit:
    """Whoever goes says that they leave now; from here on the clock watches. Raises NotFound, Conflict."""
    visit, now = _mine(actor, visit_id), clock.now()
    if visit.back_by <= now:
        raise BadInput("back_by", _("Waktu kembalinya sudah lewat. Rencanakan lagi dengan waktu yang baru."))
    return _move(
        actor, visit, VisitState.OUT, "care.visit_out", version,
        out_at=now, seen_at=now, alarm_at=rules.first_alarm(visit.back_by),
    )  # fmt: skip


def say_all_well(actor: Actor, visit_id: UUID, *, back_by: datetime | None = None) -> Visit:
    """Say from outside that all is well, and by when one is back if it takes longer. Ends running calls.

    Raises NotFound, Conflict when the visit is not under way, BadInput for a moment that is past or too far off.
    """
    visit, now = _mine(actor, visit_id), clock.now()
    until = back_by or visit.back_by
    if until <= now or until - now > rules.LONGEST_VISIT:
        raise BadInput("back_by", _("Isi kapan kamu kembali: setelah sekarang, paling lama 12 jam lagi."))
    rows = Visit.objects.filter(pk=visit.pk, state=VisitState.OUT)
    with transaction.atomic():
        changes = {"seen_at": now, "back_by": until, "alarm_at": rules.first_alarm(until), "alarms": 0}
        if rows.update(version=F("version") + 1, **changes) != 1:
            raise Conflict
        _record("care.visit_seen", actor, visit)
    visit.refresh_from_db()
    return visit


def come_back(actor: Actor, visit_id: UUID, *, version: int | None = None) -> Visit:
    """Say that everybody is back. A supervisor who reached them may say so too. Raises NotFound, Conflict."""
    visit = _mine(actor, visit_id, supervisor_too=True)
    return _move(actor, visit, VisitState.BACK, "care.visit_back", version, back_at=clock.now(), alarm_at=None)


def call_off(actor: Actor, visit_id: UUID, *, version: int | None = None) -> Visit:
    """Do not go. Raises NotFound, Conflict once somebody left."""
    return _move(actor, _mine(actor, visit_id, supervisor_too=True), VisitState.CALLED_OFF, "care.visit_called_off",
                 version)  # fmt: skip


def open_visits(actor: Actor, keyring: Keyring, case_id: UUID) -> list[OpenedVisit]:
    """The visits of a case with their words, the next first. Raises NotFound or NotAllowed; one audit event."""
    case = case_for(actor, case_id)
    keys = open_keys(case, keyring)
    rows = list(Visit.objects.filter(case=case).select_related("worker", "companion").order_by("-starts_at", "id"))
    sealed = vault.get_many(record_id=case.record_id, keys=keys, prefix="visit:")
    if rows:
        with transaction.atomic():
            audit.record("care.visit_opened", actor=actor.audit_name, subject=case.pk.hex)
    return [OpenedVisit(row, decode(sealed[row.field]) if row.field in sealed else {}) for row in rows]


def open_overdue(actor: Actor, keyring: Keyring, visit_id: UUID) -> OpenedVisit:
    """Read where somebody went who is not back: any colleague of the team, from the first call on.

    So that whoever is on duty can send help without waiting for a supervisor; one audit event. Nothing else of the case
    opens by this. Raises NotFound while the person is not overdue, or when the case keeps the actor away.
    """
    visit = out_now(actor).filter(pk=visit_id, state=VisitState.OUT).first()
    if visit is None or rules.first_alarm(visit.back_by) > clock.now():
        raise NotFound
    keys = vault.open_with_team(record_id=visit.case.record_id, keyring=keyring)
    words = decode(vault.get(record_id=visit.case.record_id, keys=keys, field=visit.field))
    with transaction.atomic():
        _record("care.visit_opened", actor, visit, why="overdue")
    return OpenedVisit(visit, words)


def _checked(plan: VisitPlan, now: datetime) -> VisitLevel:
    known = visit_rules()
    if set(plan.answers) - set(known.questions):
        raise BadInput("answers", _("Pilih dari daftar."))
    if plan.back_by <= plan.starts_at or plan.back_by - plan.starts_at > rules.LONGEST_VISIT:
        raise BadInput("back_by", _("Isi kapan kamu kembali: setelah berangkat, paling lama 12 jam kemudian."))
    if plan.back_by <= now:
        raise BadInput("starts_at", _("Waktunya sudah lewat."))
    suggested = rules.level_of(plan.answers, known.levels)
    level = VisitLevel(plan.level) if plan.level in VisitLevel.values else suggested
    if rules.is_looser(level, suggested):
        raise BadInput("level", _("Jawabanmu meminta cara yang lebih aman: %(level)s.") % {"level": suggested.label})
    if level == VisitLevel.NOT_NOW:
        raise BadInput("answers", _("Jangan berangkat dulu. Cari jalan lain: telepon, atau bertemu di tempat aman."))
    return level


def _check_companion(actor: Actor, case: Case, companion: UUID | None, level: VisitLevel) -> None:
    if companion is None:
        if level == VisitLevel.PAIR:
            raise BadInput("companion", _("Pilih rekan yang ikut."))
        return
    here = Membership.objects.filter(user=companion, team=case.team_id, role__in=rules.STAFF, user__is_active=True)
    if companion == actor.user_id or not here.exists():
        raise BadInput("companion", _("Pilih rekan dari tim yang sama."))


def _mine(actor: Actor, visit_id: UUID, *, supervisor_too: bool = False) -> Visit:
    """A visit that the actor goes on, or supervises. Raises NotFound."""
    visit = Visit.objects.select_related("case").filter(pk=visit_id).first()
    if visit is None:
        raise NotFound
    if rules.goes(actor, visit) and actor.has_role_in(visit.case.team_id, *rules.STAFF):
        return visit
    if supervisor_too and rules.may_see_load(actor, visit.case.team_id) and _sees(actor, visit.case_id):
        return visit
    raise NotAllowed


def _sees(actor: Actor, case_id: UUID) -> bool:
    return visible_to(actor).filter(pk=case_id).exists()


def _move(actor: Actor, visit: Visit, target: VisitState, kind: str, version: int | None, **changes: Any) -> Visit:
    """Write the next state: one conditional UPDATE. Raises Conflict for no such way, or when somebody was faster."""
    if not rules.may_move(visit.state, target):
        raise Conflict
    seen = visit.version if version is None else version
    with transaction.atomic():
        rows = Visit.objects.filter(pk=visit.pk, state=visit.state, version=seen)
        if rows.update(state=target, version=F("version") + 1, **changes) != 1:
            raise Conflict
        _record(kind, actor, visit)
    visit.refresh_from_db()
    return visit


def _record(kind: str, actor: Actor, visit: Visit, **data: str) -> None:
    audit.record(kind, actor=actor.audit_name, subject=visit.pk.hex, data={"case": visit.case_id.hex, **data})


def codes(answers: Iterable[str]) -> tuple[str, ...]:
    """Known answers only, for a form that comes back."""
    return tuple(code for code in answers if code in visit_rules().questions)
