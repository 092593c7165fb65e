"""Triggers that refuse UPDATE and DELETE on the log, in the database itself."""

from django.db import migrations

_SQLITE = """
CREATE TRIGGER audit_event_no_{verb} BEFORE {VERB} ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit events are never changed or deleted'); END
"""
_POSTGRES = """
CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit events are never changed or deleted' USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_refuse();
"""


def add(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        # A row trigger: TRUNCATE, which empties a test database, does not fire it. Checkpoints catch a TRUNCATE.
        schema_editor.execute(_POSTGRES)
    elif connection.vendor == "sqlite":
        schema_editor.execute(_SQLITE.format(verb="update", VERB="UPDATE"))
        # A test database in memory is emptied with DELETE between tests, and no installation lives in memory.
        if not connection.is_in_memory_db():
            schema_editor.execute(_SQLITE.format(verb="delete", VERB="DELETE"))


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER IF EXISTS audit_event_append_only ON audit_event")
        schema_editor.execute("DROP FUNCTION IF EXISTS audit_event_refuse()")
    else:
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_event_no_{verb}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(add, remove, elidable=False)]
