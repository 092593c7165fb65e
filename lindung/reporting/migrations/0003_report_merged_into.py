import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):

    dependencies = [
        ("reporting", "0002_alert_delivery"),
    ]

    operations = [
        migrations.AddField(
            "report",
            "merged_into",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="merged",
                to="reporting.report",
            ),
        ),
        migrations.AddConstraint(
            "report",
            models.CheckConstraint(
                condition=Q(("merged_into", F("id")), _negated=True), name="report_merged_into_another"
            ),
        ),
    ]
