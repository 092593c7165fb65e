"""What waits for a person, as numbers beside the entries of the menu: one query, whatever there is."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from lindung.accounts import rules as account_rules
from lindung.accounts import selectors as people
from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.casework import morning
from lindung.core import clock
from lindung.core.prepared import MOMENT, Number, Prepared, once_each
from lindung.referrals import selectors as referrals
from lindung.referrals.rules import RECEIVERS
from lindung.reporting import rules_staff, selectors, selectors_moves
from lindung.takedown import selectors as takedowns


def counts(actor: Actor) -> dict[str, int]:
    """How much waits behind which entry (by the name of its address); entries without a number are left out.

    Keys are counted for whoever holds the key that is asked for: others cannot decide.
    """
    names, query = _prepared(actor)
    numbers: dict[str, int] = {}
    for name, number in zip(names, (query.row(clock.now()) if query else None) or (), strict=False):
        numbers[name] = numbers.get(name, 0) + int(number or 0)
    return {name: number for name, number in numbers.items() if number}


@once_each
def _prepared(actor: Actor) -> tuple[tuple[str, ...], Prepared | None]:
    """The names and the query of their numbers; whoever gets or loses a role is another actor. Every page asks it."""
    parts = [(name, rows) for name, rows in _waiting(actor) if not rows.query.is_empty()]
    if not parts:
        return (), None
    wanted = {f"n{number}": Number(rows.order_by().values("pk")) for number, (_, rows) in enumerate(parts)}
    return tuple(name for name, _ in parts), Prepared(
        User.objects.filter(pk=actor.user_id).values_list(*wanted.values())
    )


def _waiting(actor: Actor) -> list[tuple[str, QuerySet[Any]]]:
    """What waits behind which entry at MOMENT."""
    waiting: list[tuple[str, QuerySet[Any]]] = []
    if actor.teams_with(account_rules.CONTENT_ROLES):
        keyed = selectors.keyed_teams(actor)
        waiting.append(("accounts:grants", people.grants_visible_to(actor).filter(team__in=keyed)))
    if actor.has_role(*rules_staff.JUDGES):
        waiting.append(("workspace:transfers", selectors_moves.answerable(actor)))
        waiting.append(("workspace:takedown", takedowns.due(actor, MOMENT)))
    if actor.has_role(*RECEIVERS):
        waiting.append(("workspace:referrals", referrals.waiting(actor)))
    if actor.has_role(account_rules.SUPERVISOR):
        waiting.append(("workspace:holds", selectors_moves.holds_due(actor, MOMENT)))
    if actor.has_role(*rules_staff.HANDLERS):
        waiting += [("workspace:cases", rows) for rows in morning.waiting_for(actor, MOMENT)]
    return waiting
