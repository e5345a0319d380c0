"""The sentence an agent reads out before he confirms, in the caller's language."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from samtime.bookings.models import Hold
from samtime.foundation.money import Money
from samtime.web.templatetags.formats import day_long, money, time_of_day


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One language's sentence and preparation text."""

    language: str
    sentence: str
    preparation: str


def read_backs(held: Hold, languages: list[str]) -> list[ReadBack]:
    """The sentence in each language, so that choosing one needs no question to the server."""
    return [_read_back(held, language) for language in languages]


def _read_back(held: Hold, language: str) -> ReadBack:
    service, place = held.offering.service, held.offering.calendar.location
    local = held.starts_at.astimezone(ZoneInfo(place.time_zone))
    with translation.override(language):
        sentence = _("%(day)s at %(time)s, %(service)s with %(doctor)s at %(place)s.") % {
            "day": day_long(local.date()),
            "time": time_of_day(held.starts_at, place.time_zone),
            "service": service.name_in(language),
            "doctor": held.offering.calendar.role.practitioner,
            "place": f"{held.provider.name}, {place.name}",
        }
        if held.price_amount:
            price = money(Money(held.price_amount, held.currency))
            sentence += " " + _("The price is %(price)s.") % {"price": price}
    return ReadBack(language, sentence[:1].upper() + sentence[1:], service.preparation_in(language))
