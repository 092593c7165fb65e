"""The one place where expected failures become pages, and where a page that somebody may not know of disappears."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from lindung.accounts import sessions
from lindung.accounts.actors import Actor
from lindung.accounts.decorators import staff_required
from lindung.core import errors
from lindung.vault.services import Keyring

View = Callable[..., HttpResponse]


def staff_page(*roles: str) -> Callable[[View], View]:
    """Let signed-in people in who have one of these roles (anybody who is signed in, when none is named).

    Whoever has no such role gets 404. NotAllowed and NotFound become 404, Locked leads to the sign-in page, and
    Conflict (409), BadInput (422), SealBroken (500) and Unavailable (503) a page that keeps what was typed.
    """

    def decorate(view: View) -> View:
        @staff_required
        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if roles and not actor_of(request).has_role(*roles):
                raise Http404
            try:
                return view(request, *args, **kwargs)
            except (errors.NotAllowed, errors.NotFound):
                raise Http404 from None
            except errors.Locked:
                return locked(request)
            except errors.LindungError as error:
                return failure(request, error)

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST" and _words(request) and not sessions.is_open(request):
                return _signed_out_while_writing(request)
            return inside(request, *args, **kwargs)

        return checked

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """Who is acting in this request."""
    return sessions.actor_of(request)


def keyring_of(request: HttpRequest) -> Keyring:
    """The open keys of this person; raises Locked when the session holds none for this browser."""
    keyring = sessions.keyring_of(request)
    if keyring is None:
        raise errors.Locked
    return keyring


def locked(request: HttpRequest) -> HttpResponse:
    """Close the session and lead to the sign-in page."""
    response = HttpResponseRedirect(reverse("accounts:sign_in"))
    sessions.lock(request, response)
    return response


def _words(request: HttpRequest) -> str:
    """What a person typed into the form; codes and hidden fields are shorter or named."""
    fields = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    return "\n\n".join(value for name, value in fields if name not in _HIDDEN and len(value) > 12)


def _signed_out_while_writing(request: HttpRequest) -> HttpResponse:
    """The session ended under a half-written text: it comes back to whoever sent it, and nothing else is shown."""
    context = {"message": errors.Locked.message, "code": "locked", "kept": _words(request)}
    return render(request, "workspace/failure.html", context, status=401)


_HIDDEN = {
    "csrfmiddlewaretoken", "opened", "version", "team", "user", "pilih", "canned", "token", "laporan", "saringan",
}  # fmt: skip
_STATUS = {"unavailable": 503, "no_consent": 409, "not_yet": 409}


def failure(request: HttpRequest, error: errors.LindungError) -> HttpResponse:
    """A page of its own for a failure that the view could not show beside its form."""
    status = _STATUS.get(error.code, 500)
    if isinstance(error, errors.Conflict | errors.BadInput):  # those with a code of their own too
        status = 409 if isinstance(error, errors.Conflict) else 422
    context = {"message": error.message, "code": error.code, "kept": _words(request)}
    return render(request, "workspace/failure.html", context, status=status)
