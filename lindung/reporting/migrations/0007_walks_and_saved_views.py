import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import lindung.core.ids


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reporting", "0006_held_index"),
    ]

    operations = [
        migrations.RemoveIndex("report", "report_queue"),
        migrations.RemoveIndex("report", "report_free"),
        migrations.AddIndex(
            "report", models.Index(fields=["team", "queue_rank", "due_at", "id", "state"], name="report_queue")
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                condition=Q(("claimed_by__isnull", True)),
                fields=["team", "queue_rank", "due_at", "id", "state"],
                name="report_free",
            ),
        ),
        migrations.RemoveConstraint("reportfact", "fact_once_a_report"),
        migrations.RemoveIndex("reportfact", "fact_token"),
        migrations.AddConstraint(
            "reportfact", models.UniqueConstraint(fields=("field", "token", "report"), name="fact_once_a_report")
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, default="", max_length=500)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [models.UniqueConstraint(fields=("owner", "name"), name="view_once_a_name")],
            },
        ),
    ]
