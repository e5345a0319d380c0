"""Addresses of this audience."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.public import invitation

app_name = "public"
urlpatterns: list[URLPattern | URLResolver] = [
    path("invite/<str:token>", invitation.invitation, name="invitation"),
    path("invite/<str:token>/terms.txt", invitation.terms_text, name="invitation_terms"),
]
