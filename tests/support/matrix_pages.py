"""What the pages of a case need in the table of addresses: somebody around the child, a task, a link, a free case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lindung.casework import services
from lindung.casework.models import Case
from lindung.core import clock
from lindung.reporting.models import Report


def make(world: Any, worker: tuple[Any, Any], first: Case, other: Case, bare: Case) -> tuple[Any, Any]:
    """Ids by page and the smallest forms, about the first case; the free one is made here."""
    report = world.send("case free")
    free = services.open_from_reports(*worker, [report.pk], take=False)
    person = services.add_person(*worker, first.pk, "relative", {"name": "Bibi"})
    task = services.add_task(*worker, first.pk, "Telepon.", clock.now() + timedelta(days=1))
    link = services.link_cases(worker[0], first.pk, other.pk, "siblings")
    incident = first.incidents.get().incident_id
    first.refresh_from_db()
    own = world.reports["case 0"]
    message = Report.objects.values_list("version", flat=True).get(pk=own)
    today = clock.now().date().isoformat()
    version = {"version": first.version}
    ids: dict[str, dict[str, Any]] = {
        "workspace:case_message": {"report_id": own},
        "workspace:case_take": {"case_id": free.pk},
        "workspace:case_worker_end": {"user_id": world.cast.case_worker.pk},
        "workspace:case_unlink": {"link_id": link.pk},
        "workspace:case_child": {"part": "siapa"},
        "workspace:case_place": {"role": "home"},
        "workspace:case_person": {"person_id": person.pk},
        "workspace:case_person_remove": {"person_id": person.pk},
        "workspace:case_incident": {"incident_id": incident},
        "workspace:case_task_done": {"task_id": task.pk},
    }
    bodies: dict[str, dict[str, Any]] = {
        "workspace:case_message": {"text": "Kami membaca ceritamu.", "version": message},
        "workspace:case_assign": {"user": str(world.cast.second_analyst.pk), "role": "lead"},
        "workspace:case_report_add": {"reference": world.reports["new"].hex[:8]},
        "workspace:case_link": {"reference": bare.reference, "reason": "siblings"},
        "workspace:case_child": {"nickname": "Adik", **version},
        "workspace:case_place": {"place": "35.09", **version},
        "workspace:case_person_add": {"role": "relative", "name": "Paman", **version},
        "workspace:case_person": {"role": "relative", "name": "Bibi", "version": person.version},
        "workspace:case_incident_add": {"forms": "grooming", **version},
        "workspace:case_incident": {"forms": "grooming", **version},
        "workspace:case_note_add": {"text": "Catatan."},
        "workspace:case_task_add": {"words": "Telepon.", "due": today},
        "workspace:case_event_add": {"kind": "moved", "on": today},
        "workspace:case_from_report": {"take": "on", "age_band": "13-15"},
    }
    return ids, bodies
