"""Threats against colleagues: told, continued with what was done, closed. Each is sealed in a record of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership
from lindung.audit import services as audit
from lindung.casework.services.access import checked_choice, checked_text, decode
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting.selectors import keyed_teams
from lindung.vault import services as vault
from lindung.vault.services import STAFF, Keyring

from .. import rules
from ..models import Police, Threat, ThreatKind

TOLD, STEP = "told", "step:"


@dataclass(frozen=True)
class OpenedThreat:
    """A threat with what was told, and what was done since: each step with its day, by whom, and the words."""

    threat: Threat
    text: str = field(repr=False)
    steps: tuple[dict[str, Any], ...] = field(repr=False)


def tell_threat(
    actor: Actor, keyring: Keyring, team_id: UUID, *, about: UUID, kind: str, on: date, text: str
) -> Threat:
    """Write down that somebody of the team was threatened. Raises NotAllowed, BadInput."""
    text = checked_text("text", text)
    checked_choice("kind", kind, ThreatKind)
    if on > clock.now().date():
        raise BadInput("on", _("Tanggal ini belum tiba."))
    if not actor.has_role_in(team_id, *rules.STAFF) or not keyed_teams(actor).filter(team_key__team=team_id).exists():
        raise NotAllowed
    if not Membership.objects.filter(user=about, team=team_id, user__is_active=True).exists():
        raise BadInput("about", _("Pilih rekan dari tim yang sama."))
    now = clock.now()
    with transaction.atomic():
        keys = vault.new_record(kind="threat", team_id=team_id)
        threat = Threat(
            team_id=team_id, record_id=keys.record_id, about_id=about, told_by_id=actor.user_id, kind=kind, on=on,
            told_at=now,
        )  # fmt: skip
        threat.save(force_insert=True)
        vault.put_first(record_id=keys.record_id, keys=keys, fields={TOLD: (STAFF, _words(text=text))})
        _record("care.threat_told", actor, threat)
    return threat


def open_threat(actor: Actor, keyring: Keyring, threat_id: UUID) -> OpenedThreat:
    """Read one. Raises NotFound or NotAllowed, shown alike; one audit event."""
    threat = _seen(actor, threat_id)
    keys = vault.open_with_team(record_id=threat.record_id, keyring=keyring)
    sealed = vault.get_many(record_id=threat.record_id, keys=keys)
    steps = [decode(sealed[name]) for name in sorted(sealed) if name.startswith(STEP)]
    with transaction.atomic():
        _record("care.threat_opened", actor, threat)
    return OpenedThreat(threat, str(decode(sealed[TOLD])["text"]), tuple(steps))


def continue_threat(
    actor: Actor, keyring: Keyring, threat_id: UUID, *, text: str, police: str = "", version: int | None = None
) -> Threat:
    """Add what was done since. `police`: what the person threatened decided; empty leaves it. Raises Conflict too."""
    text = checked_text("text", text)
    if police:
        checked_choice("police", police, Police)
    threat = _seen(actor, threat_id)
    keys = vault.open_with_team(record_id=threat.record_id, keyring=keyring)
    with transaction.atomic():
        _write(threat, version, **({"police": police} if police else {}))
        step = _words(text=text, at=clock.now().isoformat(), by=str(actor.user_id))
        vault.put(
            record_id=threat.record_id, keys=keys, key_name=STAFF, field=f"{STEP}{threat.version:05d}", plaintext=step
        )
        _record("care.threat_continued", actor, threat)
    return threat


def close_threat(actor: Actor, threat_id: UUID, *, version: int | None = None) -> Threat:
    """It is over. Raises NotFound, NotAllowed, Conflict."""
    threat = _seen(actor, threat_id)
    with transaction.atomic():
        _write(threat, version, closed_at=clock.now(), closed_by_id=actor.user_id)
        _record("care.threat_closed", actor, threat)
    return threat


def _seen(actor: Actor, threat_id: UUID) -> Threat:
    threat = Threat.objects.select_related("about", "told_by", "team").filter(pk=threat_id).first()
    if threat is None:
        raise NotFound
    if not rules.may_see_threat(actor, threat.team_id, threat.about_id, threat.told_by_id):
        raise NotAllowed
    if not keyed_teams(actor).filter(team_key__team=threat.team_id).exists():
        raise NotAllowed
    return threat


def _write(threat: Threat, version: int | None, **changes: Any) -> None:
    seen = threat.version if version is None else version
    rows = Threat.objects.filter(pk=threat.pk, version=seen, closed_at=None)
    if rows.update(version=F("version") + 1, **changes) != 1:
        raise Conflict
    threat.refresh_from_db()


def _words(**value: str) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _record(kind: str, actor: Actor, threat: Threat) -> None:
    audit.record(kind, actor=actor.audit_name, subject=threat.pk.hex)
