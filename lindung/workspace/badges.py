"""What waits for a person, as numbers beside the entries of the menu: one query, whatever there is."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from lindung.accounts import rules as account_rules
from lindung.accounts import selectors as people
from lindung.accounts.actors import Actor
from lindung.accounts.models import User
from lindung.casework import morning
from lindung.core import clock
from lindung.referrals import selectors as referrals
from lindung.referrals.rules import RECEIVERS
from lindung.reporting import rules_staff, selectors, selectors_moves
from lindung.takedown import selectors as takedowns


class _Count(Subquery):
    """The number of rows of a query, inside another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def counts(actor: Actor) -> dict[str, int]:
    """How much waits behind which entry (by the name of its address); entries without a number are left out.

    Keys are counted for whoever holds the key that is asked for: others cannot decide.
    """
    waiting: dict[str, QuerySet[Any]] = {}
    if actor.teams_with(account_rules.CONTENT_ROLES):
        keyed = selectors.keyed_teams(actor)
        waiting["accounts:grants"] = people.grants_visible_to(actor).filter(team__in=keyed)
    if actor.has_role(*rules_staff.JUDGES):
        waiting["workspace:transfers"] = selectors_moves.answerable(actor)
        waiting["workspace:takedown"] = takedowns.due(actor, clock.now())
    if actor.has_role(*RECEIVERS):
        waiting["workspace:referrals"] = referrals.waiting(actor)
    if actor.has_role(account_rules.SUPERVISOR):
        waiting["workspace:holds"] = selectors_moves.holds_due(actor, clock.now())
    parts = list(waiting.items())
    if actor.has_role(*rules_staff.HANDLERS):
        parts += [("workspace:cases", rows) for rows in morning.waiting_for(actor)]
    if not parts:
        return {}
    wanted = {f"n{number}": _Count(rows.order_by().values("pk")) for number, (_, rows) in enumerate(parts)}
    found: dict[str, Any] = dict(User.objects.filter(pk=actor.user_id).values(**wanted).first() or {})
    numbers: dict[str, int] = {}
    for short, number in found.items():
        name = parts[int(short[1:])][0]
        numbers[name] = numbers.get(name, 0) + int(number)
    return {name: number for name, number in numbers.items() if number}
