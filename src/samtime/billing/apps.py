"""The billing app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.billing"
    default_auto_field = "django.db.models.BigAutoField"
