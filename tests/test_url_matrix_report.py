"""Tries the cells of tests/url_matrix.txt about one report in each of its states; English lets nobody else in."""

from __future__ import annotations

import pytest
from django.utils import translation

from tests.support.matrix import EVERYBODY, INSIDE, STATES, World, compare, expected, read_table, show

pytestmark = pytest.mark.django_db


def test_one_report_in_each_of_its_states(world: World) -> None:
    wrong: list[str] = []
    for row in [row for row in read_table() if row.section == "report"]:
        for state, cell in zip(STATES, row.cells, strict=True):
            path = world.path(row.name, state)
            # Whoever is not signed in is turned away before anything is looked up: one state says it for all.
            for who in EVERYBODY if state == "new" else "R" + INSIDE:
                body = world.body_of(row, state)
                wanted, done = expected(row, cell, who, body)
                response, written = world.ask(row, world.jar_of(who, state), path, body)
                wrong += compare(row, who, state, wanted, done, response, written)
    wrong += in_english(world)
    show(wrong)


def in_english(world: World) -> list[str]:
    """The addresses below /en/ let nobody in whom the others keep out."""
    wrong: list[str] = []
    with translation.override("en"):
        for row in [row for row in read_table() if row.section in {"team", "report"}]:
            state = "named" if row.section == "report" else ""
            path, cell = world.path(row.name, state), row.cells[STATES.index("named")] if state else row.cells[0]
            assert path.startswith("/en/")
            for who in "VAX":
                body = world.body_of(row, state, who)
                wanted, done = expected(row, cell, who, body)
                response, written = world.ask(row, world.jars[who], path, body)
                wrong += compare(row, who, "in English", wanted, done, response, written)
    return wrong
