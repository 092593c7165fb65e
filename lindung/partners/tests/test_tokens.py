"""Tokens: who makes them, what they can never be, and when they stop to work."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindung.accounts.actors import Actor
from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from lindung.partners import rules, selectors, services
from lindung.partners.errors import MissingScope, TokenExpired, TokenRefused, TokenRevoked
from lindung.partners.models import PartnerToken, Purpose, Scope

from .machines import ALL, Machine, machine, school_of

pytestmark = pytest.mark.django_db


def create(cast: Any, **changes: Any) -> tuple[PartnerToken, str]:
    given: dict[str, Any] = {
        "actor": cast.actor(cast.administrator), "issuer": cast.organisation,
        "organisation": cast.partner_organisation, "name": "Gerbang", "purpose": "ngo", "scopes": [Scope.SUBMIT],
        "expires_on": selectors.today() + timedelta(days=30), **changes,
    }  # fmt: skip
    return services.create_token(**given)


def test_an_administrator_of_the_network_makes_a_token_and_only_its_hash_stays(cast: Any) -> None:
    token, text = create(cast)
    secret = bytes.fromhex(text.split("_")[2])
    assert len(secret) == 32
    assert bytes(PartnerToken.objects.get().secret_hash) == hashlib.sha256(secret).digest()
    assert services.authenticate(text).token == token
    event = Event.objects.get(kind="partners.token_created")
    assert event.subject == token.pk.hex
    assert text.split("_")[2] not in event.data


def test_nobody_else_makes_one(cast: Any) -> None:
    for name, person in cast.everybody().items():
        if name == "administrator":
            continue
        with pytest.raises(NotAllowed):
            create(cast, actor=cast.actor(person))
    with pytest.raises(NotAllowed):
        create(cast, issuer=cast.other_organisation)
    with pytest.raises(NotAllowed):
        create(cast, issuer=cast.partner_organisation, actor=Actor.system())
    with pytest.raises(NotAllowed):
        create(cast, organisation=cast.other_organisation)
    assert create(cast, organisation=cast.organisation)[0].organisation == cast.organisation


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "  "}),
        ("purpose", {"purpose": "police"}),
        ("purpose", {"purpose": "school"}),
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["report:read"]}),
        ("scopes", {"scopes": [Scope.RECEIPT]}),
        ("expires_on", {"expires_on": timedelta(0)}),
        ("expires_on", {"expires_on": timedelta(days=366)}),
        ("daily_limit", {"daily_limit": 0}),
        ("daily_limit", {"daily_limit": 5001}),
    ],
)
def test_what_no_token_can_be(cast: Any, field: str, changes: dict[str, Any]) -> None:
    if "expires_on" in changes:
        changes = {"expires_on": selectors.today() + changes["expires_on"]}
    with pytest.raises(BadInput) as refused:
        create(cast, **changes)
    assert refused.value.field == field
    assert not PartnerToken.objects.exists()


def test_a_school_never_gets_a_childs_receipt_nor_another_purpose(cast: Any) -> None:
    school = school_of()
    with pytest.raises(BadInput):
        create(cast, organisation=school, purpose="school", scopes=[Scope.SUBMIT, Scope.RECEIPT])
    with pytest.raises(BadInput):
        create(cast, organisation=school, purpose="ngo")
    assert create(cast, organisation=school, purpose="school", scopes=[Scope.SUBMIT, Scope.STATE])


@given(st.sampled_from(Purpose.values), st.sets(st.sampled_from([*Scope.values, "x"])))
def test_scopes_that_fit_hold_what_is_promised(purpose: str, scopes: set[str]) -> None:
    if rules.scopes_problem(purpose, scopes) == "":
        assert scopes
        assert scopes <= set(Scope.values)
        assert not (purpose == Purpose.SCHOOL and Scope.RECEIPT in scopes)
        assert Scope.RECEIPT not in scopes or Scope.SUBMIT in scopes


def test_it_works_to_the_end_of_its_last_day(helpline: Machine) -> None:
    last = selectors.day_begins(helpline.token.expires_on) + timedelta(hours=23, minutes=59)
    with clock.frozen(last):
        assert services.authenticate(helpline.text)
    with clock.frozen(last + timedelta(minutes=2)), pytest.raises(TokenExpired):
        services.authenticate(helpline.text)


def test_a_revoked_token_ends_at_once_and_says_so_only_to_its_holder(cast: Any, helpline: Machine) -> None:
    services.revoke_token(cast.actor(cast.administrator), helpline.token.pk)
    services.revoke_token(cast.actor(cast.administrator), helpline.token.pk)
    assert Event.objects.filter(kind="partners.token_revoked").count() == 1
    with pytest.raises(TokenRevoked):
        services.authenticate(helpline.text)
    with pytest.raises(TokenRefused) as refused:
        services.authenticate(helpline.text[:-8] + "00000000")
    assert refused.value.code == "invalid_token"


def test_the_administrator_of_another_network_neither_sees_nor_ends_it(cast: Any, helpline: Machine) -> None:
    other = cast.actor(cast.administrator)
    stranger = type(other)(
        user_id=cast.auditor.pk, username="x", roles=frozenset({(None, "administrator")}),
        organisation_ids=frozenset({cast.other_organisation.pk, cast.partner_organisation.pk}),
    )  # fmt: skip
    assert list(selectors.tokens_visible_to(other)) == [helpline.token]
    assert not selectors.tokens_visible_to(stranger).exists()
    assert not selectors.tokens_visible_to(cast.actor(cast.supervisor)).exists()
    with pytest.raises(NotFound):
        services.revoke_token(stranger, helpline.token.pk)


def test_the_day_of_last_use_is_kept_and_no_hour(helpline: Machine) -> None:
    assert PartnerToken.objects.get().last_used_on is None
    services.authenticate(helpline.text)
    assert PartnerToken.objects.get().last_used_on == selectors.today()


@pytest.mark.parametrize("scopes", [[Scope.SUBMIT], [Scope.STATE], list(ALL)])
def test_a_scope_that_was_not_given_is_missing(cast: Any, scopes: list[str]) -> None:
    caller = machine(cast.organisation, cast.partner_organisation, scopes=scopes).caller
    for scope in Scope.values:
        if scope in scopes:
            services.need(caller, scope)
        else:
            with pytest.raises(MissingScope):
                services.need(caller, scope)


def test_a_secret_never_shows_in_a_representation(helpline: Machine) -> None:
    caller = helpline.caller
    assert helpline.text.split("_")[2] not in repr(caller)
    assert caller.secret.hex() not in repr(helpline)
