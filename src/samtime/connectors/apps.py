"""The connectors app."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.connectors"
    default_auto_field = "django.db.models.BigAutoField"
