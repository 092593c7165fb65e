"""Security keys as second factor: set up, used, copied, lost; every answer that proves nothing."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from lindung.accounts import rules, security_keys, selectors, services, sessions
from lindung.accounts import security_key_services as key_services
from lindung.accounts.models import PendingSignIn, RecoveryCode, SecurityKey, User
from lindung.accounts.security_keys import Place
from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, NotAllowed, NotFound
from tests.support.software_key import VERIFIED, SoftwareKey

if TYPE_CHECKING:
    from conftest import Browser, Cast

pytestmark = pytest.mark.django_db
ORIGIN = "http://localhost"
HERE = Place("localhost", ("https://localhost", ORIGIN))
LABEL = "kunci di gantungan"
SIGN_IN, CODE, ENROL, ENROL_KEY, ACCOUNT = (
    f"accounts:{n}" for n in ("sign_in", "second_factor", "enrol", "enrol_key", "account")
)


@pytest.fixture
def browser(client: Browser) -> Browser:
    return at("localhost")


def at(host: str) -> Browser:
    from conftest import Browser

    return Browser(SERVER_NAME=host)


def options_of(page: Any) -> str:
    found = re.search(r'data-options="([^"]+)"', page.content.decode())
    assert found, "the page offers no key"
    return html.unescape(found.group(1))


def add(user: User, key: SoftwareKey, label: str = LABEL, place: Place = HERE) -> tuple[SecurityKey, list[str]]:
    """Put a key on the account, by the service alone."""
    options = security_keys.request_to_make(user, place, b"c" * 32)
    codes = key_services.add_security_key(
        actor=selectors.actor_for(user), user=user, place=place, challenge=b"c" * 32,
        answer=key.make(options, place.origins[-1]), label=label,
    )  # fmt: skip
    return SecurityKey.objects.get(credential_id=key.id), codes


def use(user: User, answer: str, challenge: bytes = b"c" * 32, place: Place = HERE) -> bool:
    return key_services.use_security_key(
        actor=selectors.actor_for(user), user=user, place=place, challenge=challenge, answer=answer
    )


def wish(user: User, challenge: bytes = b"c" * 32) -> str:
    return security_keys.request_to_sign(security_keys.keys_at(user, HERE), HERE, challenge)


def first_step(browser: Client, cast: Cast, user: User) -> None:
    body = {"username": user.username, "passphrase": cast.passphrase_of(user)}
    assert browser.post(reverse(SIGN_IN), body).status_code == 302


def without_app(user: User) -> User:
    User.objects.filter(pk=user.pk).update(totp_sealed=None, second_factor_on=user.security_keys.exists())
    user.refresh_from_db()
    return user


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__contains="security_key").order_by("seq").values_list("kind", flat=True))


# --- signing in -----------------------------------------------------------------------------------------------------


def test_after_the_passphrase_a_touch_of_the_key_opens_the_session(browser: Browser, cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    first_step(browser, cast, cast.analyst)
    page = browser.get(reverse(CODE))
    assert 'name="code"' in page.content.decode()  # whoever has both chooses
    done = browser.post(reverse(CODE), {"answer": key.sign(options_of(page), ORIGIN)})
    assert done.status_code == 302
    assert browser.get(reverse(ACCOUNT)).status_code == 200
    assert browser.session["how"] == "key"
    assert json.loads(Event.objects.filter(kind="accounts.signed_in").get().data)["how"] == "key"
    assert SecurityKey.objects.get().sign_count == key.counter


def test_the_key_alone_opens_nothing_and_nobody_learns_who_has_one(browser: Browser, cast: Cast) -> None:
    add(cast.analyst, SoftwareKey())
    assert browser.get(reverse(CODE))["Location"].startswith(reverse(SIGN_IN))
    body = {"username": cast.analyst.username, "passphrase": "bukan frasa yang benar"}
    assert "data-security-key" not in browser.post(reverse(SIGN_IN), body).content.decode()


def test_whoever_has_both_may_still_type_the_code(browser: Browser, cast: Cast) -> None:
    add(cast.analyst, SoftwareKey())
    first_step(browser, cast, cast.analyst)
    assert browser.post(reverse(CODE), {"code": cast.code_now(cast.analyst)}).status_code == 302
    assert browser.get(reverse(ACCOUNT)).status_code == 200


def test_with_a_key_alone_a_recovery_code_still_helps(browser: Browser, cast: Cast) -> None:
    user = without_app(cast.analyst)
    _row, codes = add(user, SoftwareKey())
    assert len(codes) == 10
    first_step(browser, cast, user)
    page = browser.get(reverse(CODE)).content.decode()
    assert "Satu kode cadangan." in page
    assert browser.post(reverse(CODE), {"code": codes[0]}).status_code == 302
    assert browser.get(reverse(ACCOUNT)).status_code == 200


def test_a_reload_asks_for_the_same_signature_and_a_tried_one_is_never_asked_again(
    browser: Browser, cast: Cast
) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    first_step(browser, cast, cast.analyst)
    first = options_of(browser.get(reverse(CODE)))
    assert options_of(browser.get(reverse(CODE))) == first
    refused = browser.post(reverse(CODE), {"answer": key.sign(first, "https://localhost.example.org")})
    assert refused.status_code == 422
    assert json.loads(options_of(refused))["challenge"] != json.loads(first)["challenge"]


def test_an_answer_works_once(browser: Browser, cast: Cast) -> None:
    key = SoftwareKey(counts=False)
    add(cast.analyst, key)
    first_step(browser, cast, cast.analyst)
    answer = key.sign(options_of(browser.get(reverse(CODE))), ORIGIN)
    stolen = browser.cookies[sessions.PENDING_COOKIE].value
    assert browser.post(reverse(CODE), {"answer": answer}).status_code == 302
    thief = at("localhost")
    thief.cookies[sessions.PENDING_COOKIE] = stolen
    assert thief.post(reverse(CODE), {"answer": answer})["Location"].startswith(reverse(SIGN_IN))
    first_step(thief, cast, cast.analyst)
    thief.get(reverse(CODE))
    assert thief.post(reverse(CODE), {"answer": answer}).status_code == 422
    assert sessions.KEY_COOKIE not in thief.cookies
    assert not SecurityKey.objects.get().distrusted  # a replay does not make an honest key suspect


def test_an_answer_sent_twice_at_once_is_looked_at_once(browser: Browser, cast: Cast) -> None:
    add(cast.analyst, SoftwareKey())
    first_step(browser, cast, cast.analyst)
    browser.get(reverse(CODE))
    request = RequestFactory().get("/")
    request.COOKIES[sessions.PENDING_COOKIE] = browser.cookies[sessions.PENDING_COOKIE].value
    one, other = sessions.pending_of(request), sessions.pending_of(request)
    assert sessions.take_challenge(one) is not None
    assert sessions.take_challenge(other) is None


def test_the_wish_of_one_sign_in_is_of_no_use_in_another(browser: Browser, cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    other = at("localhost")
    for each in (browser, other):
        first_step(each, cast, cast.analyst)
    answer = key.sign(options_of(browser.get(reverse(CODE))), ORIGIN)
    other.get(reverse(CODE))
    assert other.post(reverse(CODE), {"answer": answer}).status_code == 422


def test_the_step_expires_after_five_minutes_for_a_key_as_well(browser: Browser, cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    first_step(browser, cast, cast.analyst)
    answer = key.sign(options_of(browser.get(reverse(CODE))), ORIGIN)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        assert browser.post(reverse(CODE), {"answer": answer})["Location"].startswith(reverse(SIGN_IN))
    assert sessions.KEY_COOKIE not in browser.cookies


def test_five_answers_that_prove_nothing_send_back_to_the_passphrase(browser: Browser, cast: Cast) -> None:
    key, stranger = SoftwareKey(), SoftwareKey()
    add(cast.analyst, key)
    first_step(browser, cast, cast.analyst)
    for _ in range(4):
        page = browser.get(reverse(CODE))
        assert browser.post(reverse(CODE), {"answer": stranger.sign(options_of(page), ORIGIN)}).status_code == 422
    last = browser.post(reverse(CODE), {"answer": stranger.sign(options_of(browser.get(reverse(CODE))), ORIGIN)})
    assert last["Location"].startswith(reverse(SIGN_IN))
    assert kinds().count("accounts.security_key_refused") == 5


def test_wrong_codes_of_a_stranger_do_not_keep_the_owner_of_a_key_out(browser: Browser, cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    for _ in range(4):
        stranger = at("localhost")
        first_step(stranger, cast, cast.analyst)
        for _ in range(5):
            stranger.post(reverse(CODE), {"code": "000"})
    first_step(browser, cast, cast.analyst)
    answer = key.sign(options_of(browser.get(reverse(CODE))), ORIGIN)
    assert browser.post(reverse(CODE), {"answer": answer}).status_code == 302


def test_an_empty_or_huge_answer_is_a_sentence_and_counts_nothing(browser: Browser, cast: Cast) -> None:
    add(cast.analyst, SoftwareKey())
    first_step(browser, cast, cast.analyst)
    for answer in ("", "x" * 20_000):
        page = browser.post(reverse(CODE), {"answer": answer})
        assert page.status_code == 422
        assert 'role="alert"' in page.content.decode()
    assert PendingSignIn.objects.get().attempts == 0


# --- what proves nothing --------------------------------------------------------------------------------------------


def test_only_the_right_address_the_right_wish_and_the_right_key_prove_anything(cast: Cast) -> None:
    key = SoftwareKey(counts=False)
    add(cast.analyst, key)
    ask, stranger = wish(cast.analyst), SoftwareKey()
    stranger.id = key.id
    wrong = {
        "a copied page": key.sign(ask, "https://localhost.example.org"),
        "a copied page that asks for its own name": key.sign(ask, ORIGIN, rp_id="example.org"),
        "another port": key.sign(ask, "http://localhost:8000"),
        "another wish": key.sign(ask, ORIGIN, challenge=b"d" * 32),
        "an answer to being set up": key.sign(ask, ORIGIN, kind="webauthn.create"),
        "somebody who knows the key's name alone": stranger.sign(ask, ORIGIN),
        "a key that nobody set up": SoftwareKey().sign(ask, ORIGIN),
        "nothing": "",
        "a list": "[]",
        "no text": '{"rawId": 7}',
        "depth": "[" * 15_000,
        "half": key.sign(ask, ORIGIN)[:200],
    }
    key.flags = 0
    wrong["a key that nobody touched"] = key.sign(ask, ORIGIN)
    key.flags = 1
    for name, answer in wrong.items():
        assert not use(cast.analyst, answer), name
    assert use(cast.analyst, key.sign(ask, ORIGIN))
    key.flags |= VERIFIED  # a key that asks for its own PIN is welcome as well
    assert use(cast.analyst, key.sign(ask, ORIGIN))
    assert set(kinds()) == {"accounts.security_key_added", "accounts.security_key_refused"}


@given(st.text(max_size=200), st.binary(max_size=200))
def test_no_bytes_of_a_stranger_break_the_reading(text: str, data: bytes) -> None:
    part = security_keys.webauthn.helpers.bytes_to_base64url(data)
    response = {name: part for name in ("clientDataJSON", "attestationObject", "authenticatorData", "signature")}
    whole = json.dumps({"id": part, "rawId": part, "type": "public-key", "response": response})
    row = SecurityKey(credential_id=data, public_key=data, rp_id="localhost")
    for answer in (text, whole):
        security_keys.credential_of(answer)
        assert security_keys.transports_of(answer) == ""
        assert security_keys.proved_new(HERE, b"c" * 32, answer) is None
        assert security_keys.proved_count(row, HERE, b"c" * 32, answer) is None


def test_a_key_of_another_person_opens_nothing(cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.second_analyst, key)
    add(cast.analyst, SoftwareKey())
    assert not use(cast.analyst, key.sign(wish(cast.second_analyst), ORIGIN))
    with pytest.raises(NotAllowed):
        key_services.use_security_key(
            actor=cast.actor(cast.analyst), user=cast.second_analyst, place=HERE, challenge=b"c" * 32, answer="{}"
        )


def test_a_removed_key_opens_nothing(cast: Cast) -> None:
    key = SoftwareKey()
    row, _ = add(cast.analyst, key)
    ask = wish(cast.analyst)
    key_services.remove_security_key(actor=cast.actor(cast.analyst), user=cast.analyst, key_id=row.pk, place=HERE)
    assert not use(cast.analyst, key.sign(ask, ORIGIN))
    assert kinds()[-2:] == ["accounts.security_key_removed", "accounts.security_key_refused"]


def test_a_copied_key_is_found_out_and_neither_of_the_two_opens_anything_afterwards(cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    ask, copied = wish(cast.analyst), key.clone()
    assert use(cast.analyst, copied.sign(ask, ORIGIN))
    assert use(cast.analyst, copied.sign(ask, ORIGIN))
    assert not use(cast.analyst, key.sign(ask, ORIGIN))  # its counter has stayed behind
    assert SecurityKey.objects.get().distrusted
    assert kinds()[-1] == "accounts.security_key_distrusted"
    for each in (copied, key):
        each.counter += 50
        assert not use(cast.analyst, each.sign(ask, ORIGIN))
    assert security_keys.keys_at(cast.analyst, HERE) == []


def test_a_counter_that_falls_back_to_zero_is_not_taken_for_a_key_without_one(cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    key.counter, key.counts = 0, False
    assert not use(cast.analyst, key.sign(wish(cast.analyst), ORIGIN))
    assert SecurityKey.objects.get().distrusted


# --- setting up -----------------------------------------------------------------------------------------------------


def test_the_first_sign_in_offers_both_ways_and_a_key_is_enough(browser: Browser, cast: Cast) -> None:
    user, key = without_app(cast.analyst), SoftwareKey()
    first_step(browser, cast, user)
    page = browser.get(reverse(ENROL)).content.decode()
    assert "data:image/svg+xml" in page
    assert f'href="{reverse(ENROL_KEY)}"' in page
    page = browser.get(reverse(ENROL_KEY))
    assert f'href="{reverse(ENROL)}"' in page.content.decode()
    asked = json.loads(options_of(page))
    assert asked["rp"] == {"name": "Lindung", "id": "localhost"}
    assert asked["attestation"] == "none"
    assert asked["authenticatorSelection"]["residentKey"] == "discouraged"
    assert asked["authenticatorSelection"]["userVerification"] == "discouraged"
    done = browser.post(reverse(ENROL_KEY), {"label": LABEL, "answer": key.make(options_of(page), ORIGIN)})
    assert done.content.decode().count("<li><code") == 10
    page = browser.get(reverse(ACCOUNT)).content.decode()
    assert LABEL in page
    user.refresh_from_db()
    assert user.second_factor_on
    assert user.totp_sealed is None
    again = at("localhost")
    first_step(again, cast, user)
    answer = key.sign(options_of(again.get(reverse(CODE))), ORIGIN)
    assert again.post(reverse(CODE), {"answer": answer}).status_code == 302


def test_a_signed_in_person_adds_a_key_after_the_passphrase_and_keeps_the_recovery_codes(
    browser: Browser, cast: Cast
) -> None:
    from lindung.accounts.second_factor import new_recovery_codes

    new_recovery_codes(cast.analyst)
    before, key = set(RecoveryCode.objects.values_list("pk", flat=True)), SoftwareKey()
    cast.sign_in(browser, cast.analyst)
    wrong = browser.post(reverse(ACCOUNT), {"what": "key", "passphrase": "bukan yang benar"})
    assert wrong.status_code == 422
    assert browser.get(reverse(ENROL_KEY))["Location"].startswith(reverse(SIGN_IN))
    body = {"what": "key", "passphrase": cast.passphrase_of(cast.analyst)}
    assert browser.post(reverse(ACCOUNT), body)["Location"] == reverse(ENROL_KEY)
    page = browser.get(reverse(ENROL_KEY))
    nameless = browser.post(reverse(ENROL_KEY), {"label": " ", "answer": ""})
    assert nameless.status_code == 422
    assert options_of(nameless) == options_of(page)  # nothing was tried yet
    done = browser.post(reverse(ENROL_KEY), {"label": LABEL, "answer": key.make(options_of(page), ORIGIN)})
    assert done["Location"].startswith(reverse(ACCOUNT))
    assert LABEL in browser.get(done["Location"]).content.decode()
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == before
    row = SecurityKey.objects.get()
    assert row.transports == "nfc,usb"  # what the standard does not know is left out
    # The page that set it up is used up.
    assert browser.get(reverse(ENROL_KEY))["Location"].startswith(reverse(SIGN_IN))


def test_an_answer_of_a_copied_page_sets_nothing_up_and_the_right_one_does_after_it(
    browser: Browser, cast: Cast
) -> None:
    user, key = without_app(cast.analyst), SoftwareKey()
    first_step(browser, cast, user)
    for origin, rp_id in (("https://localhost.example.org", ""), (ORIGIN, "example.org")):
        options = options_of(browser.get(reverse(ENROL_KEY)))
        answer = key.make(options, origin, rp_id=rp_id)
        assert browser.post(reverse(ENROL_KEY), {"label": LABEL, "answer": answer}).status_code == 422
    stale = key.make(options, ORIGIN)
    assert browser.post(reverse(ENROL_KEY), {"label": LABEL, "answer": stale}).status_code == 422
    assert not SecurityKey.objects.exists()
    fresh = key.make(options_of(browser.get(reverse(ENROL_KEY))), ORIGIN)
    assert browser.post(reverse(ENROL_KEY), {"label": LABEL, "answer": fresh}).status_code == 200


def test_with_the_passphrase_alone_nobody_adds_a_key_beside_a_factor_that_is_on(browser: Browser, cast: Cast) -> None:
    first_step(browser, cast, cast.analyst)
    assert browser.get(reverse(ENROL_KEY))["Location"].startswith(reverse(SIGN_IN))
    answer = {"label": LABEL, "answer": "{}"}
    assert browser.post(reverse(ENROL_KEY), answer)["Location"].startswith(reverse(SIGN_IN))


def test_one_key_is_set_up_once_whoever_tries(cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    with pytest.raises(BadInput):
        add(cast.second_analyst, key)
    with pytest.raises(NotAllowed):
        key_services.add_security_key(
            actor=cast.actor(cast.analyst), user=cast.second_analyst, place=HERE, challenge=b"c" * 32, answer="{}",
            label=LABEL,
        )  # fmt: skip
    assert SecurityKey.objects.count() == 1


def test_ten_keys_are_enough(cast: Cast) -> None:
    for _ in range(security_keys.MOST):
        add(cast.analyst, SoftwareKey())
    with pytest.raises(BadInput):
        add(cast.analyst, SoftwareKey())
    assert SecurityKey.objects.count() == security_keys.MOST


def test_the_name_of_a_key_stands_nowhere_in_the_database(cast: Cast) -> None:
    row, _ = add(cast.analyst, SoftwareKey(), label="laci ruang mawar")
    assert security_keys.label_of(row) == "laci ruang mawar"
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_securitykey")
        found = b"".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in cursor.fetchone())
    assert b"mawar" not in found


# --- removing -------------------------------------------------------------------------------------------------------


def test_a_key_is_removed_with_the_passphrase_and_the_last_factor_never(browser: Browser, cast: Cast) -> None:
    row, _ = add(cast.analyst, SoftwareKey(), label="satu")
    other, _ = add(cast.analyst, SoftwareKey(), label="dua")
    cast.sign_in(browser, cast.analyst)
    body = {"what": "key_remove", "key": str(row.pk), "passphrase": "bukan yang benar"}
    assert browser.post(reverse(ACCOUNT), body).status_code == 422
    body["passphrase"] = cast.passphrase_of(cast.analyst)
    assert browser.post(reverse(ACCOUNT), body).status_code == 302
    assert browser.post(reverse(ACCOUNT), body).status_code == 404
    User.objects.filter(pk=cast.analyst.pk).update(totp_sealed=None)
    last = browser.post(reverse(ACCOUNT), {**body, "key": str(other.pk)})
    assert last.status_code == 422
    assert "terakhir" in last.content.decode()
    assert list(SecurityKey.objects.values_list("pk", flat=True)) == [other.pk]


def test_a_suspect_key_and_a_key_of_another_address_do_not_count_as_a_factor(cast: Cast) -> None:
    user = cast.analyst
    good, _ = add(user, SoftwareKey())
    without_app(user)
    add(user, SoftwareKey(), place=Place("lapor.example.id", ("https://lapor.example.id",)))
    suspect, _ = add(user, SoftwareKey())
    SecurityKey.objects.filter(pk=suspect.pk).update(distrusted=True)
    actor = cast.actor(user)
    with pytest.raises(BadInput):
        key_services.remove_security_key(actor=actor, user=user, key_id=good.pk, place=HERE)
    key_services.remove_security_key(actor=actor, user=user, key_id=suspect.pk, place=HERE)
    assert SecurityKey.objects.count() == 2


def test_whoever_has_a_key_may_take_the_app_away_and_nobody_else(browser: Browser, cast: Cast) -> None:
    user, key = cast.analyst, SoftwareKey()
    cast.sign_in(browser, user)
    body = {"what": "factor_remove", "passphrase": cast.passphrase_of(user)}
    assert browser.post(reverse(ACCOUNT), body).status_code == 422
    add(user, key, place=Place("lapor.example.id", ("https://lapor.example.id",)))
    assert "factor_remove" not in browser.get(reverse(ACCOUNT)).content.decode()
    assert browser.post(reverse(ACCOUNT), body).status_code == 422
    key = SoftwareKey()
    add(user, key)
    assert "factor_remove" in browser.get(reverse(ACCOUNT)).content.decode()
    assert browser.post(reverse(ACCOUNT), {**body, "passphrase": "bukan yang benar"}).status_code == 422
    code = cast.code_now(user, 1)
    assert browser.post(reverse(ACCOUNT), body).status_code == 302
    assert browser.post(reverse(ACCOUNT), body).status_code == 404
    assert Event.objects.filter(kind="accounts.factor_removed").count() == 1
    again = at("localhost")
    first_step(again, cast, user)
    assert again.post(reverse(CODE), {"code": code}).status_code == 422
    answer = key.sign(options_of(again.get(reverse(CODE))), ORIGIN)
    assert again.post(reverse(CODE), {"answer": answer}).status_code == 302
    with pytest.raises(NotAllowed):
        key_services.remove_app(actor=cast.actor(user), user=cast.second_analyst, place=HERE)


def test_nobody_removes_the_key_of_another(browser: Browser, cast: Cast) -> None:
    row, _ = add(cast.second_analyst, SoftwareKey())
    cast.sign_in(browser, cast.analyst)
    body = {"what": "key_remove", "key": str(row.pk), "passphrase": cast.passphrase_of(cast.analyst)}
    assert browser.post(reverse(ACCOUNT), body).status_code == 404
    for actor, user, error in (
        (cast.analyst, cast.second_analyst, NotAllowed),
        (cast.administrator, cast.second_analyst, NotAllowed),
        (cast.analyst, cast.analyst, NotFound),
    ):
        with pytest.raises(error):
            key_services.remove_security_key(actor=cast.actor(actor), user=user, key_id=row.pk, place=HERE)
    assert SecurityKey.objects.count() == 1


def test_a_reset_removes_keys_only_with_the_second_factor(cast: Cast) -> None:
    add(cast.analyst, SoftwareKey())
    admin = cast.actor(cast.administrator)
    services.reset_passphrase(actor=admin, user=cast.analyst)
    assert SecurityKey.objects.count() == 1
    services.reset_passphrase(actor=admin, user=cast.analyst, remove_second_factor=True)
    assert SecurityKey.objects.count() == 0
    cast.analyst.refresh_from_db()
    assert not cast.analyst.second_factor_on


def test_the_rule_about_the_last_factor() -> None:
    assert rules.keeps_a_factor(has_app=True, other_keys=0)
    assert rules.keeps_a_factor(has_app=False, other_keys=1)
    assert not rules.keeps_a_factor(has_app=False, other_keys=0)


# --- the address ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "secure", "place"),
    [
        ("localhost:8000", False, Place("localhost", ("https://localhost:8000", "http://localhost:8000"))),
        ("lapor.example.id", True, Place("lapor.example.id", ("https://lapor.example.id",))),
        ("Lapor.Example.ID:8443", True, Place("lapor.example.id", ("https://lapor.example.id:8443",))),
        ("lapor.example.id", False, None),
        ("127.0.0.1:8000", False, None),
        ("127.0.0.1", True, None),
        ("[::1]:8000", True, None),
    ],
)
def test_where_a_browser_offers_keys(host: str, secure: bool, place: Place | None) -> None:
    request = RequestFactory().get("/", HTTP_HOST=host, secure=secure)
    assert security_keys.place_of(request) == place


def test_behind_the_proxy_the_origin_is_the_one_that_the_browser_shows(
    browser: Browser, cast: Cast, settings: Any
) -> None:
    settings.LINDUNG_HTTPS = True
    place, key = Place("lapor.example.id", ("https://lapor.example.id",)), SoftwareKey()
    add(cast.analyst, key, place=place)
    proxied = at("lapor.example.id")  # the proxy speaks plain HTTP to us
    first_step(proxied, cast, cast.analyst)
    options = options_of(proxied.get(reverse(CODE)))
    assert proxied.post(reverse(CODE), {"answer": key.sign(options, "http://lapor.example.id")}).status_code == 422
    options = options_of(proxied.get(reverse(CODE)))
    assert proxied.post(reverse(CODE), {"answer": key.sign(options, place.origins[0])}).status_code == 302


def test_where_no_browser_offers_keys_the_page_says_why_and_the_code_is_there(cast: Cast) -> None:
    key = SoftwareKey()
    add(cast.analyst, key)
    bare = at("127.0.0.1")
    first_step(bare, cast, cast.analyst)
    page = bare.get(reverse(CODE)).content.decode()
    assert "data-security-key" not in page
    assert "tidak berlaku di alamat ini" in page
    answer = key.sign(wish(cast.analyst), ORIGIN)
    assert bare.post(reverse(CODE), {"answer": answer}).status_code == 422
    assert bare.post(reverse(CODE), {"code": cast.code_now(cast.analyst)}).status_code == 302
    page = bare.get(reverse(ACCOUNT)).content.decode()
    assert "127.0.0.1 tidak bisa" in page
    assert "Hanya berlaku di localhost" in page
    body = {"what": "key", "passphrase": cast.passphrase_of(cast.analyst)}
    assert bare.post(reverse(ACCOUNT), body).status_code == 302
    assert "127.0.0.1 tidak bisa" in bare.get(reverse(ENROL_KEY)).content.decode()
    answer = {"label": LABEL, "answer": "{}"}
    assert bare.post(reverse(ENROL_KEY), answer).status_code == 422
