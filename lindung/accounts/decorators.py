"""Who may open a page. A missing session leads to the sign-in page, a missing role to 404."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from lindung.accounts import selectors, sessions
from lindung.accounts.models import User
from lindung.core.errors import NotAllowed, NotFound

View = Callable[..., HttpResponse]


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    target = reverse("accounts:sign_in")
    if request.method == "GET":
        target += "?" + urlencode({"next": request.get_full_path()})
    response = HttpResponseRedirect(target)
    if request.user.is_authenticated:
        sessions.lock(request, response)
    return response


def session_required(view: View) -> View:
    """Like `staff_required`, and also for people whose passphrase is still the temporary one."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not sessions.is_open(request):
            return _sign_in_first(request)
        assert isinstance(request.user, User)
        request.actor = selectors.actor_for(request.user)  # type: ignore[attr-defined]
        try:
            return view(request, *args, **kwargs)
        except (NotAllowed, NotFound):
            raise Http404 from None

    return checked


def staff_required(view: View) -> View:
    """Let only people in who signed in with every step; sets `request.actor`. Others are led to the sign-in page."""

    @session_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        assert isinstance(request.user, User)
        if request.user.temporary_passphrase:
            return HttpResponseRedirect(reverse("accounts:choose_passphrase"))
        return view(request, *args, **kwargs)

    return checked


def role_required(*roles: str) -> Callable[[View], View]:
    """Let only people in who have one of these roles, in whatever team; for everybody else the page does not exist."""

    def decorate(view: View) -> View:
        @staff_required
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not sessions.actor_of(request).has_role(*roles):
                raise Http404
            return view(request, *args, **kwargs)

        return checked

    return decorate
