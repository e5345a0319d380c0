"""Questions of reports: statistics.py (by group), over_time.py (for charts), today.py."""

from samtime.reports.queries.statistics import (
    GROUPS,
    StatisticsLine,
    StatisticsWish,
    booking_statistics,
    partner_booking,
    sent_bookings,
    totals,
)
from samtime.reports.queries.today import (
    SourceShare,
    since_yesterday,
    sources_of_day,
    today_in_numbers,
)

__all__ = [
    "GROUPS",
    "SourceShare",
    "StatisticsLine",
    "StatisticsWish",
    "booking_statistics",
    "partner_booking",
    "sent_bookings",
    "since_yesterday",
    "sources_of_day",
    "today_in_numbers",
    "totals",
]
