"""Links that a colleague makes between reports, above all after a lost receipt: "I told before".

A link shares nothing but itself: keys, threads and boxes stay apart, and the old receipt stays the only way into the
old box.
"""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from lindung.accounts.actors import Actor
from lindung.audit import services as audit
from lindung.core import clock
from lindung.core.errors import BadInput, NotFound
from lindung.core.ids import new_id

from .. import rules_staff, selectors
from ..knowledge import link_reasons
from ..models import Report, ReportLink
from .access import checked_choice, report_for


def link_reports(actor: Actor, report_id: UUID, other_id: UUID, reason: str) -> ReportLink:
    """Link a report to an earlier one. `reason`: a code of knowledge/links.yaml.

    Both must be visible to the actor: NotFound otherwise. Linking again gives the same link, whichever way round.
    Raises BadInput for an unknown reason or a report with itself.
    """
    checked_choice("reason", reason, list(link_reasons()))
    try:
        with transaction.atomic():
            report = report_for(actor, report_id, rules_staff.may_triage)
            other = report_for(actor, other_id, rules_staff.may_triage)
            if report.pk == other.pk:
                raise BadInput("other", _("Ini laporan yang sama."))
            known = _between(report, other)
            if known is not None:
                return known
            link = ReportLink.objects.create(
                id=new_id(),
                report=report,
                other=other,
                reason=reason,
                created_by_id=actor.user_id,
                created_at=clock.now(),
            )
            audit.record(
                "report.linked",
                actor=actor.audit_name,
                subject=report.pk.hex,
                data={"other": other.pk, "reason": reason},
            )
            return link
    except IntegrityError:
        return ReportLink.objects.get(report=report_id, other=other_id)


def unlink_reports(actor: Actor, link_id: UUID) -> None:
    """Take a link away. Both reports must be visible to the actor: NotFound otherwise."""
    with transaction.atomic():
        seen = selectors.visible_to(actor)
        link = ReportLink.objects.filter(pk=link_id, report__in=seen, other__in=seen).first()
        if link is None:
            raise NotFound()
        report_for(actor, link.report_id, rules_staff.may_triage)
        subject, data = link.report_id.hex, {"other": link.other_id}
        link.delete()
        audit.record("report.unlinked", actor=actor.audit_name, subject=subject, data=data)


def find_by_reference(actor: Actor, reference: str) -> Report | None:
    """The visible report with this short reference, if there is exactly one."""
    text = reference.strip().lower()
    if len(text) != 8 or any(c not in "0123456789abcdef" for c in text):
        return None
    low, high = UUID(hex=text + "0" * 24), UUID(hex=text + "f" * 24)
    found = list(selectors.visible_to(actor).filter(id__gte=low, id__lte=high)[:2])
    return found[0] if len(found) == 1 else None


def _between(report: Report, other: Report) -> ReportLink | None:
    return ReportLink.objects.filter(Q(report=report, other=other) | Q(report=other, other=report)).first()
