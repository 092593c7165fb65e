"""The machines of the tests: a helpline with every scope, a school, and a practice token."""

from __future__ import annotations

from typing import Any

import pytest

from lindung.partners.tests.machines import SCHOOL_ALL, Machine, machine, school_of


@pytest.fixture
def helpline(cast: Any) -> Machine:
    return machine(cast.organisation, cast.partner_organisation)


@pytest.fixture
def school(cast: Any) -> Machine:
    return machine(cast.organisation, school_of(), "school", SCHOOL_ALL)


@pytest.fixture
def practice(cast: Any) -> Machine:
    return machine(cast.organisation, cast.partner_organisation, sandbox=True)
