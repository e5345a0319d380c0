"""Dated values of the terms: P27, P29."""

from datetime import date

from samtime.partners.rules import carried_over, value_on

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


def terms(**more):
    """Ten percent, paid at the institution, no search."""
    given = {
        "payment_place": "institution",
        "patient_access": "none",
        "statistics": True,
        "commission_kind": "percentage",
        "commission_rate": 1000,
        "commission_amount": 0,
    }
    return {**given, **more}


def test_what_is_planned_for_later_takes_an_earlier_change_with_it():
    """P27, P29: a later row that repeats the old value follows; one set on purpose stays."""
    planned = [terms(commission_rate=1200), terms(commission_rate=1200, patient_access="confirm")]
    after = carried_over(terms(), terms(patient_access="search", commission_rate=900), planned)
    assert after == [
        terms(commission_rate=1200, patient_access="search"),
        terms(commission_rate=1200, patient_access="confirm"),
    ]


def test_a_commission_changes_as_a_whole():
    """P13: kind, rate and amount are one agreement."""
    fixed = {"commission_kind": "fixed", "commission_rate": 0, "commission_amount": 6000}
    assert carried_over(terms(), terms(**fixed), [terms(payment_place="partner")]) == [
        terms(payment_place="partner", **fixed)
    ]
