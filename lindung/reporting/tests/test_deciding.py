"""A supervisor decides on a wish to stop, and on legal holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from lindung.audit.models import Event
from lindung.core import clock
from lindung.core.errors import BadInput, Conflict, NotAllowed, NotFound
from lindung.reporting import selectors, services
from lindung.reporting.models import Alert, Report, State, Withdrawal
from lindung.reporting.services import mailbox
from lindung.reporting.services.deciding import OnHold
from lindung.vault import services as vault

from .conftest import MONDAY, Sent

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=settings.LINDUNG_WITHDRAWAL_DAYS)


@pytest.fixture
def asked(send: Callable[..., Sent]) -> Sent:
    """A report of high risk whose reporter asked to stop."""
    with clock.frozen(MONDAY):
        sent = send(danger="yes")
        assert mailbox.ask_to_stop(sent.visit()).state == "supervisor"
    return sent


def test_allowed_it_is_hidden_at_once_and_can_still_be_undone(asked: Sent, cast: Any) -> None:
    with clock.frozen(MONDAY + timedelta(hours=1)):
        withdrawal = services.decide_withdrawal(cast.actor(cast.supervisor), asked.report.pk, "allow")
        assert asked.report not in selectors.visible_to(cast.actor(cast.supervisor))
        assert withdrawal.shred_at == (MONDAY + timedelta(hours=1) + DAYS).replace(second=0)
        assert not Alert.objects.filter(stopped=False).exists()
        assert mailbox.view(asked.visit()).step_code == "withdrawn"
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=asked.report.record_id, keyring=cast.keyring(cast.analyst))
        mailbox.undo_stop(asked.visit())
    assert asked.again().state == State.NEW
    assert vault.open_with_team(record_id=asked.report.record_id, keyring=cast.keyring(cast.analyst)).staff
    assert Alert.objects.filter(stopped=False).count() == 3


def test_undone_before_any_visit_took_the_keys_it_goes_on_all_the_same(asked: Sent, cast: Any) -> None:
    services.decide_withdrawal(cast.actor(cast.supervisor), asked.report.pk, "allow")
    mailbox.undo_stop(asked.visit())
    assert asked.again().state == State.NEW


def test_kept_the_report_goes_on_and_the_page_says_so(asked: Sent, cast: Any) -> None:
    with clock.frozen(MONDAY):
        services.decide_withdrawal(cast.actor(cast.supervisor), asked.report.pk, "keep")
        assert asked.again().state == State.NEW
        view = mailbox.view(asked.visit())
    assert view.step_code == "withdrawal_refused"
    assert view.can_write
    event = Event.objects.get(kind="report.withdrawal_decided")
    assert event.actor == cast.supervisor.pk.hex


@pytest.mark.parametrize("person", ["analyst", "case_worker"])
def test_only_a_supervisor_decides(asked: Sent, cast: Any, person: str) -> None:
    actor = cast.actor(getattr(cast, person))
    with pytest.raises(NotAllowed):
        services.decide_withdrawal(actor, asked.report.pk, "allow")
    with pytest.raises(NotAllowed):
        services.holding.put_on_hold(actor, asked.report.pk, "court")


@pytest.mark.parametrize("person", ["other_analyst", "administrator", "auditor", "partner", "independent_analyst"])
def test_for_others_there_is_nothing(asked: Sent, cast: Any, person: str) -> None:
    actor = cast.actor(getattr(cast, person))
    with pytest.raises(NotFound):
        services.decide_withdrawal(actor, asked.report.pk, "allow")
    with pytest.raises(NotFound):
        services.holding.put_on_hold(actor, asked.report.pk, "court")


def test_a_decision_is_made_once_and_only_on_what_was_asked(asked: Sent, cast: Any, send: Callable[..., Sent]) -> None:
    actor = cast.actor(cast.supervisor)
    with pytest.raises(BadInput):
        services.decide_withdrawal(actor, asked.report.pk, "perhaps")
    services.decide_withdrawal(actor, asked.report.pk, "keep")
    with pytest.raises(Conflict):
        services.decide_withdrawal(actor, asked.report.pk, "allow")
    with pytest.raises(Conflict):
        services.decide_withdrawal(actor, send().report.pk, "allow")


def test_a_reporter_who_was_faster_wins(asked: Sent, cast: Any) -> None:
    mailbox.undo_stop(asked.visit())
    with pytest.raises(Conflict):
        services.decide_withdrawal(cast.actor(cast.supervisor), asked.report.pk, "allow")
    assert asked.again().state == State.NEW


def test_a_legal_hold_outranks_the_wish(asked: Sent, cast: Any) -> None:
    actor = cast.actor(cast.supervisor)
    services.holding.put_on_hold(actor, asked.report.pk, "court")
    with pytest.raises(OnHold):
        services.decide_withdrawal(actor, asked.report.pk, "allow")
    assert Withdrawal.objects.get().state == "supervisor"
    services.holding.ask_to_lift(actor, asked.report.pk, "over")
    services.holding.confirm_lifting(cast.actor(cast.analyst), asked.report.pk)
    released = asked.again()
    assert (released.legal_hold, released.hold_reason) == (False, "")
    assert services.decide_withdrawal(actor, asked.report.pk, "allow").state == "waiting"


def test_a_hold_needs_a_known_reason_and_keeps_the_report_from_being_stopped(
    send: Callable[..., Sent], cast: Any
) -> None:
    sent, actor = send(), cast.actor(cast.supervisor)
    with pytest.raises(BadInput):
        services.holding.put_on_hold(actor, sent.report.pk, "because")
    services.holding.put_on_hold(actor, sent.report.pk, "court")
    held = sent.again()
    assert (held.legal_hold, held.hold_reason, held.version) == (True, "court", 2)
    assert mailbox.ask_to_stop(sent.visit()).reason == "legal_hold"
    assert Report.objects.get().state == State.NEW
