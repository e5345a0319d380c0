"""Ticks by day: a search asks when the next one changes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("channels", "0001_initial")]
    operations = [
        AddIndexConcurrently(
            model_name="listing",
            index=models.Index(fields=["outsider_id", "from_on"], name="listing_outsider_day"),
        ),
        AddIndexConcurrently(
            model_name="listing",
            index=models.Index(fields=["provider_id", "from_on"], name="listing_provider_day"),
        ),
    ]
