"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.provider import partners, statistics, traffic_channels

app_name = "provider"
urlpatterns: list[URLPattern | URLResolver] = [
    path("partner-module/", partners.partner_module, name="partner_module"),
    path("partners.xlsx", partners.partners_file, name="partners_file"),
    path("partners/", partners.partners, name="partners"),
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
    path("traffic-channels/", traffic_channels.traffic_channels, name="traffic_channels"),
]
