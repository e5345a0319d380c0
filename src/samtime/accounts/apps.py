"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Where Django finds the app."""

    name = "samtime.accounts"
    default_auto_field = "django.db.models.BigAutoField"
