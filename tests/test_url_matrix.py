"""Tries the cells of tests/url_matrix.txt: every address has its row, public pages, the door, the pages of the team."""

from __future__ import annotations

import pytest
from django.urls import reverse

from conftest import Browser
from tests.support.matrix import BOXES, EVERYBODY, World, compare, expected, named_patterns, read_table, show

pytestmark = pytest.mark.django_db


def test_every_address_has_its_rows_and_every_row_its_address() -> None:
    there = {(name, method) for name, _ in named_patterns() for method in ("GET", "POST")}
    rows = [(row.name, row.method) for row in read_table()]
    assert set(rows) - there == set(), "rows without an address"
    assert there - set(rows) == set(), "addresses without a row"
    assert len(rows) == len(set(rows)), "two rows for one address and method"


def test_the_table_names_nobody_twice_in_a_cell_and_nobody_who_is_unknown() -> None:
    for row in read_table():
        for cell in () if row.section in {"public", "api"} else row.cells:
            people = "".join(part.partition(":")[0] for part in cell.split("/")).replace("-", "")
            assert set(people) <= set(EVERYBODY), row
            assert len(people) == len(set(people)), row


def test_no_address_takes_a_form_without_its_token() -> None:
    client = Browser(enforce_csrf_checks=True)
    for name, pattern in named_patterns():
        # Below /api/ no cookie counts (tests/test_url_matrix_api.py), so there is nothing for another site to use.
        assert getattr(pattern.callback, "csrf_exempt", False) == name.startswith("api:"), name
    for name in ("portal:mailbox", "portal:send", "accounts:sign_in", "accounts:sign_out", "workspace:platform_add"):
        assert client.post(reverse(name), {"code": "1"}).status_code == 403, name


def test_public_pages_by_what_the_browser_carries(world: World) -> None:
    wrong: list[str] = []
    for row in [row for row in read_table() if row.section == "public"]:
        for box, cell in zip(BOXES, row.cells, strict=True):
            response, written = world.ask(row, world.browser_with(box), world.path(row.name), world.body_of(row))
            wrong += compare(row, "V", box, cell, False, response, written)
        for who in "AMU":  # a signed-in person is nobody here
            response, written = world.ask(row, world.jars[who], world.path(row.name), world.body_of(row))
            wrong += compare(row, who, "nothing", row.cells[0], False, response, written)
    show(wrong)


def test_the_door_and_the_pages_of_the_team(world: World) -> None:
    wrong: list[str] = []
    for row in [row for row in read_table() if row.section in {"door", "team"}]:
        for who in EVERYBODY:
            body = world.body_of(row, who=who)
            wanted, done = expected(row, row.cells[0], who, body)
            response, written = world.ask(row, world.jar_of(who, "new"), world.path(row.name), body)
            wrong += compare(row, who, "", wanted, done, response, written)
    show(wrong)
