"""Questions to company registers and what they said."""

import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('partners', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisterCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('organization_id', models.BigIntegerField()),
                ('user_id', models.BigIntegerField(null=True)),
                ('country', models.CharField(max_length=2)),
                ('number', models.CharField(max_length=40)),
                ('source', models.CharField(max_length=20)),
                ('outcome', models.CharField(default='asked', max_length=12)),
                ('told', models.JSONField(default=dict)),
                ('asked_at', models.DateTimeField()),
                ('fetched_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['organization_id', 'country', 'number', 'id'], name='register_check_number'), models.Index(fields=['user_id', 'asked_at'], name='register_check_user')],
            },
        ),
    ]
