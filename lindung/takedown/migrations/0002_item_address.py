from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('takedown', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='item',
            name='address',
            field=models.BinaryField(default=b'', max_length=32),
        ),
    ]
