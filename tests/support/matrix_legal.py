"""What the pages of the law, the end of a case, moves and feedback need in the table of addresses.

Cases of their own, on which W works: one in the middle of proceedings, one that can end, one that waits for S, one that
ended, two that W's team offers, and two that another network offers to W's team.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lindung.casework import services
from lindung.casework.models import Case, PersonRole
from lindung.casework.models_closing import CaseMove, FollowUp
from lindung.core import clock
from lindung.core.worktime import local_day
from lindung.directory.models import Organisation
from lindung.vault import services as vault

LETTER = {"agency": "police", "basis": "letter_investigation", "who": "Kanit", "number": "B/1", "wanted": "Ringkasan."}


def make(world: Any, worker: tuple[Any, Any], make_case: Any) -> tuple[Any, Any]:
    """Ids by page and the smallest forms. `make_case(world, worker, name)` opens a case from a report of its own."""
    cast = world.cast
    supervisor = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    ids, bodies = _law(worker, make_case(world, worker, "case law"))
    more, forms = _end(worker, supervisor, [make_case(world, worker, f"case end {number}") for number in range(4)])
    ids, bodies = ids | more, bodies | forms
    more, forms = _moves(world, supervisor, [make_case(world, worker, f"case move {number}") for number in range(2)])
    return ids | more, bodies | forms


def _version(case: Case) -> int:
    return Case.objects.values_list("version", flat=True).get(pk=case.pk)


def _law(worker: tuple[Any, Any], case: Case) -> tuple[Any, Any]:
    today = local_day(clock.now(), case.tz)
    services.add_person(*worker, case.pk, PersonRole.ALLEGED_OFFENDER, {"name": "Teman"}, also_child=True)
    case.people.filter(role=PersonRole.ALLEGED_OFFENDER).update(also_child=True)
    step = services.legal.add_milestone(*worker, case.pk, step="report", on=today)
    demand = services.demands.receive(*worker, case.pk, received_on=today, **LETTER)
    unit = Organisation.objects.create(
        code="uptd.contoh", name="UPTD Contoh", kind="uptd_district", region="31.71", changed_at=clock.now()
    )
    version = {"version": _version(case)}
    names = (
        "legal", "step_add", "police", "interview_add", "mediation", "demand_add", "tip_add", "simfoni",
        "simfoni_sheet", "lead",
    )  # fmt: skip
    ids: dict[str, dict[str, Any]] = {f"workspace:case_{name}": {"case_id": case.pk} for name in names}
    ids |= {
        "workspace:case_step_strike": {"case_id": case.pk, "milestone_id": step.pk},
        "workspace:case_demand_step": {"case_id": case.pk, "demand_id": demand.pk, "step": "ahli"},
    }
    on = today.isoformat()
    bodies: dict[str, dict[str, Any]] = {
        "workspace:case_step_add": {"step": "investigation", "on": on},
        "workspace:case_step_strike": {"words": "Keliru."},
        "workspace:case_police": {"decision": "reported", "reason": "Ya.", "who_told_child": "Saya."},
        "workspace:case_interview_add": {"on": on, "agency": "police", "topics": "who"},
        "workspace:case_mediation": {"question": "Diversi?", "lawyer": "A. B.", "answer": "Bisa.", **version},
        "workspace:case_demand_add": {**LETTER, "received_on": on},
        "workspace:case_demand_step": {"lawyer": "A. B.", "version": demand.version},
        "workspace:case_tip_add": {
            "to": "police", "basis": "danger", "way": "phone", "handed_on": on, "taken_by": "Piket", "told": "Alamat.",
        },
        "workspace:case_simfoni": {"number": "SP-1", "typed_on": on},
        "workspace:case_simfoni_sheet": {"form": "csv"},
        "workspace:case_lead": {"organisation": unit.pk, "words": "Lewat telepon.", **version},
    }  # fmt: skip
    return ids, bodies


def _end(worker: tuple[Any, Any], supervisor: tuple[Any, Any], cases: list[Case]) -> tuple[Any, Any]:
    ready, waiting, closed, offered = cases
    said = {"reason": "Ya.", "who_told_child": "Saya."}
    for case in cases:
        services.legal.decide_police(*worker, case.pk, decision="reported", **said)
    proposal = {"reason": "goals_reached", "summary": "Selesai.", "child_agrees": True}
    row = services.closing.propose(*worker, waiting.pk, **proposal)
    last = services.closing.propose(*worker, closed.pk, **proposal)
    services.approving.decide(*supervisor, last.pk, approve=True)
    look = FollowUp.objects.filter(case=closed).earliest("due_on")
    voice = services.feedback.from_colleague(worker[0], ready.pk, kind="feedback", mood="3", text="Baik.")
    ids = {
        "workspace:case_closing": {"case_id": ready.pk},
        "workspace:case_close": {"case_id": ready.pk},
        "workspace:case_feedback_add": {"case_id": ready.pk},
        "workspace:case_approval": {"case_id": waiting.pk, "approval_id": row.pk},
        "workspace:case_reopen": {"case_id": closed.pk},
        "workspace:case_follow_up": {"case_id": closed.pk, "follow_up_id": look.pk},
        "workspace:case_feedback": {"feedback_id": voice.pk},
        "workspace:case_offer": {"case_id": offered.pk},
    }
    bodies = {
        "workspace:case_close": {
            "reason": "goals_reached", "child_agrees": "yes", "summary": "Selesai.", "version": _version(ready),
        },
        "workspace:case_approval": {"approve": "yes"},
        "workspace:case_reopen": {"reason": "danger", "words": "Ada bahaya lagi."},
        "workspace:case_follow_up": {"result": "safe_well"},
        "workspace:case_feedback_add": {"kind": "feedback", "mood": "3"},
        "workspace:case_feedback": {"words": "Dibicarakan."},
    }  # fmt: skip
    return ids, bodies


def _offered_to_us(world: Any, name: str) -> CaseMove:
    """A case of the other network that waits for the yes of W's team, as its own services would leave it."""
    cast, now = world.cast, clock.now()
    hands = cast.actor(cast.other_analyst), cast.keyring(cast.other_analyst)
    report = world.send(name, province="91")
    case = services.open_from_reports(*hands, [report.pk])
    vault.offer(record_id=case.record_id, keyring=hands[1], to_team_id=cast.intake.pk)
    return CaseMove.objects.create(
        case=case, from_team=case.team, to_team=cast.intake, reason="child_moved", offered_by=cast.other_analyst,
        offered_at=now, answer_due_at=now + timedelta(days=3),
    )  # fmt: skip


def _moves(world: Any, supervisor: tuple[Any, Any], ours: list[Case]) -> tuple[Any, Any]:
    """One offer of W's team to take back; two of the other network to W's team, one to accept and one to decline."""
    cast, said = world.cast, {"reason": "child_moved", "words": "Anak pindah."}
    out = services.moving.offer(*supervisor, ours[0].pk, cast.other_intake.pk, **said)
    offers = [_offered_to_us(world, f"case theirs {number}") for number in range(2)]
    ids = {
        "workspace:case_move_take_back": {"move_id": out.pk},
        "workspace:case_move_accept": {"move_id": offers[0].pk},
        "workspace:case_move_decline": {"move_id": offers[1].pk},
    }
    bodies = {
        "workspace:case_offer": {"team": cast.other_intake.pk, **said},
        "workspace:case_move_decline": {"reason": "full"},
    }
    return ids, bodies
