"""The life of a booking and what is allowed when: tables and arithmetic, no database."""

import secrets
from datetime import date, datetime, timedelta

HOLD_MINUTES = 5
MOST_HOLDS = 3
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SPOKEN = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
NEXT_STATES = {
    "pending": {"booked", "cancelled"},
    "booked": {"arrived", "fulfilled", "noshow", "cancelled"},
    "arrived": {"fulfilled", "noshow", "booked"},
    "fulfilled": {"arrived"},
    "noshow": {"booked", "arrived", "fulfilled"},
    "cancelled": set[str](),
}
MOVABLE = ("pending", "booked")


def may_become(state: str, wanted: str) -> bool:
    """Whether the life cycle has this step."""
    return wanted in NEXT_STATES[state]


def new_reference() -> str:
    """Eight random Crockford base-32 characters (D23)."""
    return "".join(secrets.choice(ALPHABET) for _n in range(8))


def spoken_reference(text: str) -> str:
    """What somebody typed or said, in our form: «7k3m-9qxd», O for 0, I and L for 1."""
    kept = "".join(c for c in text.upper() if c.isalnum())
    return kept.translate(SPOKEN)


def shown_reference(reference: str) -> str:
    """«7K3M-9QXD»."""
    return f"{reference[:4]}-{reference[4:]}"


def is_late(starts_at: datetime, now: datetime, limit_minutes: int) -> bool:
    """Whether a cancellation comes after the service's limit."""
    return now > starts_at - timedelta(minutes=limit_minutes)


def last_bookable_day(today: date, horizon_days: int) -> date:
    """The last local day that may be booked today."""
    return today + timedelta(days=horizon_days)
