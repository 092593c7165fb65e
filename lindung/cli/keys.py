"""Keys of teams and organisations from the command line. Passphrases and recovery keys are asked, never arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import typer
from django.db.models import Q

from lindung.accounts import backends, services
from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.cli.bootstrap import CommandError
from lindung.cli.people import find_organisation, find_team, find_user, show_recovery_key
from lindung.core.errors import LindungError, NotAllowed
from lindung.vault import services as vault
from lindung.vault.models import TeamKey, WrappedKey
from lindung.vault.services import Keyring
from lindung.vault.teamkeys import REWRAPPED

Say = Callable[[str], None]
BATCH = 200


def rotate(*, team: str, member: str, passphrase: str, say: Say, batch: int = BATCH) -> None:
    """Give a team a new key, re-wrap its records and destroy the old key.

    An interrupted rotation is finished instead; a second one follows only when somebody left since it began.
    """
    place = find_team(team)
    keyring = open_keyring(member, passphrase)
    try:
        active, _ = keyring.active_team_key(place.pk)
        if _interrupted(place.pk):
            say("An earlier rotation was interrupted: going on with it.")
            _finish(place, keyring, say, batch)
            if not active.rotation_due:
                return
        key = vault.rotate_team_key(team_id=place.pk, keyring=keyring)
    except NotAllowed:
        raise CommandError(f"{member} does not hold the key of {team}.") from None
    say(f"{team} has a new key (version {key.version}). New reports are sealed to it from now on.")
    _finish(place, keyring, say, batch)


def _interrupted(team_id: UUID) -> bool:
    """Tell whether an old key still opens something that the rotation would have moved, or is still granted."""
    wrapped = WrappedKey.objects.filter(recipient__in=REWRAPPED).values("team_key")
    return (
        TeamKey.objects.filter(team=team_id, state=TeamKey.State.RETIRING)
        .filter(Q(pk__in=wrapped) | Q(grants__isnull=False))
        .exists()
    )


def _finish(team: Team, keyring: Keyring, say: Say, batch: int) -> None:
    left = WrappedKey.objects.filter(
        team_key__team=team.pk,
        team_key__state=TeamKey.State.RETIRING,
        recipient__in=REWRAPPED,
    ).count()
    with typer.progressbar(length=left, label="Re-wrapping") as bar:
        while left:
            before = left
            left = vault.rewrap_batch(team_id=team.pk, keyring=keyring, size=batch)
            bar.update(max(before - left, 0))
    destroyed = vault.destroy_old_keys(team_id=team.pk)
    clean = vault.after_shred()
    services.finish_rotation(actor=Actor.system(), team=team)
    say(f"Done: {destroyed} old keys destroyed. Copies of the database from before still hold them.")
    if not clean:
        say("A long transaction kept their bytes in the database's files; they are cleaned soon after it ends.")


def recover(*, team: str, member: str, recovery_key: str, say: Say) -> None:
    """Give a member a team's key by means of the printed recovery key."""
    user = find_user(member)
    try:
        services.recover_team(actor=Actor.system(), team=find_team(team), recovery_secret=recovery_key, user=user)
    except NotAllowed:
        raise CommandError(
            f"Not done. Either {member} is no member of {team} with a passphrase of their own, or this recovery key "
            "belongs to another organisation or was replaced."
        ) from None
    say(f"{member} holds the key of {team} now. If somebody left, run `lindung key rotate` next.")


def new_recovery_key(*, organisation: str, members: Mapping[str, str], say: Say) -> None:
    """Make a new recovery key and seal every team key of the organisation to it; nothing changes unless all can be.

    `members` maps sign-in names to passphrases; together they must hold all team keys.
    """
    body = find_organisation(organisation)
    keyrings = [open_keyring(name, passphrase) for name, passphrase in members.items()]
    holders: dict[Team, Keyring] = {}
    for team in Team.objects.filter(organisation=body):
        if not TeamKey.objects.filter(team=team.pk, state=TeamKey.State.ACTIVE).exists():
            continue
        holder = next((keyring for keyring in keyrings if _holds(keyring, team)), None)
        if holder is None:
            raise CommandError(f"None of {', '.join(members)} holds the key of {team.name}. Nothing was changed.")
        holders[team] = holder
    secret = services.create_recovery_key(actor=Actor.system(), organisation=body)
    for team, keyring in holders.items():
        vault.grant_recovery_key(team_id=team.pk, granter=keyring)
    show_recovery_key(secret, say)
    say(f"{len(holders)} team keys are sealed to it. The old paper opens older backups: keep it until they expire.")


def _holds(keyring: Keyring, team: Team) -> bool:
    try:
        keyring.active_team_key(team.pk)
    except LindungError:
        return False
    return True


def open_keyring(member: str, passphrase: str) -> Keyring:
    """Open a member's keys with the passphrase typed on the terminal."""
    found = backends.check(member, passphrase, "local")
    if found is None:
        raise CommandError(f"This is not the passphrase of {member}, or nobody signs in under that name.")
    return found[1]
