"""Reads that depend on the person, and the actor of a signed-in member."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from lindung.accounts import rules
from lindung.accounts.actors import Actor
from lindung.accounts.models import GrantRequest, Membership, Team, User, role_label
from lindung.vault import services as vault


def actor_for(user: User) -> Actor:
    """Return the roles that a person has now. A leaver has none."""
    if not user.is_active:
        return Actor(user.pk, user.username, alias=user.alias)
    rows = list(Membership.objects.filter(user=user).values_list("team_id", "role", "team__organisation_id"))
    organisations = {user.organisation_id, *(organisation for _, _, organisation in rows if organisation)}
    return Actor(
        user_id=user.pk,
        username=user.username,
        alias=user.alias,
        roles=frozenset((team, role) for team, role, _ in rows),
        organisation_ids=frozenset(organisations),
    )


def people_visible_to(actor: Actor) -> QuerySet[User]:
    """Administrators see the people of their organisations, everybody else themselves and their team."""
    people = User.objects.select_related("organisation").order_by("display_name", "username")
    if actor.is_system:
        return people
    seen = Q(pk=actor.user_id)
    if actor.has_role(rules.ADMINISTRATOR):
        seen |= Q(organisation__in=actor.organisation_ids)
    teams = actor.teams_with(rules.CONTENT_ROLES)
    if teams:
        seen |= Q(pk__in=Membership.objects.filter(team__in=teams).values("user"))
    return people.filter(seen)


def teams_visible_to(actor: Actor) -> QuerySet[Team]:
    """Administrators see the teams of their organisations, everybody else their own teams."""
    teams = Team.objects.select_related("organisation").order_by("organisation__name", "name")
    if actor.is_system:
        return teams
    seen = Q(pk__in=actor.team_ids)
    if actor.has_role(rules.ADMINISTRATOR):
        seen |= Q(organisation__in=actor.organisation_ids)
    return teams.filter(seen)


def grants_visible_to(actor: Actor) -> QuerySet[GrantRequest]:
    """Open requests for the keys of the person's own teams, oldest first; never their own."""
    return (
        GrantRequest.objects.filter(state=GrantRequest.State.OPEN, team__in=actor.teams_with(rules.CONTENT_ROLES))
        .exclude(user=actor.user_id)
        .select_related("user", "team")
        .order_by("created_at", "pk")
    )


def teams_without_key(user: User) -> list[Team]:
    """Return the teams of a person whose key they neither hold nor wait for (a refused request, for example)."""
    key = vault.member_key(holder=user.pk)
    if key is None:
        return []
    teams = Team.objects.filter(memberships__user=user, memberships__role__in=rules.CONTENT_ROLES).distinct()
    waiting = set(GrantRequest.objects.filter(user=user, state="open").values_list("team_id", flat=True))
    return [
        team for team in teams if team.pk not in waiting and not vault.holds_team_key(team_id=team.pk, member_key=key)
    ]


def person(actor: Actor, user_id: UUID) -> User | None:
    """Return a person whom this actor may manage, or None."""
    user = people_visible_to(actor).filter(pk=user_id).first()
    return user if user is not None and rules.may_manage_people(actor, user.organisation_id) else None


def roles_in(team_id: UUID, user_id: UUID) -> list[str]:
    """Return the names of a person's roles in a team, in words."""
    roles = Membership.objects.filter(team=team_id, user=user_id).values_list("role", flat=True)
    return sorted(role_label(role) for role in roles)


def members_of(team_id: UUID, *roles: str) -> QuerySet[User]:
    """Return the active members of a team, those with one of these roles when any is named."""
    rows = Membership.objects.filter(team=team_id)
    if roles:
        rows = rows.filter(role__in=roles)
    return User.objects.filter(is_active=True, pk__in=rows.values("user")).order_by("display_name", "username")
