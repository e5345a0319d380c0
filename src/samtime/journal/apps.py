"""The journal app."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.journal"
    default_auto_field = "django.db.models.BigAutoField"
