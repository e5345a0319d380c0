"""Dates, times and money as each language writes them (the table of SCREENS.md 2.9)."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from samtime.bookings import rules
from samtime.catalog.models import Service
from samtime.foundation.money import SIGNS, WHOLE_UNITS, Money
from samtime.foundation.periods import zone_town

register = template.Library()
THIN = "\u202f"
NARROW = {"en": (",", "."), "nb": (THIN, ","), "ro": (".", ","), "hu": (THIN, ",")}
SHORT = {"en": "d MMM y", "nb": "dd.MM.y", "ro": "dd.MM.y", "hu": "y. MM. dd."}
LIST_DAY = {
    "en": "EEE d MMM",
    "nb": "EEE d. MMM",
    "ro": "EEE, d MMM",
    "hu": "MMM d., EEEE",
}
HEAD_DAY = {"en": "EEE d", "nb": "EEE d.", "ro": "EEE d", "hu": "d., EEE"}
LONG_DAY = {
    "en": "EEEE d MMMM y",
    "nb": "EEEE d. MMMM y",
    "ro": "EEEE, d MMMM y",
    "hu": "y. MMMM d., EEEE",
}


def _language() -> str:
    found = (get_language() or "en").split("-")[0]
    return found if found in NARROW else "en"


def _day(value: date | datetime, zone: str = "") -> date:
    if isinstance(value, datetime):
        return _local(value, zone).date()
    return value


def _local(value: datetime, zone: str = "") -> datetime:
    if timezone.is_naive(value):
        return value
    return value.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone())


@register.filter
def named(value: Service) -> str:
    """A service's name in the reader's language, else the provider's own."""
    return value.name_in(_language())


@register.filter
def day_short(value: date | datetime | None, zone: str = "") -> str:
    """«24 Nov 2026»; for an instant give the location's zone. None is «–»."""
    if value is None:
        return "–"
    return _pattern(_day(value, zone), SHORT)


@register.filter
def day_in_list(value: date | datetime | None, zone: str = "") -> str:
    """«Tue 24 Nov», without the year."""
    if value is None:
        return "–"
    return _pattern(_day(value, zone), LIST_DAY)


@register.filter
def day_in_head(value: date) -> str:
    """«Tue 24», where the month stands above."""
    return _pattern(value, HEAD_DAY)


@register.filter
def day_long(value: date | datetime | None, zone: str = "") -> str:
    """«Tuesday 24 November 2026», for letters and heads."""
    if value is None:
        return "–"
    return _pattern(_day(value, zone), LONG_DAY)


def _pattern(day: date, patterns: dict[str, str]) -> str:
    language = _language()
    return _written(day, patterns[language], language)


@lru_cache(maxsize=8192)
def _written(day: date, pattern: str, language: str) -> str:
    """Lists write the same few days over and over."""
    return str(format_date(day, pattern, locale=language))


@register.filter
def iso_day(value: datetime, zone: str) -> str:
    """«2026-11-24» in the zone: for addresses."""
    return _day(value, zone).isoformat()


@register.filter
def time_of_day(value: datetime | None, zone: str = "") -> str:
    """«14:30» in the zone; 24 hours in every language."""
    return "–" if value is None else f"{_local(value, zone):%H:%M}"


@register.filter
def time_with_zone(value: datetime | None, zone: str) -> str:
    """«14:30 (Bucharest)»: for a reader in another zone than the place."""
    if value is None:
        return "–"
    return f"{_local(value, zone):%H:%M} ({zone_place(zone)})"


@register.filter
def shown_reference(reference: str) -> str:
    """«7K3M-9QXD»: a booking's reference as it is read out."""
    return rules.shown_reference(reference)


@register.filter
def zone_place(zone: str) -> str:
    """«Bucharest»: whose clock a time is told by, where a list has several."""
    return zone_town(zone, (get_language() or "en").split("-")[0])


@register.filter
def day_and_time(value: datetime | None, zone: str = "") -> str:
    """«Tue 24 Nov, 14:30»."""
    if value is None:
        return "–"
    return f"{day_in_list(value, zone)}, {time_of_day(value, zone)}"


@register.filter
def number(value: int | None) -> str:
    """A whole number with the language's thousands sign; None is «–», zero is 0."""
    return "–" if value is None else grouped(value)


@register.filter
def hours_and_minutes(minutes: int) -> str:
    """«45 min», «2 h», «2 h 15 min» in the reader's language."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": hours}
    return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}


def grouped(value: int) -> str:
    """Digits in threes, with a minus sign where needed."""
    thousands = NARROW[_language()][0]
    return f"{value:,}".replace(",", thousands).replace("-", "−")


def amount(minor: int, currency: str, *, whole: bool = False) -> str:
    """The figure alone, without its currency: for columns headed by the code.

    Two places, none for forint; `whole` drops «,00», which a list may do only for all its rows.
    """
    units, rest = divmod(abs(minor), 100)
    sign = "−" if minor < 0 else ""
    if currency in WHOLE_UNITS:
        return sign + grouped(units + (1 if rest >= 50 else 0))
    if whole and not rest:
        return sign + grouped(units)
    return f"{sign}{grouped(units)}{NARROW[_language()][1]}{rest:02d}"


@register.filter
def money(value: Money | None) -> str:
    """«NOK 12,450.50» in English, «12 450,50 kr», «12.450,50 lei», «12 451 Ft» at home."""
    if value is None:
        return "–"
    figure, language = amount(value.minor, value.currency), _language()
    if language == "en":
        return f"{value.currency}\u00a0{figure}"
    return f"{figure}\u00a0{SIGNS.get((language, value.currency), value.currency)}"


@register.filter
def money_amount(value: Money | None) -> str:
    """The figure alone; the column's head names the currency."""
    return "–" if value is None else amount(value.minor, value.currency)


@register.simple_tag
def money_of(minor: int | None, currency: str) -> str:
    """`{% money_of booking.price_amount booking.currency %}` for rows that keep two columns."""
    return "–" if minor is None else money(Money(minor, currency))
