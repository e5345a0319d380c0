"""Money as integer minor units and an ISO currency; never a float.

HUF is kept in 1/100 like ISO 4217 says, and always rounded to whole forint (D12).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CURRENCIES = ("NOK", "RON", "HUF", "EUR", "SEK", "DKK")
WHOLE_UNITS = frozenset({"HUF"})
# What people at home write instead of the code, by language and currency.
SIGNS = {("nb", "NOK"): "kr", ("ro", "RON"): "lei", ("hu", "HUF"): "Ft"}
LARGEST = 10**13


class NotMoney(ValueError):
    """Text that is no amount of this currency."""


def round_half_up(amount: Decimal, currency: str) -> int:
    """Minor units, half-up; whole units where the currency has no small coin."""
    if currency in WHOLE_UNITS:
        return int((amount / 100).quantize(Decimal(1), ROUND_HALF_UP)) * 100
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: minor units (int) and ISO 4217 code."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError("amounts of two currencies cannot be added")
        return Money(self.minor + other.minor, self.currency)

    @property
    def amount(self) -> str:
        """Plain decimal text with two places, «450.00», as the JSON API shows it."""
        sign, whole = ("-" if self.minor < 0 else ""), abs(self.minor)
        return f"{sign}{whole // 100}.{whole % 100:02d}"

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """From what people type: spaces as thousands, comma or point as decimals."""
        if currency not in CURRENCIES:
            raise NotMoney(currency)
        return cls(_minor(_plain(text)), currency)


def _plain(text: str) -> str:
    kept = text.strip().replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if "," in kept and "." in kept:
        thousands = "." if kept.rfind(",") > kept.rfind(".") else ","
        kept = kept.replace(thousands, "")
    return kept.replace(",", ".")


def _minor(plain: str) -> int:
    if len(plain) > 20:
        raise NotMoney(plain[:20])
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise NotMoney(plain) from None
    if not value.is_finite() or abs(value) > LARGEST or value != round(value, 2):
        raise NotMoney(plain)
    return int(value * 100)
