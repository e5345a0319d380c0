"""Addresses of this audience."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.public import (
    agent_feed,
    feed,
    invitation,
    joining,
    offline,
    patient_access,
    patient_booking,
    patient_move,
    security_contact,
)

app_name = "public"
urlpatterns: list[URLPattern | URLResolver] = [
    path("join/<str:token>", joining.joining, name="joining"),
    path(".well-known/security.txt", security_contact.security_contact, name="security_contact"),
    path("offline/", offline.offline, name="offline"),
    path("sw.js", offline.service_worker, name="service_worker"),
    path("b/<str:token>", patient_booking.patient_booking, name="patient_booking"),
    path("b/<str:token>/cancel", patient_booking.patient_cancel, name="patient_cancel"),
    path("b/<str:token>/appointment.ics", patient_booking.patient_file, name="patient_file"),
    path("b/<str:token>/move", patient_move.patient_move, name="patient_move"),
    path("b/<str:token>/access", patient_access.patient_access, name="patient_access"),
    path("calendar/<str:token>.ics", feed.feed, name="feed"),
    path("calendar/booked/<str:token>.ics", agent_feed.agent_feed, name="agent_feed"),
    path("invite/<str:token>", invitation.invitation, name="invitation"),
    path("invite/<str:token>/terms.txt", invitation.terms_text, name="invitation_terms"),
]
