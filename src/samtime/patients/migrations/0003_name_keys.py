"""Names that are there already get their keyed hashes, clinic by clinic, in small transactions."""

from typing import Any

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, transaction

from samtime.foundation.secrets import keyed_numbers
from samtime.foundation.tenancy import set_viewer
from samtime.patients.rules import name_forms

BATCH = 1000


def fill(apps: Any, _schema: Any) -> None:
    """The trigger carries each change into the index."""
    patients = apps.get_model("patients", "Patient")
    organizations = apps.get_model("organizations", "Organization")
    for provider_id in organizations.objects.values_list("id", flat=True).order_by("id"):
        after = 0
        while True:
            with transaction.atomic():
                set_viewer(provider_id)
                rows = list(
                    patients.objects.filter(provider_id=provider_id, id__gt=after)
                    .order_by("id")
                    .only("id", "given_name", "family_name")[:BATCH]
                )
                for row in rows:
                    row.name_keys = keyed_numbers(
                        name_forms(row.given_name, row.family_name), provider_id
                    )
                patients.objects.bulk_update(rows, ["name_keys"])
            if len(rows) < BATCH:
                break
            after = rows[-1].id


class Migration(migrations.Migration):
    """Not one transaction: a million names are not held under one lock."""

    atomic = False
    dependencies = [("patients", "0002_records")]
    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        RemoveIndexConcurrently("patient", "patient_name_keys"),
    ]
