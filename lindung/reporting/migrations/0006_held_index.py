import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("reporting", "0005_queue"),
    ]

    operations = [
        migrations.AlterField(
            "report",
            "claimed_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claimed_reports",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            "report",
            models.Index(condition=Q(("claimed_by__isnull", False)), fields=["claimed_by"], name="report_held"),
        ),
    ]
