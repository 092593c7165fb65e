"""Tables made at once are the tables made one by one, and they go away again."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from lindung.core.migrating import CreateModels

pytestmark = pytest.mark.django_db(transaction=True)


def _operations() -> list[migrations.CreateModel]:
    number = [("id", models.AutoField(primary_key=True))]
    house = migrations.CreateModel("House", [*number, ("name", models.CharField(max_length=9))])
    child = migrations.CreateModel(
        "Child",
        [*number, ("house", models.ForeignKey("core.House", models.CASCADE)), ("age", models.IntegerField())],
        options={"indexes": [models.Index(fields=["age"], name="child_age")]},
    )
    return [house, child]


def _tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name in {"core_house", "core_child"}}


def _after(operations: list[migrations.CreateModel]) -> ProjectState:
    state = ProjectState()
    for operation in operations:
        operation.state_forwards("core", state)
    return state


def test_it_makes_and_unmakes_what_its_models_make() -> None:
    before, together = ProjectState(), CreateModels(_operations())
    assert before.apps.get_models() == []  # they are rendered, as they are in the middle of a migration
    after = before.clone()
    together.state_forwards("core", after)
    assert after == _after(_operations())
    assert before.models == {}
    with connection.schema_editor() as editor:
        together.database_forwards("core", editor, before, after)
    assert _tables() == {"core_house", "core_child"}
    Child, House = after.apps.get_model("core", "Child"), after.apps.get_model("core", "House")
    assert Child.objects.create(house=House.objects.create(name="a"), age=9).house.name == "a"
    with connection.cursor() as cursor:
        assert "child_age" in connection.introspection.get_constraints(cursor, "core_child")
    with connection.schema_editor() as editor:
        together.database_backwards("core", editor, after, before)
    assert _tables() == set()


def test_it_can_be_written_into_a_migration() -> None:
    name, args, kwargs = (made := CreateModels(_operations())).deconstruct()
    assert (name, kwargs) == ("CreateModels", {})
    assert _after(CreateModels(*args).models) == _after(made.models)
    assert made.references_model("House", "core")
    assert not made.references_model("Garden", "core")
    assert made.describe() == "Create models House, Child"
