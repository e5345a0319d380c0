"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.provider import (
    bookings,
    calendar,
    explain,
    imports,
    inbox,
    institution,
    partner_new,
    partners,
    schedules,
    services,
    statements,
    statistics,
    today,
    traffic_channels,
)
from samtime.web.provider.user_urls import USER_URLS

app_name = "provider"
urlpatterns: list[URLPattern | URLResolver] = [
    *USER_URLS,
    path("", today.today, name="today"),
    path("bookings/", bookings.booking_list, name="bookings"),
    path("bookings/<uuid:booking_id>/", bookings.booking, name="booking"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/<str:day>/day/", calendar.calendar, name="calendar_day"),
    path("calendar/<str:day>/new/", calendar.booking_new, name="booking_new"),
    path("calendars/", schedules.schedules, name="schedules"),
    path("calendars/holidays/", schedules.schedule_holidays, name="schedule_holidays"),
    path("calendars/<uuid:ident>/<slug:tab>/", schedules.schedule, name="schedule"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:run_id>/", imports.run, name="import_run"),
    path("imports/example/<slug:kind>.csv", imports.example, name="import_example"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/<uuid:item_id>/", inbox.inbox_item, name="inbox_item"),
    path("institution/", institution.institution, name="institution"),
    path("institution/company/", institution.company, name="company"),
    path("institution/locations/new/", institution.location_new, name="location_new"),
    path("institution/locations/<uuid:ident>/", institution.location_sheet, name="location_sheet"),
    path("institution/locations/<uuid:ident>/rooms/", institution.rooms_new, name="rooms_new"),
    path("institution/rooms/<uuid:ident>/", institution.rooms, name="rooms"),
    path("partner-module/", partners.partner_module, name="partner_module"),
    path("partners.xlsx", partners.partners_file, name="partners_file"),
    path("partners/", partners.partners, name="partners"),
    path("partners/look-up/", partner_new.partner_look_up, name="partner_look_up"),
    path("partners/example/", partner_new.partner_example, name="partner_example"),
    path(
        "partners/<uuid:ident>/example/",
        partner_new.partner_example,
        name="partner_terms_example",
    ),
    path("partners/<uuid:ident>/check/", partners.partner_check, name="partner_check"),
    path("partners/<uuid:ident>/end/", partners.partner_end, name="partner_end"),
    path("partners/<uuid:ident>/act/<slug:act>/", partners.partner_act, name="partner_act"),
    path("partners/<uuid:ident>/<slug:tab>/", partners.partner, name="partner"),
    path("reports/statistics/", statistics.statistics, name="statistics"),
    path(
        "reports/partner-statistics/",
        statistics.statistics,
        {"partners_only": True},
        name="partner_statistics",
    ),
    path("reports/statistics.<str:kind>", statistics.statistics_file, name="statistics_file"),
    path("services/", services.services, name="services"),
    path("services/<uuid:ident>/end/", services.service_end, name="service_end"),
    path("services/<uuid:ident>/<slug:tab>/", services.service, name="service"),
    path("why/", explain.explain, name="explain"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<uuid:statement_id>/", statements.settlement, name="settlement"),
    path("statements/<uuid:statement_id>/send/", statements.statement_send, name="statement_send"),
    path(
        "statements/<uuid:statement_id>/close/", statements.statement_close, name="statement_close"
    ),
    path(
        "statements/<uuid:statement_id>.<str:kind>",
        statements.settlement_file,
        name="settlement_file",
    ),
    path("traffic-channels/", traffic_channels.traffic_channels, name="traffic_channels"),
]
