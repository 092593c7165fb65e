"""Organisations, teams and people from the command line: the way in before anybody can sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn

from lindung.accounts import rules, services
from lindung.accounts.actors import Actor
from lindung.accounts.models import Organisation, Team, User
from lindung.cli.bootstrap import CommandError

Say = Callable[[str], None]


def add_organisation(*, name: str, kind: str, region: str, say: Say) -> None:
    """Add an organisation and print its recovery key."""
    if Organisation.objects.filter(name=name).exists():
        raise CommandError(f"There is an organisation named {name} already.")
    _one_of("--kind", kind, Organisation.Kind.values)
    organisation = services.create_organisation(actor=Actor.system(), name=name, kind=kind, region=region)
    show_recovery_key(services.create_recovery_key(actor=Actor.system(), organisation=organisation), say)


def show_recovery_key(secret: str, say: Say) -> None:
    """Print a recovery key, the only time that it can be seen."""
    say("\nRecovery key. It is shown only now. Write it on paper, read it back, keep it in a safe:\n")
    say(f"    {secret}\n")
    say("Whoever has it can open the team keys of this organisation and the secrets in its backups.")


def add_team(*, name: str, organisation: str, kind: str, tz: str, province: str, order: int | None, say: Say) -> None:
    """Add a team of an organisation."""
    _one_of("--kind", kind, Team.Kind.values)
    _one_of("--tz", tz, ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
    if Team.objects.filter(name=name).exists():
        raise CommandError(f"There is a team named {name} already.")
    services.create_team(
        actor=Actor.system(),
        organisation=find_organisation(organisation),
        name=name,
        kind=kind,
        tz=tz,
        province=province,
        intake_order=order,
    )
    say(f"The team {name} was added. Its key is made when its first member has a passphrase of their own.")


def add_user(
    *,
    username: str,
    organisation: str,
    team: str,
    role: str,
    name: str,
    alias: str,
    email: str,
    passphrase: str,
    own: bool,
    say: Say,
) -> None:
    """Add a person with one role. `own`: the person typed the passphrase, so it need not be changed."""
    _one_of("--role", role, sorted(rules.ALL_ROLES))
    if (role in rules.WIDE_ROLES) == bool(team):
        raise CommandError(
            f"The role {role} holds in the whole organisation: leave --team out."
            if team
            else f"The role {role} holds in a team: name it with --team."
        )
    body = find_organisation(organisation)
    place = find_team(team) if team else None
    services.add_user(
        actor=Actor.system(),
        organisation=body,
        username=username,
        display_name=name,
        alias=alias,
        email=email,
        passphrase=passphrase,
        temporary=not own,
        roles=[(place.pk if place else None, role)],
    )
    say(f"{username} was added as {role}.")
    if not own:
        say("The passphrase opens only the page where the person chooses another one.")


def find_organisation(name: str) -> Organisation:
    """Return the organisation of that name; the error lists those that exist."""
    found = Organisation.objects.filter(name=name).first()
    if found is None:
        _unknown("organisation", name, Organisation.objects.values_list("name", flat=True))
    return found


def find_team(name: str) -> Team:
    """Return the team of that name; the error lists those that exist."""
    found = Team.objects.select_related("organisation").filter(name=name).first()
    if found is None:
        _unknown("team", name, Team.objects.values_list("name", flat=True))
    return found


def find_user(username: str) -> User:
    """Return the active person with that sign-in name."""
    found = User.objects.filter(username=username.strip().lower(), is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody signs in as {username}.")
    return found


def _unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    names = ", ".join(sorted(known)) or "none yet"
    raise CommandError(f"There is no {what} named {name!r}. Known: {names}.")


def _one_of(option: str, value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise CommandError(f"{option} {value}: expected one of {', '.join(allowed)}.")
