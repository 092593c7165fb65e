"""Referrals of the first case, for the table of addresses: a draft, one that waits for the partner, one that it
accepted, one on paper that waits and one on paper that was accepted."""

from __future__ import annotations

from typing import Any

from lindung.casework.models import Case
from lindung.casework.services import decisions
from lindung.core import clock
from lindung.core.worktime import local_day
from lindung.referrals import services
from lindung.referrals.services import DraftInput
from lindung.referrals.tests.people import provider
from tests.support.matrix_rights import WORDS


def make(
    world: Any, worker: tuple[Any, Any], case: Case
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The ids, those of single pages, and the smallest forms."""
    cast = world.cast
    partner = cast.actor(cast.partner), cast.keyring(cast.partner)
    supervisor = cast.actor(cast.supervisor), cast.keyring(cast.supervisor)
    today = local_day(clock.now(), case.tz)
    review = decisions.longest_review("consent_overridden", today)
    entry = decisions.DecisionInput("consent_overridden", review, "go_ahead", "psychosocial", WORDS)
    signed = decisions.draft(*worker, case.pk, entry)
    decisions.sign(*worker, case.pk, signed.pk, version=1, sealed_version=1)
    decisions.sign(*supervisor, case.pk, signed.pk, version=2, sealed_version=1)
    here = provider(cast.partner_team, service="psychosocial", whole_country=True, regions=())
    paper = provider(service="psychosocial", whole_country=True, regions=())

    def draft(body: Any) -> Any:
        words = DraftInput("psychosocial", body.pk, "Kegiatan mingguan.", {"needs": "Pagi hari."})
        return services.draft(*worker, case.pk, words)

    def send(body: Any) -> Any:
        return services.send(*worker, draft(body).pk, override="Yang terdekat.")

    waiting, accepted, letter, said_yes = send(here), send(here), send(paper), send(paper)
    services.accept(*partner, accepted.pk)
    services.heard_yes(*worker, said_yes.pk)
    first = draft(here)
    for row in (waiting, accepted, letter, said_yes):
        row.refresh_from_db()
    of_page: dict[str, dict[str, Any]] = {
        "workspace:case_referral_new": {"?": f"layanan=psychosocial&lembaga={here.pk}"},
        **{f"workspace:referral{name}": {"referral_id": waiting.pk} for name in ("", "_accept", "_decline", "_say")},
        **{f"workspace:referral_{name}": {"referral_id": accepted.pk} for name in ("voice", "deliver", "complete")},
        **{f"workspace:case_referral_{name}": {"referral_id": waiting.pk} for name in ("revoke", "say", "voice")},
        **{f"workspace:case_referral_{name}": {"referral_id": letter.pk} for name in ("letter", "yes", "no")},
        **{f"workspace:case_referral_{n}": {"referral_id": said_yes.pk} for n in ("delivered", "completed")},
    }
    moment = clock.now().astimezone().replace(second=0, microsecond=0)
    spoken = {"person": "Bu Ratna", "at": f"{today}T{moment:%H:%M}"}
    given = {"on": today.isoformat(), "child_came": "on"}
    bodies = {
        "workspace:case_referral_new": {"goal": "Kegiatan mingguan."},
        "workspace:case_referral_amend": {"goal": "Kegiatan harian.", "version": first.version},
        "workspace:case_referral_send": {"version": first.version, "override": "Yang terdekat."},
        "workspace:case_referral_drop": {"version": first.version},
        "workspace:case_referral_revoke": {"version": waiting.version, "reason": "mistake"},
        "workspace:case_referral_say": {"version": waiting.version, "words": "Besok?"},
        "workspace:case_referral_voice": {"version": waiting.version, **spoken},
        "workspace:case_referral_yes": {"version": letter.version},
        "workspace:case_referral_no": {"version": letter.version, "reason": "full"},
        "workspace:case_referral_delivered": {"version": said_yes.version, **given},
        "workspace:case_referral_completed": {"version": said_yes.version, "outcome": "reached"},
        "workspace:referral_accept": {"version": waiting.version},
        "workspace:referral_decline": {"version": waiting.version, "reason": "full"},
        "workspace:referral_say": {"version": waiting.version, "words": "Besok?"},
        "workspace:referral_voice": {"version": accepted.version, **spoken},
        "workspace:referral_deliver": {"version": accepted.version, **given},
        "workspace:referral_complete": {"version": accepted.version, "outcome": "reached"},
    }
    return {"referral_id": first.pk}, of_page, bodies
