"""Reads of this room. Each starts from the reports that the person may see, and never looks at another one.

Nothing is found by an identifier: every question begins with a report that the person has open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from lindung.accounts.actors import Actor
from lindung.accounts.rules import SUPERVISOR
from lindung.core import worktime
from lindung.places import selectors as places
from lindung.reporting import rules_staff
from lindung.reporting import selectors as reporting
from lindung.reporting.models import OPEN_STATES, Platform, Report, ReportFact
from lindung.vault import facts

from . import rules
from .models import Merge, Series, SeriesMember


def seen(actor: Actor) -> QuerySet[Report]:
    """The reports whose series a person may see: those that they may see, of teams whose key they hold."""
    return reporting.visible_to(actor).filter(team__in=reporting.keyed_teams(actor))


def _seen(actor: Actor, column: str) -> Exists:
    """For use in a query of rows that name a report: one look-up a row, instead of all reports that they may see."""
    return Exists(seen(actor).filter(pk=OuterRef(column)))


def visible_series(actor: Actor) -> QuerySet[Series]:
    """The series that a person sees: at least two members that they may see, one of them open; `rules.is_shown`."""
    members = SeriesMember.objects.filter(_seen(actor, "report"), left_at=None).values("series")
    shown = members.annotate(all=Count("pk"), open=Count("pk", filter=Q(report__state__in=OPEN_STATES)))
    return Series.objects.filter(pk__in=shown.filter(all__gte=2, open__gte=1).values("series"))


def series_of(actor: Actor, report_id: UUID) -> list[UUID]:
    """The series of a report that the person sees, the oldest first."""
    rows = visible_series(actor).filter(members__report=report_id, members__left_at=None)
    return list(rows.order_by("created_at", "id").values_list("pk", flat=True))


# --- one series -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MemberRow:
    """One report of a series, as far as the person may see it. `gone`: somebody took it out; it can be put back."""

    report: Report
    why: str
    gone: bool
    may_judge: bool

    @property
    def is_open(self) -> bool:
        return self.report.state in OPEN_STATES


def members(actor: Actor, series_ids: Iterable[UUID]) -> dict[UUID, list[MemberRow]]:
    """The members of series that the person may see, by their time of receipt; one query."""
    rows = SeriesMember.objects.filter(_seen(actor, "report"), series__in=list(series_ids))
    found: dict[UUID, list[MemberRow]] = {}
    for row in rows.select_related("report__team").order_by("report__received_at", "report_id"):
        may = rules_staff.may_triage(actor, row.report.team_id)
        entry = MemberRow(row.report, row.why, row.left_at is not None, may)
        found.setdefault(row.series_id, []).append(entry)
    return found


@dataclass(frozen=True)
class Counts:
    """How many reports by place, platform and month: (label, number), the most first; months in their order."""

    places: list[tuple[str, int]]
    platforms: list[tuple[str, int]]
    months: list[tuple[date, int]]


def counts(reports: Iterable[Report]) -> Counts:
    """Count reports that the person may see. Of a report without a regency the province counts, else nothing."""
    by_id = {report.pk: report for report in reports}
    wanted = ReportFact.objects.filter(report__in=list(by_id), field__in=("province", "regency", "platform"))
    tokens: dict[UUID, dict[str, list[bytes]]] = {}
    for pk, kind, token in wanted.values_list("report_id", "field", "token"):
        tokens.setdefault(pk, {}).setdefault(kind, []).append(bytes(token))
    provinces = places.provinces()
    regencies = [r.code for p in provinces for r in places.regencies(p.code)]
    known = {
        "province": facts.meanings("province", [p.code for p in provinces]) if tokens else {},
        "regency": facts.meanings("regency", regencies) if tokens else {},
        "platform": _platforms() if tokens else {},
    }
    where: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for mine in tokens.values():
        codes = [known[kind].get(token, "") for kind in ("regency", "province") for token in mine.get(kind, [])]
        place = places.get(codes[0]) if codes else None
        if place is not None:
            where[place.name] += 1
        used.update({known["platform"][token] for token in mine.get("platform", []) if token in known["platform"]})
    months = Counter(worktime.local_day(r.received_at, r.tz).replace(day=1) for r in by_id.values())
    return Counts(_most(where), _most(used), sorted(months.items()))


def _platforms() -> dict[bytes, str]:
    """Labels of platforms by token: those of the file, and those that staff added."""
    labels = {entry.code: entry.label for entry in reporting.platforms()}
    names = dict(Platform.objects.values_list("code", "name"))
    found = facts.meanings("platform", [*names])
    return {token: labels.get(code, names[code]) for token, code in found.items()}


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda entry: (-entry[1], entry[0]))


# --- all of them ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeriesRow:
    """One series in the list. Numbers and dates are of the members that the person may see."""

    series: Series
    size: int
    open: int
    first: datetime
    last: datetime
    tz: str


def listed(actor: Actor) -> list[SeriesRow]:
    """The series that the person sees, the one with the newest report first; two queries."""
    return _rows(visible_series(actor), actor)


def _rows(series: QuerySet[Series], actor: Actor) -> list[SeriesRow]:
    found = {row.pk: row for row in series}
    rows = []
    for pk, entries in members(actor, found).items():
        reports = [entry.report for entry in entries if not entry.gone]
        opened = sum(report.state in OPEN_STATES for report in reports)
        first, last = reports[0], reports[-1]
        rows.append(SeriesRow(found[pk], len(reports), opened, first.received_at, last.received_at, last.tz))
    return sorted(rows, key=lambda row: (row.last, row.series.pk), reverse=True)


def joint(actor: Actor) -> list[Report]:
    """The reports of a supervisor's joint view: once each, in all series they see, of teams that they supervise."""
    teams = actor.teams_with((SUPERVISOR,))
    if not teams:
        return []
    rows = SeriesMember.objects.filter(left_at=None, series__in=visible_series(actor))
    wanted = Report.objects.filter(_seen(actor, "pk"), pk__in=set(rows.values_list("report", flat=True)))
    return [report for report in wanted.select_related("team").order_by("pk") if report.team_id in teams]


# --- on the page of a report ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Together:
    """What a report is handled together with: its lead, or the reports that were merged into it."""

    lead: Report | None
    merged: tuple[Report, ...]


def merges_of(actor: Actor, report: Report) -> Together:
    """The merges of a report; one query. Both sides of a merge have the same readers."""
    rows = Merge.objects.filter(Q(lead=report.pk) | Q(merged=report.pk)).select_related("lead", "merged")
    rows = rows.filter(_seen(actor, "lead"), _seen(actor, "merged"))
    lead, merged = None, []
    for row in rows:
        if row.merged_id == report.pk:
            lead = row.lead
        else:
            merged.append(row.merged)
    return Together(lead, tuple(merged))


def series_beside(actor: Actor, report: Report) -> dict[UUID, list[Report]]:
    """The series of a report with the members that the person may see; one query."""
    mine = SeriesMember.objects.filter(report=report.pk, left_at=None).values("series")
    rows = SeriesMember.objects.filter(_seen(actor, "report"), series__in=mine, left_at=None).select_related("report")
    found: dict[UUID, list[Report]] = {}
    for row in rows.order_by("report__received_at", "report_id"):
        found.setdefault(row.series_id, []).append(row.report)
    return {pk: reports for pk, reports in found.items() if rules.is_shown(r.state for r in reports)}
