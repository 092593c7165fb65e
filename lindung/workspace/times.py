"""Times in plain words: how long is left or how late it is, and the local time with its zone beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dateformat
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from lindung.core import clock
from lindung.core.worktime import working_days_between, zone_label


def local(moment: datetime, tz: str, *, year: bool = False) -> str:
    """A moment where the child is, with the zone said: "Min 22 Nov, 14.05 WITA"; the year, if it is not the present."""
    other = moment.astimezone(ZoneInfo(tz)).year != clock.now().astimezone(ZoneInfo(tz)).year
    day = "D j M Y" if year or other else "D j M"
    return f"{_written(moment, tz, day)}, {clock_time(moment, tz)} {zone_label(tz)}"


def clock_time(moment: datetime, tz: str) -> str:
    """Hours and minutes as the language writes them: 14.05 or 14:05."""
    return _written(moment, tz, "H.i" if _indonesian() else "H:i")


def day(moment: datetime, tz: str) -> str:
    """The weekday and the date: "Min 22 Nov"."""
    return _written(moment, tz, "D j M")


def month(first: date) -> str:
    """A month and its year: "November 2026"."""
    return dateformat.format(first, "F Y")


def _written(moment: datetime, tz: str, form: str) -> str:
    return dateformat.format(moment.astimezone(ZoneInfo(tz)), form)


def _indonesian() -> bool:
    return (get_language() or "id").startswith("id")


def span(length: timedelta) -> str:
    """A length of time in its two largest units: "2 hari 3 jam", "45 menit". Below a minute: "kurang dari 1 menit"."""
    minutes = int(abs(length).total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, mins = divmod(rest, 60)
    parts = []
    if days:
        parts.append(ngettext("%(n)d hari", "%(n)d hari", days) % {"n": days})
    if hours and days < 30:
        parts.append(ngettext("%(n)d jam", "%(n)d jam", hours) % {"n": hours})
    if mins and not days:
        parts.append(ngettext("%(n)d menit", "%(n)d menit", mins) % {"n": mins})
    return " ".join(parts) or _("kurang dari 1 menit")


@dataclass(frozen=True)
class Deadline:
    """A promised time as the page shows it. `kind` is late, near or calm; `at` the local time with its zone."""

    text: str
    at: str
    kind: str
    moment: datetime

    @property
    def css(self) -> str:
        return "" if self.kind == "calm" else self.kind


def deadline(
    due: datetime, now: datetime, tz: str, *, near: timedelta = timedelta(hours=1), working_days: bool = False
) -> Deadline:
    """Put a promised time into words.

    `near` is how long before it the page begins to urge. `working_days` counts the rest in working days of the place
    as long as at least one whole one is left: so is the lowest risk promised, and nothing else.
    """
    left = due - now
    if left < timedelta(0):
        return Deadline(_("terlambat %(span)s") % {"span": span(left)}, local(due, tz), "late", due)
    days = working_days_between(now, due, tz) if working_days else 0
    if days > 0:
        length = ngettext("%(n)d hari kerja", "%(n)d hari kerja", days) % {"n": days}
    else:
        length = span(left)
    return Deadline(_("sisa %(span)s") % {"span": length}, local(due, tz), "near" if left <= near else "calm", due)


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something happened: "3 jam lalu"."""
    if now - moment < timedelta(minutes=1):
        return _("baru saja")
    return _("%(span)s lalu") % {"span": span(now - moment)}
