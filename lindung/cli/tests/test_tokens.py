"""Tokens of partners from the command line."""

from __future__ import annotations

import re
from typing import Any

import pytest
from typer.testing import CliRunner

from lindung.cli.main import app
from lindung.partners import services
from lindung.partners.errors import TokenRevoked
from lindung.partners.models import PartnerToken

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
