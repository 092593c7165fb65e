"""Putting reports into a series, taking them out, putting them back."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.ids import new_id
from lindung.reporting import rules_staff
from lindung.reporting.models import OPEN_STATES, Report
from lindung.reporting.services.access import checked_choice, lock, report_for

from .. import selectors, vanishing
from ..errors import OtherSeries
from ..models import Series, SeriesMember, Why


def join(actor: Actor, report_id: UUID, other_id: UUID, why: str) -> Series:
    """Hold that two open reports belong together: they stand in one series afterwards, which is returned.

    The series of one of them takes the other in; without one there is a new series. `why`: a code of `Why`. Joining
    again changes nothing. Raises NotFound for a report that the actor may not see, NotAllowed for one that they may not
    judge, BadInput for a report with itself, a closed one or one of the path of help, OtherSeries.
    """
    checked_choice("why", why, Why)
    with transaction.atomic():
        report, other = (report_for(actor, pk, rules_staff.may_triage) for pk in (report_id, other_id))
        _check(report, other)
        list(lock(Report.objects.filter(pk__in=[report.pk, other.pk]).order_by("pk")))
        mine, theirs = selectors.series_of(actor, report.pk), selectors.series_of(actor, other.pk)
        if mine and theirs and not set(mine) & set(theirs):
            raise OtherSeries
        both = [pk for pk in mine if pk in theirs]
        if both:
            return Series.objects.get(pk=both[0])
        chosen = Series.objects.filter(pk__in=[*mine, *theirs][:1]).select_for_update().first()
        series = chosen or Series.objects.create(id=new_id(), created_at=clock.now())
        for each in (report, other):
            _add(actor, series, each, why)
        data: dict[str, str | UUID] = {"other": other.pk, "series": series.pk, "why": why}
        audit.record("series.joined", actor=actor.audit_name, subject=report.pk.hex, data=data)
    return series


def leave(actor: Actor, series_id: UUID, report_id: UUID) -> None:
    """Take a report out of a series. What is no series any more without it vanishes.

    Raises NotFound for a series that the actor does not see or that the report is not in, NotAllowed.
    """
    with transaction.atomic():
        report = report_for(actor, report_id, rules_staff.may_triage)
        if series_id not in selectors.series_of(actor, report.pk):
            raise NotFound
        Series.objects.filter(pk=series_id).select_for_update().first()
        rows = SeriesMember.objects.filter(series=series_id, report=report, left_at=None)
        if rows.update(left_at=clock.now()) != 1:
            raise Conflict
        vanishing.end_if_over(series_id)
        audit.record("series.left", actor=actor.audit_name, subject=report.pk.hex, data={"series": series_id})


def put_back(actor: Actor, series_id: UUID, report_id: UUID) -> Series:
    """Undo `leave`. Raises NotFound when the series is gone or not visible, OtherSeries, NotAllowed."""
    with transaction.atomic():
        report = report_for(actor, report_id, rules_staff.may_triage)
        series = selectors.visible_series(actor).filter(pk=series_id).first()
        if series is None:
            raise NotFound
        left = SeriesMember.objects.filter(series=series, report=report).exclude(left_at=None)
        if not left.exists():
            raise NotFound
        if set(selectors.series_of(actor, report.pk)) - {series.pk}:
            raise OtherSeries
        if report.state not in OPEN_STATES or left.update(left_at=None) != 1:
            raise Conflict
        audit.record("series.returned", actor=actor.audit_name, subject=report.pk.hex, data={"series": series_id})
    return series


def _check(report: Report, other: Report) -> None:
    if report.pk == other.pk:
        raise BadInput("other", _("Ini laporan yang sama."))
    if any(each.state not in OPEN_STATES for each in (report, other)):
        raise BadInput("other", _("Seri hanya untuk laporan yang masih terbuka."))
    if report.is_help or other.is_help:
        raise BadInput("other", _("Permintaan bantuan untuk diri sendiri tidak masuk seri."))


def _add(actor: Actor, series: Series, report: Report, why: str) -> None:
    """Add one, or bring back one that had left. Somebody who adds the same at once changes nothing."""
    known = SeriesMember.objects.filter(series=series, report=report)
    if known.exists():
        known.exclude(left_at=None).update(left_at=None)
        return
    try:
        with transaction.atomic():
            SeriesMember.objects.create(
                series=series, report=report, why=why, joined_at=clock.now(), joined_by_id=actor.user_id
            )
    except IntegrityError:
        return
