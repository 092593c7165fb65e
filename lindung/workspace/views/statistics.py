"""Statistics of a team or an organisation, with the small numbers kept back, as pages, charts and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lindung.accounts.rules import DATA_ANALYST, SUPERVISOR
from lindung.core.knowledge import Labelled
from lindung.statistics import charts, files, knowledge, monthly, selectors, services, vocabulary
from lindung.statistics.counts import Scope
from lindung.statistics.models import MonthlyReport
from lindung.statistics.release import LIVING, Column, Period, Release, release, smallest
from lindung.workspace import times
from lindung.workspace.doors import actor_of, staff_page

counting = staff_page(SUPERVISOR, DATA_ANALYST)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TAKEDOWNS = "takedowns"
KEPT_DRAWN = 5
"""Up to so many hidden values are drawn as empty bars; more of them are named in one line below the chart."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see: whose numbers, of what, and of which month (or of the whole year: `month` 0)."""

    scope: Scope
    source: str
    year: int
    month: int

    @property
    def period(self) -> str:
        return f"{self.year}-{self.month:02d}" if self.month else str(self.year)

    def query(self, **more: str) -> str:
        return urlencode({"untuk": self.scope.code, "angka": self.source, "periode": self.period, **more})


def _asked(request: HttpRequest, seen: list[Scope]) -> Asked:
    """Read the address. Whose numbers it names is looked up among those that the person may see."""
    wanted = request.GET.get("untuk", "")
    scope = next((scope for scope in seen if scope.code == wanted or not wanted), None)
    if scope is None:
        raise Http404
    source = request.GET.get("angka", "reports")
    if source not in LIVING and source != TAKEDOWNS:
        raise Http404
    last = selectors.last_month(scope)
    year, month = last.year, last.month
    if wanted := request.GET.get("periode", ""):
        parts = wanted.split("-")
        if len(parts) > 2 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
            raise Http404
        year, month = int(parts[0]), int(parts[1]) if len(parts) == 2 else 0
        if not 2000 <= year <= last.year + 1 or not 0 <= month <= 12 or (month and date(year, month, 1) > last):
            raise Http404
    return Asked(scope, source, year, month)


# --- the page ---------------------------------------------------------------------------------------------------------


@counting
def page(request: HttpRequest) -> HttpResponse:
    """One source in one month or year: the number, and for each dimension a chart with its table."""
    seen = selectors.scopes(actor_of(request))
    if not seen:
        return render(request, "workspace/statistics/none.html")
    asked = _asked(request, seen)
    context = {
        "asked": asked,
        "scopes": seen,
        "tabs": _tabs(asked),
        "periods": _periods(asked.scope),
        "title": _period_name(asked),
        "smallest": smallest(),
        "definitions": _definitions(asked.source),
    }
    if asked.source == TAKEDOWNS:
        taken = monthly.takedowns_of(asked.scope, asked.year, asked.month)
        return render(request, "workspace/statistics/page.html", {**context, "taken": taken})
    made = release(asked.source, asked.scope, asked.year, asked.month)
    period = _shown(asked, made)
    context |= {
        "running": period is None,
        "total": _number(period.total) if period else "",
        "least": _number(period.least) if period and period.total is None and period.least else "",
        "extra": _extra(asked.source, period),
        "months": _months_chart(asked, made),
        "panels": _panels(period, asked.source) if period else [],
        "query": asked.query(),
    }
    return render(request, "workspace/statistics/page.html", context)


def _shown(asked: Asked, made: Release) -> Period | None:
    return made.months[asked.month - 1] if asked.month else made.whole


def _tabs(asked: Asked) -> list[dict[str, Any]]:
    names = {
        "reports": _("Laporan"),
        "cases": _("Kasus dibuka"),
        "closed": _("Kasus ditutup"),
        "services": _("Layanan"),
        "referrals": _("Rujukan"),
        TAKEDOWNS: _("Hapus konten"),
    }
    return [
        {
            "name": name,
            "here": source == asked.source,
            "query": Asked(asked.scope, source, asked.year, asked.month).query(),
        }
        for source, name in names.items()
    ]


def _periods(scope: Scope) -> list[dict[str, Any]]:
    """What can be chosen: the months that are over, then the years."""
    months = [{"code": f"{day:%Y-%m}", "name": times.month(day)} for day in selectors.months_back(scope)]
    years = [{"code": str(year), "name": _("Tahun %(year)s") % {"year": year}} for year in selectors.years(scope)]
    return [*months, *years]


def _period_name(asked: Asked) -> str:
    return times.month(date(asked.year, asked.month, 1)) if asked.month else _("Tahun %(year)s") % {"year": asked.year}


def _definitions(source: str) -> list[knowledge.Definition]:
    return [one for one in knowledge.definitions().values() if one.source == source]


def _extra(source: str, period: Period | None) -> list[dict[str, str]]:
    """Shares and medians beside the number, in words: what they are, and how much."""
    found = []
    for one in _definitions(source):
        if period is None or period.total is None or one.measure == "count":
            continue
        value = files.share(period, one) if one.measure == "share" else period.hours
        unit = "%" if one.measure == "share" else f" {one.unit.label}"
        found.append({"name": one.label, "text": f"{number_format(value)}{unit}" if value is not None else ""})
    return found


def _number(number: float | None) -> str:
    return "" if number is None else str(number_format(number, force_grouping=True))


# --- charts -----------------------------------------------------------------------------------------------------------


def _panels(period: Period, source: str) -> list[dict[str, Any]]:
    names = knowledge.dimensions()
    return [panel(column, names[column.dimension], source) for column in period.columns.values()]


def panel(column: Column, name: Labelled, source: str) -> dict[str, Any]:
    """A chart with the table behind it. Of the zeros only how many there are: a list of empty provinces says less."""
    rows = [
        {"label": vocabulary.label(column.dimension, value), "number": number, "text": _number(number)}
        for value, number in column.numbers.items()
        if number != 0
    ]
    kept = [row for row in rows if row["number"] is None]
    drawn = rows if len(kept) <= KEPT_DRAWN else [row for row in rows if row["number"] is not None]
    return {
        "code": column.dimension,
        "name": name.label,
        "several": column.several,
        "rows": rows,
        "drawn": drawn,
        "kept": ", ".join(str(row["label"]) for row in kept) if drawn is not rows else "",
        "nothing": len(rows) == len(column.numbers) and all(row["number"] is None for row in rows),
        "zeros": len(column.numbers) - len(rows),
        "chart": _chart(f"{source}-{column.dimension}", name.label, rows, drawn),
    }


def _months_chart(asked: Asked, made: Release) -> dict[str, Any]:
    rows = []
    for number, period in enumerate(made.months, 1):
        label = times.month(date(asked.year, number, 1))
        rows.append({"label": label, "number": period.total, "text": _number(period.total)})
    title = _("Per bulan, %(year)s") % {"year": asked.year}
    return {"code": "months", "name": title, "rows": rows, "chart": _chart("months", title, rows, rows)}


def _chart(name: str, title: str, rows: list[dict[str, Any]], drawn: list[dict[str, Any]]) -> str:
    """All rows in words, those of `drawn` as bars."""
    kept = _("tidak ditampilkan")
    spoken = "; ".join(f"{row['label']}: {row['text'] or kept}" for row in rows)
    bars = [charts.Bar(str(row["label"]), row["number"], row["text"] or kept) for row in drawn]
    return mark_safe(charts.bar_chart(name, str(title), spoken, bars))  # noqa: S308 (every text in it is escaped)


# --- files ------------------------------------------------------------------------------------------------------------


@counting
def file(request: HttpRequest, form: str) -> HttpResponse:
    """A year as CSV or XLSX, or a chart of the page as SVG; written into the audit log."""
    asked = _asked(request, selectors.scopes(actor_of(request)))
    if form not in ("csv", "xlsx", "svg") or asked.source == TAKEDOWNS:
        raise Http404
    made = release(asked.source, asked.scope, asked.year)
    if form == "svg":
        content, kind = _svg(asked, made, request.GET.get("dimensi", "months")), "image/svg+xml"
    elif form == "csv":
        content, kind = files.csv_of(made).encode("ascii"), "text/csv; charset=utf-8"
    else:
        title = " / ".join(one.label for one in _definitions(asked.source))
        content, kind = files.workbook(files.sheets_of(made, asked.scope, title)), XLSX
    services.exported(actor_of(request), asked.scope, source=asked.source, period=asked.period, form=form)
    return _attachment(
        content, f"statistik-{asked.source}-{asked.period if form == 'svg' else asked.year}.{form}", kind
    )


def _svg(asked: Asked, made: Release, dimension: str) -> bytes:
    if dimension == "months":
        return str(_months_chart(asked, made)["chart"]).encode()
    period = _shown(asked, made)
    if period is None or dimension not in period.columns:
        raise Http404
    chart = panel(period.columns[dimension], knowledge.dimensions()[dimension], asked.source)["chart"]
    return str(chart).encode()


def _attachment(content: bytes, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@counting
def definitions(request: HttpRequest) -> HttpResponse:
    """What every number means, what it leaves out, and how small numbers are kept back."""
    dimensions = knowledge.dimensions()
    rows = [
        {"one": one, "dimensions": ", ".join(dimensions[code].label for code in one.dimensions)}
        for one in knowledge.definitions().values()
    ]
    context = {"rows": rows, "version": knowledge.version(), "smallest": smallest()}
    return render(request, "workspace/statistics/definitions.html", context)


# --- monthly reports --------------------------------------------------------------------------------------------------


@counting
def monthlies(request: HttpRequest) -> HttpResponse:
    """The monthly reports that were made, and one button for each month that has none yet."""
    actor = actor_of(request)
    seen = selectors.scopes(actor)
    if request.method == "POST":
        month = _month(request.POST.get("bulan", ""))
        made = services.make_monthly_report(
            actor, request.POST.get("untuk", "-"), month, anew=request.POST.get("lagi") == "1"
        )
        return HttpResponseRedirect(reverse("workspace:statistics_monthly", args=[made.pk]))
    there = list(selectors.monthly_reports(actor).defer("numbers"))
    context = {"scopes": [_scope_row(scope, there) for scope in seen], "many": len(seen) > 1}
    return render(request, "workspace/statistics/monthlies.html", context)


def _scope_row(scope: Scope, there: list[MonthlyReport]) -> dict[str, Any]:
    own = [made for made in there if scope.id in (made.team_id, made.organisation_id)]
    done = {made.month for made in own}
    return {
        "scope": scope,
        "made": [{"made": made, "name": times.month(made.month), "at": _at(made)} for made in own],
        "open": [
            {"code": f"{day:%Y-%m}", "name": times.month(day)}
            for day in selectors.months_back(scope, 12)
            if day not in done
        ],
    }


def _month(text: str) -> date:
    try:
        year, month = text.split("-")
        return date(int(year), int(month), 1)
    except ValueError:
        raise Http404 from None


@counting
def monthly_page(request: HttpRequest, monthly_id: UUID) -> HttpResponse:
    """One monthly report, to read and to print."""
    made = selectors.monthly_report(actor_of(request), monthly_id)
    return render(request, "workspace/statistics/monthly.html", _monthly_context(made))


@counting
def monthly_file(request: HttpRequest, monthly_id: UUID) -> HttpResponse:
    """The same as XLSX; written into the audit log."""
    made = services.monthly_exported(actor_of(request), monthly_id)
    context = _monthly_context(made)
    content = files.workbook(files.monthly_sheets(made, f"{context['title']}: {context['owner']}", context["signed"]))
    return _attachment(content, f"laporan-bulanan-{made.month:%Y-%m}-{slugify(context['owner'])}.xlsx", XLSX)


def _monthly_context(made: MonthlyReport) -> dict[str, Any]:
    periods = monthly.periods(made.numbers)
    owner = made.team or made.organisation
    assert owner is not None
    return {
        "made": made,
        "owner": owner.name,
        "title": _("Laporan bulanan %(month)s") % {"month": times.month(made.month)},
        "signed": _("Dibuat oleh %(name)s, %(at)s") % {"name": made.made_by.display_name, "at": _at(made)},
        "sections": [_section(source, period) for source, period in periods.items()],
        "taken": monthly.taken_down(made.numbers),
        "taken_name": knowledge.definitions()["takedowns_sent"].label,
        "smallest": made.numbers["smallest"],
    }


def _section(source: str, period: Period) -> dict[str, Any]:
    return {
        "source": source,
        "name": next(one.label for one in _definitions(source) if one.measure == "count"),
        "total": _number(period.total),
        "extra": _extra(source, period),
        "tables": [_plain_table(column) for column in period.columns.values()] if period.total else [],
    }


def _plain_table(column: Column) -> Mapping[str, Any]:
    made = panel(column, knowledge.dimensions()[column.dimension], "")
    return {key: made[key] for key in ("code", "name", "several", "drawn", "kept", "nothing")}


def _at(made: MonthlyReport) -> str:
    tz = made.team.tz if made.team else selectors.COUNTRY_TZ
    return times.local(made.made_at, tz, year=True)
