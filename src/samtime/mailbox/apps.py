"""The mailbox app."""

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.mailbox"
    default_auto_field = "django.db.models.BigAutoField"
