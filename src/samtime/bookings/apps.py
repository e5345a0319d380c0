"""The bookings app."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.bookings"
    default_auto_field = "django.db.models.BigAutoField"
