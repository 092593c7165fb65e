"""Tokens of partners from the command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from lindung.cli import checks
from lindung.cli.main import app
from lindung.core import clock
from lindung.partners import selectors, services
from lindung.partners.errors import TokenRevoked
from lindung.partners.models import PartnerToken
from lindung.partners.tests.machines import machine

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["token", *arguments])


ADD = ("add", "Mesin", "--organisation", "partner organisation", "--purpose", "ngo", "--scope", "report:submit")


def test_it_is_printed_once_listed_without_its_secret_and_ended(cast: Any) -> None:
    made = run(*ADD, "--days", "30", "--issuer", "organisation")
    assert made.exit_code == 0, made.output
    text = re.search(r"lnd_\S+", made.stdout)
    assert text
    assert services.authenticate(text.group()).token.name == "Mesin"
    listed = run("list").stdout
    assert "Mesin, partner organisation: report:submit, until" in listed
    assert text.group().rpartition("_")[2] not in listed
    assert run("revoke", str(PartnerToken.objects.get().pk)).exit_code == 0
    assert "revoked" in run("list").stdout
    with pytest.raises(TokenRevoked):
        services.authenticate(text.group())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--days", "30"], "--issuer"),
        (["--days", "400", "--issuer", "organisation"], ""),
        (["--days", "30", "--issuer", "partner organisation"], "A network"),
    ],
)
def test_what_cannot_be_made_is_said(cast: Any, more: list[str], why: str) -> None:
    done = run(*ADD, *more)
    assert done.exit_code == 1
    assert why in done.output
    assert not PartnerToken.objects.exists()


@pytest.mark.parametrize("name", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_one_cannot_be_ended(db: None, name: str) -> None:
    done = run("revoke", name)
    assert done.exit_code == 1
    assert "no such token" in done.output


def test_the_check_names_tokens_that_end_soon_or_that_nobody_uses(cast: Any) -> None:
    texts = [machine(cast.organisation, cast.partner_organisation).text for _ in range(3)]
    soon, idle, fine = (PartnerToken.objects.get(pk=text.split("_")[1]) for text in texts)
    today = selectors.today()
    PartnerToken.objects.filter(pk=soon.pk).update(expires_on=today + timedelta(days=14), name="Segera habis")
    PartnerToken.objects.filter(pk=idle.pk).update(last_used_on=today - timedelta(days=91), name="Menganggur")
    names = {finding.text.partition(" of ")[0] for finding in checks.machines()}
    assert names == {"Menganggur", "Segera habis"}
    PartnerToken.objects.exclude(pk=fine.pk).update(revoked_at=clock.now())
    assert list(checks.machines()) == []
