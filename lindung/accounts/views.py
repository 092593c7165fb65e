"""Pages of sign-in, the own account, key grants and people."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse


def _coming(request: HttpRequest, user_id: UUID | None = None, grant_id: UUID | None = None) -> HttpResponse:
    raise Http404


sign_in = second_factor = enrol = choose_passphrase = sign_out = account = grants = grant_decide = _coming
people = person_add = person = person_deactivate = person_reset = _coming
