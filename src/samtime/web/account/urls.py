"""Addresses of sign-in and the person's own pages; our own names live in `account:`."""

from django.urls import URLPattern, URLResolver, include, path

from samtime.web.account import home, language, organizations

own: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("organizations/", organizations.organizations, name="organizations"),
    path("language/", language.choose_language, name="language"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((own, "account"))),
]
