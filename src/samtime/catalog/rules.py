"""What a service and its price must be, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

STEP = 5
# The day of a row that says what held before anything was dated.
BEGINNING = date(2000, 1, 1)
SHORTEST, LONGEST = 5, 720
LONGEST_BUFFER = 240
LONGEST_NOTICE = 60 * 24 * 60  # minutes: sixty days
FARTHEST_DAYS = 400
VAT_CATEGORIES = ("S", "Z", "E", "O", "AE")


@dataclass(frozen=True, slots=True)
class PriceGiven:
    """A gross price from a day on: minor units, VAT in hundredths of a percent (D11)."""

    amount: int
    currency: str
    vat_rate: int = 0
    vat_category: str = "E"


@dataclass(frozen=True, slots=True)
class ServiceGiven:
    """A service as described; texts by language code, times in minutes."""

    code: str
    name: str
    duration_minutes: int
    names: Mapping[str, str] = field(default_factory=dict)
    specialty: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 0
    preparation: Mapping[str, str] = field(default_factory=dict)
    lead_minutes: int = 0
    horizon_days: int = 400
    cancel_limit_minutes: int = 1440
    external_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Length:
    """How long a visit keeps the practitioner: minutes, with the buffers around it."""

    duration: int
    before: int = 0
    after: int = 0


def length_of(given: ServiceGiven) -> Length:
    """The length in a description."""
    return Length(given.duration_minutes, given.buffer_before_minutes, given.buffer_after_minutes)


def service_faults(given: ServiceGiven) -> list[tuple[str, str]]:
    """(field, code) of everything that is wrong; codes: empty, too_long, duration, buffer, notice,
    horizon."""
    found: list[tuple[str, str]] = []
    for name, text, most in (("code", given.code, 40), ("name", given.name, 200)):
        if not text.strip():
            found.append((name, "empty"))
        elif len(text) > most:
            found.append((name, "too_long"))
    if len(given.specialty) > 100:
        found.append(("specialty", "too_long"))
    if any(len(text) > 200 for text in given.names.values()):
        found.append(("names", "too_long"))
    if any(len(text) > 5000 for text in given.preparation.values()):
        found.append(("preparation", "too_long"))
    if not SHORTEST <= given.duration_minutes <= LONGEST or given.duration_minutes % STEP:
        found.append(("duration_minutes", "duration"))
    for name in ("buffer_before_minutes", "buffer_after_minutes"):
        minutes = getattr(given, name)
        if not 0 <= minutes <= LONGEST_BUFFER or minutes % STEP:
            found.append((name, "buffer"))
    return found + _limit_faults(given)


def _limit_faults(given: ServiceGiven) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name in ("lead_minutes", "cancel_limit_minutes"):
        if not 0 <= getattr(given, name) <= LONGEST_NOTICE:
            found.append((name, "notice"))
    if not 1 <= given.horizon_days <= FARTHEST_DAYS:
        found.append(("horizon_days", "horizon"))
    if len(given.external_codes) > 20 or any(not 1 <= len(c) <= 40 for c in given.external_codes):
        found.append(("external_codes", "too_long"))
    return found


def price_faults(price: PriceGiven, *, currency: str) -> list[tuple[str, str]]:
    """(field, code) of everything wrong with a price of an organization of this currency."""
    found: list[tuple[str, str]] = []
    if price.currency != currency:
        found.append(("price", "currency"))
    if not 0 <= price.amount <= 10**12:
        found.append(("price", "amount"))
    if currency == "HUF" and price.amount % 100:
        found.append(("price", "decimals"))
    if not 0 <= price.vat_rate <= 10_000 or price.vat_category not in VAT_CATEGORIES:
        found.append(("vat_rate", "vat_rate"))
    return found


def may_price_from(from_on: date, *, today: date, has_price_before: bool) -> bool:
    """Prices of days gone by stand; only a service's very first price may begin in the past."""
    return from_on >= today or not has_price_before
