"""A conflict of interest takes a case from its team: what it handed over goes too; receivers keep what is shared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from lindung.casework import retention
from lindung.casework.models import Case, CaseReport, State
from lindung.core import clock
from lindung.core.errors import NotAllowed, NotFound
from lindung.referrals.models import Referral, Version
from lindung.referrals.tests.people import Worker
from lindung.reporting import services as reporting
from lindung.reporting.models import NextStep, Report
from lindung.reporting.models import State as ReportState
from lindung.vault import services as vault
from lindung.vault.models import SealedRecord

pytestmark = pytest.mark.django_db


def test_the_team_that_is_named_opens_neither_the_case_nor_what_it_handed_over(
    sender: Worker, receiver: Worker, body: Any, cast: Any
) -> None:
    case = sender.ready_case()
    referral = sender.sent(body, case)
    report_id = CaseReport.objects.get(case=case).report_id
    supervisor = Worker(cast, cast.supervisor)
    reporting.mark_conflict(supervisor.actor, supervisor.keyring, report_id, cast.intake.pk)
    record = Version.objects.get(referral=referral).record_id
    for worker in (sender, supervisor):
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=record, keyring=cast.keyring(worker.user))
        with pytest.raises(NotFound):
            worker.reads(referral)
    assert receiver.opens(referral)
    theirs = Worker(cast, cast.independent_analyst)
    assert theirs.reads(referral).referral.pk == referral.pk


def test_an_erased_case_leaves_nothing_of_its_referrals_on_either_side(
    sender: Worker, receiver: Worker, body: Any, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = sender.ready_case()
    referral = sender.sent(body, case)
    receiver.accept(referral)
    receiver.deliver(referral)
    receiver.complete(referral)
    monkeypatch.setattr(vault, "after_shred", lambda: None)
    now = clock.now()
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, closed_at=now, outcome="goals_reached")
    Report.objects.update(state=ReportState.CLOSED, closed_at=now, outcome=NextStep.CASE)
    with clock.frozen(now + timedelta(days=settings.LINDUNG_CASE_RETENTION_DAYS + 1)):
        assert retention.run() == 1
    assert not Case.objects.exists()
    assert not Referral.objects.exists()
    assert not SealedRecord.objects.filter(kind__in=("case", "report", "referral"), shredded_at=None).exists()
