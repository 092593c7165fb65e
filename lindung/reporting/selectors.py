"""Reads that depend on the person, on duty, and on what the portal may tell everybody.

`visible_to` is the one door to reports: every list, link and count of staff starts there, and a property test holds it
equal to `rules.may_open`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Exists, F, IntegerField, Min, OuterRef, Q, QuerySet, When, Window
from django.db.models.functions import RowNumber

from lindung.accounts.actors import Actor
from lindung.accounts.models import Membership, Team
from lindung.core import clock, worktime
from lindung.core.knowledge import Labelled
from lindung.places import selectors as places
from lindung.vault import blind
from lindung.vault.models import TeamKey, TeamKeyGrant

from . import knowledge, rules
from .memory import lately
from .models import (
    OPEN_STATES,
    Direction,
    DutyShift,
    Message,
    Platform,
    Report,
    ReportExclusion,
    ReportLink,
    State,
)

WAITING_ON_STAFF = (State.NEW, State.CLAIMED, State.WAITING_STAFF)
"""States in which the next step is ours, so that the clock counts against us."""


def visible_to(actor: Actor, rows: QuerySet[Report] | None = None, *, team: str = "team") -> QuerySet[Report]:
    """The reports that a person may see at all; `rules.may_open` says the same of one.

    `rows`: of these only. `team`: the name by which `rows` knows the team, see `inbox`.
    """
    if actor.is_system:
        return Report.objects.none()
    named = ReportExclusion.objects.filter(report=OuterRef("pk"), team__in=actor.team_ids)
    rows = Report.objects.all() if rows is None else rows
    return rows.filter(~Exists(named), ~Q(state=State.WITHDRAWN), **{f"{team}__in": actor.teams_with(rules.READERS)})


def keyed_teams(actor: Actor) -> QuerySet[TeamKeyGrant, Any]:
    """The ids of the teams whose present key this person holds, for use inside another query.

    A role alone opens nothing: whoever got a new passphrase (an administrator who reset it may know it) has to be given
    the key by a colleague before they list, decide or close anything.
    """
    return TeamKeyGrant.objects.filter(
        member_key__holder=actor.user_id, member_key__active=True, team_key__state=TeamKey.State.ACTIVE
    ).values("team_key__team")


def facts_of(report: Report) -> rules.ReportFacts:
    """What `rules.may_open` asks of a report."""
    excluded = report.exclusions.values_list("team_id", flat=True)
    return rules.ReportFacts(report.team_id, frozenset(excluded), report.state)


def team_facts() -> list[rules.TeamFacts]:
    """Every team as the choice of a recipient sees it: one query. A team without a key receives nothing."""
    keyed = TeamKey.objects.filter(team=OuterRef("pk"), state=TeamKey.State.ACTIVE)
    rows = Team.objects.annotate(keyed=Exists(keyed)).values_list(
        "id", "kind", "organisation__kind", "intake_order", "province", "keyed"
    )
    return [
        rules.TeamFacts(pk, kind, organisation, order if key else None, province)
        for pk, kind, organisation, order, province, key in rows
    ]


def unread_message(**wanted: Any) -> Q:
    """For use in a query of reports: the reporter wrote and was not read, or somebody whose report was merged into it.

    `wanted`: further conditions on the message.
    """
    unread = Message.objects.filter(direction=Direction.IN, read_by_staff=False, **wanted)
    own, merged = unread.filter(report=OuterRef("pk")), unread.filter(report__merged_into=OuterRef("pk"))
    return Q(Exists(own)) | Q(Exists(merged))


# --- links ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkRow:
    """Another report that belongs to this one, as far as the person may see it; never the identifier itself.

    `month` is the first day of the month of receipt. `kinds`: which kinds of identifier both name (handle, phone, url,
    account). `reason` and `link_id` are set when a colleague linked them.
    """

    report_id: UUID
    reference: str
    state: str
    month: date
    kinds: tuple[str, ...] = ()
    reason: str = ""
    link_id: UUID | None = None


LINKS_SHOWN = 50
"""So many related reports stand on the page of a report at most, the newest; a series shows the rest."""


def links(report: Report, actor: Actor, *, seen: bool = False) -> list[LinkRow]:
    """Reports linked by a colleague or by a shared identifier, newest first.

    Only reports that the person may see are looked at, so that nothing, not even a number, tells of others. Shared
    identifiers count between open reports alone: they make no list of alleged offenders that outlives its reports.
    `seen`: the caller has made sure that the person may see this report.
    """
    if not seen and not visible_to(actor).filter(pk=report.pk).exists():
        return []
    made = ReportLink.objects.filter(Q(report=report) | Q(other=report))
    by_staff = {link.other_id if link.report_id == report.pk else link.report_id: link for link in made}
    shared: dict[UUID, set[str]] = {}
    for found in naming_the_same(report, visible_to(actor), LINKS_SHOWN):
        if found.report_id in shared or len(shared) < LINKS_SHOWN:
            shared.setdefault(found.report_id, set()).add(found.kind)
    if not by_staff and not shared:
        return []
    result = []
    known = visible_to(actor).filter(pk=OuterRef("pk"))
    rows = Report.objects.filter(Exists(known), pk__in={*by_staff, *shared} - {report.pk})
    for other in rows.order_by("-received_at", "id"):
        link = by_staff.get(other.pk)
        result.append(
            LinkRow(
                report_id=other.pk,
                reference=other.reference,
                state=other.state,
                month=worktime.local_day(other.received_at, other.tz).replace(day=1),
                kinds=tuple(sorted(shared.get(other.pk, ()))),
                reason=link.reason if link else "",
                link_id=link.pk if link else None,
            )
        )
    return result


class Naming(NamedTuple):
    """An open report that names an identifier of another one, and how many others do. A token is never shown."""

    report_id: UUID
    received_at: datetime
    kind: str
    token: bytes
    number: int


def naming_the_same(report: Report, among: QuerySet[Report], each: int) -> list[Naming]:
    """Which other open reports of `among` name an identifier of this one; for each identifier the newest, `each` of it.

    `among`: reports that the person may see, so that nothing tells of others. Two queries, over the index of tokens. A
    closed report, and one of the path of help, finds and matches nothing.
    """
    tokens = {} if report.is_help or report.state not in OPEN_STATES else blind.tokens_of(report.record_id)
    if not tokens:
        return []
    # The tokens come first and each report is looked up by its record: the other way round reads every open report.
    known = Exists(among.filter(record=OuterRef("record"), state__in=OPEN_STATES))
    newest: list[Any] = [F("record__report__received_at").desc(), F("record__report")]
    rows = blind.naming(tokens).filter(known).exclude(record=report.record_id)
    rows = rows.annotate(
        number=Window(Count("pk"), partition_by="token"),
        rank=Window(RowNumber(), partition_by="token", order_by=newest),
    )
    found = rows.filter(rank__lte=each).order_by(*newest)
    columns = found.values_list("record__report", "record__report__received_at", "token", "number")
    return [Naming(pk, at, tokens[bytes(token)], bytes(token), number) for pk, at, token, number in columns]


# --- duty -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DutyState:
    """Whether somebody reads now, and if not, when next (None: no shift is planned). `zone` is the reader's place."""

    on_duty: bool
    next_start: datetime | None
    zone: ZoneInfo

    @property
    def next_text(self) -> str:
        """The next reading in words of the active language, empty when none is planned."""
        return worktime.describe_moment(self.next_start, self.zone) if self.next_start else ""


_LEVEL_ORDER = Case(When(level="analyst", then=0), When(level="second", then=1), default=2, output_field=IntegerField())


def on_duty(team: Team | UUID, now: datetime | None = None) -> list[DutyShift]:
    """The shifts of a team that run at a moment, first reader first; people who left are not among them."""
    moment = now or clock.now()
    running = _shifts(team).filter(starts_at__lte=moment, ends_at__gt=moment)
    return list(running.select_related("user").order_by(_LEVEL_ORDER, "starts_at", "id"))


def next_reading(team: Team | UUID, now: datetime | None = None) -> tuple[bool, datetime | None]:
    """Whether somebody of the team is on duty, and otherwise when the next shift starts (None: none is planned)."""
    moment = now or clock.now()
    shifts = _shifts(team).filter(ends_at__gt=moment)
    first = shifts.order_by("starts_at").values_list("starts_at", flat=True).first()
    if first is None:
        return False, None
    return (True, None) if first <= moment else (False, first)


def covered_shifts(team: Team | UUID) -> QuerySet[DutyShift]:
    """The shifts of a team behind which somebody stands who can open its reports today."""
    return _shifts(team)


@dataclass(frozen=True)
class TeamDuty:
    """Who of a team reads now, first reader first; `next_start` when nobody does and a shift is planned."""

    shifts: tuple[DutyShift, ...] = ()
    next_start: datetime | None = None


def duty_of(teams: Iterable[UUID], now: datetime | None = None) -> dict[UUID, TeamDuty]:
    """`on_duty` and `next_reading` of several teams at once: two queries."""
    moment, wanted = now or clock.now(), list(teams)
    shifts = _shifts(*wanted).filter(ends_at__gt=moment)
    running: dict[UUID, list[DutyShift]] = {}
    for shift in shifts.filter(starts_at__lte=moment).select_related("user").order_by(_LEVEL_ORDER, "starts_at", "id"):
        running.setdefault(shift.team_id, []).append(shift)
    later = shifts.exclude(team__in=running).order_by("team").values_list("team")
    starts = dict(later.annotate(first=Min("starts_at"))) if len(running) < len(wanted) else {}
    return {team: TeamDuty(tuple(running.get(team, ())), starts.get(team)) for team in wanted}


def _shifts(*teams: Team | UUID) -> QuerySet[DutyShift]:
    """Only of people who can open a report of the team today: nobody is promised who has left or waits for the key."""
    reads = Membership.objects.filter(team=OuterRef("team"), user=OuterRef("user"), role__in=rules.READERS)
    opens = TeamKeyGrant.objects.filter(
        member_key__holder=OuterRef("user"),
        member_key__active=True,
        team_key__team=OuterRef("team"),
        team_key__state=TeamKey.State.ACTIVE,
    )
    return DutyShift.objects.filter(Exists(reads), Exists(opens), team__in=teams, user__is_active=True)


def portal_duty(province: str | None = None) -> DutyState:
    """What the portal may say: whether the team that would receive a report from this province has a reader now."""
    team = rules.recipient((), team_facts(), province=province or "")
    zone = places.zone_of(province or "")
    if team is None:
        return DutyState(False, None, zone)
    now, start = next_reading(team.id)
    return DutyState(now, start, zone)


# --- the list of platforms ------------------------------------------------------------------------------------------


def platforms() -> list[Labelled]:
    """The apps, games and sites that are offered today, in their order; labels of our own list in both languages."""
    known = knowledge.platforms()
    offered = lately("platforms", lambda: list(Platform.objects.filter(active=True).values_list("code", "name")))
    return [
        known[code] if code in known and known[code].label_id == name else Labelled(code, name, name)
        for code, name in offered
    ]


def platform_labels(codes: Iterable[str]) -> dict[str, str]:
    """The names of platforms by code, retired ones too; asks only for those that the knowledge file does not know."""
    known = {code: knowledge.platforms()[code].label for code in codes if code in knowledge.platforms()}
    others = sorted(set(codes) - set(known))
    rows = Platform.objects.filter(code__in=others).values_list("code", "name")
    return known | (lately(("platform names", *others), lambda: dict(rows)) if others else {})


def platform_label(code: str) -> str:
    """The name of a platform, retired ones too; the code when nobody knows it."""
    known = knowledge.platforms().get(code)
    if known is not None:
        return known.label
    return Platform.objects.filter(code=code).values_list("name", flat=True).first() or code
