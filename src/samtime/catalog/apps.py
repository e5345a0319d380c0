"""The catalog app."""

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.catalog"
    default_auto_field = "django.db.models.BigAutoField"
