"""Reads that depend on the person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team, User
from lindung.accounts.rules import SUPERVISOR
from lindung.desk import knowledge, rules
from lindung.desk.models import CannedAnswer, CannedVersion


def visible_to(actor: Actor) -> QuerySet[CannedAnswer]:
    """Answers that a person may read: of their organisation, and of their own teams. Agrees with `rules.may_use`."""
    teams = actor.teams_with(rules.READERS)
    if not teams:
        return CannedAnswer.objects.none()
    return CannedAnswer.objects.filter(Q(team=None, organisation__in=actor.organisation_ids) | Q(team__in=teams))


def offered(actor: Actor, report_team_id: UUID | None = None) -> list[CannedVersion]:
    """The newest approved version of every answer that is in use, in the order of topics: one query.

    With a team, those of other teams are left out.
    """
    newest = CannedVersion.objects.filter(answer=OuterRef("answer"), state=CannedVersion.State.APPROVED)
    rows = CannedVersion.objects.filter(
        answer__in=visible_to(actor).filter(retired=False),
        state=CannedVersion.State.APPROVED,
        number=Subquery(newest.order_by("-number").values("number")[:1]),
    )
    if report_team_id is not None:
        rows = rows.filter(Q(answer__team=None) | Q(answer__team=report_team_id))
    return sorted(rows, key=lambda row: (_place(row.topic), row.title_id, row.pk))


def offered_version(actor: Actor, code: str, report_team_id: UUID | None = None) -> CannedVersion | None:
    """The version that a form names ("<id>.<number>"), if it is still offered to this person."""
    wanted = parse(code)
    rows = offered(actor, report_team_id) if wanted else []
    return next((row for row in rows if (row.answer_id, row.number) == wanted), None)


def was_offered(actor: Actor, code: str) -> bool:
    """Tell whether a code names an approved version of an answer that this person may use, also an older one."""
    wanted = parse(code)
    return (
        wanted is not None
        and CannedVersion.objects.filter(
            answer__in=visible_to(actor), answer=wanted[0], number=wanted[1], state=CannedVersion.State.APPROVED
        ).exists()
    )


def code_of(version: CannedVersion) -> str:
    """How a message remembers which answer it began with: 32 hexadecimal digits, a dot, the number."""
    return f"{version.answer_id.hex}.{version.number}"


def parse(code: str) -> tuple[UUID, int] | None:
    """Read what `code_of` gave; None for anything else."""
    answer, _dot, number = code.partition(".")
    try:
        return (UUID(hex=answer), int(number)) if len(answer) == 32 and number.isdecimal() and len(number) < 9 else None
    except ValueError:
        return None


@dataclass(frozen=True)
class Entry:
    """One answer with the versions that matter: what is offered now, and what waits for a second person."""

    answer: CannedAnswer
    newest: CannedVersion
    offered: CannedVersion | None
    waiting: CannedVersion | None


def entries(answers: Iterable[CannedAnswer]) -> list[Entry]:
    """Put answers together with their versions, in the order of topics: two queries."""
    known = {answer.pk: answer for answer in answers}
    versions: dict[UUID, list[CannedVersion]] = {}
    for row in CannedVersion.objects.filter(answer__in=known).order_by(F("number").desc()):
        versions.setdefault(row.answer_id, []).append(row)
    found = [_entry(known[pk], rows) for pk, rows in versions.items()]
    return sorted(found, key=lambda e: (e.answer.retired, _place(e.newest.topic), e.newest.title_id, e.answer.pk))


def _entry(answer: CannedAnswer, rows: list[CannedVersion]) -> Entry:
    def first(state: str) -> CannedVersion | None:
        return next((row for row in rows if row.state == state), None)

    return Entry(answer, rows[0], first(CannedVersion.State.APPROVED), first(CannedVersion.State.PROPOSED))


def teams_to_edit(actor: Actor) -> list[Team]:
    """Teams for which this person may write answers."""
    return list(Team.objects.filter(pk__in=actor.teams_with(rules.EDITORS)).order_by("name"))


def supervisors(actor: Actor) -> list[str]:
    """Whom one can talk to: names of the supervisors of the person's own teams, without the person."""
    rows = User.objects.filter(
        is_active=True,
        memberships__team__in=actor.teams_with(rules.READERS),
        memberships__role=SUPERVISOR,
    ).exclude(pk=actor.user_id)
    return list(rows.order_by("display_name").values_list("display_name", flat=True).distinct())


def _place(topic: str) -> int:
    codes = list(knowledge.topics())
    return codes.index(topic) if topic in codes else len(codes)
