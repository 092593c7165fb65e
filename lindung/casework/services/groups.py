"""Group activities: who is in, when they met, how the children said they were before and after.

Answers are sealed in each child's case. A group shows one number, written once when it ends: the mean difference of
those who answered twice, and only if they are five or more (knowledge/groups.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.accounts.models import Team
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotFound
from lindung.core.worktime import local_day
from lindung.reporting.selectors import keyed_teams
from lindung.vault import services as vault
from lindung.vault.services import Keyring

from .. import rules_plan, selectors
from ..knowledge import plan as knowledge
from ..models import Case, State
from ..models_plan import Group, GroupMember, GroupSession
from ..rules import READERS
from .access import case_for, checked_choice, decode, lock, open_case_for, open_keys, seal, unseal

BEFORE, AFTER = "before", "after"
_FARTHEST = timedelta(days=366)


def visible_groups(actor: Actor) -> QuerySet[Group]:
    """The groups of the teams whose children a person may work with, and whose key they hold."""
    rows = Group.objects.filter(team__in=actor.teams_with(READERS)).filter(team__in=keyed_teams(actor))
    return rows.select_related("team", "made_by")


def visible_members(actor: Actor, group: Group) -> QuerySet[GroupMember]:
    """The members whose case this person may see and that is still the team's: nobody else is named or counted."""
    cases = selectors.visible_to(actor, Case.objects.filter(team=group.team_id))
    return group.members.filter(case__in=cases.values("pk")).select_related("case")


def make_group(actor: Actor, team_id: UUID, programme: str, starts_on: date) -> Group:
    """Begin a group of one's team. Raises NotFound for another team, BadInput."""
    checked_choice("programme", programme, tuple(knowledge.programmes()))
    team = Team.objects.filter(pk=team_id, pk__in=actor.teams_with(READERS)).filter(pk__in=keyed_teams(actor)).first()
    if team is None:
        raise NotFound
    _checked_day("starts_on", starts_on, team)
    with transaction.atomic():
        group = Group.objects.create(
            team=team, programme=programme, starts_on=starts_on, made_by_id=actor.user_id, made_at=clock.now()
        )
        _record("group.made", actor, group, programme=programme)
    return group


def _checked_day(field: str, day: date, team: Team) -> None:
    today = local_day(clock.now(), team.tz)
    if not today - _FARTHEST <= day <= today + _FARTHEST:
        raise BadInput(field, _("Pilih tanggal paling jauh setahun dari hari ini."))


def group_for(actor: Actor, group_id: UUID) -> Group:
    """A group that the actor may work on. Raises NotFound."""
    group = visible_groups(actor).filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return group


def _running(group: Group) -> None:
    """Hold a group that has not ended until the commit. Raises Conflict."""
    if lock(Group.objects.filter(pk=group.pk, ended_on=None)).first() is None:
        raise Conflict


def join(actor: Actor, group_id: UUID, case_id: UUID) -> GroupMember:
    """Let a child take part; whoever works with the child decides that with it. Joining twice changes nothing.

    Raises NotFound, NotAllowed, CaseClosed, BadInput for a case of another team, Conflict for a group that ended.
    """
    group = group_for(actor, group_id)
    case = open_case_for(actor, case_id)
    if case.team_id != group.team_id:
        raise BadInput("case", _("Kelompok ini milik tim lain."))
    with transaction.atomic():
        _running(group)
        member, made = _joined(group, case)
        if made:
            _record("group.joined", actor, group, case=case.pk.hex)
    return member


def _joined(group: Group, case: Case) -> tuple[GroupMember, bool]:
    return GroupMember.objects.get_or_create(group=group, case=case, defaults={"joined_at": clock.now()})


def leave(actor: Actor, member_id: UUID) -> None:
    """Take a child out who has not answered and came to no session. Raises NotFound, NotAllowed, Conflict."""
    member = _member_for(actor, member_id)
    with transaction.atomic():
        _running(member.group)
        rows = GroupMember.objects.filter(pk=member.pk, before_at=None, after_at=None, sessions=None)
        if not rows.exists():
            raise Conflict
        member.delete()
        _record("group.left", actor, member.group, case=member.case_id.hex)


def _member_for(actor: Actor, member_id: UUID) -> GroupMember:
    member = GroupMember.objects.filter(pk=member_id, group__in=visible_groups(actor)).select_related("group").first()
    if member is None or not visible_members(actor, member.group).filter(pk=member_id).exists():
        raise NotFound
    return member


def answer(
    actor: Actor, keyring: Keyring, member_id: UUID, when: str, answers: Mapping[str, int], *, again: bool = False
) -> GroupMember:
    """Seal a child's answers (statement to 1..4; what it skipped is left out) from before or after, once.

    `again`: it stands there already and is to be written anew; the earlier answers stay sealed. Raises BadInput,
    NotFound, NotAllowed, CaseClosed, Conflict when a colleague wrote them first or the group ended.
    """
    checked_choice("when", when, (BEFORE, AFTER))
    chosen = _checked_answers(answers)
    member = _member_for(actor, member_id)
    case = open_case_for(actor, member.case_id)
    keys = open_keys(case, keyring)
    column = f"{when}_at"
    with transaction.atomic():
        _running(member.group)
        rows = GroupMember.objects.filter(pk=member.pk, **{f"{column}__isnull": not again})
        if rows.update(**{column: clock.now()}) != 1:
            raise Conflict
        seal(case, keys, member.field, {**unseal(case, keys, member.field), when: chosen})
        _record("group.answered", actor, member.group, case=case.pk.hex, when=when, again=again)
    member.refresh_from_db()
    return member


def _checked_answers(answers: Mapping[str, int]) -> dict[str, int]:
    for code, value in answers.items():
        checked_choice("answers", code, tuple(knowledge.statements()))
        if value not in knowledge.scale():
            raise BadInput("answers", _("Pilih salah satu dari daftar."))
    if not answers:
        raise BadInput("answers", _("Isi paling sedikit satu jawaban."))
    return {code: answers[code] for code in knowledge.statements() if code in answers}


def read_answers(actor: Actor, keyring: Keyring, member_id: UUID) -> dict[str, dict[str, int]]:
    """One child's answers, for whoever may open its case; audited. Raises NotFound, NotAllowed."""
    member = _member_for(actor, member_id)
    case = case_for(actor, member.case_id)
    words = unseal(case, open_keys(case, keyring), member.field)
    with transaction.atomic():
        _record("group.answers_read", actor, member.group, case=case.pk.hex)
    return {when: dict(words.get(when, {})) for when in (BEFORE, AFTER)}


def hold_session(actor: Actor, group_id: UUID, on: date, came: Collection[UUID]) -> GroupSession:
    """Write down a meeting and who of the visible members came. A second entry for the same day adds to the first.

    Raises BadInput (a day in the future or before the start; somebody who is no member), NotFound, Conflict.
    """
    group = group_for(actor, group_id)
    if not group.starts_on <= on <= local_day(clock.now(), group.team.tz):
        raise BadInput("on", _("Pertemuan tidak bisa sebelum kelompok mulai atau di masa depan."))
    members = list(visible_members(actor, group).filter(pk__in=list(came)))
    if len(members) != len(set(came)):
        raise BadInput("came", _("Pilih dari anggota kelompok."))
    with transaction.atomic():
        _running(group)
        try:
            with transaction.atomic():
                session, _made = GroupSession.objects.get_or_create(group=group, on=on)
        except IntegrityError:
            raise Conflict from None
        session.came.add(*members)
        _record("group.met", actor, group, came=len(members))
    return session


def end_group(actor: Actor, keyring: Keyring, group_id: UUID, on: date, version: int) -> Group:
    """End a group and write its one number, if five children or more answered before and after.

    Children of cases that this person may not see count as well: nobody's answers are shown. Cases that moved away or
    exclude a team of the actor stay out. Raises BadInput, NotFound, Conflict since `version` or when it ended.
    """
    group = group_for(actor, group_id)
    today = local_day(clock.now(), group.team.tz)
    if not group.starts_on <= on <= today:
        raise BadInput("on", _("Tanggal akhir tidak bisa sebelum kelompok mulai atau di masa depan."))
    with transaction.atomic():
        _running(group)
        answered, tenths = _result(actor, keyring, group)
        rows = Group.objects.filter(pk=group.pk, ended_on=None, version=version)
        if rows.update(ended_on=on, answered=answered, change_tenths=tenths, version=F("version") + 1) != 1:
            raise Conflict
        _record("group.ended", actor, group, shown=answered is not None)
    group.refresh_from_db()
    return group


def _result(actor: Actor, keyring: Keyring, group: Group) -> tuple[int | None, int | None]:
    """(children, mean difference in tenths), or nothing for fewer than the least number of children."""
    rows = group.members.filter(case__team=group.team_id, before_at__isnull=False, after_at__isnull=False)
    members = list(rows.exclude(case__exclusions__team__in=actor.team_ids).select_related("case"))
    opened = vault.open_many_with_team(record_ids=[m.case.record_id for m in members], keyring=keyring)
    pairs = []
    for member in members:
        keys = opened.get(member.case.record_id)
        if keys is not None:
            words = decode(vault.get(record_id=member.case.record_id, keys=keys, field=member.field))
            pairs.append((words.get(BEFORE, {}), words.get(AFTER, {})))
    answered, change = rules_plan.wellbeing_change(pairs)
    if answered < knowledge.least_children():
        return None, None
    return answered, round(change * 10)


def case_by_reference(actor: Actor, typed: str) -> UUID:
    """The case with this short reference, as far as the person may see it and it is open. Raises BadInput."""
    wanted = typed.strip().replace("-", "").lower()
    found: list[UUID] = []
    if re.fullmatch(r"[0-9a-f]{8}", wanted):
        low, high = UUID(hex=wanted + "0" * 24), UUID(hex=wanted + "f" * 24)
        rows = selectors.visible_to(actor, Case.objects.filter(pk__gte=low, pk__lte=high))
        found = list(rows.exclude(state=State.CLOSED).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        raise BadInput("reference", _("Tidak ada kasus terbuka dengan nomor ini yang boleh kamu lihat."))
    return found[0]


def _record(kind: str, actor: Actor, group: Group, **data: Any) -> None:
    audit.record(kind, actor=actor.audit_name, subject=group.pk.hex, data=data)
