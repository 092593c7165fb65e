"""Taking several reports at once: each by the same conditional update and with an audit event of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound

from ..errors import HeldByColleague
from ..models import Report
from .handling import claim

AT_MOST = 40
"""So many at once: a page of the inbox."""


@dataclass(frozen=True)
class Claimed:
    """What came of it. `taken` are the actor's now; `held` a colleague's; `changed` cannot be taken any more."""

    taken: tuple[Report, ...] = ()
    held: tuple[UUID, ...] = ()
    changed: tuple[UUID, ...] = ()


def claim_many(actor: Actor, report_ids: Iterable[UUID]) -> Claimed:
    """Take free reports, one after the other, each in a transaction of its own: one that fails undoes no other.

    A report that the actor may not see is left out without a word. Raises BadInput for none, or for more than AT_MOST.
    """
    wanted = list(dict.fromkeys(report_ids))
    if not 0 < len(wanted) <= AT_MOST:
        raise BadInput("laporan", _("Tandai dulu laporan yang mau diambil."))
    taken: list[Report] = []
    held, changed = [], []
    for report_id in wanted:
        try:
            taken.append(claim(actor, report_id))
        except HeldByColleague:
            held.append(report_id)
        except Conflict:
            changed.append(report_id)
        except (NotFound, NotAllowed):
            continue
    return Claimed(tuple(taken), tuple(held), tuple(changed))
