"""Tries every cell of [api] and [told] in tests/url_matrix.txt: every operation by token, scope and purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from lindung.core import clock
from lindung.core.errors import BadInput
from lindung.partners import selectors
from lindung.partners.models import PartnerToken, Submission
from lindung.partners.tests.machines import MINIMAL, Machine, machine, new_key, school_of
from lindung.reporting.models import Report, ReportExclusion
from lindung.vault import services as vault
from tests.support.matrix import STATES, TABLE, Row, World, read_table

pytestmark = pytest.mark.django_db

PURPOSES = {"P": "platform", "H": "helpline", "N": "ngo", "S": "school"}
BOTH = ("report:submit", "report:state")
SCOPES = {"submit": BOTH[:1], "state": BOTH[1:], "both": BOTH, "receipt": (*BOTH, "report:receipt")}
TOKENS = ("nobody", "wrong", "expired", "revoked", *SCOPES, "practice")


class Machines:
    """Every kind of token of every purpose, of one partner and one school, with a report that each sent before."""

    def __init__(self, cast: Any) -> None:
        self.cast, self.school = cast, school_of()
        self.references: dict[str, str] = {}
        for letter in PURPOSES:
            self.references[letter] = self.make(letter, BOTH).report()[1]

    def make(self, letter: str, scopes: tuple[str, ...], **more: Any) -> Machine:
        body = self.school if letter == "S" else self.cast.partner_organisation
        return machine(self.cast.organisation, body, PURPOSES[letter], scopes, **more)

    def text(self, kind: str, letter: str) -> str | None:
        """The token that is sent, None for no token at all. Raises BadInput for one that cannot be."""
        if kind == "nobody":
            return None
        if kind == "practice":
            return self.make(letter, SCOPES["both" if letter == "S" else "receipt"], sandbox=True).text
        made = self.make(letter, SCOPES.get(kind, BOTH))
        rows = PartnerToken.objects.filter(pk=made.token.pk)
        if kind == "expired":
            rows.update(expires_on=selectors.today() - timedelta(days=1))
        if kind == "revoked":
            rows.update(revoked_at=clock.now())
        return made.text[:-4] + "0000" if kind == "wrong" else made.text


def asked(row: Row, text: str | None, reference: str) -> Any:
    client = Client(raise_request_exception=False)
    # A signed-in browser's cookies and a form token change nothing.
    client.cookies.load({"s": "x" * 32, "t": "y" * 32, "k": "z"})
    headers = {"Idempotency-Key": new_key()} | ({"Authorization": f"Bearer {text}"} if text else {})
    path = reverse(row.name, kwargs={"reference": reference} if row.name == "api:state" else None)
    if row.method == "GET":
        return client.get(path, headers=headers)
    return client.post(path, json.dumps(MINIMAL), content_type="application/json", headers=headers)


def parts(cell: str) -> Iterator[tuple[str, str]]:
    for part in cell.split("/"):
        letters, colon, status = part.partition(":")
        yield (letters, status) if colon else ("".join(PURPOSES), letters)


def counts() -> tuple[int, int]:
    return Report.objects.count(), Submission.objects.count()


def test_every_token_at_every_operation(cast: Any) -> None:
    world, wrong = Machines(cast), []
    before = counts()
    for row in [row for row in read_table() if row.section == "api"]:
        for kind, cell in zip(TOKENS, row.cells, strict=True):
            wanted = {letter: status for letters, status in parts(cell) for letter in letters}
            for letter in PURPOSES:
                label = f"{row.name} {row.method} by {PURPOSES[letter]} {kind}"
                with transaction.atomic():
                    if letter not in wanted or (kind == "receipt" and letter == "S"):
                        with pytest.raises(BadInput):
                            world.text(kind, letter)
                        continue
                    response = asked(row, world.text(kind, letter), world.references[letter])
                    got = str(response.status_code) + ("+" if b'"receipt"' in response.content else "") * (
                        row.name == "api:submit"
                    )
                    if got != wanted[letter]:
                        wrong.append(f"{label}: {got} instead of {wanted[letter]}")
                    stored = counts() != before
                    if stored != (got.startswith("201") and kind != "practice"):
                        wrong.append(f"{label}: {got}, stored: {stored}")
                    if response.cookies:
                        wrong.append(f"{label}: sets a cookie")
                    transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong[:40])


def told() -> dict[str, list[str]]:
    lines = TABLE.read_text().split("[told]")[1].split("\n[")[0].splitlines()[1:]
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {who: words for who, *words in rows}


def test_the_word_about_a_report_in_each_of_its_states(cast: Any) -> None:
    world = World(cast)
    world.make_reports()
    sender = machine(cast.organisation, cast.partner_organisation)
    school = machine(cast.organisation, school_of(), "school", BOTH)
    stranger = machine(cast.organisation, cast.independent_organisation, "ngo")
    table = told()
    erased, _ = sender.report()
    for machine_of, name in ((sender, "partner"), (school, "school"), (sender, "hidden"), (sender, "stranger")):
        for state, wanted in zip(STATES, table[name], strict=True):
            with transaction.atomic():
                report = erased if state == "erased" else Report.objects.get(pk=world.reports[state])
                Submission.objects.filter(report=report).delete()
                row = Submission.objects.create(
                    reference="R0000000000000001", token=machine_of.token, report=report,
                    quiet=machine_of is school, received_at=report.received_at,
                )  # fmt: skip
                if name == "hidden":
                    ReportExclusion.objects.create(report=report, team=cast.partner_team)
                if state == "erased":
                    vault.shred(record_id=report.record_id)
                asking = {"stranger": stranger, "school": school}.get(name, sender)
                assert asking.state(row.reference) == wanted, f"{name} about a report that is {state}"
                transaction.set_rollback(True)
