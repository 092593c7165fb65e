"""Referrals by the month in which they were sent, from the side of the team that sent them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, CharField, Count, DateTimeField, Exists, F, OuterRef, Q, Value, When

from lindung.casework.models import Case as CaseRow
from lindung.casework.models import CaseExclusion, Risk
from lindung.core.worktime import local_day
from lindung.referrals.models import Referral, State

from ..counts import Counts, Scope, in_year, month_of
from ..erased import Item
from ..models import Source

# For a child at high risk only a yes by voice is one.
ACCEPTED = Q(risk=Risk.HIGH, voice_at__isnull=False) | (~Q(risk=Risk.HIGH) & Q(accepted_at__isnull=False))
ACCEPTED_AT = Case(
    When(risk=Risk.HIGH, then=F("voice_at")), default=F("accepted_at"), output_field=DateTimeField(null=True)
)
ANSWER = Case(
    When(ACCEPTED, then=Value("accepted")),
    When(state=State.DECLINED, then=Value("declined")),
    When(state__in=(State.REVOKED, State.LAPSED), then=Value("ended")),
    default=Value("waiting"),
    output_field=CharField(),
)


def living(scope: Scope, year: int, only: int | None = None) -> Counts:
    """Count what is there: two queries for each time zone."""
    found = Counts()
    for tz, teams in scope.zones.items():
        rows = Referral.objects.filter(in_year("sent_at", year, tz), case__team__in=teams).order_by()
        if not scope.named:
            rows = rows.filter(~Exists(CaseExclusion.objects.filter(case=OuterRef("case"))))
        month = month_of("sent_at", year, tz)
        for at, service, answer, number in rows.values_list(month, "service", ANSWER).annotate(n=Count("pk")):
            found.totals[at] += number
            found.add("service", service, at, number)
            found.add("answer", answer, at, number)
        for at, sent, accepted in rows.filter(ACCEPTED).values_list(month, "sent_at", ACCEPTED_AT):
            found.lengths[at].append(tenths(sent, accepted))
    return found


def tenths(start: datetime, end: datetime) -> int:
    """Hours from start to end in tenths, rounded half up; 0 when the end lies before."""
    return (max(0, int((end - start).total_seconds())) + 180) // 360


def of_case(case: CaseRow) -> list[Item]:
    """What stays of the referrals of a case that is erased."""
    named = CaseExclusion.objects.filter(case=case).exists()
    rows = Referral.objects.filter(case=case, sent_at__isnull=False)
    found = []
    for sent, service, answer, accepted in rows.values_list("sent_at", "service", ANSWER, ACCEPTED_AT):
        found.append(
            Item(
                source=Source.REFERRALS,
                team_id=case.team_id,
                month=local_day(sent, case.team.tz).replace(day=1),
                named=named,
                facts={"service": [service], "answer": [answer]},
                length=tenths(sent, accepted) if answer == "accepted" else None,
            )
        )
    return found
