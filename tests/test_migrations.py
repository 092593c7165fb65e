"""The tables that `lindung migrate` makes are those that the models say."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation


@translation.override(None)  # labels are compared as they are written
def test_no_change_of_a_table_is_without_a_migration() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    assert loader.detect_conflicts() == {}
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("lindung.")}
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    missing = {label: [str(operation) for one in migrations for operation in one.operations]
               for label, migrations in found.items() if label in ours}  # fmt: skip
    if missing:
        pytest.fail(f"changed without a migration: {missing}", pytrace=False)
