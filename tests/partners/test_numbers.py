"""Numbers of companies: P9 (form stops, check digits only warn) and P7 (never a person)."""

import pytest

from samtime.partners import rules

GOOD = [
    ("NO", "312 319 489"),
    ("NO", "NO 312.319.489 MVA"),
    ("RO", "RO99900028"),
    ("RO", "ro 999 000 28"),
    ("HU", "99910015"),
    ("HU", "99910015-2-41"),
    ("HU", "HU99910015"),
    ("SE", "559900-0006"),
    ("SE", "SE559900000601"),
    ("DK", "DK 13 58 56 28"),
    ("FI", "FI01120389"),
    ("FI", "0112038-9"),
    ("IS", "540269-6009"),
]


@pytest.mark.parametrize(("country", "number"), GOOD)
def test_a_tax_number_as_people_write_it(country, number):
    """P9: blanks, dots, hyphens and letters of the country are no fault."""
    assert rules.tax_number_fault(country, number) == ""
    assert not rules.check_digit_fails(country, number)
    assert not rules.is_persons_number(country, number)


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("NO", "31231948"),
        ("NO", "3123194890"),
        ("NO", "abcdefghi"),
        ("RO", "1"),
        ("RO", "12345678901"),
        ("HU", "1234567"),
        ("HU", "999100152"),
        ("SE", "55990000"),
        ("DK", "1358562"),
        ("FI", "112038"),
    ],
)
def test_too_short_or_too_long(country, number):
    """P9: the form is wrong."""
    assert rules.tax_number_fault(country, number) == "digits"


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("NO", "312319480"),
        ("RO", "RO37171826"),
        ("RO", "J2019012345406"),
        ("HU", "99910016"),
        ("HU", "99910015-9-41"),
        ("HU", "99910015-2-99"),
        ("HU", "55-09-999001"),
        ("SE", "559900-0007"),
        ("DK", "13585629"),
        ("FI", "0112038-8"),
    ],
)
def test_a_check_digit_warns_and_does_not_stop(country, number):
    """P9: DOMAIN.md 3.1, registers hold numbers that fail."""
    assert rules.check_digit_fails(country, number)
    judged = rules.tax_number_fault(country, number) and rules.registration_number_fault(
        country, number
    )
    assert judged == ""


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("NO", "151086 95088"),
        ("RO", "1800101221144"),
        ("SE", "880320-0016"),
        ("SE", "19880320-0016"),
        ("DK", "211062-5629"),
        ("FI", "131052-308T"),
        ("IS", "120174-3399"),
        ("HU", "8071592153"),
    ],
)
def test_a_persons_number_is_seen(country, number):
    """P7: in every country."""
    assert rules.is_persons_number(country, number)


@pytest.mark.parametrize(
    ("country", "number", "stored"),
    [
        ("NO", "NO 312 319 489 MVA", "312319489"),
        ("RO", "j40 / 99901 / 2020", "J40/99901/2020"),
        ("RO", "J/40/99901/2020", "J40/99901/2020"),
        ("RO", "J2019012345405", "J2019012345405"),
        ("HU", "01 09 999001", "01-09-999001"),
        ("SE", "559900-0006", "5599000006"),
    ],
)
def test_one_company_one_text(country, number, stored):
    """P9, P26: however it is typed."""
    assert rules.registration_number_fault(country, number) == ""
    assert rules.stored_number(country, number) == stored


@pytest.mark.parametrize(
    ("country", "registration", "tax", "asked"),
    [
        ("NO", "312 319 489", "", "312319489"),
        ("NO", "", "312319489MVA", "312319489"),
        ("RO", "J40/99901/2020", "RO99900028", "99900028"),
        ("RO", "99900028", "", "99900028"),
        ("RO", "J40/99901/2020", "", ""),
        ("HU", "01-09-999001", "99910015-2-41", "99910015"),
        ("SE", "559900-0006", "", "559900000601"),
    ],
)
def test_which_number_a_register_is_asked_by(country, registration, tax, asked):
    """P9: one of the two is enough."""
    assert rules.asked_by(country, registration, tax) == asked


def test_numbers_as_people_read_them():
    """P9: the form of each country."""
    shown = {
        rules.shown_number(*pair)
        for pair in [("NO", "312319489"), ("SE", "5599000006"), ("FI", "01120389"), ("RO", "J1/2")]
    }
    assert shown == {"312 319 489", "559900-0006", "0112038-9", "J1/2"}
