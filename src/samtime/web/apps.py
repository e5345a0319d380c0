"""The web door."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Where Django finds pages' templates and template tags."""

    name = "samtime.web"
