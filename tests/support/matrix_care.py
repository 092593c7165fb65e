"""What the pages of care need in the table of addresses: W is out and not back, A told that W was threatened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from lindung.care import services
from lindung.care.models import Visit
from lindung.casework.models import Case
from lindung.core import clock


def make(world: Any, worker: tuple[Any, Any], case: Case) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Ids for all pages, and the smallest forms."""
    cast, now = world.cast, clock.now()
    plan = services.VisitPlan(now + timedelta(minutes=1), now + timedelta(hours=1), "Balai desa.")
    visit = services.plan_visit(*worker, case.pk, plan)
    services.go_out(worker[0], visit.pk)
    long_ago = now - timedelta(hours=2)
    Visit.objects.filter(pk=visit.pk).update(starts_at=long_ago, back_by=now - timedelta(hours=1))
    analyst = cast.actor(cast.analyst), cast.keyring(cast.analyst)
    about = {"about": cast.case_worker.pk, "kind": "phone", "on": now.date()}
    threat = services.tell_threat(*analyst, cast.intake.pk, text="Contoh.", **about)
    soon = now + timedelta(days=1)
    talk = services.plan_talk(worker[0], cast.intake.pk, cast.case_worker.pk, kind="peer", planned_at=soon)
    local = now.astimezone(ZoneInfo(case.tz))
    ids = {"visit_id": visit.pk, "threat_id": threat.pk, "talk_id": talk.pk}
    bodies = {
        "workspace:case_visits": {
            "place": "Balai desa.", "starts_at": f"{local + timedelta(hours=1):%Y-%m-%dT%H:%M}",
            "back_by": f"{local + timedelta(hours=2):%Y-%m-%dT%H:%M}",
        },
        "workspace:visit": {"what": "back"},
        "workspace:threat_tell": {"team": cast.intake.pk, **about, "on": now.date().isoformat(), "text": "Contoh."},
        "workspace:threat": {"what": "close"},
        "workspace:talk_plan": {
            "whom": f"{cast.intake.pk}:{cast.case_worker.pk}", "kind": "peer", "planned_at": f"{soon:%Y-%m-%dT%H:%M}",
        },
        "workspace:talk": {"what": "held"},
        "workspace:diary": {"what": "begin"},
    }  # fmt: skip
    return ids, bodies
