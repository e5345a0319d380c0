"""The organizations app."""

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.organizations"
    default_auto_field = "django.db.models.BigAutoField"
