"""What every service of this room begins with: find the request as this person sees it, write under its version."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.reporting import selectors as reports
from lindung.reporting.models import Report
from lindung.reporting.models import State as ReportState
from lindung.reporting.services.access import May, report_for

from .. import rules
from ..models import Entry, Item
from ..state import Event, next_state


def items_seen(actor: Actor) -> QuerySet[Item]:
    """The requests of the reports that a person may see and whose key they hold."""
    seen = reports.visible_to(actor).filter(team__in=reports.keyed_teams(actor), pk=OuterRef("report_id"))
    # Asked of each request rather than of every report: there are far fewer of them.
    return Item.objects.filter(Exists(seen))


def item_for(actor: Actor, item_id: UUID, may: May = rules.may_act) -> Item:
    """Return a request that the actor may see and `may` act on. Raises NotFound or NotAllowed, shown alike."""
    item = items_seen(actor).filter(pk=item_id).first()
    if item is None:
        raise NotFound
    item.report = report_for(actor, item.report_id, may)
    return item


def move(item: Item, event: Event, *, version: int | None = None, **changes: Any) -> None:
    """Write the next state, one conditional UPDATE: state, version and team must still be what the person saw.

    `version` is the one the form was made from (None: the one just read). A withdrawn report's requests stand still.
    Refreshes `item`. Raises Conflict and writes nothing otherwise.
    """
    target = next_state(item.state, event)
    seen = item.version if version is None else version
    # A column of the row itself, not a join: PostgreSQL then looks at the row again after waiting for it.
    here = Report.objects.filter(pk=item.report_id, team=item.report.team_id).exclude(state=ReportState.WITHDRAWN)
    rows = Item.objects.filter(pk=item.pk, state=item.state, version=seen, report__in=here)
    if rows.update(state=target, version=F("version") + 1, changed_at=clock.now(), **changes) != 1:
        raise Conflict
    report = item.report
    item.refresh_from_db()
    item.report = report


def leave_notice(item: Item) -> None:
    """Take an item off the letter on which it waits. The letter goes when nothing is left on it."""
    from ..following import drop_empty

    waiting = Entry.objects.filter(item=item, sent_at=None)
    notices = list(waiting.values_list("notice", flat=True))
    waiting.delete()
    drop_empty(notices)


def moment(field: str, at: datetime | None, *, not_before: datetime | None = None) -> datetime:
    """Return when something happened: now, or the aware moment that was typed.

    Raises BadInput for one that lies ahead, or before `not_before` (compared in whole minutes, as forms give them).
    """
    now = clock.now()
    if at is None:
        return now
    if at.tzinfo is None:
        raise BadInput(field, _("Tulis waktu beserta zonanya."))
    if at > now:
        raise BadInput(field, _("Waktu ini belum tiba."))
    if not_before is not None and at < clock.coarse(not_before):
        raise BadInput(field, _("Waktu ini lebih awal dari langkah sebelumnya."))
    return max(at, not_before) if not_before is not None else at
