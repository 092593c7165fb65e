"""Machines of partners: the tokens that an administrator's network gave out, a new one, and the end of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from lindung.accounts.rules import ADMINISTRATOR
from lindung.core.errors import BadInput, NotFound
from lindung.partners import selectors, services
from lindung.partners.models import PartnerToken, Purpose, Scope
from lindung.workspace.doors import actor_of, staff_page
from lindung.workspace.forms_partners import TokenForm

DONE: dict[str, str | Promise] = {"revoked": _("Token dicabut. Mulai sekarang tidak bisa dipakai lagi.")}


@staff_page(ADMINISTRATOR)
def tokens(request: HttpRequest) -> HttpResponse:
    """Every token of the person's network, those that work first."""
    return _page(request, _form(request))


@staff_page(ADMINISTRATOR)
@sensitive_variables()
def add(request: HttpRequest) -> HttpResponse:
    """Make one. Its text is shown on the answer to this form and never again."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("workspace:partner_tokens"))
    form = _form(request, request.POST)
    if form.issuer is None:
        raise NotFound
    if form.is_valid():
        data = form.cleaned_data
        try:
            token, text = services.create_token(
                actor=actor_of(request),
                issuer=form.issuer,
                organisation=data["organisation"],
                name=data["label"],
                purpose=data["purpose"],
                scopes=data["scopes"],
                expires_on=data["expires_on"],
                daily_limit=data["daily_limit"],
                sandbox=data["sandbox"],
            )
        except BadInput as error:
            form.problem({"name": "label"}.get(error.field, error.field), error.message)
        else:
            return render(request, "workspace/partners/created.html", {"row": _row(token), "text": text})
    return _page(request, form, status=422)


@staff_page(ADMINISTRATOR)
def revoke(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End one at once."""
    if not selectors.tokens_visible_to(actor_of(request)).filter(pk=token_id).exists():
        raise NotFound
    if request.method == "POST":
        services.revoke_token(actor_of(request), token_id)
        return HttpResponseRedirect(reverse("workspace:partner_tokens") + "?ok=revoked")
    return HttpResponseRedirect(reverse("workspace:partner_tokens"))


def _form(request: HttpRequest, data: Any = None) -> TokenForm:
    return TokenForm(data, issuers=selectors.issuers_for(actor_of(request)))


def _row(token: PartnerToken) -> dict[str, Any]:
    day = selectors.today()
    return {
        "token": token,
        "purpose": Purpose(token.purpose).label,
        "scopes": [Scope(scope).label for scope in Scope.values if scope in token.scope_set],
        "over": token.revoked_at is None and token.expires_on < day,
        "soon": 0 <= (token.expires_on - day).days <= 30,
    }


def _page(request: HttpRequest, form: TokenForm, status: int = 200) -> HttpResponse:
    context = {
        "rows": [_row(token) for token in selectors.tokens_visible_to(actor_of(request))],
        "form": form if form.issuer is not None else None,
        "done_text": DONE.get(request.GET.get("ok", "")),
    }
    return render(request, "workspace/partners/tokens.html", context, status=status)
