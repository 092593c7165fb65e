import django.db.models.deletion
import lindung.core.ids
import lindung.reporting.fields
from django.conf import settings
from django.db import migrations, models

from lindung.core import clock


def keep_holds(apps, schema_editor):
    """What was on legal hold before had no row of its own: it gets one, to be looked at by its supervisor now."""
    Report, LegalHold = apps.get_model("reporting", "Report"), apps.get_model("reporting", "LegalHold")
    now = clock.now()
    for pk, reason in Report.objects.filter(legal_hold=True).values_list("pk", "hold_reason"):
        LegalHold.objects.create(report_id=pk, reason=reason, set_at=now, review_at=now)

from lindung.core.migrating import CreateModels


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('reporting', '0003_report_merged_into'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
migrations.CreateModel(
            name='Reassignment',
            fields=[
                ('id', models.UUIDField(default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reassignments', to='reporting.report')),
                ('to_user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=20)),
                ('set_at', models.DateTimeField()),
                ('review_at', models.DateTimeField()),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('lift_reason', models.CharField(blank=True, default='', max_length=20)),
                ('lift_asked_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('lift_asked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='holds', to='reporting.report')),
                ('reviewed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['set_at', 'id'],
                'indexes': [models.Index(fields=['lifted_at', 'review_at'], name='hold_review')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at', None)), fields=('report',), name='one_running_hold_a_report')],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.UUIDField(default=lindung.core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('offered', 'Menunggu jawaban'), ('accepted', 'Diterima'), ('declined', 'Ditolak'), ('withdrawn', 'Ditarik lagi'), ('fallen', 'Gugur')], default='offered', max_length=10)),
                ('reason', models.CharField(max_length=20)),
                ('urgent', models.BooleanField(default=False)),
                ('offered_at', models.DateTimeField()),
                ('due_at', lindung.reporting.fields.MinuteField()),
                ('reminders', models.PositiveSmallIntegerField(default=0)),
                ('remind_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decline_reason', models.CharField(blank=True, default='', max_length=20)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('offered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transfers', to='reporting.report')),
                ('to_team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'ordering': ['offered_at', 'id'],
                'indexes': [models.Index(fields=['state', 'remind_at'], name='transfer_remind'), models.Index(fields=['to_team', 'state'], name='transfer_inbox'), models.Index(fields=['from_team', 'offered_at'], name='transfer_sent')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('report',), name='one_open_transfer_a_report'), models.CheckConstraint(condition=models.Q(('from_team', models.F('to_team')), _negated=True), name='transfer_to_another_team')],
            },
        ),
]),
        migrations.RunPython(keep_holds, migrations.RunPython.noop),
    ]
