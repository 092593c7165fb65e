"""Reads: the tokens that a person may see, the token behind a secret, and the reports of a partner."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.models import Organisation
from lindung.accounts.rules import ADMINISTRATOR
from lindung.core import clock, worktime
from lindung.reporting.models import Report, ReportExclusion

from . import rules
from .models import PartnerToken, Submission


def today() -> date:
    """The day that counts for expiry, limits and last use: that of settings.TIME_ZONE."""
    return worktime.local_day(clock.now(), settings.TIME_ZONE)


def day_begins(day: date) -> datetime:
    """The first moment of a day as `today` counts it."""
    return datetime.combine(day, time.min, ZoneInfo(settings.TIME_ZONE))


def tokens_visible_to(actor: Actor) -> QuerySet[PartnerToken]:
    """The tokens that an administrator's own network made, those that still work first."""
    ended = F("revoked_at").asc(nulls_first=True)
    rows = PartnerToken.objects.select_related("organisation", "issuer").order_by(ended, "-created_at", "pk")
    if actor.is_system:
        return rows
    if not actor.has_role(ADMINISTRATOR):
        return rows.none()
    return rows.filter(issuer__in=actor.organisation_ids, issuer__kind__in=rules.ISSUERS)


def issuers_for(actor: Actor) -> QuerySet[Organisation]:
    """The networks in whose name this person may make tokens."""
    found = Organisation.objects.filter(kind__in=rules.ISSUERS).order_by("name")
    if actor.is_system:
        return found
    return found.filter(pk__in=actor.organisation_ids) if actor.has_role(ADMINISTRATOR) else found.none()


def partners_for(issuer: Organisation) -> QuerySet[Organisation]:
    """Bodies that may be given a token: everybody who is no network, and the issuer itself (its own helpline)."""
    return Organisation.objects.filter(~Q(kind__in=rules.ISSUERS) | Q(pk=issuer.pk)).order_by("name")


def sent_today(token: PartnerToken) -> int:
    """How many reports came through a token today; repeated requests do not count."""
    return Submission.objects.filter(token=token, received_at__gte=day_begins(today())).count()


def submission_for(token: PartnerToken, reference: str) -> Submission | None:
    """A report that this token's organisation sent, through whichever of its tokens."""
    rows = Submission.objects.select_related("token", "report__merged_into")
    return rows.filter(reference=reference, token__organisation=token.organisation_id).first()


def submission_of(report_id: UUID) -> Submission | None:
    """How a report came in through a partner, for its page; None for any other report."""
    return Submission.objects.select_related("token__organisation").filter(report=report_id).first()


def hidden_from(organisation_id: UUID, *reports: Report | None) -> bool:
    """Tell whether one of these reports names a team of an organisation."""
    named = ReportExclusion.objects.filter(report__in=[r.pk for r in reports if r], team__organisation=organisation_id)
    return named.exists()
