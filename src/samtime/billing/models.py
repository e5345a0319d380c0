"""Settlement statements, their frozen lines, and what a partner disputes in them."""

import uuid

from django.conf import settings
from django.db import models

from samtime.billing.rules import OUTCOMES, REASONS, STATES
from samtime.bookings.models import Booking
from samtime.channels.models import Channel
from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Location, Organization

NAMESPACE = uuid.UUID("5e771e3e-0000-4000-8000-73616d74696d")


def statement_id(channel: uuid.UUID, period: str, currency: str) -> uuid.UUID:
    """The public id of a month's statement, known before the row exists."""
    return uuid.uuid5(NAMESPACE, f"{channel} {period} {currency}")


class SettlementStatement(PartyModel):
    """A channel's calendar month (location's zone, D10) in one currency; `period` is its day 1.

    Sums are the sums of its lines, in minor units. Until it is sent only the provider reads it.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    partner = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="statements")
    period = models.DateField()
    currency = models.CharField(max_length=3)
    number = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="open")
    bookings = models.PositiveIntegerField(default=0)
    attended = models.PositiveIntegerField(default=0)
    cancelled = models.PositiveIntegerField(default=0)
    no_show = models.PositiveIntegerField(default=0)
    base_amount = models.BigIntegerField(default=0)
    commission_amount = models.BigIntegerField(default=0)
    answer_by = models.DateField(null=True)
    computed_at = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "period", "currency"], name="statement_month_once"
            ),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="statement_state"),
        ]
        indexes = [
            models.Index(fields=["provider", "period"], name="statement_provider"),
            models.Index(fields=["partner", "period"], name="statement_partner"),
        ]

    def __str__(self) -> str:
        return self.number


class StatementLine(PartyModel):
    """A booking in a statement as it was when computed, or a correction of an earlier month.

    A visit's `base_amount` (net of VAT) and `commission_amount` are zero unless it took place
    (R9); `would_be` is the commission frozen on the booking. `frozen` is set when sent; from
    then on the booking is a visit in no other statement.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(
        SettlementStatement, on_delete=models.CASCADE, related_name="lines"
    )
    provider_id = models.BigIntegerField()
    partner_id = models.BigIntegerField()
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, default="visit")
    reason = models.CharField(max_length=10, blank=True)
    frozen = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    starts_at = models.DateTimeField()
    on = models.DateField()
    reference = models.CharField(max_length=8)
    service_name = models.CharField(max_length=200)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    payment_place = models.CharField(max_length=12)
    price_amount = models.BigIntegerField()
    base_amount = models.BigIntegerField()
    commission_kind = models.CharField(max_length=10)
    commission_rate = models.PositiveIntegerField(default=0)
    would_be = models.BigIntegerField(default=0)
    commission_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["booking"],
                condition=models.Q(kind="visit", frozen=True),
                name="line_settled_once",
            ),
            models.UniqueConstraint(fields=["statement", "booking", "kind"], name="line_once"),
            models.CheckConstraint(
                condition=models.Q(kind="correction", base_amount=0)
                | models.Q(kind="visit", outcome="attended")
                | models.Q(kind="visit", base_amount=0, commission_amount=0),
                name="line_zero_unless_attended",
            ),
            models.CheckConstraint(condition=models.Q(outcome__in=OUTCOMES), name="line_outcome"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.on}"


class LineDispute(PartyModel):
    """What the partner says is wrong: a line, or a booking that is missing (`line` null).

    `wanted_amount` is the commission the line should have; `agreed_amount` what the booking is
    worth in all after an acceptance. States: open, accepted, declined. Once per booking and
    statement.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    statement = models.ForeignKey(
        SettlementStatement, on_delete=models.PROTECT, related_name="disputes"
    )
    provider_id = models.BigIntegerField()
    partner_id = models.BigIntegerField()
    line = models.ForeignKey(
        StatementLine, on_delete=models.PROTECT, null=True, related_name="disputes"
    )
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20)
    wanted_amount = models.BigIntegerField()
    text = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, default="open")
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.CharField(max_length=1000, blank=True)
    agreed_amount = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["statement", "booking"], name="dispute_once"),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=["open", "accepted", "declined"],
                    reason__in=REASONS,
                    wanted_amount__gte=0,
                ),
                name="dispute_values",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="accepted") | models.Q(agreed_amount__isnull=False),
                name="dispute_agreed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.state}"
