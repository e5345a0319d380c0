"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver

from samtime.web.provider.user_urls import USER_URLS

app_name = "insurer"
urlpatterns: list[URLPattern | URLResolver] = [*USER_URLS]
