"""Arithmetic of partnerships: the life of one, and what can be a company's number."""

from samtime.partners.rules.dated import Dated, carried_over, value_on
from samtime.partners.rules.kinds import kind_of_activity, kind_of_organization
from samtime.partners.rules.life import (
    KINDS,
    LANGUAGE_OF,
    LIFETIME,
    LIVE,
    MOVES,
    OVER,
    PENDING,
    REMINDED_AFTER,
    REMINDED_IN,
    SENT_AGAIN_IN,
    delivery_after,
    may_move,
)
from samtime.partners.rules.numbers import (
    asked_by,
    check_digit_fails,
    is_persons_number,
    plain_number,
    registration_number_fault,
    shown_number,
    stored_number,
    tax_number_fault,
)

__all__ = [
    "KINDS",
    "LANGUAGE_OF",
    "LIFETIME",
    "LIVE",
    "MOVES",
    "OVER",
    "PENDING",
    "REMINDED_AFTER",
    "REMINDED_IN",
    "SENT_AGAIN_IN",
    "Dated",
    "asked_by",
    "carried_over",
    "check_digit_fails",
    "delivery_after",
    "is_persons_number",
    "kind_of_activity",
    "kind_of_organization",
    "may_move",
    "plain_number",
    "registration_number_fault",
    "shown_number",
    "stored_number",
    "tax_number_fault",
    "value_on",
]
