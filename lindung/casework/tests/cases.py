"""Short ways for the tests of cases: a report is sent, judged and made into a case, as people do it."""

from __future__ import annotations

import secrets
from typing import Any

from lindung.accounts.models import User
from lindung.casework import services
from lindung.casework.models import Case, CaseWorker, WorkerRole
from lindung.casework.services.access import settle_free
from lindung.core import clock
from lindung.reporting import services as reporting
from lindung.reporting.models import Report
from lindung.vault import receipts

TOLD = {
    "path": "child",
    "age_band": "13-15",
    "sex": "female",
    "happened": ["threat_to_spread"],
    "province": "31",
    "regency": "31.71",
    "accounts": "@akun_palsu",
    "words": "Ada yang mengancam.",
}
"""A child's report in codes and few words."""


def send(**answers: Any) -> Report:
    """Send a report through the portal's door."""
    return send_with_receipt(**answers)[0]


def send_with_receipt(**answers: Any) -> tuple[Report, str]:
    """The same, with the receipt that opens its mailbox."""
    code = receipts.generate()
    report = reporting.receive(
        answers=answers or TOLD, code=code, walk_id=secrets.token_bytes(32), language="id", source="203.0.113.9"
    )
    return report, code


def make_case(cast: Any, user: User | None = None, *, report: Report | None = None, **more: Any) -> Case:
    """A case that `user` (the case worker of the cast, when left out) opened and works on."""
    person = user or cast.case_worker
    sent = report or send()
    return services.open_from_reports(cast.actor(person), cast.keyring(person), [sent.pk], **more)


def give_to(case: Case, user: User, role: str = WorkerRole.CO) -> CaseWorker:
    """Write that somebody works with the child, without asking any rule."""
    row = CaseWorker.objects.create(case=case, user=user, role=role, since=clock.now(), assigned_by=user)
    settle_free(case.pk)
    return row
