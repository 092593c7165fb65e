"""A report that names the own team never reaches it: not in a list, a search, a link, a count, an alert or a key."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Cast
from lindung.core.errors import NotAllowed, NotFound
from lindung.reporting import inbox, knowledge, selectors, services
from lindung.reporting.errors import NoRecipient
from lindung.reporting.models import Alert, Report
from lindung.vault import receipts
from lindung.vault import services as vault
from lindung.vault.services import Keyring

pytestmark = pytest.mark.django_db
PROPERTY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
CONCERNS = st.lists(st.sampled_from(["works_here", "partner", "school", "none"]), unique=True, max_size=4)
SAME = "@akun.yang.sama"


@pytest.fixture
def keyrings(cast: Cast) -> dict[str, Keyring]:
    return {name: cast.keyring(user) for name, user in cast.everybody().items()}


def send(**answers: Any) -> Report:
    return services.receive(
        answers={"path": "child", "danger": "yes", "words": "x", "accounts": SAME, **answers}, code=receipts.generate(),
        walk_id=secrets.token_bytes(32), language="id", source="x",
    )  # fmt: skip


def everything_stays_hidden(cast: Cast, keyrings: dict[str, Keyring], report: Report, beside: Report) -> None:
    """For each person of each team that the report is kept from, and for everybody who is of no team that holds it."""
    report.refresh_from_db()
    excluded = set(report.exclusions.values_list("team_id", flat=True))
    assert report.team_id not in excluded
    told = Alert.objects.filter(report=report, recipient__isnull=False).values_list("recipient", flat=True)
    for name, user in cast.everybody().items():
        actor, keyring = cast.actor(user), keyrings[name]
        if report.team_id in actor.team_ids and not actor.team_ids & excluded:
            assert services.open_report(actor, keyring, report.pk).report == report
            continue
        assert report not in selectors.visible_to(actor), name
        assert report.pk not in {row.report.pk for row in inbox.listed(actor, state="all")}, name
        assert report.pk not in {row.report_id for row in selectors.links(beside, actor)}, name
        assert services.find_by_reference(actor, report.reference) is None, name
        assert user.pk not in told, name
        with pytest.raises(NotFound):
            services.open_report(actor, keyring, report.pk)
        with pytest.raises(NotAllowed):
            vault.open_with_team(record_id=report.record_id, keyring=keyring)


@PROPERTY
@given(concerns=CONCERNS, province=st.sampled_from(["", "31", "91", "53"]))
def test_whatever_a_report_names_the_named_never_see_it(
    cast: Cast, keyrings: dict[str, Keyring], concerns: list[str], province: str
) -> None:
    assert set(knowledge.concerns()) >= set(concerns)
    with transaction.atomic():
        beside = send()
        report = send(concern=concerns, **({"province": province} if province else {}))
        if "works_here" in concerns:
            assert report.team == cast.independent
        everything_stays_hidden(cast, keyrings, report, beside)
        transaction.set_rollback(True)


@PROPERTY
@given(concerns=CONCERNS, named=st.lists(st.sampled_from(Cast.TEAMS), max_size=4, unique=True))
def test_whoever_turns_out_to_be_named_later_loses_sight_of_it_and_the_key(
    cast: Cast, keyrings: dict[str, Keyring], concerns: list[str], named: list[tuple[Any, ...]]
) -> None:
    analysts = ("analyst", "other_analyst", "independent_analyst")
    readers = dict(zip((cast.intake.pk, cast.other_intake.pk, cast.independent.pk), analysts, strict=True))
    with transaction.atomic():
        beside, report = send(), send(concern=concerns)
        for team in named:
            holder = readers[report.team_id]
            actor = cast.actor(getattr(cast, holder))
            try:
                with transaction.atomic():
                    services.mark_conflict(actor, keyrings[holder], report.pk, getattr(cast, team[0]).pk)
            except NoRecipient:
                break
            report.refresh_from_db()
        everything_stays_hidden(cast, keyrings, report, beside)
        transaction.set_rollback(True)
