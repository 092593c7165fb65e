"""docs/data-dictionary.md names every column, says how each is kept, and names none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "data-dictionary.md"
WAYS = {"clear", "sealed", "token", "key", "id"}


def documented() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    table = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"^### (\w+)$", line):
            table = heading.group(1)
            tables[table] = {}
        elif line.startswith("## "):
            table = ""
        elif table and (row := re.match(r"^\| `(\w+)` \| (\w+) \| \S", line)):
            tables[table][row.group(1)] = row.group(2)
    return tables


def test_every_column_of_every_table_is_explained() -> None:
    models = apps.get_models(include_auto_created=True)
    real = {m._meta.db_table: {str(f.column) for f in m._meta.concrete_fields} for m in models}
    assert {table: set(columns) for table, columns in documented().items()} == real


def test_every_way_of_keeping_is_one_of_the_list() -> None:
    ways = {way for columns in documented().values() for way in columns.values()}
    assert ways <= WAYS


def test_bytes_are_never_called_clear() -> None:
    """A binary column holds something sealed, keyed or wrapped; whoever adds another kind must explain it here."""
    ways = documented()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.get_internal_type() == "BinaryField":
                assert ways[model._meta.db_table][str(field.column)] in {"sealed", "token", "key"}, field
