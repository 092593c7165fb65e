"""A referral on paper, for a body without an account here: what was chosen, who may not know, and how to answer.

The text passes the gate each time that it is made, because somebody may have become implicated since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.casework import outgoing
from lindung.casework.knowledge import rights as casework
from lindung.casework.services.access import open_keys
from lindung.core import clock
from lindung.core.errors import Conflict
from lindung.directory import knowledge as directory
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from ..models import Referral, State, Version, Way
from . import contents
from .access import sent


@dataclass(frozen=True)
class Paper:
    """What stands on the paper, part by part. `parts`: (heading, text)."""

    referral: Referral
    day: datetime
    to: str
    sender: str
    worker: str
    service: str
    goal: str = field(repr=False)
    parts: tuple[tuple[str, str], ...] = field(repr=False)
    cautions: str = field(default="", repr=False)


def paper(actor: Actor, keyring: Keyring, referral_id: UUID) -> Paper:
    """Make the paper of a sent referral for printing or for reading out on the telephone; audited each time.

    Raises NotFound, NotAllowed, Conflict for a draft, for one that has ended and for one that goes through the
    platform, and Barred when something may not leave any more.
    """
    referral = sent(actor, referral_id)
    if referral.way == Way.PLATFORM or referral.state in (State.DRAFT, State.REVOKED, State.LAPSED, State.DECLINED):
        raise Conflict
    case = referral.case
    keys = open_keys(case, keyring)
    version = Version.objects.filter(referral=referral).latest("number")
    words, _news = contents.read(version, vault.open_with_team(record_id=version.record_id, keyring=keyring))
    with transaction.atomic():
        guarded = outgoing.guard(case, keys)
        outgoing.check(
            guarded, keys, words.texts, asked=words.goal, to_body=referral.organisation, sections=words.chosen
        )
        data = {"case": case.pk.hex, "way": referral.way}
        audit.record("referral.printed", actor=actor.audit_name, subject=referral.pk.hex, data=data)
    sections = casework.sections()
    return Paper(
        referral=referral,
        day=clock.now(),
        to=referral.organisation.name,
        sender=case.team.organisation.name,
        worker=actor.alias or _("Petugas"),
        service=directory.services()[referral.service].label,
        goal=words.goal,
        parts=tuple((sections[code].label, text) for code, text in words.sections.items() if code in sections),
        cautions="\n".join(outgoing.cautions(guarded)),
    )
