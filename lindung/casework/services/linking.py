"""Cases that belong together, as a colleague says: siblings, a household, the same events."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.core import clock
from lindung.core.errors import BadInput, NotFound

from .. import rules, selectors
from ..knowledge.child import link_reasons
from ..models import Case, CaseLink
from .access import case_for, checked_choice
from .beside import tell


def link_cases(actor: Actor, case_id: UUID, other_id: UUID, reason: str) -> CaseLink:
    """Link two cases; the actor works on one and may see the other. Linking again gives the same link.

    Raises NotFound, NotAllowed, BadInput for an unknown reason or a case with itself.
    """
    checked_choice("reason", reason, link_reasons())
    case = case_for(actor, case_id)
    other = case_for(actor, other_id, rules.may_open)
    if case.pk == other.pk:
        raise BadInput("other", _("Ini kasus yang sama."))
    try:
        with transaction.atomic():
            known = _between(case, other)
            if known is not None:
                return known
            link = CaseLink.objects.create(
                case=case, other=other, reason=reason, created_at=clock.now(), created_by_id=actor.user_id
            )
            tell("case.linked", actor, case, other=other.pk, reason=reason)
            return link
    except IntegrityError:
        return CaseLink.objects.get(case=case, other=other)


def unlink_cases(actor: Actor, link_id: UUID) -> None:
    """Take a link away; the actor sees both cases and works on one. Raises NotFound, NotAllowed."""
    seen = selectors.visible_to(actor).values("pk")
    with transaction.atomic():
        link = CaseLink.objects.filter(pk=link_id, case__in=seen, other__in=seen).first()
        if link is None:
            raise NotFound
        facts = selectors.facts_of(link.case)
        case = case_for(actor, link.case_id if rules.may_work(actor, facts) else link.other_id)
        other = link.other_id if case.pk == link.case_id else link.case_id
        link.delete()
        tell("case.unlinked", actor, case, other=other)


def _between(case: Case, other: Case) -> CaseLink | None:
    return CaseLink.objects.filter(Q(case=case, other=other) | Q(case=other, other=case)).first()
