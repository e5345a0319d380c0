"""A booking kept eighteen indexes up to date: those that another one begins with, and two that
nobody asks by alone, are dropped (without locking bookings out)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DROPPED = {
    "bookings_booking_billing_organization_id_f4f3cf1d": "billing_organization_id",
    "bookings_booking_booker_user_id_6bd41f2d": "booker_user_id",
    "bookings_booking_calendar_id_2ce3af4f": "calendar_id",
    "bookings_booking_channel_id_dbb20ba6": "channel_id",
    "bookings_booking_provider_id_dd0437f1": "provider_id",
}
FIELDS = {
    "billing_organization": ("organizations.organization", {"related_name": "+"}),
    "booker_user": (settings.AUTH_USER_MODEL, {"null": True}),
    "calendar": ("calendars.calendar", {}),
    "channel": ("channels.channel", {}),
    "provider": ("organizations.organization", {"related_name": "+"}),
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("bookings", "0005_blocked_time"),
        ("calendars", "0003_feeds"),
        ("channels", "0003_paused"),
        ("organizations", "0005_reminder_hours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        # Django would make the foreign keys anew, and read the table for it.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
                    f"CREATE INDEX CONCURRENTLY {name} ON bookings_booking ({column})",
                )
                for name, column in DROPPED.items()
            ],
            state_operations=[
                migrations.AlterField(
                    "booking",
                    name,
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=to,
                        **more,
                    ),
                )
                for name, (to, more) in FIELDS.items()
            ],
        )
    ]
