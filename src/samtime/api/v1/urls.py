"""Addresses of the JSON API: importing a calls' file adds its routes."""

from django.urls import URLPattern, URLResolver, path

from samtime.api.v1 import (
    availability,
    bookings,
    catalog,
    days,
    imports,
    invitations,
    journal,
    lookup,
    matrix,
    organization,
    partnership_changes,
    partnerships,
    patients,
    places,
    statements,
    times,
    users,
)
from samtime.api.v1.api import api

CALLS = (
    availability,
    bookings,
    catalog,
    days,
    imports,
    invitations,
    journal,
    lookup,
    matrix,
    organization,
    partnership_changes,
    partnerships,
    patients,
    places,
    statements,
    times,
    users,
)
urlpatterns: list[URLPattern | URLResolver] = [path("", api.urls)]
