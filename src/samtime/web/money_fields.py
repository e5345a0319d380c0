"""Amounts in fields: shown as the reader's language writes them, taken as people type them.

Comma or point as decimals, blanks, points or commas between thousands, the currency's own sign;
one mark followed by exactly three digits stands between thousands.
"""

from django.utils.translation import gettext as _

from samtime.foundation import cells
from samtime.foundation.cells import BadCell
from samtime.foundation.money import Money
from samtime.web.agreement_words import percent
from samtime.web.form_state import FormState
from samtime.web.templatetags.formats import amount


def money_shown(minor: int, currency: str) -> str:
    """«1,690.00», «1 690,00», «1.690,00»: what a field holds, without the currency."""
    return amount(minor, currency).replace("−", "-")


def percent_shown(hundredths: int) -> str:
    """1250 as «12.5» or «12,5»."""
    return percent(hundredths)


def money_typed(state: FormState, name: str, currency: str) -> Money | None:
    """The amount in a field; what is none is noted with a sentence and stays typed."""
    try:
        found = cells.money(state.text(name), currency)
    except BadCell as bad:
        state.wrong(name, bad.detail)
        return None
    if found is None:
        state.wrong(name, _("Write an amount, for example 450.00."))
    return found


def plain_typed(text: str) -> str:
    """A number as commands read it, «1690.5»; what is none is left for the command to refuse."""
    try:
        number = cells.decimal(text.rstrip(" %"))
    except BadCell:
        return text
    return text if number is None else f"{number:f}"
