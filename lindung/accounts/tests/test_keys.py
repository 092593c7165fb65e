"""Keys in life: what opens and what does not, after a reset, a leaver, a copy of the database."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.urls import reverse

from lindung.accounts import services, sessions
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest, Membership, PendingSignIn, User
from lindung.audit.models import Event
from lindung.core.errors import BadInput, Conflict, NotAllowed, SealBroken
from lindung.vault import primitives
from lindung.vault import services as vault

if TYPE_CHECKING:
    from uuid import UUID

    from conftest import Cast

pytestmark = pytest.mark.django_db
STORY = b"isi yang tidak boleh terbaca"


@pytest.fixture
def record(cast: Cast) -> UUID:
    """A sealed record of the intake team."""
    keys = vault.new_record(kind="report", team_id=cast.intake.pk, receipt=None)
    vault.put(record_id=keys.record_id, keys=keys, key_name="staff", field="note", plaintext=STORY)
    return keys.record_id


def opens(record: UUID, keyring: vault.Keyring) -> bool:
    try:
        keys = vault.open_with_team(record_id=record, keyring=keyring)
    except NotAllowed:
        return False
    return vault.get(record_id=record, keys=keys, field="note") == STORY


def give(cast: Cast, giver: User, user: User, heard: str = "") -> None:
    request = GrantRequest.objects.get(user=user, state="open")
    services.decide_grant(
        actor=cast.actor(giver), request=request, keyring=cast.keyring(giver),
        heard=heard or cast.fingerprint(user)[:11],
    )  # fmt: skip


def raw_rows() -> bytes:
    """Everything that the database holds, one after the other, raw and as base64 would show it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    found.append(bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())
    return b"\n".join(found)


def test_members_of_the_team_open_its_records_and_nobody_else_does(cast: Cast, record: UUID) -> None:
    inside = {"analyst", "second_analyst", "supervisor", "case_worker"}
    for name, user in cast.everybody().items():
        assert opens(record, cast.keyring(user)) is (name in inside), name


def test_the_database_alone_and_the_cookie_alone_open_nothing(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    private = cast.keyring(cast.analyst).to_bytes()[-32:]
    cookie = client.cookies[sessions.KEY_COOKIE].value
    key = base64.urlsafe_b64decode(cookie)
    data = Session.objects.get().get_decoded()
    everything = raw_rows() + repr(data).encode()
    for secret in (private, key):
        for form in (secret, base64.b64encode(secret), base64.urlsafe_b64encode(secret), secret.hex().encode()):
            assert form not in everything
    assert private not in cookie.encode()
    # Together they open it: so the search above looked for the right thing.
    sealed = base64.urlsafe_b64decode(data["sealed_key"])
    aad = primitives.context("accounts/session", cast.analyst.pk.bytes)
    assert private in primitives.aead_open(key, sealed, aad)
    with pytest.raises(SealBroken):
        primitives.aead_open(bytes(32), sealed, aad)


def test_between_the_steps_the_key_needs_row_and_cookie(client: Client, cast: Cast) -> None:
    body = {"username": cast.analyst.username, "passphrase": cast.passphrase_of(cast.analyst)}
    client.post(reverse("accounts:sign_in"), body)
    private = cast.keyring(cast.analyst).to_bytes()[-32:]
    assert private not in raw_rows()
    row = PendingSignIn.objects.get()
    name, _, key = client.cookies[sessions.PENDING_COOKIE].value.partition(".")
    assert name == row.pk.hex
    aad = primitives.context("accounts/pending", row.pk.bytes, cast.analyst.pk.bytes)
    assert private in primitives.aead_open(base64.urlsafe_b64decode(key), bytes(row.wrapped), aad)


def test_a_session_without_its_cookie_is_closed(client: Client, cast: Cast) -> None:
    for broken in ("", "AAAA", base64.urlsafe_b64encode(bytes(32)).decode()):
        browser = type(client)()
        cast.sign_in(browser, cast.analyst)
        browser.cookies[sessions.KEY_COOKIE] = broken
        assert browser.get(reverse("accounts:account")).status_code == 302
        assert browser.get(reverse("accounts:account"))["Location"].startswith(reverse("accounts:sign_in"))


def test_one_persons_cookie_does_not_open_anothers_session(client: Client, cast: Cast) -> None:
    other = type(client)()
    cast.sign_in(client, cast.analyst)
    cast.sign_in(other, cast.second_analyst)
    client.cookies[sessions.KEY_COOKIE] = other.cookies[sessions.KEY_COOKIE].value
    assert client.get(reverse("accounts:account")).status_code == 302


def test_no_seed_code_or_passphrase_is_readable_in_the_database(client: Client, cast: Cast) -> None:
    from lindung.accounts.second_factor import open_seed

    codes = services.make_recovery_codes(actor=cast.actor(cast.analyst), user=cast.analyst)
    cast.sign_in(client, cast.analyst)
    everything = raw_rows()
    seed = open_seed(cast.analyst)
    assert seed is not None
    for secret in (seed, codes[0], codes[0].replace("-", ""), cast.passphrase_of(cast.analyst)):
        assert secret.encode() not in everything
    assert cast.analyst.username.encode() in everything  # the search finds what is there


def test_a_changed_passphrase_opens_everything_and_the_old_one_nothing(cast: Cast, record: UUID) -> None:
    user, new = cast.analyst, "empat kuda biru tidur"
    services.change_passphrase(actor=cast.actor(user), user=user, old=cast.passphrase_of(user), new=new)
    assert opens(record, vault.unlock(holder=user.pk, passphrase=new))
    with pytest.raises(vault.WrongPassphrase):
        cast.keyring(user)


def test_a_wrong_old_passphrase_changes_nothing(cast: Cast, record: UUID) -> None:
    user = cast.analyst
    with pytest.raises(BadInput) as refusal:
        services.change_passphrase(actor=cast.actor(user), user=user, old="bukan yang ini ya", new="empat kuda biru")
    assert refusal.value.field == "old_passphrase"
    assert opens(record, cast.keyring(user))


def test_after_a_reset_old_records_stay_shut_until_a_colleague_grants(cast: Cast, record: UUID) -> None:
    user, admin = cast.analyst, cast.administrator
    before = cast.keyring(user)
    temporary = services.reset_passphrase(actor=cast.actor(admin), user=user)
    assert not opens(record, vault.unlock(holder=user.pk, passphrase=temporary))
    assert not opens(record, before)
    # Nothing can be granted to the key whose passphrase the administrator has seen.
    assert not GrantRequest.objects.filter(user=user, state="open").exists()
    user.refresh_from_db()
    with pytest.raises(NotAllowed):
        services.request_grant(actor=cast.actor(user), user=user, team=cast.intake)
    seen_by_administrator = cast.fingerprint(user)
    keyring = services.choose_passphrase(actor=cast.actor(user), user=user, new="tiga gajah ungu lari")
    assert cast.fingerprint(user) != seen_by_administrator
    assert not opens(record, keyring)
    give(cast, cast.supervisor, user)
    assert opens(record, keyring)
    with pytest.raises(vault.WrongPassphrase):
        vault.unlock(holder=user.pk, passphrase=temporary)


def test_a_reset_keeps_the_second_factor_unless_it_is_lost_too(cast: Cast) -> None:
    admin, user = cast.actor(cast.administrator), cast.analyst
    services.reset_passphrase(actor=admin, user=user)
    user.refresh_from_db()
    assert user.second_factor_on
    services.reset_passphrase(actor=admin, user=user, remove_second_factor=True)
    user.refresh_from_db()
    assert not user.second_factor_on
    assert user.totp_sealed is None


def test_the_temporary_passphrase_cannot_be_kept(cast: Cast) -> None:
    user = cast.analyst
    temporary = services.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
    with pytest.raises(BadInput):
        services.choose_passphrase(actor=cast.actor(user), user=user, new=temporary)


def test_an_administrator_gains_no_content_by_any_reset(cast: Cast, record: UUID) -> None:
    for user in (cast.analyst, cast.second_analyst, cast.supervisor, cast.case_worker):
        phrase = services.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
        assert not opens(record, vault.unlock(holder=user.pk, passphrase=phrase))
    assert not opens(record, cast.keyring(cast.administrator))


@pytest.mark.parametrize("heard", ["", "12345", "00000 00000", "abcde fghij", "١٢٣٤٥ ٦٧٨٩٠"])
def test_a_wrong_fingerprint_gives_no_key(cast: Cast, record: UUID, heard: str) -> None:
    user = cast.analyst
    services.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
    keyring = services.choose_passphrase(actor=cast.actor(user), user=user, new="tiga gajah ungu lari")
    request = GrantRequest.objects.get(user=user, state="open")
    with pytest.raises(BadInput):
        services.decide_grant(
            actor=cast.actor(cast.supervisor), request=request, keyring=cast.keyring(cast.supervisor), heard=heard
        )
    assert not opens(record, keyring)
    assert GrantRequest.objects.filter(pk=request.pk, state="open").exists()
    assert Event.objects.filter(kind="accounts.grant_mismatch").count() == 1


def test_a_request_is_decided_once(cast: Cast) -> None:
    user = cast.analyst
    services.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
    services.choose_passphrase(actor=cast.actor(user), user=user, new="tiga gajah ungu lari")
    request = GrantRequest.objects.get(user=user, state="open")
    services.refuse_grant(actor=cast.actor(cast.supervisor), request=request)
    with pytest.raises(Conflict):
        services.decide_grant(
            actor=cast.actor(cast.second_analyst), request=request, keyring=cast.keyring(cast.second_analyst),
            heard=cast.fingerprint(user)[:11],
        )  # fmt: skip
    assert not vault.holds_team_key(team_id=cast.intake.pk, member_key=vault.member_key(holder=user.pk))
    # After a refusal the person may ask again.
    assert services.request_grant(actor=cast.actor(user), user=user, team=cast.intake) is not None


def test_a_request_for_a_key_that_was_replaced_meanwhile_grants_nothing(cast: Cast) -> None:
    user, admin = cast.analyst, cast.actor(cast.administrator)
    services.reset_passphrase(actor=admin, user=user)
    services.choose_passphrase(actor=cast.actor(user), user=user, new="tiga gajah ungu lari")
    request, heard = GrantRequest.objects.get(user=user, state="open"), cast.fingerprint(user)[:11]
    services.reset_passphrase(actor=admin, user=user)
    with pytest.raises(Conflict):
        services.decide_grant(
            actor=cast.actor(cast.supervisor), request=request, keyring=cast.keyring(cast.supervisor), heard=heard
        )
    assert GrantRequest.objects.get(pk=request.pk).state == "void"


def test_nobody_outside_the_team_decides_and_nobody_for_themselves(cast: Cast) -> None:
    user = cast.analyst
    services.reset_passphrase(actor=cast.actor(cast.administrator), user=user)
    services.choose_passphrase(actor=cast.actor(user), user=user, new="tiga gajah ungu lari")
    request, heard = GrantRequest.objects.get(user=user, state="open"), cast.fingerprint(user)[:11]
    outsiders = (cast.administrator, cast.auditor, cast.data_analyst, cast.other_analyst, cast.independent_analyst,
                 cast.partner)  # fmt: skip
    for outsider in outsiders:
        with pytest.raises(NotAllowed):
            services.decide_grant(
                actor=cast.actor(outsider), request=request, keyring=cast.keyring(outsider), heard=heard
            )
        with pytest.raises(NotAllowed):
            services.refuse_grant(actor=cast.actor(outsider), request=request)
    with pytest.raises(NotAllowed):
        services.refuse_grant(actor=cast.actor(user), request=request)


def test_a_colleague_without_the_key_cannot_give_it(cast: Cast) -> None:
    admin, new = cast.actor(cast.administrator), "tiga gajah ungu lari"
    for user in (cast.analyst, cast.second_analyst):
        services.reset_passphrase(actor=admin, user=user)
        services.choose_passphrase(actor=cast.actor(user), user=user, new=new)
    request = GrantRequest.objects.get(user=cast.analyst, state="open")
    with pytest.raises(NotAllowed):
        services.decide_grant(
            actor=cast.actor(cast.second_analyst), request=request,
            keyring=vault.unlock(holder=cast.second_analyst.pk, passphrase=new),
            heard=cast.fingerprint(cast.analyst)[:11],
        )  # fmt: skip
    assert GrantRequest.objects.get(pk=request.pk).state == "open"


def test_a_leaver_is_out_at_once_and_the_team_key_is_due(client: Client, cast: Cast, record: UUID) -> None:
    user = cast.analyst
    cast.sign_in(client, user)
    keyring = cast.keyring(user)
    services.deactivate(actor=cast.actor(cast.administrator), user=user)
    assert client.get(reverse("accounts:account")).status_code == 302
    body = {"username": user.username, "passphrase": cast.passphrase_of(user)}
    assert type(client)().post(reverse("accounts:sign_in"), body).status_code == 422
    assert not Membership.objects.filter(user=user).exists()
    assert not opens(record, keyring)
    assert cast.intake.pk in vault.teams_due_for_rotation()
    assert opens(record, cast.keyring(cast.supervisor))


def test_a_leavers_passphrase_opens_nothing_new_in_a_copy_after_rotation(cast: Cast, record: UUID) -> None:
    user, keeper = cast.analyst, cast.supervisor
    services.deactivate(actor=cast.actor(cast.administrator), user=user)
    vault.rotate_team_key(team_id=cast.intake.pk, keyring=cast.keyring(keeper))
    while vault.rewrap_batch(team_id=cast.intake.pk, keyring=cast.keyring(keeper)):
        pass
    vault.destroy_old_keys(team_id=cast.intake.pk)
    services.finish_rotation(actor=Actor.system(), team=cast.intake)
    with pytest.raises(vault.WrongPassphrase):
        cast.keyring(user)
    assert cast.intake.pk not in vault.teams_due_for_rotation()
    assert opens(record, cast.keyring(keeper))


def test_whoever_leaves_one_team_loses_its_key_alone(cast: Cast, record: UUID) -> None:
    admin, user = cast.actor(cast.administrator), cast.analyst
    second = services.create_team(actor=admin, organisation=cast.organisation, name="dua", kind="intake")
    services.set_roles(actor=admin, user=user, roles=[(cast.intake.pk, "analyst"), (second.pk, "analyst")])
    key = vault.member_key(holder=user.pk)
    assert vault.holds_team_key(team_id=second.pk, member_key=key)  # the first member of a new team
    services.set_roles(actor=admin, user=user, roles=[(second.pk, "analyst")])
    assert not opens(record, cast.keyring(user))
    assert vault.holds_team_key(team_id=second.pk, member_key=key)
    assert vault.teams_due_for_rotation() == [cast.intake.pk]


def test_the_printed_recovery_key_brings_a_team_back_whose_last_member_is_gone(cast: Cast, record: UUID) -> None:
    admin = cast.actor(cast.administrator)
    for user in (cast.analyst, cast.second_analyst, cast.supervisor, cast.case_worker):
        services.deactivate(actor=admin, user=user)
    new = services.add_user(
        actor=Actor.system(), organisation=cast.organisation, username="baru", display_name="Orang Baru",
        passphrase="lima kapal di laut", temporary=False, roles=[(cast.intake.pk, "supervisor")],
    )  # fmt: skip
    keyring = vault.unlock(holder=new.pk, passphrase="lima kapal di laut")
    assert not opens(record, keyring)
    with pytest.raises(NotAllowed):
        services.recover_team(
            actor=Actor.system(), team=cast.intake, user=new, recovery_secret=cast.recovery[cast.other_organisation.pk]
        )
    with pytest.raises(NotAllowed):
        services.recover_team(
            actor=admin, team=cast.intake, user=new, recovery_secret=cast.recovery[cast.organisation.pk]
        )
    services.recover_team(
        actor=Actor.system(), team=cast.intake, user=new, recovery_secret=cast.recovery[cast.organisation.pk]
    )
    assert opens(record, keyring)
    assert not GrantRequest.objects.filter(user=new, state="open").exists()


def test_a_reset_from_an_old_page_brings_no_leaver_back(cast: Cast) -> None:
    administrator, opened_before = cast.actor(cast.administrator), User.objects.get(pk=cast.analyst.pk)
    services.deactivate(actor=administrator, user=User.objects.get(pk=cast.analyst.pk))
    with pytest.raises(NotAllowed):
        services.reset_passphrase(actor=administrator, user=opened_before)
    assert not User.objects.get(pk=cast.analyst.pk).is_active
    assert vault.member_key(holder=cast.analyst.pk) is None


def test_a_reset_from_an_old_page_makes_no_used_code_valid_again(cast: Cast) -> None:
    opened_before = User.objects.get(pk=cast.analyst.pk)
    User.objects.filter(pk=cast.analyst.pk).update(totp_last_step=10**9)
    services.reset_passphrase(actor=cast.actor(cast.administrator), user=opened_before)
    assert User.objects.get(pk=cast.analyst.pk).totp_last_step == 10**9


def test_somebody_who_waits_for_the_key_neither_gives_nor_refuses_it(cast: Cast) -> None:
    for user in (cast.second_analyst, cast.supervisor):
        user.refresh_from_db()
        services.reset_passphrase(actor=cast.actor(cast.administrator), user=user, remove_second_factor=True)
        services.choose_passphrase(actor=cast.actor(user), user=user, new="frasa yang dipilih orang lain")
    keyless, waiting = cast.actor(cast.supervisor), GrantRequest.objects.get(user=cast.second_analyst, state="open")
    keyring = vault.unlock(holder=cast.supervisor.pk, passphrase="frasa yang dipilih orang lain")
    heard = cast.fingerprint(cast.second_analyst)[:11]
    with pytest.raises(NotAllowed):
        services.decide_grant(actor=keyless, request=waiting, keyring=keyring, heard=heard)
    with pytest.raises(NotAllowed):
        services.refuse_grant(actor=keyless, request=waiting)
    assert GrantRequest.objects.get(pk=waiting.pk).state == "open"


def test_a_partner_gets_no_auditor_who_would_see_when_reports_about_it_come_in(cast: Cast) -> None:
    with pytest.raises(BadInput):
        services.set_roles(actor=Actor.system(), user=cast.partner, roles={(None, "auditor")})
    assert not cast.actor(cast.partner).has_role("auditor")
