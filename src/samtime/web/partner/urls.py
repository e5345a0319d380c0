"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.partner import partnerships

app_name = "partner"
urlpatterns: list[URLPattern | URLResolver] = [
    path("agreements/", partnerships.partnerships, name="partnerships"),
    path(
        "agreements/<uuid:ident>/<slug:answer>/",
        partnerships.partnership_answer,
        name="partnership_answer",
    ),
]
