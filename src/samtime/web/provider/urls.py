"""Addresses of this audience; URL names as in SCREENS.md section 11."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.provider import statistics

app_name = "provider"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/statistics/", statistics.statistics, name="statistics"),
    path(
        "reports/partner-statistics/",
        statistics.statistics,
        {"partners_only": True},
        name="partner_statistics",
    ),
    path("reports/statistics.<str:kind>", statistics.statistics_file, name="statistics_file"),
]
