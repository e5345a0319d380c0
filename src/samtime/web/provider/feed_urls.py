"""Addresses of calendar feeds, their import, and reminders."""

from django.urls import URLPattern, URLResolver, path

from samtime.web.provider import calendar_import, feeds, reminders

FEED_URLS: list[URLPattern | URLResolver] = [
    path("reminders/", reminders.reminders, name="reminders"),
    path("calendar-feeds/", feeds.feeds, name="feeds"),
    path("calendar-feeds/import/", calendar_import.calendar_import, name="calendar_import"),
    path(
        "calendar-feeds/import/<uuid:run_id>/",
        calendar_import.calendar_import_run,
        name="calendar_import_run",
    ),
    path("calendar-feeds/new/", feeds.feed_new, name="feed_new"),
    path("calendar-feeds/subscribe/", feeds.feed_subscribe, name="feed_subscribe"),
    path("calendar-feeds/<slug:kind>/<uuid:ident>/end/", feeds.feed_end, name="feed_end"),
]
