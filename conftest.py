"""Shared fixtures: the database of the run, translations, secrets, and the named cast of roles."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.test import Client

from lindung.core.catalogues import compile_all

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpResponse

    from lindung.accounts.actors import Actor
    from lindung.accounts.models import Organisation, Team, User
    from lindung.vault.services import Keyring


FORM = "application/x-www-form-urlencoded"


def pytest_configure(config: pytest.Config) -> None:
    compile_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about one database itself are selected by the database of the run, not skipped inside it."""
    other = "sqlite" if os.environ.get("LINDUNG_DATABASE") else "postgres"
    items[:] = [item for item in items if not any(mark.name == other for mark in item.iter_markers())]
    # The files that take longest begin first: a process that starts one at the end keeps the others waiting.
    items.sort(key=lambda item: ("browser" not in item.path.parts, "url_matrix" not in item.path.name))


@pytest.fixture(scope="session", autouse=True)
def _secrets() -> None:
    from django.conf import settings

    from lindung.vault.secrets import ensure_secrets

    ensure_secrets(settings.LINDUNG_SECRETS_DIR)


class Browser(Client):
    """Sends forms as a browser sends ours: urlencoded. Django's client sends multipart, which the platform refuses."""

    def post(self, path: str, data: Any = None, content_type: str = FORM, **more: Any) -> Any:  # type: ignore[override]
        if content_type == FORM and not isinstance(data, str | bytes):
            data = urlencode(data or {}, doseq=True)
        return super().post(path, data, content_type, **more)


@pytest.fixture
def client() -> Browser:
    """A browser without cookies; `Browser()` gives another."""
    return Browser()


def _passphrase(username: str) -> str:
    return f"kunci rumah {username[::-1]} di atas meja"


class Cast:
    """The named people of the tests, with real keys. Each signs in with `passphrase_of(user)` and a second factor.

    Two networks take reports (teams `intake` and `other_intake`), an independent body takes those about our own people
    (`independent`), a partner has `partner_team`. Nobody of one body sees another's.
    """

    PEOPLE = (
        # name, organisation, team, role
        ("analyst", "organisation", "intake", "analyst"),
        ("second_analyst", "organisation", "intake", "analyst"),
        ("supervisor", "organisation", "intake", "supervisor"),
        ("case_worker", "organisation", "intake", "case_worker"),
        ("data_analyst", "organisation", None, "data_analyst"),
        ("administrator", "organisation", None, "administrator"),
        ("auditor", "organisation", None, "auditor"),
        ("other_analyst", "other_organisation", "other_intake", "analyst"),
        ("independent_analyst", "independent_organisation", "independent", "analyst"),
        ("partner", "partner_organisation", "partner_team", "partner"),
    )
    TEAMS = (
        ("intake", "organisation", "intake", "Asia/Jakarta", "31", 1),
        ("other_intake", "other_organisation", "intake", "Asia/Jayapura", "91", 2),
        ("independent", "independent_organisation", "independent", "Asia/Jakarta", "", 1),
        ("partner_team", "partner_organisation", "partner", "Asia/Jakarta", "31", None),
    )
    ORGANISATIONS = {
        "organisation": "network",
        "other_organisation": "network",
        "independent_organisation": "ministry",
        "partner_organisation": "partner",
    }

    organisation: Organisation
    other_organisation: Organisation
    independent_organisation: Organisation
    partner_organisation: Organisation
    intake: Team
    other_intake: Team
    independent: Team
    partner_team: Team
    analyst: User
    second_analyst: User
    supervisor: User
    case_worker: User
    data_analyst: User
    administrator: User
    auditor: User
    other_analyst: User
    independent_analyst: User
    partner: User

    def __init__(self, things: dict[str, Any], recovery: dict[UUID, str]) -> None:
        self.__dict__.update(things)
        self.recovery = recovery
        """The printed recovery key of each organisation, by its id."""

    def everybody(self) -> dict[str, User]:
        """Return the people by their names in the cast."""
        return {name: getattr(self, name) for name, *_ in self.PEOPLE}

    @staticmethod
    def passphrase_of(user: User) -> str:
        return _passphrase(user.username)

    @staticmethod
    def actor(user: User) -> Actor:
        from lindung.accounts.selectors import actor_for

        return actor_for(user)

    @staticmethod
    def sign_in(client: Client, user: User, passphrase: str = "") -> HttpResponse:
        """Sign in with the real two steps."""
        return sign_in_with(client, user, passphrase)

    @staticmethod
    def code_now(user: User, steps: int = 0) -> str:
        """Return the code that the person's authenticator shows, so many steps of 30 seconds from now."""
        return code_now(user, steps)

    @staticmethod
    def fingerprint(user: User) -> str:
        """Return what the person would read out on the telephone."""
        return fingerprint_of(user.pk)

    def keyring(self, user: User) -> Keyring:
        """Return the unlocked keys of a person."""
        from lindung.vault import services as vault

        return vault.unlock(holder=user.pk, passphrase=self.passphrase_of(user))


def _build_cast() -> tuple[dict[str, Any], dict[UUID, str]]:
    from lindung.accounts import second_factor, services
    from lindung.accounts.actors import Actor
    from lindung.accounts.models import GrantRequest

    system, things, recovery = Actor.system(), {}, {}
    for name, kind in Cast.ORGANISATIONS.items():
        organisation = services.create_organisation(actor=system, name=name.replace("_", " "), kind=kind)
        recovery[organisation.pk] = services.create_recovery_key(actor=system, organisation=organisation)
        things[name] = organisation
    for name, body, kind, tz, province, order in Cast.TEAMS:
        things[name] = services.create_team(
            actor=system, organisation=things[body], name=name.replace("_", " "), kind=kind, tz=tz,
            province=province, intake_order=order,
        )  # fmt: skip
    for name, body, team, role in Cast.PEOPLE:
        username = name.replace("_", "-")
        user = services.add_user(
            actor=system, organisation=things[body], username=username, display_name=name.replace("_", " ").title(),
            alias=f"Kak {name.split('_')[0].title()}", email=f"{username}@example.org",
            passphrase=_passphrase(username), temporary=False,
            roles=[(things[team].pk if team else None, role)],
        )  # fmt: skip
        user.totp_sealed = second_factor.seal_seed(user.pk, second_factor.new_seed())
        user.second_factor_on = True
        user.save()
        things[name] = user
    cast = Cast(things, recovery)
    first = cast.analyst
    for request in GrantRequest.objects.filter(team=cast.intake):
        heard = fingerprint_of(request.user_id)[:11]
        services.decide_grant(actor=cast.actor(first), request=request, keyring=cast.keyring(first), heard=heard)
    return things, recovery


def fingerprint_of(user_id: UUID) -> str:
    """Return what a person would read out on the telephone."""
    from lindung.vault import services as vault

    key = vault.member_key(holder=user_id)
    assert key is not None
    return key.fingerprint


_kept_cast: dict[str, Any] = {}


@pytest.fixture
def cast(db: None) -> Cast:
    """The named cast of roles. Their keys are made once in a run and copied into each test's database."""
    from django.apps import apps
    from django.db import transaction

    models = [
        *(apps.get_model("accounts", n) for n in ("Organisation", "Team", "User", "Membership", "GrantRequest")),
        *(apps.get_model("vault", n) for n in ("MemberKey", "RecoveryKey", "TeamKey", "TeamKeyGrant")),
    ]
    if not _kept_cast:
        with transaction.atomic():
            things, recovery = _build_cast()
            rows = {model: [_plain(row) for row in model.objects.all()] for model in models}
            transaction.set_rollback(True)
        _kept_cast.update(rows=rows, recovery=recovery, ids={name: thing.pk for name, thing in things.items()})
    known = {}
    for model, rows in _kept_cast["rows"].items():
        for row in model.objects.bulk_create([model(**values) for values in rows]):
            known[row.pk] = row
    return Cast({name: known[pk] for name, pk in _kept_cast["ids"].items()}, dict(_kept_cast["recovery"]))


def _plain(row: Model) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: bytes(v) if isinstance(v, memoryview) else v for name, v in values.items()}


@pytest.fixture
def sign_in() -> Callable[..., HttpResponse]:
    """Return `sign_in(client, user, passphrase=...)`: the real two steps, as a browser does them."""
    return sign_in_with


def sign_in_with(client: Client, user: User, passphrase: str = "") -> HttpResponse:
    from django.urls import reverse

    type(user).objects.filter(pk=user.pk).update(totp_last_step=0)  # one person may sign in twice within a test
    user.refresh_from_db()
    body = {"username": user.username, "passphrase": passphrase or Cast.passphrase_of(user)}
    response = client.post(reverse("accounts:sign_in"), urlencode(body), FORM)
    if user.second_factor_on:
        assert response.status_code == 302, "the passphrase was refused"
        response = client.post(reverse("accounts:second_factor"), urlencode({"code": code_now(user)}), FORM)
    assert response.status_code == 302, "the sign-in was refused"
    assert "k" in client.cookies
    return response


def code_now(user: User, steps: int = 0) -> str:
    """Return the code that the person's authenticator shows, so many steps of 30 seconds from now."""
    import pyotp

    from lindung.accounts import second_factor
    from lindung.core import clock

    seed = second_factor.open_seed(user)
    assert seed is not None
    return pyotp.TOTP(seed).generate_otp(int(clock.now().timestamp()) // 30 + steps)


@pytest.fixture
def fill_directory(db: None) -> Callable[[], int]:
    """Return what brings the invented bodies of the demonstration in; a room's tests may not import them."""
    from lindung.cli.demo import directory

    return directory.fill
