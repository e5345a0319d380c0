"""Addresses of this audience."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.public import invitation, joining, offline, security_contact

app_name = "public"
urlpatterns: list[URLPattern | URLResolver] = [
    path("join/<str:token>", joining.joining, name="joining"),
    path(".well-known/security.txt", security_contact.security_contact, name="security_contact"),
    path("offline/", offline.offline, name="offline"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("invite/<str:token>", invitation.invitation, name="invitation"),
    path("invite/<str:token>/terms.txt", invitation.terms_text, name="invitation_terms"),
]
