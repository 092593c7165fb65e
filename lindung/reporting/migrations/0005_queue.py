import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Case, Q, Value, When


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
        ("reporting", "0004_transfers_holds_reassignments"),
    ]

    operations = [
        migrations.AddField(
            "report",
            "queue_rank",
            models.GeneratedField(
                expression=Case(
                    When(Q(("merged_into__isnull", False), ("state", "withdrawn"), _connector="OR"), then=Value(9)),
                    When(state="closed", then=Value(8)),
                    default=Case(
                        When(path="worried_self", then=Value(3)),
                        When(risk="high", then=Value(0)),
                        When(risk="medium", then=Value(1)),
                        default=Value(2),
                    )
                    + Case(When(state__in=["waiting_reporter", "referred"], then=Value(4)), default=Value(0)),
                ),
                output_field=models.PositiveSmallIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.RemoveIndex("report", "report_queue"),
        migrations.AddIndex(
            "report", models.Index(fields=["team", "queue_rank", "due_at", "id"], name="report_queue")
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                condition=Q(("claimed_by__isnull", True)),
                fields=["team", "queue_rank", "due_at", "id"],
                name="report_free",
            ),
        ),
        migrations.AddIndex("report", models.Index(fields=["team", "received_at", "id"], name="report_arrival")),
        migrations.AddIndex("report", models.Index(fields=["team", "state"], name="report_state")),
        migrations.AddIndex("report", models.Index(fields=["team", "channel"], name="report_channel")),
        migrations.AddIndex("report", models.Index(fields=["team", "language"], name="report_language")),
        migrations.AlterField(
            "report",
            "team",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="accounts.team",
            ),
        ),
        migrations.RemoveIndex("reportfact", "fact_token"),
        migrations.AddIndex("reportfact", models.Index(fields=["field", "token", "report"], name="fact_token")),
        migrations.AddIndex(
            "message",
            models.Index(condition=Q(("read_by_staff", False)), fields=["report", "direction"], name="message_unread"),
        ),
    ]
