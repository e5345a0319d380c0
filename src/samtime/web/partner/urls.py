"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.partner import (
    booking_feed,
    bookings,
    callbacks,
    catalogue,
    cockpit,
    cockpit_call_back,
    cockpit_draft,
    cockpit_hold,
    cockpit_person,
    explain,
    partnerships,
    show_calendars,
    statements,
    statistics,
    terms,
)
from samtime.web.provider.user_urls import USER_URLS

app_name = "partner"
urlpatterns: list[URLPattern | URLResolver] = [
    *USER_URLS,
    path("agreements/", partnerships.partnerships, name="partnerships"),
    path(
        "agreements/<uuid:ident>/<slug:answer>/",
        partnerships.partnership_answer,
        name="partnership_answer",
    ),
    path("book/", cockpit.cockpit, name="cockpit"),
    path("book/find/", cockpit.cockpit_find, name="cockpit_find"),
    path("book/live/", cockpit.cockpit_live, name="cockpit_live"),
    path("book/holds/", cockpit.cockpit_holds, name="cockpit_holds"),
    path("book/take/", cockpit_hold.cockpit_take, name="cockpit_take"),
    path("book/held/<uuid:hold_id>/", cockpit_hold.cockpit_held, name="cockpit_held"),
    path("book/held/<uuid:hold_id>/person/", cockpit_person.cockpit_person, name="cockpit_person"),
    path(
        "book/held/<uuid:hold_id>/confirm/",
        cockpit_person.cockpit_confirm,
        name="cockpit_confirm",
    ),
    path("book/call-back/", cockpit_call_back.cockpit_call_back, name="cockpit_call_back"),
    path("book/draft/", cockpit_draft.cockpit_draft, name="cockpit_draft"),
    path("callbacks/", callbacks.callbacks, name="callbacks"),
    path("callbacks/live/", callbacks.callbacks_live, name="callbacks_live"),
    path("callbacks/<uuid:ident>/", callbacks.callback, name="callback"),
    path("catalogue/", catalogue.catalogue_list, name="catalogue"),
    path("catalogue/ask/<uuid:ident>/", catalogue.catalogue_ask, name="catalogue_ask"),
    path("terms/", terms.terms, name="terms"),
    path("terms/<uuid:acceptance>.txt", terms.terms_file, name="terms_file"),
    path("book/calendars/", show_calendars.show_calendars, name="show_calendars"),
    path("book/calendars/live/", show_calendars.show_calendars_live, name="show_calendars_live"),
    path("book/calendars/hold/", show_calendars.hold, name="hold"),
    path("book/calendars/held/<uuid:hold_id>/", show_calendars.held, name="held"),
    path("why/", explain.explain, name="explain"),
    path("bookings/", bookings.our_bookings, name="bookings"),
    path("bookings/feed/", booking_feed.booking_feed, name="booking_feed"),
    path("bookings/<uuid:booking_id>/", bookings.our_booking, name="booking"),
    path("statistics/", statistics.statistics, name="statistics"),
    path("statistics.<str:kind>", statistics.statistics_file, name="statistics_file"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<uuid:statement_id>/", statements.statement, name="statement"),
    path(
        "statements/<uuid:statement_id>/accept/",
        statements.statement_accept,
        name="statement_accept",
    ),
    path(
        "statements/<uuid:statement_id>.<str:kind>",
        statements.statement_as_file,
        name="statement_file",
    ),
]
