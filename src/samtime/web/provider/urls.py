"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver

app_name = "provider"
urlpatterns: list[URLPattern | URLResolver] = []
