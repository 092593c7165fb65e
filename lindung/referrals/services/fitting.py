"""Whether a body fits a child today: the directory's rows and the opened case, brought to the pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from lindung.casework.models import Case, Risk
from lindung.core import clock, worktime
from lindung.directory import selectors as directory
from lindung.directory.models import Organisation, Service
from lindung.directory.rules import Hindrance
from lindung.directory.selectors import Provider
from lindung.vault.models import TeamKey

from .. import knowledge, rules_fit
from ..models import Way
from ..rules_fit import Child, Offer

NOT_THERE = frozenset({"ended", "not_offered"})
"""Nobody can be asked: no reason helps."""


def child_of(
    case: Case, child: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]], needs: Iterable[str] = ()
) -> Child:
    """What is asked of the child, from its opened words."""
    return rules_fit.child_of(child, places, today=worktime.local_day(clock.now(), case.tz), needs=needs)


def is_urgent(case: Case) -> bool:
    """High risk is served at once: who is closed now and takes nobody at night cannot."""
    return case.risk == Risk.HIGH


def offer_of(organisation: Organisation, service: str, moment: datetime) -> Offer | None:
    """What the directory knows of one service of a body; None when it does not offer it. Three queries."""
    rows = Service.objects.filter(organisation=organisation, service=service)
    row = rows.select_related("organisation").prefetch_related("coverage", "hours").first()
    if row is None:
        return None
    return _offer(row, moment)


def _offer(row: Service, moment: datetime) -> Offer:
    return Offer(
        does=row.does,
        active=row.active,
        ended=not directory.exists_on(row.organisation, directory.today()),
        whole_country=row.whole_country,
        covered=frozenset(one.region for one in row.coverage.all()),
        terms=directory.terms_of(row),
        opening=directory.opening_of(row, moment),
    )


def problems(organisation: Organisation, service: str, child: Child, *, urgent: bool) -> tuple[Hindrance, ...]:
    """Everything that does not fit between a body and a child now."""
    return rules_fit.problems(offer_of(organisation, service, clock.now()), child, urgent=urgent)


def problems_of(provider: Provider, child: Child, moment: datetime, *, urgent: bool) -> tuple[Hindrance, ...]:
    """The same of a row that the directory found."""
    return rules_fit.problems(_offer(provider.service, moment), child, urgent=urgent)


def in_words(hindrances: Iterable[Hindrance]) -> list[str]:
    """Why a body may not be the right one, in words."""
    own = knowledge.fit_reasons()
    return [own[one.code].label if one.code in own else directory.why_not(one) for one in hindrances]


def ways_to(organisation: Organisation) -> tuple[Way, ...]:
    """How a body is reached: through the platform when a team of it works here and has its key, else on paper."""
    team: UUID | None = organisation.team_id
    if team is not None and TeamKey.objects.filter(team=team, state=TeamKey.State.ACTIVE).exists():
        return (Way.PLATFORM,)
    return (Way.LETTER, Way.PHONE)
