"""Two wider indexes begin with the provider: his own one is dropped."""

import django.db.models.deletion
from django.db import migrations, models

NAME = "patients_patient_provider_id_ebcf3d45"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("organizations", "0005_reminder_hours"), ("patients", "0003_name_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
                    f"CREATE INDEX CONCURRENTLY {NAME} ON patients_patient (provider_id)",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "patient",
                    "provider",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="organizations.organization",
                    ),
                )
            ],
        )
    ]
