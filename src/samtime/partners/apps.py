"""The partners app."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.partners"
    default_auto_field = "django.db.models.BigAutoField"
