"""Addresses of the users' pages, the same under every desk's own names."""

from django.urls import URLPattern, path

from samtime.web.provider import users

USER_URLS: list[URLPattern] = [
    path("users/", users.users, name="users"),
    path("users/<uuid:ident>/", users.user, name="user"),
    path("users/<uuid:ident>/act/<slug:act>/", users.user_act, name="user_act"),
    path("users/<uuid:ident>/end/", users.user_end, name="user_end"),
]
