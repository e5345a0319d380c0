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


def steps_between(start: date, end: date, step: str) -> list[date]:
    """The first day of every step of a period, also of those in which nothing happens."""
    if step == "week":
        start -= timedelta(days=start.weekday())
    if step == "month":
        start = start.replace(day=1)
    steps = []
    while start <= end:
        steps.append(start)
        length = {"day": 1, "week": 7}.get(step)
        start = start + timedelta(days=length) if length else month_of(start)[1] + timedelta(days=1)
    return steps


def step_of(start: date, end: date) -> str:
    """day, week or month: how finely a chart of this period is cut."""
    days = (end - start).days + 1
    if days <= 31:
        return "day"
    return "week" if days <= 190 else "month"
