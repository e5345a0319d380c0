"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.provider import (
    explain,
    imports,
    inbox,
    institution,
    keys,
    modules,
    partner_end,
    partner_new,
    partner_statistics,
    partners,
    schedules,
    services,
    statements,
    statistics,
    tick_copy,
    tick_undo,
    today,
    traffic_channels,
)
from samtime.web.provider.calendar_urls import CALENDAR_URLS
from samtime.web.provider.client_urls import CLIENT_URLS
from samtime.web.provider.feed_urls import FEED_URLS
from samtime.web.provider.user_urls import USER_URLS

app_name = "provider"
urlpatterns: list[URLPattern | URLResolver] = [
    *USER_URLS,
    *CALENDAR_URLS,
    *CLIENT_URLS,
    *FEED_URLS,
    path("", today.today, name="today"),
    path("calendars/", schedules.schedules, name="schedules"),
    path("calendars/holidays/", schedules.schedule_holidays, name="schedule_holidays"),
    path("calendars/<uuid:ident>/<slug:tab>/", schedules.schedule, name="schedule"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<uuid:run_id>/", imports.run, name="import_run"),
    path("imports/example/<slug:kind>.csv", imports.example, name="import_example"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/next/", inbox.inbox_next, name="inbox_next"),
    path("inbox/<uuid:item_id>/", inbox.inbox_item, name="inbox_item"),
    path("institution/", institution.institution, name="institution"),
    path("institution/company/", institution.company, name="company"),
    path("institution/locations/new/", institution.location_new, name="location_new"),
    path("institution/locations/<uuid:ident>/", institution.location_sheet, name="location_sheet"),
    path("institution/locations/<uuid:ident>/rooms/", institution.rooms_new, name="rooms_new"),
    path("institution/rooms/<uuid:ident>/", institution.rooms, name="rooms"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<uuid:key_id>/revoke/", keys.key_revoke, name="key_revoke"),
    path("modules/", modules.modules, name="modules"),
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
    path("partners/<uuid:ident>/end/", partner_end.partner_end, name="partner_end"),
    path("partners/<uuid:ident>/act/<slug:act>/", partners.partner_act, name="partner_act"),
    path("partners/<uuid:ident>/<slug:tab>/", partners.partner, name="partner"),
    path("reports/statistics/", statistics.statistics, name="statistics"),
    path(
        "reports/partner-statistics/",
        partner_statistics.partner_statistics,
        name="partner_statistics",
    ),
    path(
        "reports/partner-statistics.<str:kind>",
        partner_statistics.partner_statistics_file,
        name="partner_statistics_file",
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
    path("traffic-channels/copy/", tick_copy.traffic_copy, name="traffic_copy"),
    path(
        "traffic-channels/people/<uuid:service>/",
        traffic_channels.traffic_people,
        name="traffic_people",
    ),
    path("traffic-channels/undo/<uuid:batch>/", tick_undo.traffic_undo, name="traffic_undo"),
]
