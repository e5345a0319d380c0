"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.operator import desk, organisations, terms
from samtime.web.provider.user_urls import USER_URLS

app_name = "operator"
urlpatterns: list[URLPattern | URLResolver] = [
    *USER_URLS,
    path("", desk.desk, name="desk"),
    path("organisations/", organisations.organisations, name="organisations"),
    path(
        "organisations/<uuid:ident>/<slug:act>/",
        organisations.organisation_act,
        name="organisation_act",
    ),
    path("terms/", terms.terms, name="terms"),
    path("terms/new/", terms.terms_new, name="terms_new"),
    path("terms/<int:version>/<slug:language>.txt", terms.terms_file, name="terms_file"),
]
