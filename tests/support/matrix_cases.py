"""Cases for the table of addresses: three of them, on which W works; S supervises, A and B see none of them.

`make(world)` sends reports, opens cases and returns what the addresses need: ids for all pages, ids of single pages
that need another object ("?" is the query), and the smallest forms. Owners of further parts of a case call their own
maker from `make`, with the same world and the first case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lindung.casework import services
from lindung.casework.models import Case
from lindung.core import clock
from lindung.core.worktime import local_day
from tests.support import matrix_care, matrix_legal, matrix_pages, matrix_referrals, matrix_rights


@dataclass
class Made:
    """What a maker gives to the table."""

    ids: dict[str, Any] = field(default_factory=dict)
    of_page: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)


def make(world: Any) -> Made:
    """The cases and everything in them."""
    made = Made()
    worker = (world.cast.actor(world.cast.case_worker), world.cast.keyring(world.cast.case_worker))
    first, waiting, bare = (_case(world, worker, f"case {number}") for number in range(3))
    made.ids["case_id"] = first.pk
    _plan(world, worker, made, first, waiting, bare)
    of_page, bodies = matrix_pages.make(world, worker, first, waiting, bare)
    made.of_page |= of_page
    made.bodies |= bodies
    made.of_page["workspace:case_hand_over"] = {"team_id": first.team_id, "user_id": world.cast.case_worker.pk}
    made.bodies["workspace:case_hand_over"] = {"cases": str(first.pk), "people": str(world.cast.second_analyst.pk)}
    shared = first.incidents.order_by("added_at", "pk")[0].incident_id
    free = Case.objects.get(pk=made.of_page["workspace:case_take"]["case_id"])
    made.of_page["workspace:case_incident_share"] = {"incident_id": shared}
    made.bodies["workspace:case_incident_share"] = {"reference": free.reference}
    made.bodies["workspace:case_hold"] = {"reason": "court"}
    ids, bodies = matrix_rights.make(world, worker, first)
    made.ids |= ids
    made.bodies |= bodies
    ids, bodies = matrix_care.make(world, worker, first)
    made.ids |= ids
    made.bodies |= bodies
    of_page, bodies = matrix_legal.make(world, worker, _case)
    made.of_page |= of_page
    made.bodies |= bodies
    ids, of_page, bodies = matrix_referrals.make(world, worker, first)
    made.ids |= ids
    made.of_page |= of_page
    made.bodies |= bodies
    return made


def _case(world: Any, worker: tuple[Any, Any], name: str) -> Case:
    report = world.send(name)
    return services.open_from_reports(*worker, [report.pk])


def _version(case: Case) -> int:
    return Case.objects.values_list("version", flat=True).get(pk=case.pk)


def _plan(world: Any, worker: tuple[Any, Any], made: Made, first: Case, waiting: Case, bare: Case) -> None:
    """A draft with a goal in the first case, a plan that waits for S in the second, nothing in the third; a group."""
    plans = {case.pk: _draft(worker, case) for case in (first, waiting)}
    plan, goal = plans[first.pk]
    asked, _goal = plans[waiting.pk]
    approval = services.ask_approval(*worker, asked.pk, "", asked.version)
    today = local_day(clock.now(), first.tz)
    conference = services.plan_conference(*worker, first.pk, clock.now() + timedelta(hours=2), "Sekolah", "")
    group = services.make_group(worker[0], world.cast.intake.pk, "aku_bangkit", today)
    member = services.join(worker[0], group.pk, first.pk)
    made.ids |= {
        "plan_id": plan.pk, "goal_id": goal.pk, "conference_id": conference.pk, "group_id": group.pk,
        "member_id": member.pk, "when": "sebelum", "item": "simfoni",
    }  # fmt: skip
    made.of_page |= {
        "workspace:case_plan_new": {"case_id": bare.pk},
        "workspace:case_plan_decide": {"case_id": waiting.pk, "approval_id": approval.pk},
        "workspace:case_plan_discard": {"?": f"v={plan.version}"},
        "workspace:case_goal_remove": {"?": f"v={goal.version}"},
    }
    version = {"version": _version(first)}
    goal_data = {"service": "legal", "words": "Pendampingan hukum.", "working_days": "3"}
    made.bodies |= {
        "workspace:case_assess": {"risk": "high", "t-danger_now": "yes", **version},
        "workspace:case_safety": {"steps": "Ke rumah bibi.", "review_on": today.isoformat(), **version},
        "workspace:case_review": {"words": "Anak lebih tenang.", **version},
        "workspace:case_conference_add": {"planned_at": f"{today + timedelta(days=2)}T09:00", "invited": "Sekolah"},
        "workspace:case_conference": {"held_at": f"{today}T00:00", "came": "Sekolah", "agreed": "Kelas baru."},
        "workspace:case_plan_new": {"wishes": "Ingin sekolah lagi.", "version": _version(bare)},
        "workspace:case_plan_write": {"wishes": "Ingin sekolah lagi.", "version": plan.version},
        "workspace:case_plan_ask": {"version": plan.version},
        "workspace:case_plan_decide": {"approve": "yes"},
        "workspace:case_goal_add": {**goal_data, "version": "0"},
        "workspace:case_goal": {**goal_data, "version": goal.version},
        "workspace:case_goal_move": {"state": "under_way", "version": goal.version},
        "workspace:case_delivery": {"on": today.isoformat(), "child_came": "on"},
        "workspace:case_stage": {"stage": "monitoring", **version},
        "workspace:case_standard": {"to": first.standard, **version},
        "workspace:case_mark": {"state": "done", "version": "0"},
        "workspace:groups": {
            "team": world.cast.intake.pk, "programme": "other", "starts_on": today.isoformat(),
        },
        "workspace:group_join": {"reference": bare.reference},
        "workspace:group_session": {"on": today.isoformat(), "came": member.pk},
        "workspace:group_end": {"on": today.isoformat(), "version": group.version},
        "workspace:group_answers": {"s-calm": "2"},
    }  # fmt: skip


def _draft(worker: tuple[Any, Any], case: Case) -> tuple[Any, Any]:
    words = services.PlanWords(wishes="Ingin tidur nyenyak.")
    plan = services.new_plan(*worker, case.pk, words, with_child=True, version=_version(case))
    entry = services.GoalInput(service="psychological", words="Bertemu psikolog.", working_days=5)
    goal = services.add_goal(*worker, plan.pk, entry)
    plan.refresh_from_db()
    return plan, goal


def kwargs_of(made: Made, name: str) -> tuple[dict[str, Any], str]:
    """The ids of a page and its query."""
    own = dict(made.of_page.get(name, {}))
    query = own.pop("?", "")
    return {**made.ids, **own}, f"?{query}" if query else ""


__all__ = ["Made", "kwargs_of", "make"]
