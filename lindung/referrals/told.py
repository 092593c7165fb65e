"""What the mailbox of a report says about referrals: fixed sentences after those of the case, without any key.

As for the case (casework.told): no body, no service, no place; only a child reads these steps, and while the child is
missing, after a death, or while a wish to stop locks the box, it says nothing.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from lindung.casework import selectors as cases
from lindung.casework.models import CaseReport
from lindung.casework.prefill import CHILD_PATHS
from lindung.reporting.models import Report
from lindung.reporting.models import State as ReportState

from . import knowledge, rules
from .models import Referral


def told(report_id: UUID) -> tuple[str, ...]:
    """The sentences for somebody who holds the receipt, what is furthest first; empty when nothing was sent."""
    made = set(CaseReport.objects.filter(report=report_id).values_list("case_id", flat=True))
    followed = Referral.objects.filter(second_choice_of=OuterRef("pk"), sent_at__isnull=False)
    rows = Referral.objects.filter(case__in=made, sent_at__isnull=False).annotate(followed=Exists(followed))
    found = list(rows.values_list("state", "reason", "followed")) if made else []
    if not found or any(cases.is_silent(case_id) for case_id in made):
        return ()
    told_by = Report.objects.exclude(state=ReportState.WITHDRAWN).filter(pk=report_id).values_list("path", flat=True)
    if told_by.first() not in CHILD_PATHS:
        return ()
    sentences = knowledge.told()
    return tuple(sentences[code].label for code in rules.told(rules.Standing(*row) for row in found))
