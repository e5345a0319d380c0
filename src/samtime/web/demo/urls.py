"""Addresses of this audience."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.demo.look import look

urlpatterns: list[URLPattern | URLResolver] = [path("look", look, name="demo_look")]
