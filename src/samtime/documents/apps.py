"""The documents app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.documents"
    default_auto_field = "django.db.models.BigAutoField"
