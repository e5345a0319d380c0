"""Addresses of clients' pages and the access log."""

from django.urls import URLPattern, path

from samtime.web.provider import (
    access_log,
    client,
    client_acts,
    client_export,
    client_merge,
    patients,
)

CLIENT_URLS: list[URLPattern] = [
    path("access-log/", access_log.access_log, name="access_log"),
    path("access-log.<str:kind>", access_log.access_log_file, name="access_log_file"),
    path("patients/", patients.patients, name="patients"),
    path("patients/merge/", client_merge.client_merge, name="client_merge"),
    path("patients/merge/<uuid:ident>/undo/", client_merge.client_unmerge, name="client_unmerge"),
    path("patients/<uuid:ident>/act/<slug:act>/", client_acts.client_act, name="client_act"),
    path(
        "patients/<uuid:ident>/export.<str:kind>",
        client_export.client_export,
        name="client_export",
    ),
    path("patients/<uuid:ident>/<slug:tab>/", client.client, name="client"),
]
