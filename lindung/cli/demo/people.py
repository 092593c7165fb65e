"""The invented staff of the demonstration: four organisations' worth of roles, one passphrase for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from lindung.accounts import rules, selectors, services
from lindung.accounts.actors import Actor
from lindung.accounts.backends import check
from lindung.accounts.models import GrantRequest, Membership, Organisation, Team, User
from lindung.core import clock
from lindung.reporting.models import DutyLevel, DutyShift
from lindung.reporting.services import add_shift
from lindung.vault import services as vault
from lindung.vault.services import Keyring

PASSPHRASE = "lampu kuning di dermaga"  # noqa: S105 (printed for everybody: the demonstration has no secret)
DAYS_AHEAD = 14
DAYS_BACK = 3

INTAKE, SOUTH, INDEPENDENT, PARTNER = "intake", "south", "independent", "partner"
_TEAMS = {
    # key: (organisation, name, kind, zone, province, place in the row of recipients)
    INTAKE: ("network", "Penerima Laporan", "intake", "Asia/Jakarta", "", 1),
    SOUTH: ("uptd", "UPTD PPA Sulawesi Selatan", "intake", "Asia/Makassar", "73", 2),
    INDEPENDENT: ("network", "Penerima Independen", "independent", "Asia/Jakarta", "", 9),
    PARTNER: ("partner", "Pendampingan Mitra", "partner", "Asia/Jakarta", "", None),
}
_ORGANISATIONS = {
    "network": ("Jaringan Contoh (demonstrasi)", "network", ""),
    "uptd": ("UPTD PPA Contoh (demonstrasi)", "uptd", "73"),
    "partner": ("Mitra Contoh (demonstrasi)", "partner", ""),
}
ORGANISATION_NAMES = frozenset(name for name, _, _ in _ORGANISATIONS.values())


@dataclass(frozen=True)
class Person:
    """One invented member of staff. `team` empty: a role in the whole organisation."""

    username: str
    name: str
    alias: str
    organisation: str
    role: str
    team: str = ""


# The first of a team gets its key, and grants it to those who come after.
STAFF = [
    Person("melati", "Melati (contoh)", "Kak Melati", "network", "analyst", INTAKE),
    Person("kenanga", "Kenanga (contoh)", "Kak Kenanga", "network", "analyst", INTAKE),
    Person("cempaka", "Cempaka (contoh)", "Kak Cempaka", "network", "supervisor", INTAKE),
    Person("dahlia", "Dahlia (contoh)", "Kak Dahlia", "network", "case_worker", INTAKE),
    Person("anggrek", "Anggrek (contoh)", "Kak Anggrek", "uptd", "analyst", SOUTH),
    Person("mawar", "Mawar (contoh)", "Kak Mawar", "uptd", "supervisor", SOUTH),
    Person("seroja", "Seroja (contoh)", "Kak Seroja", "network", "analyst", INDEPENDENT),
    Person("teratai", "Teratai (contoh)", "Kak Teratai", "network", "supervisor", INDEPENDENT),
    Person("tanjung", "Tanjung (contoh)", "Kak Tanjung", "partner", "partner", PARTNER),
    Person("kemuning", "Kemuning (contoh)", "Kemuning", "network", "data_analyst"),
    Person("admin", "Administrator (contoh)", "Administrator", "network", "administrator"),
    Person("auditor", "Auditor (contoh)", "Auditor", "network", "auditor"),
]
# Somebody whose request for the team's key is still open, to show how a colleague decides it.
NEWCOMER = Person("wijaya", "Wijaya (contoh)", "Kak Wijaya", "network", "analyst", INTAKE)


@dataclass
class Cast:
    """Everybody, with open keyrings. Held in memory while the demonstration is filled in."""

    network: Organisation
    teams: dict[str, Team] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    keyrings: dict[str, Keyring] = field(default_factory=dict)

    def members(self, team_id: UUID) -> list[str]:
        """Return the sign-in names of the analysts and supervisors of a team, analysts first."""
        key = next(key for key, team in self.teams.items() if team.pk == team_id)
        return [p.username for p in STAFF if p.team == key and p.role in {rules.ANALYST, rules.SUPERVISOR}]


def team_named(key: str) -> Team:
    """The team of the demonstration with this key, as the scenarios call it."""
    return Team.objects.get(name=_TEAMS[key][1])


def create(start: datetime, now: datetime) -> Cast:
    """Make organisations, teams, people, keys and the duty roster, as if it had happened at `start`."""
    system = Actor.system()
    with clock.frozen(start):
        bodies = {}
        for key, (name, kind, region) in _ORGANISATIONS.items():
            bodies[key] = services.create_organisation(actor=system, name=name, kind=kind, region=region)
            services.create_recovery_key(actor=system, organisation=bodies[key])
        cast = Cast(bodies["network"])
        for key, (body, name, kind, tz, province, order) in _TEAMS.items():
            cast.teams[key] = services.create_team(
                actor=system,
                organisation=bodies[body],
                name=name,
                kind=kind,
                tz=tz,
                province=province,
                intake_order=order,
            )
        for person in STAFF:
            _add(cast, person, bodies[person.organisation])
    with clock.frozen(now - timedelta(days=1)):
        _add(cast, NEWCOMER, bodies[NEWCOMER.organisation], grant=False)
    _past_roster(cast, start, now)
    keep_roster(now)
    return cast


def _add(cast: Cast, person: Person, body: Organisation, *, grant: bool = True) -> None:
    team = cast.teams[person.team].pk if person.team else None
    user = services.add_user(
        actor=Actor.system(),
        organisation=body,
        username=person.username,
        display_name=person.name,
        alias=person.alias,
        email=f"{person.username}@example.org",
        passphrase=PASSPHRASE,
        temporary=False,
        roles=[(team, person.role)],
    )
    cast.users[person.username], cast.actors[person.username] = user, selectors.actor_for(user)
    if not grant or team is None:
        return
    found = check(person.username, PASSPHRASE, "local")
    assert found is not None
    cast.keyrings[person.username] = found[1]
    request = GrantRequest.objects.filter(user=user, state=GrantRequest.State.OPEN).first()
    if request is not None:
        _decide(cast, person, request)


def _decide(cast: Cast, person: Person, request: GrantRequest) -> None:
    first = next(p.username for p in STAFF if p.team == person.team)
    key = vault.member_key(holder=cast.users[person.username].pk)
    assert key is not None
    heard = " ".join(vault.fingerprint(bytes(key.public)).split()[:2])
    services.decide_grant(actor=cast.actors[first], request=request, keyring=cast.keyrings[first], heard=heard)


def _past_roster(cast: Cast, start: datetime, now: datetime) -> None:
    """Somebody was on duty around the clock in the years before: plain rows, their making is not part of the story."""
    shifts = []
    for key in (INTAKE, SOUTH, INDEPENDENT):
        first = next(p.username for p in STAFF if p.team == key)
        begin = start
        while begin < now - timedelta(days=DAYS_BACK + 1):
            end = begin + timedelta(days=1)
            shifts.append(DutyShift(team=cast.teams[key], user=cast.users[first], starts_at=begin, ends_at=end))
            begin = end
    DutyShift.objects.bulk_create(shifts)


def keep_roster(now: datetime) -> None:
    """Put people on duty around the clock from three days ago until two weeks ahead; what stands there stays."""
    for team in Team.objects.filter(intake_order__isnull=False):
        members = list(selectors.members_of(team.pk, rules.ANALYST))
        supervisor = selectors.members_of(team.pk, rules.SUPERVISOR).first()
        if not members or supervisor is None:
            continue
        actor = selectors.actor_for(supervisor)
        zone = ZoneInfo(team.tz)
        today = now.astimezone(zone).date()
        latest = DutyShift.objects.filter(team=team).order_by("-ends_at").values_list("ends_at", flat=True).first()
        for offset in range(-DAYS_BACK, DAYS_AHEAD):
            begin = datetime.combine(today + timedelta(days=offset), datetime.min.time(), zone)
            if latest is not None and begin < latest.astimezone(zone):
                continue
            second = members[(offset + 1) % len(members)] if len(members) > 1 else supervisor
            people = [(members[offset % len(members)], DutyLevel.ANALYST), (second, DutyLevel.SECOND)]
            for user, level in [*people, (supervisor, DutyLevel.SUPERVISOR)]:
                add_shift(actor, team.pk, user.pk, level, begin, begin + timedelta(days=1))


def overview(teams: Mapping[UUID, str]) -> Iterator[tuple[str, str]]:
    """Yield sign-in names with their roles, for the terminal."""
    order = {p.username: n for n, p in enumerate([*STAFF, NEWCOMER])}
    rows = Membership.objects.filter(user__username__in=order).values_list("user__username", "role", "team")
    for username, role, team in sorted(rows, key=lambda row: order[row[0]]):
        place = f", {teams[team]}" if team else ""
        extra = " (waits for the team's key)" if username == NEWCOMER.username else ""
        yield username, f"{role.replace('_', ' ')}{place}{extra}"
