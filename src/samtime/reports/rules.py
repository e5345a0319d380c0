"""What counts: commission and value are earned by visits that took place (DOMAIN.md section 0)."""

from datetime import date, timedelta

LONGEST_DAYS = 1100


def longest_end(start: date) -> date:
    """The last day a report that starts here may reach."""
    return start + timedelta(days=LONGEST_DAYS)


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month a day lies in."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return first, following - timedelta(days=1)


def step_of(start: date, end: date) -> str:
    """day, week or month: how finely a chart of this period is cut."""
    days = (end - start).days + 1
    if days <= 31:
        return "day"
    return "week" if days <= 190 else "month"
