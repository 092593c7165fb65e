"""Shared fixtures: the database of the run, translations, secrets, and the named cast of roles."""

from __future__ import annotations

import os

import pytest

from lindung.core.catalogues import compile_all


def pytest_configure(config: pytest.Config) -> None:
    compile_all()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests about PostgreSQL itself are selected by the database of the run, not skipped inside it."""
    if not os.environ.get("LINDUNG_DATABASE"):
        items[:] = [item for item in items if "postgres" not in item.keywords]


@pytest.fixture(scope="session", autouse=True)
def _secrets() -> None:
    from django.conf import settings

    from lindung.vault.secrets import ensure_secrets

    ensure_secrets(settings.LINDUNG_SECRETS_DIR)
