"""Reads: who sees which referral, the receiver's list, what a case's tab shows.

`visible_to` is the one door to referrals: every list, link and count starts there or at one of its two halves.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.casework import selectors as cases
from lindung.casework.models import Case, CaseExclusion
from lindung.reporting.selectors import keyed_teams

from . import rules
from .models import ACTIVE, SHARED, Referral, State


def visible_to(actor: Actor, rows: QuerySet[Referral] | None = None) -> QuerySet[Referral]:
    """The referrals that a person may know of, from either side; `rules.may_open` says the same of one."""
    rows = Referral.objects.all() if rows is None else rows
    return rows.filter(_from_my_cases(actor) | _to_my_teams(actor))


def sent_from_cases_of(actor: Actor) -> QuerySet[Referral]:
    """The referrals of the cases that a person may open."""
    return Referral.objects.filter(_from_my_cases(actor))


def received_by(actor: Actor) -> QuerySet[Referral]:
    """What was sent to a person's teams, also what has ended; drafts never."""
    return Referral.objects.filter(_to_my_teams(actor))


def keyed(actor: Actor, rows: QuerySet[Referral]) -> QuerySet[Referral]:
    """Of the received ones those whose team's present key the person holds: a role alone opens nothing."""
    return rows.filter(receiving_team__in=keyed_teams(actor))


def _from_my_cases(actor: Actor) -> Q:
    return Q(Exists(cases.visible_to(actor).filter(pk=OuterRef("case"))))


def _to_my_teams(actor: Actor) -> Q:
    if actor.is_system:
        return Q(pk__in=())
    named = CaseExclusion.objects.filter(case=OuterRef("case"), team__in=actor.team_ids)
    elsewhere = Case.objects.filter(Exists(cases.elsewhere(actor.user_id)), pk=OuterRef("case"))
    mine = Q(receiving_team__in=actor.teams_with(rules.RECEIVERS)) & ~Q(state=State.DRAFT)
    return mine & ~Exists(named) & ~Exists(elsewhere)


def facts_of(referral: Referral) -> rules.ReferralFacts:
    """What the rules ask of a referral: three queries."""
    return rules.ReferralFacts(cases.facts_of(referral.case), referral.receiving_team_id, referral.state)


# --- lists ------------------------------------------------------------------------------------------------------------

OPEN_SHOWN, DONE_SHOWN = 300, 100


def inbox(actor: Actor, *, done: bool = False) -> list[Referral]:
    """What the receiver's list shows, in one query: what waits for an answer first, then by the time of sending."""
    rows = keyed(actor, received_by(actor)).select_related("case__team__organisation", "receiving_team")
    if done:
        return list(rows.exclude(state__in=ACTIVE).order_by("-ended_at", "id")[:DONE_SHOWN])
    found = rows.filter(state__in=ACTIVE).order_by("sent_at", "id")[:OPEN_SHOWN]
    return sorted(found, key=lambda r: (not r.waits, not r.high_risk, r.answer_due_at or r.made_at, r.pk.hex))


def done_count(actor: Actor) -> int:
    """How many received referrals have ended."""
    return keyed(actor, received_by(actor)).exclude(state__in=ACTIVE).count()


def waiting(actor: Actor) -> QuerySet[Referral]:
    """Received ones that wait for a yes: for the number in the menu."""
    voice = Q(risk="high", voice_at=None, state__in=(State.ACCEPTED, State.IN_SERVICE))
    return keyed(actor, received_by(actor)).filter(Q(state=State.SENT) | voice)


def of_case(case: Case) -> list[Referral]:
    """The referrals of a case that the caller has opened, newest first: one query."""
    rows = Referral.objects.filter(case=case).select_related("organisation", "receiving_team", "second_choice_of")
    return list(rows.order_by("-made_at", "-id"))


def late(cases_seen: QuerySet[Case], now: datetime) -> QuerySet[Referral]:
    """Referrals of these cases that were not accepted in time: for the morning of a case worker."""
    return Referral.objects.filter(case__in=cases_seen, state__in=ACTIVE, answer_due_at__lte=now).filter(
        Q(state=State.SENT) | Q(risk="high", voice_at=None)
    )


def pending(cases_seen: QuerySet[Case, Any]) -> QuerySet[Referral]:
    """What these cases wait for: not accepted yet, or ended without anybody else asked. The first due comes first."""
    followed = Referral.objects.filter(second_choice_of=OuterRef("pk"))
    unanswered = Q(state=State.SENT) | Q(state__in=ACTIVE, risk="high", voice_at=None)
    nobody = Q(state__in=(State.DECLINED, State.LAPSED)) & ~Exists(followed)
    rows = Referral.objects.filter(unanswered | nobody, case__in=cases_seen)
    return rows.select_related("organisation").order_by(F("answer_due_at").asc(nulls_last=True), "id")


def shared_rows(actor: Actor) -> QuerySet[Referral]:
    """The received ones whose sections the person may open now."""
    return keyed(actor, received_by(actor)).filter(state__in=SHARED)
