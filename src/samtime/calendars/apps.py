"""The calendars app."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.calendars"
    default_auto_field = "django.db.models.BigAutoField"
