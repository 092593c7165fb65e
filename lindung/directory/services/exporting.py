"""The directory as a file, written into the audit log."""

from __future__ import annotations

from django.db import transaction

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core.errors import BadInput, NotAllowed

from .. import rules, selectors
from ..sheets import writing
from ..sheets.checking import Progress
from ..sheets.faults import FILE_SENTENCES

FORMATS = ("xlsx", "csv")


def export(actor: Actor, wanted: str, progress: Progress = lambda done: None) -> bytes:
    """Every body and service, in the columns of the import, as "xlsx" or "csv". Raises NotAllowed, BadInput."""
    if not rules.may_read(actor):
        raise NotAllowed
    if wanted not in FORMATS:
        raise BadInput("format", FILE_SENTENCES["not_a_sheet"])
    bodies = selectors.visible_to(actor)
    made = (writing.to_xlsx if wanted == "xlsx" else writing.to_csv)(writing.rows(bodies, progress))
    with transaction.atomic():
        audit.record("directory.exported", actor=actor.audit_name, data={"format": wanted, "bodies": bodies.count()})
    return made
