"""Consent, decisions, the list and letters of the first case, for the table of addresses: S wrote what W may lift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lindung.casework.models import Case
from lindung.casework.services import barring, consents, decisions, letters, people
from lindung.core import clock
from lindung.core.worktime import local_day

WORDS = {
    "question": "Menghubungi bibi?", "options": "Ya, atau tidak.", "child_view": "Boleh.", "consulted": "Penyelia.",
    "reasons": "Bibi aman.",
}  # fmt: skip


def make(world: Any, worker: tuple[Any, Any], case: Case) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The ids of all these pages, and their smallest forms."""
    cast = world.cast
    supervisor = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    today = local_day(clock.now(), case.tz)
    day = today + timedelta(days=9)
    aunt = people.add_person(*worker, case.pk, "guardian", {"name": "Bibi"}, standing="safe")
    yes = consents.ConsentInput("child", "given", ("health",), today)
    [consent] = consents.record(*worker, case.pk, yes)
    entry = decisions.DecisionInput("consent_overridden", day, "go_ahead", "guardian_contact", WORDS)
    signed = decisions.draft(*worker, case.pk, entry)
    decisions.sign(*worker, case.pk, signed.pk, version=1, sealed_version=1)
    decisions.sign(*supervisor, case.pk, signed.pk, version=2, sealed_version=1)
    draft = decisions.draft(*worker, case.pk, entry)
    barred = barring.bar(*supervisor, case.pk, barring.BarInput("fact", "Rahasia", words=["kejora"]))
    written = letters.LetterInput("call_guardian", "Halo.", person_id=aunt.pk)
    made = letters.write_letter(*worker, case.pk, written)
    ids = {
        "consent_id": consent.pk, "decision_id": draft.pk, "barred_id": barred.pk, "outgoing_id": made.row.pk,
    }  # fmt: skip
    sheet = {
        "question": "consent_overridden", "choice": "go_ahead", "scope": "", "review_on": day.isoformat(),
        **{f"part_{code}": text for code, text in WORDS.items()},
    }  # fmt: skip
    bodies = {
        "workspace:case_consent": {
            "giver": "child", "answer": "given", "scopes": "legal", "asked_on": today.isoformat(),
        },
        "workspace:case_maturity": {"judged": "yes", "why": "Menjelaskan sendiri.", "version": "0"},
        "workspace:case_bar": {"kind": "fact", "what": "Hal lain", "words": "pindah agama"},
        "workspace:case_bar_lift": {"why": "Anak yang minta.", "agreed": "on"},
        "workspace:case_decision_new": sheet,
        "workspace:case_decision_change": {**sheet, "version": "1"},
        "workspace:case_decision_sign": {"version": "1", "teks": "1"},
        "workspace:case_decision_drop": {"version": "1"},
        "workspace:case_letter_new": {
            "letter": "call_guardian", "person": str(aunt.pk), "body": "Halo.", "language": "id",
        },
    }  # fmt: skip
    return ids, bodies
