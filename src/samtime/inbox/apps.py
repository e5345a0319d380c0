"""The inbox app."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.inbox"
    default_auto_field = "django.db.models.BigAutoField"
