"""Prices and commission: pure arithmetic in minor units (DOMAIN.md section 0, D11, D12)."""

from decimal import Decimal

from samtime.foundation.money import round_half_up


def net_of_vat(gross: int, vat_rate: int, currency: str) -> int:
    """Net of a gross amount; `vat_rate` in hundredths of a percent."""
    if not vat_rate:
        return gross
    return round_half_up(Decimal(gross) * 10000 / (10000 + vat_rate), currency)


def commission(kind: str, *, net: int, rate: int, amount: int, currency: str) -> int:
    """Commission of one booking: percentage of the net price, or a fixed amount; half-up."""
    if kind == "percentage":
        return round_half_up(Decimal(net) * rate / 10000, currency)
    if kind == "fixed":
        return round_half_up(Decimal(amount), currency)
    return 0


def payment_state_at_booking(place: str, price: int) -> str:
    """P16, P17: paid at the partner when it takes the money, else due at the institution."""
    if place == "partner":
        return "paid_at_partner"
    return "due_at_institution" if price else "not_due"
