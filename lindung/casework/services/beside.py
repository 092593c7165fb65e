"""What is added to a case without writing over what a colleague saw: a mark, a delivery, a conference, a goal's state.

These keep the case's version as it is, so that two people can work on two parts of it at once; what they write has a
version or a conditional UPDATE of its own.
"""

from __future__ import annotations

from uuid import UUID

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.audit.services import Value
from lindung.core import clock
from lindung.core.errors import Conflict

from .. import signals
from ..models import Case, State
from .access import lock


def hold(case: Case, *, also_closed: bool = False) -> None:
    """Hold the case until the commit, as it was read: of the same team and not closed. Raises Conflict else.

    `also_closed`: for what comes after the end, such as a verdict or a look after three months.
    """
    rows = Case.objects.filter(pk=case.pk, team=case.team_id)
    row = lock(rows if also_closed else rows.exclude(state=State.CLOSED)).first()
    if row is None:
        raise Conflict
    Case.objects.filter(pk=case.pk).update(changed_at=clock.now())


def tell(kind: str, actor: Actor, case: Case, **data: Value | UUID) -> None:
    """Send the news to the rooms above and write the one audit event, last in the transaction."""
    signals.case_changed.send(sender=Case, case_id=case.pk, what=kind)
    audit.record(kind, actor=actor.audit_name, subject=case.pk.hex, data=data)
