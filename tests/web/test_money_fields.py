"""Amounts in fields: the reader's decimal sign and grouping, there and back (SCREENS 2.8, 2.9)."""

import pytest
from django.utils import translation

from samtime.web.form_state import FormState
from samtime.web.money_fields import money_shown, money_typed, percent_shown, plain_typed

SHOWN = {
    ("en", "NOK"): "1,690.50",
    ("nb", "NOK"): "1\u202f690,50",
    ("ro", "RON"): "1.690,50",
    ("hu", "HUF"): "1\u202f690",
    ("hu", "RON"): "1\u202f690,50",
}


@pytest.mark.parametrize(("where", "text"), SHOWN.items())
def test_what_a_field_shows_is_what_it_takes_back(where, text):
    """en, nb, ro, hu: no amount changes by being shown and saved, millions and small ones alike."""
    language, currency = where
    with translation.override(language):
        minor = 169000 if currency == "HUF" else 169050
        assert money_shown(minor, currency) == text
        for amount in (0, 100, 50000, minor, 100000, 123456700, 99999999900):
            state = FormState({"price": money_shown(amount, currency)})
            assert money_typed(state, "price", currency).minor == amount
            assert state.ok
        if currency != "HUF":
            for amount in (5, 99, 101, 123456789):
                state = FormState({"price": money_shown(amount, currency)})
                assert money_typed(state, "price", currency).minor == amount
        for rate in (0, 500, 1250, 1905, 10000):
            assert float(plain_typed(percent_shown(rate))) == rate / 100


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1690", 169000),
        ("1690,5", 169050),
        ("1690.50", 169050),
        ("1 690,50", 169050),
        ("1.690", 169000),
        ("1,690", 169000),
        ("1.690,50", 169050),
        ("1,690.50 kr", 169050),
        ("kr 1 690", 169000),
    ],
)
def test_people_type_as_they_are_used_to(typed, minor):
    """Forgiving, and never a thousandth of what was meant."""
    state = FormState({"price": typed})
    assert money_typed(state, "price", "NOK").minor == minor


@pytest.mark.parametrize("typed", ["", "mye", "1690,505", "-5", "12,3,4", "1e5", "100 €", "9" * 30])
def test_what_is_no_amount_gets_a_sentence_and_stays_typed(typed):
    """Nothing is guessed."""
    state = FormState({"price": typed})
    assert money_typed(state, "price", "NOK") is None
    assert state.errors["price"]
    assert state.text("price") == typed


def test_a_forint_has_no_decimals():
    state = FormState({"price": "450,50"})
    assert money_typed(state, "price", "HUF") is None
    assert "forint" in state.errors["price"]
