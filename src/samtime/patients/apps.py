"""The patients app."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.patients"
    default_auto_field = "django.db.models.BigAutoField"
