"""A month is summed from an index whose columns of fixed width come first, so that each is found
without walking over the words before it; and the table is swept after a fiftieth of it is new, so
that the rows of a month gone by need not be looked at beside the index."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bookings", "0008_own_desk")]
    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                fields=["channel", "starts_at"],
                include=[
                    "provider",
                    "booker",
                    "net_amount",
                    "commission_amount",
                    "state",
                    "currency",
                ],
                name="booking_month",
            ),
        ),
        RemoveIndexConcurrently(model_name="booking", name="booking_settlement"),
        migrations.RunSQL(
            "ALTER TABLE bookings_booking SET (autovacuum_vacuum_insert_scale_factor = 0.02,"
            " autovacuum_vacuum_scale_factor = 0.05)",
            "ALTER TABLE bookings_booking RESET (autovacuum_vacuum_insert_scale_factor,"
            " autovacuum_vacuum_scale_factor)",
        ),
    ]
