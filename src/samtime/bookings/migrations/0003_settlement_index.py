"""A month's settlement is summed from the index alone: the row policy's columns belong to it."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bookings", "0002_letter_state")]
    operations = [
        AddIndexConcurrently(
            model_name="booking",
            index=models.Index(
                fields=["channel", "starts_at"],
                include=[
                    "state",
                    "currency",
                    "net_amount",
                    "commission_amount",
                    "provider",
                    "booker",
                ],
                name="booking_settlement",
            ),
        ),
        RemoveIndexConcurrently(model_name="booking", name="booking_channel"),
    ]
