"""Addresses of the calendar, its events, its bookings and its day sheet."""

from django.urls import URLPattern, path

from samtime.web.provider import (
    block_panel,
    booking_move,
    booking_panel,
    bookings,
    calendar,
    day_sheet,
    event,
)

CALENDAR_URLS: list[URLPattern] = [
    path("bookings/", bookings.booking_list, name="bookings"),
    path("bookings/<uuid:booking_id>/", booking_panel.booking, name="booking"),
    path("bookings/<uuid:booking_id>/live/", booking_panel.booking_live, name="booking_live"),
    path("bookings/<uuid:booking_id>/move/", booking_move.booking_move, name="booking_move"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/new/", event.event_new, name="event_new"),
    path("calendar/clients/", event.event_clients, name="event_clients"),
    path("calendar/blocks/<uuid:ident>/", block_panel.block, name="block"),
    path("calendar/<str:day>/day-sheet/", day_sheet.day_sheet, name="day_sheet"),
    path("calendar/<str:day>/<slug:view>/", calendar.calendar, name="calendar_day"),
    path("calendar/<str:day>/<slug:view>/live/", calendar.calendar_live, name="calendar_live"),
]
