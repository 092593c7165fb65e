from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        ("reporting", "0001_initial"),
    ]

    operations = [
        migrations.AddField("alert", "nobody", models.BooleanField(default=False)),
        migrations.AddField("alert", "mailed", models.BooleanField(default=False)),
        migrations.AddField("alert", "posted", models.BooleanField(default=False)),
        migrations.AddField("alert", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("alert", "retry_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "alert",
            models.UniqueConstraint(
                condition=Q(("stopped", False)), fields=("report", "level"), name="one_running_alert_a_level"
            ),
        ),
    ]
