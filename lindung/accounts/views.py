"""Pages of sign-in and of the own account. Plain forms; only a security key needs a script, and a code never does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import update_session_auth_hash
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from lindung.accounts import backends, forms, rules, security_keys, selectors, services, sessions
from lindung.accounts import second_factor as factor
from lindung.accounts import security_key_services as key_services
from lindung.accounts.actors import Actor
from lindung.accounts.decorators import session_required, staff_required
from lindung.accounts.models import SecurityKey, User
from lindung.accounts.sessions import Pending
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.vault import primitives
from lindung.vault import services as vault

hidden = sensitive_post_parameters()
page = require_http_methods(["GET", "HEAD", "POST"])


def landing(actor: Actor, language: str) -> str:
    """Return where a person's day begins: the inbox, or for administrators the people."""
    name = "workspace:inbox" if not actor.has_role(*rules.SEPARATE_ROLES) else "accounts:account"
    if actor.has_role(rules.ADMINISTRATOR):
        name = "accounts:people"
    with override(language):
        try:
            return reverse(name)
        except NoReverseMatch:
            return reverse("accounts:account")


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else ""


def _onward(request: HttpRequest, user: User) -> HttpResponse:
    return HttpResponseRedirect(_target(request, user))


def _target(request: HttpRequest, user: User) -> str:
    # Whoever signs in on the English page stays in English; on the other the person's own choice decides.
    language = "en" if get_language() == "en" else user.language
    return _next(request) or landing(selectors.actor_for(user), language)


def _step(name: str, request: HttpRequest) -> HttpResponse:
    target, onward = reverse(name), _next(request)
    if onward:
        target += "?" + urlencode({"next": onward})
    return HttpResponseRedirect(target)


def _show(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"accounts/{template}.html", {"next": _next(request), **context}, status=status)


@hidden
@page
@sensitive_variables()
def sign_in(request: HttpRequest) -> HttpResponse:
    """First step: name and passphrase. The answer to a wrong pair is the same whoever exists."""
    if request.method != "POST":
        if sessions.is_open(request):
            assert isinstance(request.user, User)
            return _onward(request, request.user)
        return _show(request, "sign_in", form=forms.SignInForm(), again=request.GET.get("lagi", ""))
    form = forms.SignInForm(request.POST)
    if not form.is_valid():
        return _show(request, "sign_in", 422, form=form)
    found = backends.check(form.cleaned_data["username"], form.cleaned_data["passphrase"], backends.source_of(request))
    if found is None:
        form.add_error(None, _("Nama masuk atau frasa sandi tidak cocok."))
        return _show(request, "sign_in", 422, form=form)
    user, keyring = found
    if not user.second_factor_on and factor.may_be_off():
        response = _onward(request, user)
        sessions.open_session(request, response, user, keyring, "demo")
        return response
    name = "accounts:second_factor" if user.second_factor_on else "accounts:enrol"
    response = _step(name, request)
    sessions.start_pending(response, user, keyring, may_enrol=not user.second_factor_on)
    return response


def _start_again(why: str = "1") -> HttpResponse:
    response = HttpResponseRedirect(reverse("accounts:sign_in") + f"?lagi={why}")
    response.delete_cookie(sessions.PENDING_COOKIE, path="/", samesite="Strict")
    return response


@hidden
@page
@sensitive_variables()
def second_factor(request: HttpRequest) -> HttpResponse:
    """Second step: a security key, a code of the app, or a recovery code; whatever the person has is offered."""
    pending = sessions.pending_of(request)
    if pending is None or pending.row.may_enrol or not pending.user.second_factor_on:
        return _start_again()
    if request.method != "POST":
        return _second_page(request, pending)
    return _by_key(request, pending) if "answer" in request.POST else _by_code(request, pending)


def _second_page(request: HttpRequest, pending: Pending, status: int = 200, **bound: Any) -> HttpResponse:
    user, place = pending.user, security_keys.place_of(request)
    keys = security_keys.keys_at(user, place)
    options = security_keys.request_to_sign(keys, place, sessions.challenge_of(pending)) if place and keys else ""
    return _show(
        request,
        "second_factor",
        status,
        **{
            "form": forms.CodeForm(has_app=bool(user.totp_sealed)),
            "key_form": forms.KeyAnswerForm(),
            "options": options,
            "key_elsewhere": not keys and user.security_keys.exists(),
            **bound,
        },
    )


def _by_key(request: HttpRequest, pending: Pending) -> HttpResponse:
    form, place = forms.KeyAnswerForm(request.POST), security_keys.place_of(request)
    # Codes can be guessed and have a limit an hour; a signature cannot, so whoever holds the key is not kept waiting.
    if not form.is_valid() or place is None:
        return _second_page(request, pending, 422, key_form=form)
    challenge = sessions.take_challenge(pending) if sessions.claim_attempt(pending) else None
    user = pending.user
    good = challenge is not None and key_services.use_security_key(
        actor=selectors.actor_for(user),
        user=user,
        place=place,
        challenge=challenge,
        answer=form.cleaned_data["answer"],
    )
    if not good:
        if sessions.pending_of(request) is None:
            return _start_again()
        form.add_error(None, _("Kunci ini tidak dikenal untuk akunmu, atau jawabannya sudah dipakai. Coba lagi."))
        return _second_page(request, pending, 422, key_form=form)
    if not sessions.finish_pending(pending):
        return _start_again()
    response = _onward(request, user)
    sessions.open_session(request, response, user, pending.keyring, "key")
    return response


def _by_code(request: HttpRequest, pending: Pending) -> HttpResponse:
    form = forms.CodeForm(request.POST, has_app=bool(pending.user.totp_sealed))
    if not form.is_valid():
        return _second_page(request, pending, 422, form=form)
    if sessions.too_many_codes(pending.user):
        return _start_again("batas")
    if not sessions.claim_attempt(pending):
        return _start_again()
    user, code = pending.user, form.cleaned_data["code"]
    how = "totp" if factor.use_code(user, code) else ""
    if not how and factor.use_recovery_code(user, code):
        how = "recovery"
    if not how:
        sessions.record_refused_code(user)
        if sessions.pending_of(request) is None:
            return _start_again()
        form.add_error("code", _("Kode ini tidak cocok atau sudah dipakai. Tunggu kode yang baru."))
        return _second_page(request, pending, 422, form=form)
    if not sessions.finish_pending(pending):
        return _start_again()
    response = _onward(request, user)
    sessions.open_session(request, response, user, pending.keyring, how)
    return response


@hidden
@page
@sensitive_variables()
def enrol(request: HttpRequest) -> HttpResponse:
    """Switch the second factor on, before anything else. Its seed waits sealed under the short-lived cookie's key."""
    pending = sessions.pending_of(request)
    if pending is None or not pending.row.may_enrol:
        return _start_again()
    user, aad = pending.user, primitives.context("accounts/seed", pending.row.pk.bytes)
    if pending.row.seed_wrapped:
        seed = primitives.aead_open(pending.key, bytes(pending.row.seed_wrapped), aad).decode()
    else:
        seed = factor.new_seed()
        pending.row.seed_wrapped = primitives.aead_seal(pending.key, seed.encode(), aad)
        pending.row.save(update_fields=["seed_wrapped"])
    shown: dict[str, Any] = {
        "place": security_keys.place_of(request),
        "picture": factor.picture(factor.address(user, seed)),
        "seed": " ".join(seed[i : i + 4] for i in range(0, len(seed), 4)),
    }
    if request.method != "POST":
        return _show(request, "enrol", form=forms.EnrolForm(), **shown)
    form = forms.EnrolForm(request.POST)
    if not form.is_valid():
        return _show(request, "enrol", 422, form=form, **shown)
    try:
        with transaction.atomic():
            if not sessions.finish_pending(pending):
                return _start_again()
            codes = services.enrol_second_factor(
                actor=selectors.actor_for(user), user=user, seed=seed, code=form.cleaned_data["code"]
            )
    except BadInput as error:
        form.add(error)
        return _show(request, "enrol", 422, form=form, **shown)
    return _enrolled(request, pending, codes)


def _enrolled(request: HttpRequest, pending: Pending, codes: list[str]) -> HttpResponse:
    """Open the session after a second factor was set up, and show the recovery codes once."""
    onward = _target(request, pending.user)
    # The page is drawn after the session is open, so that its menu and its form token are the new session's.
    carrier = HttpResponse()
    sessions.open_session(request, carrier, pending.user, pending.keyring, "enrolled")
    response = _show(request, "codes", codes=codes, onward=onward) if codes else _saved()
    response.cookies.update(carrier.cookies)
    return response


@hidden
@page
@sensitive_variables()
def enrol_key(request: HttpRequest) -> HttpResponse:
    """Set a security key up: as the first second factor, or beside what is there. The challenge waits like the seed."""
    pending = sessions.pending_of(request)
    if pending is None or not pending.row.may_enrol:
        return _start_again()
    place = security_keys.place_of(request)
    form = forms.NewKeyForm(request.POST if request.method == "POST" else None)
    if place is not None and form.is_valid():
        try:
            codes = _take_key_in(pending, place, form.cleaned_data)
        except BadInput as error:
            form.add(error)
        else:
            return _start_again() if codes is None else _enrolled(request, pending, codes)
    options = security_keys.request_to_make(pending.user, place, sessions.challenge_of(pending)) if place else ""
    return _show(request, "enrol_key", 422 if form.is_bound else 200, form=form, place=place, options=options)


def _take_key_in(pending: Pending, place: security_keys.Place, data: dict[str, Any]) -> list[str] | None:
    """Add the key and end the waiting sign-in, together; None when that sign-in is over. Raises BadInput."""
    challenge = sessions.take_challenge(pending)
    if challenge is None:
        raise BadInput("answer", _("Halaman ini sudah terpakai. Coba lagi."))
    with transaction.atomic():
        if not sessions.finish_pending(pending):
            return None
        return key_services.add_security_key(
            actor=selectors.actor_for(pending.user),
            user=pending.user,
            place=place,
            challenge=challenge,
            answer=data["answer"],
            label=data["label"],
        )


@hidden
@session_required
@page
@sensitive_variables()
def choose_passphrase(request: HttpRequest) -> HttpResponse:
    """Replace the temporary passphrase before anything else."""
    user, actor = request.user, sessions.actor_of(request)
    assert isinstance(user, User)
    if not user.temporary_passphrase:
        return _onward(request, user)
    form = forms.ChoosePassphraseForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            keyring = services.choose_passphrase(
                actor=actor,
                user=user,
                new=form.cleaned_data["new_passphrase"],
                source=backends.source_of(request),
            )
        except BadInput as error:
            form.add(error)
        except Conflict as error:  # a double click: the first one has done it
            form.add_error(None, str(error.message))
        else:
            response = _onward(request, user)
            update_session_auth_hash(request, user)
            sessions.store_keyring(request, response, keyring)
            return response
    return _show(request, "choose_passphrase", 422 if form.is_bound else 200, form=form)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Close the session and forget its key."""
    response = HttpResponseRedirect(reverse("accounts:sign_in"))
    sessions.lock(request, response)
    return response


@hidden
@staff_required
@page
@sensitive_variables()
def account(request: HttpRequest) -> HttpResponse:
    """The person's own page: fingerprint, passphrase, recovery codes, second factors, language."""
    user = request.user
    assert isinstance(user, User)
    handlers: dict[str, Callable[[HttpRequest, User], HttpResponse]] = {
        "passphrase": _change_passphrase,
        "codes": _new_codes,
        "factor": partial(_add_factor, kind="factor", onward="accounts:enrol"),
        "key": partial(_add_factor, kind="key", onward="accounts:enrol_key"),
        "key_remove": _remove_key,
        "factor_remove": _remove_app,
        "language": _language,
        "grant": _ask_for_key,
    }
    handler = handlers.get(request.POST.get("what", "")) if request.method == "POST" else None
    if handler is not None:
        return handler(request, user)
    return _account_page(request, user)


def _account_page(request: HttpRequest, user: User, status: int = 200, **bound: Any) -> HttpResponse:
    key = vault.member_key(holder=user.pk)
    return _show(
        request,
        "account",
        status,
        **{
            "fingerprint": key.fingerprint if key else "",
            "codes_left": factor.codes_left(user),
            "person": user,
            "waiting": user.grant_requests.filter(state="open").select_related("team"),
            "keyless": selectors.teams_without_key(user),
            "passphrase_form": forms.ChangePassphraseForm(auto_id="id_change_%s"),
            "codes_form": forms.ConfirmForm(auto_id="id_codes_%s"),
            "factor_form": forms.ConfirmForm(auto_id="id_factor_%s"),
            "app_form": forms.ConfirmForm(auto_id="id_app_%s"),
            "app_may_go": bool(user.totp_sealed and security_keys.keys_at(user, security_keys.place_of(request))),
            "key_form": forms.ConfirmForm(auto_id="id_key_%s"),
            "keys": _keys_shown(request, user, bound.pop("removal", None)),
            "key_place": security_keys.place_of(request),
            "language_form": forms.LanguageForm(initial={"language": user.language}, auto_id="id_lang_%s"),
            "saved": request.GET.get("disimpan") == "1",
            **bound,
        },
    )


def _saved(language: str | None = None) -> HttpResponse:
    with override(language or get_language()):
        return HttpResponseRedirect(reverse("accounts:account") + "?disimpan=1")


def _change_passphrase(request: HttpRequest, user: User) -> HttpResponse:
    form = forms.ChangePassphraseForm(request.POST, auto_id="id_change_%s")
    if form.is_valid():
        try:
            services.change_passphrase(
                actor=sessions.actor_of(request),
                user=user,
                old=form.cleaned_data["old_passphrase"],
                new=form.cleaned_data["new_passphrase"],
                source=backends.source_of(request),
            )
        except BadInput as error:
            form.add(error)
        except Conflict as error:
            form.add_error(None, str(error.message))
        else:
            response, keyring = _saved(), sessions.keyring_of(request)
            update_session_auth_hash(request, user)  # ends every other session of this person
            if keyring is not None:
                sessions.store_keyring(request, response, keyring)
            return response
    return _account_page(request, user, 422, passphrase_form=form)


def _confirmed(request: HttpRequest, user: User, form: forms.ConfirmForm) -> bool:
    if not form.is_valid():
        return False
    try:
        services.confirm_passphrase(
            actor=sessions.actor_of(request),
            user=user,
            passphrase=form.cleaned_data["passphrase"],
            source=backends.source_of(request),
        )
    except BadInput as error:
        form.add(error)
        return False
    return True


def _new_codes(request: HttpRequest, user: User) -> HttpResponse:
    form = forms.ConfirmForm(request.POST, auto_id="id_codes_%s")
    if not user.second_factor_on or not _confirmed(request, user, form):
        return _account_page(request, user, 422, codes_form=form)
    codes = services.make_recovery_codes(actor=sessions.actor_of(request), user=user)
    return _show(request, "codes", codes=codes, onward=reverse("accounts:account"))


def _add_factor(request: HttpRequest, user: User, kind: str, onward: str) -> HttpResponse:
    form = forms.ConfirmForm(request.POST, auto_id=f"id_{kind}_%s")
    keyring = sessions.keyring_of(request)
    if keyring is None or not _confirmed(request, user, form):
        return _account_page(request, user, 422, **{f"{kind}_form": form})
    response = HttpResponseRedirect(reverse(onward))
    sessions.start_pending(response, user, keyring, may_enrol=True)
    return response


def _remove_key(request: HttpRequest, user: User) -> HttpResponse:
    key = next((k for k in user.security_keys.all() if str(k.pk) == request.POST.get("key")), None)
    if key is None:
        raise NotFound
    form = _removal_form(key, request.POST)
    if _confirmed(request, user, form):
        try:
            key_services.remove_security_key(
                actor=sessions.actor_of(request), user=user, key_id=key.pk, place=security_keys.place_of(request)
            )
            return _saved()
        except BadInput as error:
            form.add(error)
    return _account_page(request, user, 422, removal=(key.pk, form))


def _remove_app(request: HttpRequest, user: User) -> HttpResponse:
    form = forms.ConfirmForm(request.POST, auto_id="id_app_%s")
    if _confirmed(request, user, form):
        place, actor = security_keys.place_of(request), sessions.actor_of(request)
        try:
            key_services.remove_app(actor=actor, user=user, place=place)
            return _saved()
        except BadInput as error:
            form.add(error)
    return _account_page(request, user, 422, app_form=form)


def _removal_form(key: SecurityKey, data: QueryDict | None = None) -> forms.ConfirmForm:
    return forms.ConfirmForm(data, auto_id=f"id_remove_{key.pk.hex}_%s")


def _keys_shown(
    request: HttpRequest, user: User, removal: tuple[UUID, forms.ConfirmForm] | None
) -> list[dict[str, Any]]:
    """Return the person's keys for the page, each with the form that takes it away."""
    place = security_keys.place_of(request)
    key_id, bound = removal or (None, None)
    return [
        {
            "key": key,
            "label": security_keys.label_of(key),
            "elsewhere": place is None or key.rp_id != place.rp_id,
            "form": bound if key.pk == key_id else _removal_form(key),
        }
        for key in user.security_keys.order_by("created_at", "pk")
    ]


def _ask_for_key(request: HttpRequest, user: User) -> HttpResponse:
    team = next((t for t in selectors.teams_without_key(user) if str(t.pk) == request.POST.get("team")), None)
    if team is None:
        raise Http404
    services.request_grant(actor=sessions.actor_of(request), user=user, team=team)
    return _saved()


def _language(request: HttpRequest, user: User) -> HttpResponse:
    form = forms.LanguageForm(request.POST, auto_id="id_lang_%s")
    if not form.is_valid():
        return _account_page(request, user, 422, language_form=form)
    language = form.cleaned_data["language"]
    services.set_language(actor=sessions.actor_of(request), user=user, language=language)
    return _saved(language)
