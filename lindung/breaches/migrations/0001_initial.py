import django.db.models.deletion
import lindung.core.ids
import lindung.reporting.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_security_keys'),
        ('reporting', '0007_walks_and_saved_views'),
        ('vault', '0003_offered_wraps'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.UUIDField(default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('open', 'Berjalan'), ('closed', 'Ditutup')], default='open', max_length=8)),
                ('discovered_at', lindung.reporting.fields.MinuteField()),
                ('due_at', lindung.reporting.fields.MinuteField()),
                ('kinds', models.JSONField(default=list)),
                ('systems', models.JSONField(default=list)),
                ('people_band', models.CharField(max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('authority_told_at', lindung.reporting.fields.MinuteField(blank=True, null=True)),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('remind_at', models.DateTimeField(blank=True, null=True)),
                ('closing_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('authority_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closing_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='breach', to='vault.sealedrecord')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='breaches', to='accounts.team')),
            ],
            options={
                'ordering': ['-discovered_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('way', models.CharField(blank=True, default='', max_length=12)),
                ('home_safe', models.BooleanField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('added_at', models.DateTimeField()),
                ('breach', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='breaches.breach')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='breach_notices', to='reporting.report')),
            ],
            options={
                'ordering': ['added_at', 'id'],
            },
        ),
        migrations.AddIndex(
            model_name='breach',
            index=models.Index(fields=['team', 'state'], name='breach_list'),
        ),
        migrations.AddIndex(
            model_name='breach',
            index=models.Index(fields=['state', 'remind_at'], name='breach_remind'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('report__isnull', False)), fields=('breach', 'report'), name='notice_once_a_report'),
        ),
    ]
