"""Writes: a monthly report is made and kept; whoever takes numbers along is noted. Codes and ids only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict

from . import knowledge, monthly, selectors
from .counts import Scope
from .models import MonthlyReport
from .release import months_over


def make_monthly_report(actor: Actor, scope_code: str, month: date, *, anew: bool = False) -> MonthlyReport:
    """Return the report about a month; makes it if there is none, or, `anew`, a further one.

    One that was made never changes: two reports about the same month from different days would give away the
    difference. Raises NotFound for a scope that is not the actor's, BadInput for a month that is not over.
    """
    scope = selectors.scope_for(actor, scope_code)
    if month.day != 1 or month.month > months_over(scope, month.year):
        raise BadInput("month", _("Pilih bulan yang sudah lewat."))
    owner = {"team_id": scope.id} if scope.kind == selectors.TEAM else {"organisation_id": scope.id}
    there = MonthlyReport.objects.filter(**owner, month=month)
    if not anew and (found := there.first()):
        return found
    numbers = monthly.numbers_of(scope, month)
    try:
        with transaction.atomic():
            number = (there.aggregate(last=Max("number"))["last"] or 0) + 1
            made = MonthlyReport.objects.create(
                **owner, month=month, number=number, version=knowledge.version(), made_by_id=actor.user_id,
                made_at=clock.now(), numbers=numbers,
            )  # fmt: skip
            audit.record(
                "statistics.monthly_made", actor=actor.audit_name, subject=made.pk.hex,
                data={"scope": scope.id, "month": f"{month:%Y-%m}", "number": number},
            )  # fmt: skip
    except IntegrityError:
        raise Conflict from None
    return made


def monthly_exported(actor: Actor, pk: UUID) -> MonthlyReport:
    """Note that somebody takes a monthly report along as a file. Raises NotFound."""
    found = selectors.monthly_report(actor, pk)
    with transaction.atomic():
        audit.record("statistics.monthly_exported", actor=actor.audit_name, subject=pk.hex)
    return found


def exported(actor: Actor, scope: Scope, *, source: str, period: str, form: str) -> None:
    """Note that somebody takes statistics along: of what, of when, as which kind of file."""
    with transaction.atomic():
        audit.record(
            "statistics.exported", actor=actor.audit_name, subject=scope.id.hex,
            data={"source": source, "period": period, "form": form},
        )  # fmt: skip
