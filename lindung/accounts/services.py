"""Every change to organisations, teams, people and their keys: one transaction, one audit event, actor first.

Slow key derivation happens before the transaction. The rules are in `rules.py`; whoever they refuse gets NotAllowed.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from lindung.accounts import backends, leaving, rules, second_factor, signals
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest, Membership, Organisation, PendingSignIn, Team, User
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed
from lindung.vault import services as vault
from lindung.vault.passphrases import PassphraseKeys
from lindung.vault.services import Keyring

MIN_PASSPHRASE = 14
Roles = Collection[tuple[UUID | None, str]]
_PAPER = "abcdefghjkmnpqrstuvwxyz23456789"


def create_organisation(*, actor: Actor, name: str, kind: str, region: str = "") -> Organisation:
    """Make an organisation. Its recovery key is a step of its own: `create_recovery_key`."""
    if not rules.may_create_organisations(actor):
        raise NotAllowed
    with transaction.atomic():
        organisation = Organisation.objects.create(name=name, kind=Organisation.Kind(kind), region=region)
        audit.record("accounts.organisation_created", actor=actor.audit_name, subject=organisation.pk.hex)
    return organisation


def create_recovery_key(*, actor: Actor, organisation: Organisation) -> str:
    """Make the organisation's recovery key; return its printable secret, which exists nowhere else."""
    if not rules.may_create_organisations(actor):
        raise NotAllowed
    with transaction.atomic():
        secret = vault.create_recovery_key(organisation=organisation.pk)
        audit.record("accounts.recovery_key_created", actor=actor.audit_name, subject=organisation.pk.hex)
    return secret


def create_team(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    kind: str,
    tz: str = "Asia/Jakarta",
    province: str = "",
    intake_order: int | None = None,
) -> Team:
    """Make a team. Its key is made when the first member with a passphrase of their own joins (`set_roles`)."""
    if not rules.may_manage_people(actor, organisation.pk):
        raise NotAllowed
    with transaction.atomic():
        team = Team.objects.create(
            organisation=organisation,
            name=name,
            kind=Team.Kind(kind),
            tz=tz,
            province=province,
            intake_order=intake_order,
        )
        audit.record("accounts.team_created", actor=actor.audit_name, subject=team.pk.hex)
    return team


def add_user(
    *,
    actor: Actor,
    organisation: Organisation,
    username: str,
    display_name: str,
    passphrase: str,
    alias: str = "",
    email: str = "",
    language: str = "id",
    temporary: bool = True,
    roles: Roles = (),
    source: str = "local",
) -> User:
    """Add a person, with roles or without any yet.

    `temporary`: somebody else chose the passphrase, so it opens only the page where the person chooses their own.
    Raises BadInput for a name that is taken, a passphrase that is too weak, or roles that do not go together.
    """
    if not rules.may_manage_people(actor, organisation.pk):
        raise NotAllowed
    username = backends.normal_username(username)
    check_strength("passphrase", passphrase, username)
    keys = backends.derive_new(passphrase, source)
    user = User(
        organisation=organisation,
        username=username,
        display_name=display_name,
        alias=alias or display_name.split(" ")[0],
        email=email,
        language=language,
        temporary_passphrase=temporary,
    )
    _hold(user, keys)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            vault.create_member_key(holder=user.pk, keys=keys)
            codes = _apply_roles(user, roles)
            audit.record("accounts.user_added", actor=actor.audit_name, subject=user.pk.hex, data={"roles": codes})
    except IntegrityError as error:
        raise BadInput("username", _("Nama masuk ini sudah dipakai.")) from error
    return user


def set_roles(*, actor: Actor, user: User, roles: Roles) -> None:
    """Replace the roles of a person. New teams ask for their key, teams that are left take theirs back.

    `roles` holds (team id or None, role). Raises BadInput when the roles do not go together.
    """
    if not rules.may_manage_people(actor, user.organisation_id) or actor.user_id == user.pk or not user.is_active:
        raise NotAllowed
    with transaction.atomic():
        before = _key_teams(Membership.objects.filter(user=user).values_list("team_id", "role"))
        codes = _apply_roles(user, roles)
        left = before - _key_teams(roles)
        if left:
            signals.left_teams.send(sender=User, user_id=user.pk, teams=left, actor=actor.audit_name)
        audit.record("accounts.roles_set", actor=actor.audit_name, subject=user.pk.hex, data={"roles": codes})


def deactivate(*, actor: Actor, user: User, release: bool = False) -> None:
    """Somebody leaves: no sign-in, no roles, no grants; the keys they held are marked to be rotated.

    Whoever still has work in hand leaves only with `release`: what was not handed over goes back to its queue. Raises
    BadInput without it.
    """
    if not rules.may_manage_people(actor, user.organisation_id) or actor.user_id == user.pk:
        raise NotAllowed
    if not release and leaving.in_hand(user.pk):
        raise BadInput("release", _("Orang ini masih memegang pekerjaan. Serahkan dulu, atau lepaskan ke antrean."))
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False) != 1:
            raise Conflict
        if Membership.objects.filter(user=user, role=rules.ADMINISTRATOR).exists():
            _keep_an_administrator(user)
        Membership.objects.filter(user=user).delete()
        PendingSignIn.objects.filter(user=user).delete()
        _void_requests(user)
        vault.revoke_member(holder=user.pk)
        signals.left_teams.send(sender=User, user_id=user.pk, teams=None, actor=actor.audit_name)
        audit.record("accounts.user_deactivated", actor=actor.audit_name, subject=user.pk.hex)
    user.is_active = False


def reset_passphrase(*, actor: Actor, user: User, remove_second_factor: bool = False, source: str = "local") -> str:
    """Give a person who lost the passphrase a temporary one, returned to be told once. Their keys are gone with it.

    The new key pair has no grants. When the person has chosen a passphrase of their own, their teams' queues ask for
    the keys again. The second factor stays unless it is lost as well.
    """
    if not rules.may_manage_people(actor, user.organisation_id) or actor.user_id == user.pk or not user.is_active:
        raise NotAllowed
    passphrase = temporary_passphrase()
    keys = backends.derive_new(passphrase, source)
    _hold(user, keys)
    changes: dict[str, Any] = {"password": user.password, "salt": user.salt, "temporary_passphrase": True}
    if remove_second_factor:
        changes |= {"second_factor_on": False, "totp_sealed": None}
    with transaction.atomic():
        # Only what changes, and only of somebody who is still here: the row may be newer than the page it came from.
        if User.objects.filter(pk=user.pk, is_active=True).update(**changes) != 1:
            raise NotAllowed
        user.refresh_from_db()
        if remove_second_factor:
            user.recovery_codes.all().delete()
            user.security_keys.all().delete()
        PendingSignIn.objects.filter(user=user).delete()
        _void_requests(user)
        vault.reset_member_key(holder=user.pk, keys=keys)
        audit.record(
            "accounts.passphrase_reset",
            actor=actor.audit_name,
            subject=user.pk.hex,
            data={"second_factor": remove_second_factor},
        )
    return passphrase


def choose_passphrase(*, actor: Actor, user: User, new: str, source: str = "local") -> Keyring:
    """Replace a temporary passphrase by the person's own, with a fresh key pair, and ask for the teams' keys.

    Whoever handed out the temporary passphrase could have unwrapped the old key: so nothing is ever granted to it.
    """
    if actor.user_id != user.pk or not user.temporary_passphrase:
        raise NotAllowed
    check_strength("new_passphrase", new, user.username)
    keys_now = backends.derive(new, bytes(user.salt), source)
    if backends.matches(user, keys_now):
        raise BadInput("new_passphrase", _("Pilih frasa sandi yang lain dari yang sementara."))
    keys = backends.derive_new(new, source)
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, temporary_passphrase=True).update(temporary_passphrase=False) != 1:
            raise Conflict
        user.temporary_passphrase = False
        _hold(user, keys)
        user.save(update_fields=["password", "salt"])
        vault.reset_member_key(holder=user.pk, keys=keys)
        for team_id in sorted(_key_teams(Membership.objects.filter(user=user).values_list("team_id", "role"))):
            _give_or_ask(user, team_id)
        audit.record("accounts.passphrase_chosen", actor=actor.audit_name, subject=user.pk.hex)
    return vault.unlock_with(holder=user.pk, keys=keys)


def change_passphrase(*, actor: Actor, user: User, old: str, new: str, source: str = "local") -> None:
    """Wrap the same key under a new passphrase; grants stay. Raises BadInput for a wrong old or a weak new one."""
    if actor.user_id != user.pk or user.temporary_passphrase:
        raise NotAllowed
    check_strength("new_passphrase", new, user.username)
    old_keys = backends.derive(old[: backends.MAX_CHARACTERS], bytes(user.salt), source)
    if not backends.matches(user, old_keys):
        raise BadInput("old_passphrase", _("Frasa sandi lama tidak cocok."))
    new_keys = backends.derive_new(new, source)
    with transaction.atomic():
        _hold(user, new_keys)
        user.save(update_fields=["password", "salt"])
        vault.rewrap_member_key(holder=user.pk, old=old_keys, new=new_keys)
        audit.record("accounts.passphrase_changed", actor=actor.audit_name, subject=user.pk.hex)


def confirm_passphrase(*, actor: Actor, user: User, passphrase: str, source: str = "local") -> None:
    """Check the person's own passphrase again before something grave. Raises BadInput when it is wrong."""
    if actor.user_id != user.pk:
        raise NotAllowed
    keys = backends.derive(passphrase[: backends.MAX_CHARACTERS], bytes(user.salt), source)
    if not backends.matches(user, keys):
        raise BadInput("passphrase", _("Frasa sandi tidak cocok."))


def set_language(*, actor: Actor, user: User, language: str) -> None:
    """Choose the language that the workspace opens in."""
    if actor.user_id != user.pk or language not in User.Language.values:
        raise NotAllowed
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(language=language)
        audit.record("accounts.language_changed", actor=actor.audit_name, subject=user.pk.hex)


def request_grant(*, actor: Actor, user: User, team: Team) -> GrantRequest | None:
    """Ask for a team's key for oneself (or for a person one manages). None: the key is already held, or just made."""
    if actor.user_id != user.pk and not rules.may_manage_people(actor, user.organisation_id):
        raise NotAllowed
    holds_role = Membership.objects.filter(user=user, team=team, role__in=rules.CONTENT_ROLES).exists()
    if not holds_role or user.temporary_passphrase or not user.is_active:
        raise NotAllowed
    with transaction.atomic():
        request = _give_or_ask(user, team.pk)
        audit.record(
            "accounts.grant_requested",
            actor=actor.audit_name,
            subject=user.pk.hex,
            data={"team": team.pk.hex},
        )
    return request


def decide_grant(*, actor: Actor, request: GrantRequest, keyring: Keyring, heard: str) -> None:
    """Give a colleague the team's key. `heard` are the first two groups of the fingerprint, as read out by voice.

    Raises BadInput when they do not belong to the key that would receive the grant, Conflict when somebody was faster.
    """
    if not rules.may_decide_grant(actor, request.team_id, request.user_id):
        raise NotAllowed
    key = vault.member_key(holder=request.user_id)
    if key is None or key.pk != request.member_key_id:
        raise Conflict
    expected = "".join(key.fingerprint.split()[:2])
    typed = "".join(c for c in heard if c.isdigit())
    if not hmac.compare_digest(expected.encode(), typed.encode()):
        with transaction.atomic():
            _record_grant("accounts.grant_mismatch", actor, request)
        raise BadInput("heard", _("Angka ini bukan milik kunci baru itu. Jangan beri akses; telepon lagi orangnya."))
    with transaction.atomic():
        _decide(actor, request, GrantRequest.State.GRANTED)
        vault.grant_team_key(team_id=request.team_id, granter=keyring, to=key)
        _record_grant("accounts.grant_given", actor, request)


def refuse_grant(*, actor: Actor, request: GrantRequest) -> None:
    """Refuse a colleague the team's key. Like giving it, only for somebody who holds it: NotAllowed otherwise."""
    key = vault.member_key(holder=actor.user_id)
    holds = key is not None and vault.holds_team_key(team_id=request.team_id, member_key=key)
    if not holds or not rules.may_decide_grant(actor, request.team_id, request.user_id):
        raise NotAllowed
    with transaction.atomic():
        _decide(actor, request, GrantRequest.State.REFUSED)
        _record_grant("accounts.grant_refused", actor, request)


def recover_team(*, actor: Actor, team: Team, recovery_secret: str, user: User) -> None:
    """When nobody holds a team's key any more: open it with the printed recovery key and seal it to one member."""
    key = vault.member_key(holder=user.pk)
    in_team = Membership.objects.filter(user=user, team=team, role__in=rules.CONTENT_ROLES).exists()
    if not actor.is_system or key is None or not in_team or user.temporary_passphrase or not user.is_active:
        raise NotAllowed
    with transaction.atomic():
        vault.recover_team(team_id=team.pk, recovery_secret=recovery_secret, to=key)
        _void_requests(user, team.pk)
        audit.record("accounts.team_recovered", actor=actor.audit_name, subject=team.pk.hex, data={"user": user.pk.hex})


def finish_rotation(*, actor: Actor, team: Team) -> None:
    """Write into the audit that a team's key was rotated and its old key destroyed; the vault has done it before."""
    if not actor.is_system and not rules.may_hold_team_key(actor, team.pk):
        raise NotAllowed
    with transaction.atomic():
        audit.record("accounts.rotation_finished", actor=actor.audit_name, subject=team.pk.hex)


def enrol_second_factor(*, actor: Actor, user: User, seed: str, code: str) -> list[str]:
    """Switch the second factor on with a new seed, proved by its first code; return ten recovery codes, shown once."""
    if actor.user_id != user.pk:
        raise NotAllowed
    step = second_factor.matching_step(seed, code)
    if step is None:
        raise BadInput("code", _("Kode ini tidak cocok. Periksa jam ponselmu, lalu coba kode yang baru."))
    with transaction.atomic():
        user.totp_sealed = second_factor.seal_seed(user.pk, seed)
        user.totp_last_step, user.second_factor_on = step, True
        user.save(update_fields=["totp_sealed", "totp_last_step", "second_factor_on"])
        codes = second_factor.new_recovery_codes(user)
        audit.record("accounts.factor_enrolled", actor=actor.audit_name, subject=user.pk.hex)
    return codes


def make_recovery_codes(*, actor: Actor, user: User) -> list[str]:
    """Replace the recovery codes; the old ones stop working."""
    if actor.user_id != user.pk or not user.second_factor_on:
        raise NotAllowed
    with transaction.atomic():
        codes = second_factor.new_recovery_codes(user)
        audit.record("accounts.recovery_codes_made", actor=actor.audit_name, subject=user.pk.hex)
    return codes


def temporary_passphrase() -> str:
    """Return a passphrase to be read out once: five groups of four, 99 random bits."""
    return "-".join("".join(secrets.choice(_PAPER) for _ in range(4)) for _ in range(5))


def check_strength(field: str, passphrase: str, username: str) -> None:
    """Refuse short, repetitive or self-naming passphrases. Raises BadInput."""
    if len(passphrase) > backends.MAX_CHARACTERS:
        raise BadInput(field, _("Frasa sandi ini terlalu panjang: paling banyak 256 huruf."))
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadInput(field, _("Frasa sandi paling sedikit 14 huruf. Empat kata acak mudah diingat."))
    if len(set(passphrase.lower())) < 6 or (username and username in passphrase.lower().split()):
        raise BadInput(field, _("Frasa sandi ini terlalu mudah ditebak."))


def _hold(user: User, keys: PassphraseKeys) -> None:
    user.salt, user.password = keys.salt, keys.verifier.hex()


def _key_teams(roles: Roles) -> set[UUID]:
    return {team for team, role in roles if team is not None and role in rules.CONTENT_ROLES}


def _apply_roles(user: User, roles: Roles) -> str:
    """Replace the memberships, take back and ask for keys; return the role codes for the audit."""
    wanted = {(None if role in rules.WIDE_ROLES else team, role) for team, role in roles}
    _check_roles(user, wanted)
    before = set(Membership.objects.filter(user=user).values_list("team_id", "role"))
    if (None, rules.ADMINISTRATOR) in before - wanted:
        _keep_an_administrator(user)
    Membership.objects.filter(user=user).delete()
    Membership.objects.bulk_create(Membership(user=user, team_id=team, role=role) for team, role in wanted)
    _leave_teams(user, _key_teams(before) - _key_teams(wanted))
    if not user.temporary_passphrase:
        for team_id in sorted(_key_teams(wanted)):
            _give_or_ask(user, team_id)
    return ".".join(sorted({role for _team, role in wanted}))[:64]


def _check_roles(user: User, wanted: set[tuple[UUID | None, str]]) -> None:
    if not rules.roles_fit_together([role for _team, role in wanted]):
        raise BadInput("roles", _("Peran-peran ini tidak boleh dipegang satu orang."))
    if not all(rules.role_fits_organisation(role, user.organisation.kind) for _team, role in wanted):
        raise BadInput(
            "roles", _("Lembaga ini tidak punya auditor: jejak audit mencakup laporan tentang lembaga ini juga.")
        )
    teams = {t.pk: t for t in Team.objects.filter(pk__in={t for t, _role in wanted if t is not None})}
    kinds = []
    for team_id, role in wanted:
        team = teams.get(team_id) if team_id is not None else None
        outside = team_id is not None and (team is None or team.organisation_id != user.organisation_id)
        if outside or not rules.role_fits_team(role, team.kind if team else None):
            raise BadInput("roles", _("Peran ini tidak ada di tim itu."))
        if team is not None:
            kinds.append(team.kind)
    if not rules.team_kinds_fit_together(kinds):
        raise BadInput("roles", _("Tim independen tidak boleh berbagi anggota dengan tim lain."))


def _keep_an_administrator(user: User) -> None:
    others = Membership.objects.filter(
        role=rules.ADMINISTRATOR, user__organisation=user.organisation_id, user__is_active=True
    ).exclude(user=user)
    if not others.exists():
        raise BadInput("roles", _("Ini administrator terakhir. Angkat penggantinya dulu."))


def _give_or_ask(user: User, team_id: UUID) -> GrantRequest | None:
    """Make the team's key for its first member; later members wait for a colleague. None when nothing is to decide."""
    key = vault.member_key(holder=user.pk)
    if key is None:
        raise NotAllowed
    if not vault.has_team_key(team_id=team_id):
        organisation_id = Team.objects.values_list("organisation_id", flat=True).get(pk=team_id)
        vault.ensure_team_key(team_id=team_id, organisation_id=organisation_id, member_keys=[key])
        return None
    if vault.holds_team_key(team_id=team_id, member_key=key):
        return None
    request, _created = GrantRequest.objects.get_or_create(
        user=user, team_id=team_id, member_key_id=key.pk, state=GrantRequest.State.OPEN
    )
    return request


def _leave_teams(user: User, teams: set[UUID]) -> None:
    for team_id in sorted(teams):
        _void_requests(user, team_id)
        vault.revoke_grants(holder=user.pk, team_id=team_id)


def _void_requests(user: User, team_id: UUID | None = None) -> None:
    requests = GrantRequest.objects.filter(user=user, state=GrantRequest.State.OPEN)
    if team_id is not None:
        requests = requests.filter(team=team_id)
    requests.update(state=GrantRequest.State.VOID, decided_at=clock.now())


def _decide(actor: Actor, request: GrantRequest, state: str) -> None:
    open_request = GrantRequest.objects.filter(pk=request.pk, state=GrantRequest.State.OPEN)
    if open_request.update(state=state, decided_by=actor.user_id, decided_at=clock.now()) != 1:
        raise Conflict


def _record_grant(kind: str, actor: Actor, request: GrantRequest) -> None:
    audit.record(kind, actor=actor.audit_name, subject=request.user_id.hex, data={"team": request.team_id.hex})
