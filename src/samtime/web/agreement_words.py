"""An agreement in words: commission, place of payment, patient data. One wording on every page."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from samtime.channels.models import ChannelTerms
from samtime.foundation.money import Money
from samtime.partners.rules import shown_number
from samtime.web.templatetags.formats import amount, money

KINDS: tuple[tuple[str, str | Promise], ...] = (
    ("provider", gettext_lazy("Clinic")),
    ("doctor_practice", gettext_lazy("Doctor's practice")),
    ("call_centre", gettext_lazy("Call centre")),
    ("assistance", gettext_lazy("Assistance company")),
    ("insurer", gettext_lazy("Insurer")),
    ("intermediary", gettext_lazy("Intermediary")),
)


def kind_word(kind: str) -> str:
    """What kind of partner this is (P6)."""
    return str(dict(KINDS).get(kind, ""))


def number_shown(country: str, number: str) -> str:
    """A register number as people read it: «312 319 489» in Norway."""
    return shown_number(country, number)


def short_commission(terms: ChannelTerms | None) -> str:
    """«12.5%», «NOK 60.00», «None»: for a column."""
    if terms is None or terms.commission_kind == "none":
        return _("None")
    if terms.commission_kind == "percentage":
        return f"{percent(terms.commission_rate)}%"
    return money(Money(terms.commission_amount, terms.currency))


def commission(terms: ChannelTerms) -> str:
    """A sentence: how much, of what."""
    if terms.commission_kind == "none":
        return _("No commission") if terms.statistics else _("No commission, no statistics")
    if terms.commission_kind == "percentage":
        rate = percent(terms.commission_rate)
        return _("%(rate)s%% of attended bookings, net of VAT") % {"rate": rate}
    figure = money(Money(terms.commission_amount, terms.currency))
    return _("%(amount)s for each attended booking") % {"amount": figure}


def percent(hundredths: int) -> str:
    """1250 as «12.5» in the reader's language."""
    text = amount(hundredths, "EUR")
    if hundredths % 100 == 0:
        return text[:-3]
    return text[:-1] if hundredths % 10 == 0 else text


def payment_place(terms: ChannelTerms) -> str:
    """Where the patient pays, said by the institution (P15)."""
    return _("The partner") if terms.payment_place == "partner" else _("Our institution")


def patient_access(access: str) -> str:
    """What the partner sees of patients, in few words (P18)."""
    words = {
        "none": _("None: typed anew for every booking"),
        "confirm": _("Find and confirm, no list"),
        "search": _("Search in the booking form, no list"),
    }
    return words.get(access, "")


def patient_access_told(access: str) -> str:
    """The same as a sentence for the partner's people."""
    words = {
        "none": _("You type each person's data for every booking."),
        "confirm": _(
            "You type a person's data; known persons are matched silently. No list, no download."
        ),
        "search": _(
            "You can search the institution's patients while you book. No list, no download."
        ),
    }
    return words.get(access, "")


def country_words() -> dict[str, str]:
    """Names of the countries we know, in the reader's language."""
    return {
        "NO": _("Norway"),
        "SE": _("Sweden"),
        "DK": _("Denmark"),
        "FI": _("Finland"),
        "IS": _("Iceland"),
        "RO": _("Romania"),
        "HU": _("Hungary"),
    }
