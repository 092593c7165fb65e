"""Signing in: passphrase, second factor, limits, and how a session ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from lindung.accounts import sessions
from lindung.accounts.models import PendingSignIn, RecoveryCode
from lindung.accounts.second_factor import new_recovery_codes
from lindung.audit.models import Event
from lindung.core import clock
from lindung.vault import gate, passphrases

if TYPE_CHECKING:
    from conftest import Cast

pytestmark = pytest.mark.django_db
SIGN_IN, CODE, ENROL, ACCOUNT = (f"accounts:{n}" for n in ("sign_in", "second_factor", "enrol", "account"))


def first_step(client: Client, cast: Cast, user: object) -> None:
    body = {"username": user.username, "passphrase": cast.passphrase_of(user)}
    response = client.post(reverse(SIGN_IN), body)
    assert response.status_code == 302
    assert response["Location"] == reverse(CODE)


def test_two_right_steps_open_the_own_account(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    page = client.get(reverse(ACCOUNT))
    assert page.status_code == 200
    assert cast.analyst.alias in page.content.decode()
    assert cast.fingerprint(cast.analyst) in page.content.decode()


def test_the_passphrase_alone_opens_nothing(client: Client, cast: Cast) -> None:
    first_step(client, cast, cast.analyst)
    assert client.get(reverse(ACCOUNT)).status_code == 302
    assert "sessionid" not in client.cookies
    assert sessions.KEY_COOKIE not in client.cookies


def test_the_code_page_without_a_first_step_leads_back(client: Client, cast: Cast) -> None:
    for name in (CODE, ENROL):
        assert client.get(reverse(name))["Location"].startswith(reverse(SIGN_IN))
        assert client.post(reverse(name), {"code": "123456"})["Location"].startswith(reverse(SIGN_IN))


def test_whoever_has_a_second_factor_cannot_enrol_another_with_the_passphrase(client: Client, cast: Cast) -> None:
    first_step(client, cast, cast.analyst)
    assert client.get(reverse(ENROL))["Location"].startswith(reverse(SIGN_IN))


def test_a_wrong_passphrase_and_an_unknown_name_get_the_same_answer(client: Client, cast: Cast) -> None:
    cast.second_analyst.is_active = False
    cast.second_analyst.save()
    answers = []
    for name, phrase in (
        (cast.analyst.username, "bukan frasa yang benar"),
        ("orang-yang-tak-ada", "bukan frasa yang benar"),
        (cast.second_analyst.username, cast.passphrase_of(cast.second_analyst)),
    ):
        response = client.post(reverse(SIGN_IN), {"username": name, "passphrase": phrase})
        body = response.content.decode().replace(name, "NAMA")
        token = body.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
        answers.append((response.status_code, body.replace(token, ""), sorted(response.cookies)))
    assert answers[0][0] == 422
    assert answers[0] == answers[1] == answers[2]


def test_an_unknown_name_costs_one_derivation_like_a_known_one(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    real, real_turn = passphrases.derive, gate.turn
    monkeypatch.setattr(passphrases, "derive", lambda *a, **k: (done.append("derive"), real(*a, **k))[1])
    monkeypatch.setattr(gate, "turn", lambda kind, source: (done.append(kind), real_turn(kind, source))[1])
    for name in ("tak-ada", cast.analyst.username):
        done.clear()
        client.post(reverse(SIGN_IN), {"username": name, "passphrase": cast.passphrase_of(cast.analyst)})
        assert done == ["signin", "derive"]


def test_a_passphrase_that_is_too_long_is_refused_without_work(client: Client, cast: Cast) -> None:
    body = {"username": cast.analyst.username, "passphrase": "a" * 5000}
    assert client.post(reverse(SIGN_IN), body).status_code == 422


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(client: Client, cast: Cast, steps: int) -> None:
    first_step(client, cast, cast.analyst)
    response = client.post(reverse(CODE), {"code": cast.code_now(cast.analyst, steps)})
    assert response.status_code == 302
    assert sessions.KEY_COOKIE in client.cookies


@pytest.mark.parametrize("steps", [-3, 3])
def test_an_old_or_future_code_is_refused(client: Client, cast: Cast, steps: int) -> None:
    first_step(client, cast, cast.analyst)
    assert client.post(reverse(CODE), {"code": cast.code_now(cast.analyst, steps)}).status_code == 422
    assert sessions.KEY_COOKIE not in client.cookies
    assert Event.objects.filter(kind="accounts.code_refused").count() == 1


def test_a_code_works_once(client: Client, cast: Cast) -> None:
    with clock.frozen(clock.now()):
        code = cast.code_now(cast.analyst)
        for expected in (302, 422):
            browser = type(client)()
            first_step(browser, cast, cast.analyst)
            assert browser.post(reverse(CODE), {"code": code}).status_code == expected


def test_an_earlier_code_is_refused_after_a_later_one(client: Client, cast: Cast) -> None:
    with clock.frozen(clock.now()):
        first_step(client, cast, cast.analyst)
        assert client.post(reverse(CODE), {"code": cast.code_now(cast.analyst, 1)}).status_code == 302
        browser = type(client)()
        first_step(browser, cast, cast.analyst)
        assert browser.post(reverse(CODE), {"code": cast.code_now(cast.analyst, 0)}).status_code == 422


def test_five_wrong_codes_send_back_to_the_passphrase(client: Client, cast: Cast) -> None:
    first_step(client, cast, cast.analyst)
    for _ in range(4):
        assert client.post(reverse(CODE), {"code": "000"}).status_code == 422
    assert client.post(reverse(CODE), {"code": "000"})["Location"].startswith(reverse(SIGN_IN))
    right = client.post(reverse(CODE), {"code": cast.code_now(cast.analyst)})
    assert right["Location"].startswith(reverse(SIGN_IN))
    # A fresh first step is open at once: nobody is locked out.
    cast.sign_in(client, cast.analyst)
    assert client.get(reverse(ACCOUNT)).status_code == 200


def test_twenty_wrong_codes_an_hour_are_enough_for_one_person(client: Client, cast: Cast) -> None:
    for _ in range(4):
        first_step(client, cast, cast.analyst)
        for _ in range(5):
            client.post(reverse(CODE), {"code": "000"})
    first_step(client, cast, cast.analyst)
    refused = client.post(reverse(CODE), {"code": cast.code_now(cast.analyst)})
    assert refused["Location"] == reverse(SIGN_IN) + "?lagi=batas"
    assert "satu jam" in client.get(refused["Location"]).content.decode()
    cast.sign_in(client, cast.second_analyst)  # nobody else is touched
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        cast.sign_in(type(client)(), cast.analyst)


def test_the_second_step_expires_after_five_minutes(client: Client, cast: Cast) -> None:
    first_step(client, cast, cast.analyst)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        response = client.post(reverse(CODE), {"code": cast.code_now(cast.analyst)})
    assert response["Location"].startswith(reverse(SIGN_IN))
    assert sessions.KEY_COOKIE not in client.cookies


def test_a_finished_first_step_cannot_be_used_again(client: Client, cast: Cast) -> None:
    first_step(client, cast, cast.analyst)
    stolen = client.cookies[sessions.PENDING_COOKIE].value
    assert client.post(reverse(CODE), {"code": cast.code_now(cast.analyst)}).status_code == 302
    assert client.cookies[sessions.PENDING_COOKIE].value == ""
    assert bytes(PendingSignIn.objects.get().wrapped) == b""
    thief = type(client)()
    thief.cookies[sessions.PENDING_COOKIE] = stolen
    assert thief.get(reverse(CODE))["Location"].startswith(reverse(SIGN_IN))


def test_a_recovery_code_works_once_however_it_is_typed(client: Client, cast: Cast) -> None:
    codes = new_recovery_codes(cast.analyst)
    assert len(set(codes)) == 10
    typed = f" {codes[3].upper().replace('-', ' ')} "
    first_step(client, cast, cast.analyst)
    assert client.post(reverse(CODE), {"code": typed}).status_code == 302
    assert RecoveryCode.objects.filter(user=cast.analyst, used_at=None).count() == 9
    browser = type(client)()
    first_step(browser, cast, cast.analyst)
    assert browser.post(reverse(CODE), {"code": codes[3]}).status_code == 422
    assert browser.post(reverse(CODE), {"code": codes[4]}).status_code == 302


def test_recovery_codes_are_of_no_use_to_another_person(client: Client, cast: Cast) -> None:
    codes = new_recovery_codes(cast.second_analyst)
    first_step(client, cast, cast.analyst)
    assert client.post(reverse(CODE), {"code": codes[0]}).status_code == 422


def test_signing_in_changes_the_session_id(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    first = client.cookies["s"].value
    cast.sign_in(client, cast.second_analyst)
    assert client.cookies["s"].value != first
    client.cookies["s"] = first
    assert client.get(reverse(ACCOUNT)).status_code == 302


def test_an_idle_session_ends_and_a_used_one_goes_on(client: Client, cast: Cast) -> None:
    start = clock.now()
    cast.sign_in(client, cast.analyst)
    with clock.frozen(start + timedelta(minutes=50)):
        assert client.get(reverse(ACCOUNT)).status_code == 200
    with clock.frozen(start + timedelta(minutes=100)):
        assert client.get(reverse(ACCOUNT)).status_code == 200
    with clock.frozen(start + timedelta(minutes=161)):
        assert client.get(reverse(ACCOUNT)).status_code == 302
    assert client.get(reverse(ACCOUNT)).status_code == 302


def test_a_session_ends_after_twelve_hours_of_work(client: Client, cast: Cast) -> None:
    start = clock.now()
    cast.sign_in(client, cast.analyst)
    for minutes in range(50, 12 * 60, 50):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert client.get(reverse(ACCOUNT)).status_code == 200
    with clock.frozen(start + timedelta(hours=12, minutes=1)):
        assert client.get(reverse(ACCOUNT)).status_code == 302


def test_signing_out_needs_a_post_and_ends_the_session_on_the_server(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).status_code == 302
    assert client.cookies[sessions.KEY_COOKIE].value == ""
    thief = type(client)()
    for name, value in kept.items():
        thief.cookies[name] = value
    assert thief.get(reverse(ACCOUNT)).status_code == 302


def test_the_way_on_stays_on_this_site(client: Client, cast: Cast) -> None:
    for wish, lands in ((reverse(ACCOUNT), True), ("https://example.org/", False), ("//example.org", False)):
        browser = type(client)()
        body = {"username": cast.analyst.username, "passphrase": cast.passphrase_of(cast.analyst), "next": wish}
        browser.post(reverse(SIGN_IN), body)
        type(cast.analyst).objects.update(totp_last_step=0)
        response = browser.post(reverse(CODE), {"code": cast.code_now(cast.analyst), "next": wish})
        assert (response["Location"] == wish) is lands


def test_without_a_second_factor_nothing_opens_before_it_is_enrolled(client: Client, cast: Cast) -> None:
    user = cast.analyst
    user.second_factor_on, user.totp_sealed = False, None
    user.save()
    body = {"username": user.username, "passphrase": cast.passphrase_of(user)}
    assert client.post(reverse(SIGN_IN), body)["Location"] == reverse(ENROL)
    assert client.get(reverse(ACCOUNT)).status_code == 302
    page = client.get(reverse(ENROL)).content.decode()
    assert "data:image/svg+xml" in page
    seed = page.split('<code class="code">')[1].split("<")[0].replace(" ", "")
    assert seed in client.get(reverse(ENROL)).content.decode().replace(" ", "")  # a reload shows the same seed
    assert client.post(reverse(ENROL), {"code": "000000x"}).status_code == 422
    import pyotp

    step = int(clock.now().timestamp()) // 30
    done = client.post(reverse(ENROL), {"code": pyotp.TOTP(seed).generate_otp(step)})
    assert done.status_code == 200
    assert done.content.decode().count("<li><code") == 10
    assert client.get(reverse(ACCOUNT)).status_code == 200
    user.refresh_from_db()
    assert user.second_factor_on
    assert seed.encode() not in bytes(user.totp_sealed)
    # The code that proved the app cannot be replayed.
    again = type(client)()
    first_step(again, cast, user)
    with clock.frozen(clock.now()):
        assert again.post(reverse(CODE), {"code": pyotp.TOTP(seed).generate_otp(step)}).status_code == 422


def test_the_demonstration_may_leave_the_second_factor_off(client: Client, cast: Cast, settings: object) -> None:
    user = cast.analyst
    user.second_factor_on, user.totp_sealed = False, None
    user.save()
    settings.LINDUNG_DEMO = True
    body = {"username": user.username, "passphrase": cast.passphrase_of(user)}
    assert client.post(reverse(SIGN_IN), body).status_code == 302
    assert client.get(reverse(ACCOUNT)).status_code == 200
    settings.LINDUNG_DEMO = False
    assert client.get(reverse(ACCOUNT)).status_code == 302


def test_the_demonstration_still_asks_for_a_second_factor_that_is_on(
    client: Client, cast: Cast, settings: object
) -> None:
    settings.LINDUNG_DEMO = True
    first_step(client, cast, cast.analyst)


def test_a_temporary_passphrase_opens_only_the_choice_of_another(client: Client, cast: Cast) -> None:
    user = cast.analyst
    user.temporary_passphrase = True
    user.save()
    cast.sign_in(client, user)
    assert client.get(reverse(ACCOUNT))["Location"] == reverse("accounts:choose_passphrase")
    assert client.get(reverse("accounts:choose_passphrase")).status_code == 200


def test_cookies_are_for_this_site_and_this_visit_alone(client: Client, cast: Cast, settings: object) -> None:
    settings.LINDUNG_HTTPS = True
    first_step(client, cast, cast.analyst)
    pending = client.cookies[sessions.PENDING_COOKIE]
    assert pending["max-age"] == 300
    client.post(reverse(CODE), {"code": cast.code_now(cast.analyst)})
    key = client.cookies[sessions.KEY_COOKIE]
    assert key["max-age"] == ""
    for cookie in (pending, key):
        assert cookie["samesite"] == "Strict"
    assert key["httponly"]
    assert key["secure"]
