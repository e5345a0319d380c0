"""Holds and bookings. What was agreed at that moment is frozen on the row (invariant 3)."""

import uuid

from django.conf import settings
from django.db import models

from samtime.calendars.models import Calendar, Offering
from samtime.catalog.models import Service
from samtime.channels.models import Channel
from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Location, Organization, Practitioner
from samtime.patients.models import Patient

STATES = ("pending", "booked", "arrived", "fulfilled", "noshow", "cancelled")
PAYMENT_STATES = (
    "not_due",
    "due_at_institution",
    "paid_at_institution",
    "paid_at_partner",
    "invoiced",
    "settled",
    "rejected",
)
CALL_BACK_STATES = ("open", "booked", "closed")


class Hold(PartyModel):
    """A free time kept for five minutes while the patient's details are typed in (D3).

    `moves`: the booking whose patient keeps this time by his link.
    """

    parties = ("provider_id", "holder_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    price_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    expires_at = models.DateTimeField()
    extended = models.BooleanField(default=False)
    moves = models.UUIDField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["user", "expires_at"], name="hold_user")]

    def __str__(self) -> str:
        return f"{self.offering_id} {self.starts_at}"


class Booking(PartyModel):
    """An appointment (FHIR Appointment). The booker reads `patient_as_given` only (D2).

    `letter_state`: what became of the last letter to the patient (states of a mail; empty = none),
    for both sides; the mail itself is the provider's. `reminded_for`: the start of which the
    patient was reminded, so that one start is called to mind once. `desk_since`: from when the
    institution's own desk looks after what an outsider booked; source and terms stay.
    """

    parties = ("provider_id", "booker_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=8, unique=True)
    # Keys that begin a wider index, or that nobody asks by alone, need no index of their own.
    provider = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    booker = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    booker_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, db_index=False)
    source = models.CharField(max_length=12)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, db_index=True)
    patient_as_given = models.JSONField()
    language = models.CharField(max_length=5, default="en")
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, db_index=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT)
    billing_organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="booked")
    payment_state = models.CharField(max_length=20, default="not_due")
    payment_place = models.CharField(max_length=12)
    price_amount = models.BigIntegerField()
    net_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    vat_rate = models.PositiveIntegerField(default=0)
    vat_category = models.CharField(max_length=2, default="E")
    commission_kind = models.CharField(max_length=10, default="none")
    commission_rate = models.PositiveIntegerField(default=0)
    commission_amount = models.BigIntegerField(default=0)
    terms_id = models.BigIntegerField(null=True)
    paid_amount = models.BigIntegerField(default=0)
    paid_method = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    notify = models.BooleanField(default=True)
    letter_state = models.CharField(max_length=10, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1)
    sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    moved_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=12, blank=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    cancelled_late = models.BooleanField(default=False)
    client_confirmed_at = models.DateTimeField(null=True)
    reminded_for = models.DateTimeField(null=True)
    desk_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["calendar", "starts_at"], name="booking_calendar"),
            models.Index(fields=["provider", "starts_at"], name="booking_provider"),
            models.Index(
                fields=["channel", "starts_at"],
                # The row policy's columns too: a month is summed without touching the rows. Fixed
                # widths first: they are found without walking over the words.
                include=[
                    "provider",
                    "booker",
                    "net_amount",
                    "commission_amount",
                    "state",
                    "currency",
                ],
                name="booking_month",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="booking_not_empty"
            ),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="booking_state"),
            models.CheckConstraint(
                condition=models.Q(payment_state__in=PAYMENT_STATES), name="booking_payment"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_state(self) -> str:
        """The state's sign: a booked time the client confirmed by his link reads «confirmed»."""
        confirmed = self.state == "booked" and self.client_confirmed_at is not None
        return "confirmed" if confirmed else str(self.state)


class BlockedTime(PartyModel):
    """Time of practitioners that is no appointment: blocked, a meeting, an absence.

    Whose it is stands in the allocations with this `public_id`: one or several practitioners.
    """

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["provider", "starts_at"], name="blocked_provider")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="blocked_not_empty"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["block", "meeting", "absence"]), name="blocked_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.kind


class CallBack(PartyModel):
    """A person an outsider's agent promised to call, and what to book. The institutions never see
    it.

    `person`: name, phone and whatever else was typed, encrypted (`rules.Caller`); empty when it is
    forgotten, thirty days after it is done. `wish`: fields of the search by their names, and
    `words` for what they mean. `agent` owns it, until he may book no more (`left_at`); whoever
    opened it has it to himself until `opened_until`.
    """

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    left_at = models.DateTimeField(null=True)
    person = models.BinaryField()
    wish = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
    )
    opened_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default="open")
    close_reason = models.CharField(max_length=20, blank=True)
    close_note = models.CharField(max_length=500, blank=True)
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changes = models.PositiveIntegerField(default=0, db_default=0)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "state", "due_at"], name="call_back_due")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CALL_BACK_STATES), name="call_back_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state="booked", booking__isnull=False)
                | (~models.Q(state="booked") & models.Q(booking__isnull=True)),
                name="call_back_booked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} {self.due_at}"


class CallDraft(PartyModel):
    """What an agent typed of a call that is not booked yet: for him alone, for half an hour.

    `call`: the page's own number of the call. `typed`: person and wish, encrypted. `hold`: public
    id of the time that was held, which its booking would have.
    """

    parties = ("organization_id",)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    call = models.UUIDField()
    typed = models.BinaryField()
    hold = models.UUIDField(null=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "agent", "call"], name="call_draft_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.call} {self.saved_at}"


class AgentFeed(PartyModel):
    """A secret address under which an agent subscribes what he booked at others; masked always."""

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.created_at}"
