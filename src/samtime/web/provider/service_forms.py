"""The forms of a service: typed values to its description, prices and givers, and back."""

from uuid import UUID

from django.utils.translation import gettext as _

from samtime.accounts.models import LANGUAGES
from samtime.calendars.commands.giving import Giver
from samtime.catalog.models import Service
from samtime.catalog.rules import PriceGiven, ServiceGiven
from samtime.foundation.money import Money, NotMoney
from samtime.web.form_state import FormState
from samtime.web.idents import ident_typed
from samtime.web.money_fields import money_typed, percent_shown, plain_typed

TEXT_LANGUAGES = tuple(code for code, _word in LANGUAGES)
HOURS = ("lead_minutes", "cancel_limit_minutes")
MINUTES = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes")


def empty_form() -> FormState:
    """What a new service's form starts with."""
    return FormState(
        {
            "duration_minutes": "30",
            "buffer_before_minutes": "0",
            "buffer_after_minutes": "0",
            "lead_minutes": "0",
            "horizon_days": "400",
            "cancel_limit_minutes": "24",
            "vat_rate": "0",
        }
    )


def form_of(found: Service) -> FormState:
    """The stored service, for editing; limits in hours. Its length depends on the day
    (service_days.py)."""
    values: dict[str, object] = {
        "code": found.code,
        "name": found.name,
        "specialty": found.specialty,
        "lead_minutes": hours_shown(found.lead_minutes),
        "horizon_days": found.horizon_days,
        "cancel_limit_minutes": hours_shown(found.cancel_limit_minutes),
        "external_codes": ", ".join(found.external_codes),
    }
    for code in TEXT_LANGUAGES:
        values[f"names.{code}"] = found.names.get(code, "")
        values[f"preparation.{code}"] = found.preparation.get(code, "")
    return FormState({name: str(value) for name, value in values.items()})


def differing(mine: FormState, theirs: FormState) -> list[tuple[str, str, str]]:
    """The fields of two descriptions that differ: label, what was typed, what stands now."""
    labels = {
        "name": _("Name"),
        "code": _("Code"),
        "specialty": _("Specialty"),
        "duration_minutes": _("Duration, min"),
        "buffer_before_minutes": _("Buffer before"),
        "buffer_after_minutes": _("Buffer after"),
        "lead_minutes": _("Earliest before the time, hours"),
        "horizon_days": _("Furthest ahead, days"),
        "cancel_limit_minutes": _("Change and cancel until, hours before"),
        "external_codes": _("Codes in other systems"),
    }
    for code, language in LANGUAGES:
        labels[f"names.{code}"] = f"{_('Name')} ({language})"
        labels[f"preparation.{code}"] = f"{_('Preparation')} ({language})"
    return [
        (label, mine.text(name), theirs.text(name))
        for name, label in labels.items()
        if mine.text(name) != theirs.text(name)
    ]


def given_of(state: FormState) -> ServiceGiven:
    """The description as typed; what is no number is noted at its field."""
    return ServiceGiven(
        code=state.text("code"),
        name=state.text("name"),
        specialty=state.text("specialty"),
        names={code: state.text(f"names.{code}") for code in TEXT_LANGUAGES},
        preparation={code: state.text(f"preparation.{code}") for code in TEXT_LANGUAGES},
        external_codes=codes_typed(state.text("external_codes")),
        horizon_days=_whole(state, "horizon_days"),
        **{name: _whole(state, name) for name in MINUTES},
        **{name: _minutes(state, name) for name in HOURS},
    )


def price_of(state: FormState, currency: str) -> PriceGiven | None:
    """The typed base price with its VAT; None when the field is empty."""
    text = state.text("price")
    rate = _hundredths(state, "vat_rate")
    if not text:
        return None
    amount = money_typed(state, "price", currency)
    if amount is None:
        return None
    return PriceGiven(
        amount=amount.minor, currency=currency, vat_rate=rate, vat_category="S" if rate else "E"
    )


def givers_of(state: FormState, currency: str) -> list[Giver]:
    """The ticked calendars with what was typed beside them."""
    return [_giver(state, text, currency) for text in state["calendar"] or []]


def _giver(state: FormState, text: str, currency: str) -> Giver:
    name = f"givers.{text}"
    duration = _whole(state, f"{name}.duration") if state.text(f"{name}.duration") else None
    price = None
    if state.text(f"{name}.price"):
        price = money_typed(state, f"{name}.price", currency)
    return Giver(ident_typed(text) or UUID(int=0), duration, price)


def codes_typed(text: str) -> tuple[str, ...]:
    """Codes between commas, semicolons or blanks, each once."""
    words = text.replace(";", " ").replace(",", " ").split()
    return tuple(dict.fromkeys(words))


def hours_shown(minutes: int) -> str:
    """Minutes as hours: «24», «0.5» or «0,5»."""
    return percent_shown(round(minutes * 100 / 60))


def _whole(state: FormState, name: str) -> int:
    text = state.text(name)
    if text.isdecimal() and len(text) <= 6:
        return int(text)
    state.wrong(name, _("Write a whole number."))
    return 0


def _minutes(state: FormState, name: str) -> int:
    hundredths = _hundredths(state, name)
    return hundredths * 60 // 100


def _hundredths(state: FormState, name: str) -> int:
    text = (state.text(name) or "0").rstrip(" %")
    try:
        found = Money.parse(plain_typed(text), "EUR").minor
    except NotMoney:
        found = -1
    if found < 0:
        state.wrong(name, _("Write a number of zero or more."))
        return 0
    return found
