"""The channels app."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.channels"
    default_auto_field = "django.db.models.BigAutoField"
