"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.partner import bookings, explain, partnerships, show_calendars

app_name = "partner"
urlpatterns: list[URLPattern | URLResolver] = [
    path("agreements/", partnerships.partnerships, name="partnerships"),
    path(
        "agreements/<uuid:ident>/<slug:answer>/",
        partnerships.partnership_answer,
        name="partnership_answer",
    ),
    path("book/calendars/", show_calendars.show_calendars, name="show_calendars"),
    path("book/calendars/hold/", show_calendars.hold, name="hold"),
    path("book/calendars/held/<uuid:hold_id>/", show_calendars.held, name="held"),
    path("why/", explain.explain, name="explain"),
    path("bookings/", bookings.our_bookings, name="bookings"),
    path("bookings/<uuid:booking_id>/", bookings.our_booking, name="booking"),
]
