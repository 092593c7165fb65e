from django.db import migrations, models


class Migration(migrations.Migration):
    """A record may be offered to another team before that team holds it."""

    dependencies = [("vault", "0002_grants_endorsed")]

    operations = [
        migrations.AlterField(
            "wrappedkey",
            "recipient",
            models.CharField(
                choices=[("team", "Team"), ("receipt", "Receipt"), ("held", "Held"), ("offered", "Offered")],
                max_length=8,
            ),
        ),
    ]
