"""What every staff service begins with: find the report as this person sees it, take it, write under its version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock, deadlines
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.vault import services as vault
from lindung.vault.services import Keyring, RecordKeys

from .. import answers as answering
from .. import selectors, state
from ..errors import HeldByColleague, Merged
from ..models import Report, Risk, State

May = Callable[[Actor, UUID], bool]

_THERE = frozenset({state.Event.CLAIM, state.Event.RELEASE, state.Event.TRIAGE, state.Event.CLOSE, state.Event.REOPEN})
"""What happens to a merged report by what happens to the one that it was merged into."""


def report_for(actor: Actor, report_id: UUID, may: May) -> Report:
    """Return a report that the actor may see and `may` act on. Raises NotFound or NotAllowed, shown alike.

    The actor must hold the team's key, also for what needs none, such as deciding on a wish to stop: else whoever
    resets a supervisor's passphrase could decide in their place.
    """
    rows = selectors.visible_to(actor).select_related("team", "record", "claimed_by").filter(pk=report_id)
    keyed = Exists(selectors.keyed_teams(actor).filter(team_key__team=OuterRef("team")))
    report = rows.annotate(keyed=keyed).first()
    if report is None:
        raise NotFound
    if not may(actor, report.team_id) or not report.keyed:
        raise NotAllowed
    return report


def open_keys(report: Report, keyring: Keyring) -> RecordKeys:
    """Open both keys of a report through its team's key. Raises NotAllowed, also while a withdrawal locks it."""
    if report.state == State.WITHDRAWN:
        raise NotAllowed
    return vault.open_with_team(record_id=report.record_id, keyring=keyring)


def move(
    report: Report,
    event: state.Event,
    actor: Actor,
    *,
    version: int | None = None,
    take: bool = False,
    **changes: Any,
) -> None:
    """Write the next state, one conditional UPDATE: the state and the version must still be what the person saw.

    `version` is the one the form was made from (None: the one just read). `take`: the report must be free or the
    actor's own, and is the actor's afterwards. `changes` are further columns. Refreshes `report`. Raises Conflict
    (HeldByColleague when a colleague has it, Merged when it happens elsewhere) and writes nothing then.
    """
    hold_lead(report, event)
    target = state.next_state(report.state, event)
    seen = report.version if version is None else version
    rows = Report.objects.filter(pk=report.pk, state=report.state, version=seen)
    if take:
        if report.claimed_by_id not in (None, actor.user_id):
            raise HeldByColleague
        rows = rows.filter(Q(claimed_by=None) | Q(claimed_by=actor.user_id))
        if report.claimed_by_id is None:
            changes.setdefault("claimed_by", actor.user_id)
            changes.setdefault("claimed_at", clock.now())
    if rows.update(state=target, version=F("version") + 1, **changes) != 1:
        raise Conflict
    report.refresh_from_db()


def lock(rows: QuerySet[Report]) -> QuerySet[Report]:
    """Hold rows until the commit on PostgreSQL; on SQLite the IMMEDIATE transaction already does.

    Never with `select_related`: PostgreSQL drops a row whose joined one changed while this waited for the lock.
    """
    return rows.select_for_update(of=("self",))


def hold_lead(report: Report, event: state.Event | None = None) -> None:
    """Lock the report into which this one was merged before this one, so that two colleagues never wait in a ring.

    Raises Merged for an event that happens there.
    """
    if report.merged_into_id is None:
        return
    if event in _THERE:
        raise Merged
    lock(Report.objects.filter(pk=report.merged_into_id)).first()


def checked_text(field: str, text: str, *, required: bool = True) -> str:
    """Return a staff text exactly as typed. Raises BadInput when it is empty, too long or hides a picture."""
    if required and not (isinstance(text, str) and text.strip()):
        raise BadInput(field, _("Bagian ini perlu diisi."))
    return answering.check_text(field, text, int(settings.LINDUNG_WORDS_MAX_CHARACTERS))


def checked_choice(field: str, value: str, choices: Any) -> str:
    """Return one code of a TextChoices class or a collection. Raises BadInput for anything else."""
    # A class of choices lists its codes in `values`; of a mapping that is a method, and its keys are the codes.
    known = getattr(choices, "values", ()) if isinstance(choices, type) else choices
    if value not in known:
        raise BadInput(field, _("Pilih salah satu dari daftar."))
    return value


def risk_code(code: str) -> deadlines.Risk:
    """Give a risk the type that the clocks ask for."""
    return "high" if code == Risk.HIGH else "medium" if code == Risk.MEDIUM else "low"
