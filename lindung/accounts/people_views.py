"""Pages for colleagues who wait for a key, and for administrators who manage people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from lindung.accounts import backends, forms, leaving, rules, selectors, services, sessions
from lindung.accounts.decorators import role_required
from lindung.accounts.models import GrantRequest, Membership, Organisation, Team, User, role_label
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed
from lindung.vault import services as vault

page = require_http_methods(["GET", "HEAD", "POST"])
colleagues_only = role_required(*sorted(rules.CONTENT_ROLES))
administrators_only = role_required(rules.ADMINISTRATOR)


def _show(request: HttpRequest, template: str, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, f"accounts/{template}.html", context, status=status)


@colleagues_only
@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """Who waits for a key of the person's teams."""
    actor = sessions.actor_of(request)
    waiting = list(selectors.grants_visible_to(actor).select_related("user__organisation"))
    own = vault.member_key(holder=actor.user_id)
    teams = {item.team_id for item in waiting}
    held = {team for team in teams if own is not None and vault.holds_team_key(team_id=team, member_key=own)}
    rows = [
        {
            "request": item,
            "fingerprint": _covered(item),
            "roles": ", ".join(selectors.roles_in(item.team_id, item.user_id)),
            "may_decide": item.team_id in held,
        }
        for item in waiting
    ]
    return _show(request, "grants", rows=rows, now=clock.now(), done=request.GET.get("selesai", ""))


def _covered(item: GrantRequest) -> str:
    """Return the fingerprint with its first two groups covered: those have to be heard, not read here."""
    key = vault.member_key(holder=item.user_id)
    if key is None or key.pk != item.member_key_id:
        return ""
    return " ".join(["•••••", "•••••", *key.fingerprint.split()[2:]])


@colleagues_only
@page
def grant_decide(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Give or refuse one key, after the first two groups of the fingerprint were heard by voice."""
    actor, keyring = sessions.actor_of(request), sessions.keyring_of(request)
    item = selectors.grants_visible_to(actor).filter(pk=grant_id).first()
    if item is None or keyring is None:
        raise Http404
    form = forms.GrantForm(request.POST if request.method == "POST" else None)
    status = 200
    try:
        if request.POST.get("decision") == "refuse":
            services.refuse_grant(actor=actor, request=item)
            return HttpResponseRedirect(reverse("accounts:grants") + "?selesai=ditolak")
        if form.is_valid():
            services.decide_grant(actor=actor, request=item, keyring=keyring, heard=form.cleaned_data["heard"])
            return HttpResponseRedirect(reverse("accounts:grants") + "?selesai=diberi")
    except BadInput as error:
        form.add(error)
    except NotAllowed:
        # The colleague has the role but does not hold the key either.
        form.add_error(None, _("Kamu sendiri belum memegang kunci tim ini, jadi belum bisa memberikannya."))
        status = 403
    except Conflict as error:
        form.add_error(None, str(error.message))
        status = 409
    if form.is_bound and status == 200:
        status = 422
    context = {"item": item, "fingerprint": _covered(item), "form": form}
    return _show(request, "grant_decide", status, **context)


@administrators_only
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Everybody of the administrator's organisations."""
    actor = sessions.actor_of(request)
    everybody = selectors.people_visible_to(actor).prefetch_related("memberships__team")
    rows = [{"person": user, "roles": _roles_in_words(user)} for user in everybody]
    teams = selectors.teams_visible_to(actor).filter(pk__in=vault.teams_due_for_rotation())
    return _show(request, "people", rows=rows, rotation_due=teams, done=request.GET.get("selesai", ""))


def _roles_in_words(user: User) -> list[str]:
    words = []
    for membership in user.memberships.all():
        label = role_label(membership.role)
        words.append(f"{label} · {membership.team.name}" if membership.team else label)
    return sorted(words)


@administrators_only
@page
@sensitive_variables()
def person_add(request: HttpRequest) -> HttpResponse:
    """Add somebody. The temporary passphrase is shown once, on the answer to this form."""
    actor = sessions.actor_of(request)
    assert isinstance(request.user, User)
    organisation = request.user.organisation
    form = forms.PersonForm(request.POST if request.method == "POST" else None, teams=_teams(organisation))
    if form.is_valid():
        passphrase, data = services.temporary_passphrase(), form.cleaned_data
        try:
            user = services.add_user(
                actor=actor,
                organisation=organisation,
                username=data["username"],
                display_name=data["display_name"],
                alias=data["alias"],
                email=data["email"],
                passphrase=passphrase,
                roles=form.chosen(),
                source=backends.source_of(request),
            )
        except BadInput as error:
            form.add(error)
        else:
            return _show(request, "temporary", person=user, passphrase=passphrase, new=True)
    return _show(request, "person_add", 422 if form.is_bound else 200, form=form)


def _teams(organisation: Organisation) -> list[Team]:
    return list(Team.objects.filter(organisation=organisation).order_by("name"))


def _person_or_404(request: HttpRequest, user_id: UUID) -> User:
    user = selectors.person(sessions.actor_of(request), user_id)
    if user is None:
        raise Http404
    return user


def _colleague_or_404(request: HttpRequest, user_id: UUID) -> User:
    """Like `_person_or_404`, without leavers and without oneself: nobody resets or dismisses themselves."""
    user = _person_or_404(request, user_id)
    if not user.is_active or user.pk == sessions.actor_of(request).user_id:
        raise Http404
    return user


@administrators_only
@page
def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: roles, and the ways to a new passphrase or out."""
    actor, user = sessions.actor_of(request), _person_or_404(request, user_id)
    held = [f"{m.team_id or ''}:{m.role}" for m in user.memberships.all()]
    form = forms.RolesForm(
        request.POST if request.method == "POST" else None,
        teams=_teams(user.organisation),
        initial={"roles": held},
    )
    mine, status = user.pk == actor.user_id, 200
    if form.is_bound:
        status = 422
        if mine or not user.is_active:
            raise Http404
        if form.is_valid():
            try:
                services.set_roles(actor=actor, user=user, roles=form.chosen())
            except BadInput as error:
                form.add(error)
            else:
                return HttpResponseRedirect(reverse("accounts:people") + "?selesai=peran")
    return _show(request, "person", status, person=user, form=form, mine=mine, roles=_roles_in_words(user))


@administrators_only
@page
def person_deactivate(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Somebody leaves: say what will happen, then do it."""
    user = _colleague_or_404(request, user_id)
    problem, status = "", 200
    if request.method == "POST":
        try:
            release = request.POST.get("release") == "on"
            services.deactivate(actor=sessions.actor_of(request), user=user, release=release)
            return HttpResponseRedirect(reverse("accounts:people") + "?selesai=berhenti")
        except (BadInput, Conflict) as error:
            problem, status = str(error.message), 409
    held = leaving.in_hand(user.pk)
    context = {"person": user, "problem": problem, "held": held, "supervisors": _supervisors(user) if held else []}
    return _show(request, "person_deactivate", status, **context)


def _supervisors(user: User) -> list[User]:
    """Who can hand over the work of a person: the supervisors of their teams."""
    teams = Membership.objects.filter(user=user, team__isnull=False).values("team")
    people = User.objects.filter(is_active=True, memberships__team__in=teams, memberships__role=rules.SUPERVISOR)
    return list(people.exclude(pk=user.pk).distinct().order_by("display_name"))


@administrators_only
@page
@sensitive_post_parameters()
@sensitive_variables()
def person_reset(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """A lost passphrase: the temporary one is shown once."""
    user = _colleague_or_404(request, user_id)
    form = forms.ResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        passphrase = services.reset_passphrase(
            actor=sessions.actor_of(request),
            user=user,
            remove_second_factor=form.cleaned_data["remove_second_factor"],
            source=backends.source_of(request),
        )
        return _show(request, "temporary", person=user, passphrase=passphrase, new=False)
    return _show(request, "person_reset", person=user, form=form)
