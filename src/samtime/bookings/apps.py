"""The bookings app."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.bookings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Whom a practitioner treats is known here; the patients' floor asks."""
        from samtime.bookings.queries.clients import treated_by
        from samtime.patients.queries.own import treated_are

        treated_are(treated_by)
