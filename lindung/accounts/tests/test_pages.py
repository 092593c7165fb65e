"""The pages, as the people they are for see them, and as everybody else does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from lindung.accounts import selectors, services
from lindung.accounts.models import GrantRequest, Membership, User
from lindung.vault import services as vault

if TYPE_CHECKING:
    from conftest import Cast

pytestmark = pytest.mark.django_db
NEW = "tiga gajah ungu lari"
CONTENT = {"analyst", "second_analyst", "supervisor", "case_worker", "other_analyst", "independent_analyst", "partner"}
EVERYBODY = {*CONTENT, "data_analyst", "administrator", "auditor"}


def waiting_request(cast: Cast) -> GrantRequest:
    """The analyst has a new key and waits for the team's."""
    services.reset_passphrase(actor=cast.actor(cast.administrator), user=cast.analyst)
    cast.analyst.refresh_from_db()
    services.choose_passphrase(actor=cast.actor(cast.analyst), user=cast.analyst, new=NEW)
    return GrantRequest.objects.get(user=cast.analyst, state="open")


PAGES = {
    "account": EVERYBODY,
    "grants": CONTENT,
    "people": {"administrator"},
    "person_add": {"administrator"},
    "person": {"administrator"},
    "person_deactivate": {"administrator"},
    "person_reset": {"administrator"},
}


def address(name: str, cast: Cast) -> str:
    about = name.startswith("person") and name != "person_add"
    return reverse(f"accounts:{name}", args=[cast.supervisor.pk] if about else [])


@pytest.mark.parametrize("name", sorted(PAGES))
def test_who_sees_which_page(client: Client, cast: Cast, name: str) -> None:
    for role, user in cast.everybody().items():
        browser = type(client)()
        cast.sign_in(browser, user)
        expected = 200 if role in PAGES[name] else 404
        assert browser.get(address(name, cast)).status_code == expected, role
        if expected == 404:
            assert browser.post(address(name, cast), {}).status_code == 404, role


@pytest.mark.parametrize("name", [*sorted(PAGES), "choose_passphrase", "grant_decide"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_led_to_the_sign_in_page(client: Client, cast: Cast, name: str, method: str) -> None:
    path = reverse("accounts:grant_decide", args=[uuid4()]) if name == "grant_decide" else address(name, cast)
    response = getattr(client, method)(path)
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_people_of_another_organisation_do_not_exist_for_an_administrator(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    listed = client.get(reverse("accounts:people")).content.decode()
    assert cast.supervisor.username in listed
    for stranger in (cast.other_analyst, cast.partner, cast.independent_analyst):
        assert stranger.username not in listed
        for name in ("person", "person_deactivate", "person_reset"):
            path = reverse(f"accounts:{name}", args=[stranger.pk])
            assert client.get(path).status_code == 404
            assert client.post(path, {"roles": ""}).status_code == 404
    assert User.objects.get(pk=cast.partner.pk).is_active


def test_an_administrator_adds_somebody_who_then_chooses_everything_else(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    body = {
        "display_name": "Sinta Dewi", "username": "Sinta", "alias": "Kak Sinta", "email": "",
        "roles": [f"{cast.intake.pk}:analyst"],
    }  # fmt: skip
    page = client.post(reverse("accounts:person_add"), body).content.decode()
    temporary = re.findall(r'<code class="code">([a-z0-9-]{24})</code>', page)[0]
    user = User.objects.get(username="sinta")
    assert user.temporary_passphrase
    assert temporary not in client.get(reverse("accounts:people")).content.decode()
    assert not GrantRequest.objects.filter(user=user).exists()

    browser = type(client)()
    first = browser.post(reverse("accounts:sign_in"), {"username": "sinta", "passphrase": temporary})
    assert first["Location"] == reverse("accounts:enrol")
    page = browser.get(reverse("accounts:enrol")).content.decode()
    seed = page.split('<code class="code">')[1].split("<")[0].replace(" ", "")
    import pyotp

    assert browser.post(reverse("accounts:enrol"), {"code": pyotp.TOTP(seed).now()}).status_code == 200
    choose = reverse("accounts:choose_passphrase")
    assert browser.get(reverse("accounts:account"))["Location"] == choose
    assert browser.post(choose, {"new_passphrase": NEW, "again": NEW + "x"}).status_code == 422
    assert browser.post(choose, {"new_passphrase": "pendek", "again": "pendek"}).status_code == 422
    assert browser.post(choose, {"new_passphrase": NEW, "again": NEW}).status_code == 302
    page = browser.get(reverse("accounts:account")).content.decode()
    assert cast.fingerprint(user) in page
    assert GrantRequest.objects.filter(user=user, team=cast.intake, state="open").exists()


def test_roles_that_do_not_go_together_are_explained_and_nothing_is_saved(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    path = reverse("accounts:person", args=[cast.supervisor.pk])
    response = client.post(path, {"roles": [f"{cast.intake.pk}:supervisor", ":auditor"]})
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert set(Membership.objects.filter(user=cast.supervisor).values_list("role", flat=True)) == {"supervisor"}
    assert client.post(path, {"roles": [f"{cast.other_intake.pk}:supervisor"]}).status_code == 422
    assert client.post(path, {"roles": ["kacau"]}).status_code == 422


def test_a_taken_name_is_refused_and_the_form_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    body = {"display_name": "Orang Lain", "username": cast.analyst.username.upper(), "alias": "Kak Lain"}
    response = client.post(reverse("accounts:person_add"), body)
    assert response.status_code == 422
    assert "Orang Lain" in response.content.decode()


def test_administrators_neither_reset_nor_dismiss_nor_promote_themselves(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    me = cast.administrator.pk
    for name in ("person_deactivate", "person_reset", "person"):
        assert client.post(reverse(f"accounts:{name}", args=[me]), {"roles": ":auditor"}).status_code == 404
    assert client.get(reverse("accounts:person", args=[me])).status_code == 200
    assert Membership.objects.get(user=me).role == "administrator"


def test_the_last_administrator_stays(cast: Cast) -> None:
    from lindung.accounts.actors import Actor
    from lindung.core.errors import BadInput

    with pytest.raises(BadInput):
        services.deactivate(actor=Actor.system(), user=cast.administrator)
    cast.administrator.refresh_from_db()
    assert cast.administrator.is_active
    with pytest.raises(BadInput):
        services.set_roles(actor=Actor.system(), user=cast.administrator, roles=[(None, "auditor")])


def test_a_reset_shows_the_temporary_passphrase_once(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    path = reverse("accounts:person_reset", args=[cast.analyst.pk])
    page = client.post(path, {}).content.decode()
    temporary = re.findall(r'<code class="code">([a-z0-9-]{24})</code>', page)[0]
    assert temporary not in client.get(path).content.decode()
    cast.sign_in(type(client)(), cast.analyst, temporary)


def test_a_dismissal_is_asked_first_and_done_on_post(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    path = reverse("accounts:person_deactivate", args=[cast.analyst.pk])
    assert client.get(path).status_code == 200
    assert User.objects.get(pk=cast.analyst.pk).is_active
    assert client.post(path).status_code == 302
    assert not User.objects.get(pk=cast.analyst.pk).is_active
    assert client.post(path).status_code == 404
    page = client.get(reverse("accounts:people")).content.decode()
    assert "lindung key rotate" in page


def test_a_colleague_grants_after_hearing_the_fingerprint(client: Client, cast: Cast) -> None:
    request = waiting_request(cast)
    cast.sign_in(client, cast.supervisor)
    heard, rest = cast.fingerprint(cast.analyst)[:11], cast.fingerprint(cast.analyst)[12:]
    path = reverse("accounts:grant_decide", args=[request.pk])
    for page in (client.get(reverse("accounts:grants")), client.get(path)):
        assert rest in page.content.decode()
        assert heard not in page.content.decode()  # what has to be heard cannot be read off the screen
        assert heard[:5] not in page.content.decode().replace(rest, "")
    assert client.post(path, {"heard": "11111 22222", "decision": "grant"}).status_code == 422
    assert client.post(path, {"heard": heard, "decision": "grant"}).status_code == 302
    assert vault.holds_team_key(team_id=cast.intake.pk, member_key=vault.member_key(holder=cast.analyst.pk))
    assert client.get(path).status_code == 404


def test_a_colleague_refuses(client: Client, cast: Cast) -> None:
    request = waiting_request(cast)
    cast.sign_in(client, cast.supervisor)
    path = reverse("accounts:grant_decide", args=[request.pk])
    assert client.post(path, {"decision": "refuse"}).status_code == 302
    assert GrantRequest.objects.get(pk=request.pk).state == "refused"


def test_whoever_was_refused_may_ask_again_from_the_own_account(client: Client, cast: Cast) -> None:
    request = waiting_request(cast)
    services.refuse_grant(actor=cast.actor(cast.supervisor), request=request)
    cast.sign_in(client, cast.analyst, NEW)
    account = reverse("accounts:account")
    assert str(cast.intake.pk) in client.get(account).content.decode()
    assert client.post(account, {"what": "grant", "team": str(cast.other_intake.pk)}).status_code == 404
    assert client.post(account, {"what": "grant", "team": str(cast.intake.pk)}).status_code == 302
    assert GrantRequest.objects.filter(user=cast.analyst, state="open").count() == 1
    assert client.post(account, {"what": "grant", "team": str(cast.intake.pk)}).status_code == 404


def test_a_request_is_hidden_from_other_teams_and_from_its_owner(client: Client, cast: Cast) -> None:
    request = waiting_request(cast)
    path = reverse("accounts:grant_decide", args=[request.pk])
    for role in EVERYBODY - {"second_analyst", "supervisor", "case_worker"}:
        user, browser = getattr(cast, role), type(client)()
        cast.sign_in(browser, user, NEW if role == "analyst" else "")
        assert browser.get(path).status_code == 404, role
        assert browser.post(path, {"decision": "refuse"}).status_code == 404, role
    assert GrantRequest.objects.get(pk=request.pk).state == "open"


def test_a_changed_passphrase_keeps_this_session_and_ends_the_others(client: Client, cast: Cast) -> None:
    other = type(client)()
    cast.sign_in(client, cast.analyst)
    cast.sign_in(other, cast.analyst)
    account = reverse("accounts:account")
    body = {"what": "passphrase", "old_passphrase": "salah sama sekali", "new_passphrase": NEW, "again": NEW}
    assert client.post(account, body).status_code == 422
    body["old_passphrase"] = cast.passphrase_of(cast.analyst)
    assert client.post(account, body).status_code == 302
    assert client.get(account).status_code == 200
    assert other.get(account).status_code == 302
    cast.sign_in(other, cast.analyst, NEW)


def test_new_recovery_codes_need_the_passphrase(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    account = reverse("accounts:account")
    assert client.post(account, {"what": "codes", "passphrase": "salah sama sekali"}).status_code == 422
    page = client.post(account, {"what": "codes", "passphrase": cast.passphrase_of(cast.analyst)})
    assert page.content.decode().count("<li><code") == 10


def test_a_new_telephone_is_enrolled_after_the_passphrase_alone_did_not_suffice(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.analyst)
    account = reverse("accounts:account")
    assert client.post(account, {"what": "factor", "passphrase": "salah sama sekali"}).status_code == 422
    before = bytes(User.objects.get(pk=cast.analyst.pk).totp_sealed)
    done = client.post(account, {"what": "factor", "passphrase": cast.passphrase_of(cast.analyst)})
    assert done["Location"] == reverse("accounts:enrol")
    page = client.get(reverse("accounts:enrol")).content.decode()
    seed = page.split('<code class="code">')[1].split("<")[0].replace(" ", "")
    import pyotp

    assert client.post(reverse("accounts:enrol"), {"code": pyotp.TOTP(seed).now()}).status_code == 200
    assert bytes(User.objects.get(pk=cast.analyst.pk).totp_sealed) != before


def test_the_language_is_remembered_for_the_next_sign_in(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    response = client.post(reverse("accounts:account"), {"what": "language", "language": "en"})
    assert response["Location"].startswith("/en/")
    browser = type(client)()
    assert cast.sign_in(browser, cast.administrator)["Location"] == "/en/kerja/orang/"
    assert client.post(reverse("accounts:account"), {"what": "language", "language": "xx"}).status_code == 422


def test_whoever_signs_in_on_the_english_page_stays_there(client: Client, cast: Cast) -> None:
    with translation.override("en"):
        assert cast.sign_in(client, cast.administrator)["Location"] == "/en/kerja/orang/"


def test_every_page_reads_in_english_too(client: Client, cast: Cast) -> None:
    cast.sign_in(client, cast.administrator)
    with translation.override("en"):
        for name in ("account", "people", "person_add", "person", "person_deactivate", "person_reset"):
            page = client.get(address(name, cast)).content.decode()
            for indonesian in ("Simpan", "Kembali", "Nama masuk", "Peran"):
                assert indonesian not in page, (name, indonesian)


def test_nothing_typed_by_people_becomes_markup(client: Client, cast: Cast) -> None:
    User.objects.filter(pk=cast.supervisor.pk).update(display_name="<b>Rina</b>\u202e", alias="{{ 7 }}<i>")
    cast.sign_in(client, cast.administrator)
    for name in ("people", "person", "person_reset", "person_deactivate"):
        page = client.get(address(name, cast)).content.decode()
        assert "<b>Rina" not in page
        assert "\u202e" not in page


def test_administrators_see_their_people_and_others_their_team(cast: Cast) -> None:
    def names(user: User) -> set[str]:
        return {p.username.replace("-", "_") for p in selectors.people_visible_to(cast.actor(user))}

    house = {"analyst", "second_analyst", "supervisor", "case_worker", "data_analyst", "administrator", "auditor"}
    assert names(cast.administrator) == house
    assert names(cast.analyst) == {"analyst", "second_analyst", "supervisor", "case_worker"}
    assert names(cast.auditor) == {"auditor"}
    assert names(cast.partner) == {"partner"}
    assert [t.pk for t in selectors.teams_visible_to(cast.actor(cast.analyst))] == [cast.intake.pk]
    assert [t.pk for t in selectors.teams_visible_to(cast.actor(cast.administrator))] == [cast.intake.pk]
    assert not selectors.teams_visible_to(cast.actor(cast.auditor)).exists()


def test_a_person_whom_the_rule_lets_manage_is_a_person_who_is_visible(cast: Cast) -> None:
    from lindung.accounts import rules

    for watcher in cast.everybody().values():
        actor = cast.actor(watcher)
        for user in cast.everybody().values():
            manageable = rules.may_manage_people(actor, user.organisation_id)
            assert (selectors.person(actor, user.pk) is not None) is manageable
            if manageable:
                assert selectors.people_visible_to(actor).filter(pk=user.pk).exists()
