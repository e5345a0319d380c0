"""Dated values of the terms: P27, P29."""

from datetime import date

from samtime.partners.rules import value_on

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))


def test_since_when_and_what_comes_next():
    """P29: a row that repeats the value before it is no change, on either side of today."""
    rows = [(JAN, "8%"), (FEB, "10%"), (MAR, "10%"), (APR, "12%")]
    now = value_on(rows, date(2026, 3, 15))
    assert (now.value, now.since, now.next_from, now.next_value) == ("10%", FEB, APR, "12%")
    later = value_on(rows, date(2026, 5, 1))
    assert (later.value, later.since, later.next_from) == ("12%", APR, None)


def test_before_the_first_day_the_first_value_counts():
    """P27: terms that begin later are shown with their day."""
    only = value_on([(APR, "8%")], JAN)
    assert (only.value, only.since, only.next_from) == ("8%", APR, None)
