"""What every service of this room begins with: find the case as this person sees it, write under its version."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import Conflict, NotAllowed, NotFound, SealBroken
from lindung.reporting import answers as answering
from lindung.reporting.selectors import keyed_teams
from lindung.reporting.services.access import checked_choice, checked_text
from lindung.vault import services as vault
from lindung.vault.services import STAFF, Keyring, RecordKeys

from .. import rules, selectors
from ..errors import CaseClosed
from ..models import Case, CaseWorker, State
from ..rules import CaseFacts
from ..state import Event, next_state

May = Callable[[Actor, CaseFacts], bool]
Row = TypeVar("Row", bound=Model)


def case_for(actor: Actor, case_id: UUID, may: May = rules.may_work) -> Case:
    """Return a case that the actor may see and `may` act on, in one query. Raises NotFound or NotAllowed, shown alike.

    The actor must hold the team's present key, also for what opens nothing: else whoever resets a supervisor's
    passphrase could decide in their place.
    """
    rows = selectors.visible_to(actor).filter(pk=case_id).select_related("team", "record")
    holds = Exists(keyed_teams(actor).filter(team_key__team=OuterRef("team")))
    case = selectors.facts_for(actor, rows).annotate(is_keyed=holds).first()
    if case is None:
        raise NotFound
    if not may(actor, selectors.facts_seen(actor, case)) or not vars(case)["is_keyed"]:
        raise NotAllowed
    return case


def open_case_for(actor: Actor, case_id: UUID, may: May = rules.may_work) -> Case:
    """The same for what only happens to a case that is not closed. Raises CaseClosed."""
    case = case_for(actor, case_id, may)
    if case.state == State.CLOSED:
        raise CaseClosed
    return case


def open_keys(case: Case, keyring: Keyring) -> RecordKeys:
    """Open the keys of a case through its team's key. Raises NotAllowed."""
    return vault.open_with_team(record_id=case.record_id, keyring=keyring)


def lock(rows: QuerySet[Row]) -> QuerySet[Row]:
    """Hold rows until the commit on PostgreSQL; on SQLite the IMMEDIATE transaction already does.

    Never with `select_related`: PostgreSQL drops a row whose joined one changed while this waited for the lock.
    """
    return rows.select_for_update(of=("self",))


def touch(case: Case, *, version: int | None = None, **changes: Any) -> None:
    """Write `changes`, count the version up and note the time: one conditional UPDATE, then refresh `case`.

    `version` is the one that the form was made from (None: the one just read). Team and state must still be what was
    read. Raises Conflict and writes nothing otherwise.
    """
    seen = case.version if version is None else version
    rows = Case.objects.filter(pk=case.pk, version=seen, team=case.team_id, state=case.state)
    if rows.update(version=F("version") + 1, changed_at=clock.now(), **changes) != 1:
        raise Conflict
    case.refresh_from_db(fields=[field.attname for field in Case._meta.concrete_fields])


def move(case: Case, event: Event, *, version: int | None = None, **changes: Any) -> None:
    """Write the next state of a case. Raises Conflict when there is no such way, or somebody was faster."""
    touch(case, version=version, state=next_state(case.state, event).value, **changes)
    settle_free(case.pk)


def settle_free(case_id: UUID) -> None:
    """Keep `free` true: after a change of the state, and after somebody began or ended their work."""
    held = Exists(CaseWorker.objects.filter(case=OuterRef("pk"), until=None))
    free = ExpressionWrapper(~Q(state=State.CLOSED) & ~Q(held), output_field=BooleanField())
    Case.objects.filter(pk=case_id).update(free=free)


def seal(case: Case, keys: RecordKeys, field: str, value: Mapping[str, Any]) -> int:
    """Seal a new version of a field as canonical JSON under the staff key; return its number.

    Every text inside is checked (length, valid Unicode, no media in disguise). Raises BadInput, NotFound when the case
    was erased, Conflict when somebody wrote the same version first.
    """
    return vault.put(record_id=case.record_id, keys=keys, key_name=STAFF, field=field, plaintext=encode(field, value))


def unseal(case: Case, keys: RecordKeys, field: str) -> dict[str, Any]:
    """Open the latest version of a field; {} when it was never written. Raises SealBroken."""
    try:
        return decode(vault.get(record_id=case.record_id, keys=keys, field=field))
    except NotFound:
        return {}


def encode(field: str, value: Mapping[str, Any]) -> bytes:
    """Write a sealed value: canonical JSON. Raises BadInput for a text that cannot be kept."""
    _check(field.partition(":")[0], value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def decode(raw: bytes) -> dict[str, Any]:
    """Read what `encode` wrote. Raises SealBroken for anything else."""
    try:
        found = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError):
        raise SealBroken() from None
    if not isinstance(found, dict):
        raise SealBroken()
    return found


def _check(name: str, value: Any) -> None:
    if isinstance(value, str):
        answering.check_text(name, value, int(settings.LINDUNG_WORDS_MAX_CHARACTERS))
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            _check(str(key), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(name, inner)
    elif value is not None and not isinstance(value, bool | int | float):
        raise TypeError("casework: a sealed value holds texts, numbers, flags, lists and mappings")


__all__ = [
    "May",
    "case_for",
    "checked_choice",
    "checked_text",
    "decode",
    "encode",
    "lock",
    "move",
    "open_case_for",
    "open_keys",
    "seal",
    "touch",
    "unseal",
]
