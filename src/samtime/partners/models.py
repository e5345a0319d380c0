"""Partnerships: the relationship that opens a partner channel, and its invitations."""

import uuid

from django.conf import settings
from django.db import models

from samtime.channels.models import Channel
from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Organization


class Partnership(PartyModel):
    """Provider and partner. The card is the inviter's; it never edits the partner's own data.

    States: draft, invited, declined, expired, withdrawn, active, suspended, notice_given, ended.
    The channel is made with the draft and opens at acceptance. Under notice it stays open until
    the end of `ends_on`; `notice_by` is provider or partner, `bookings_at_end` honour, desk or
    cancel.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="partnerships"
    )
    partner = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="partnerships_as_partner"
    )
    channel = models.OneToOneField(Channel, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default="draft")
    kind = models.CharField(max_length=20, default="provider")
    company_name = models.CharField(max_length=200)
    tax_number = models.CharField(max_length=40, blank=True)
    registration_number = models.CharField(max_length=40)
    country = models.CharField(max_length=2)
    street = models.CharField(max_length=200, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    headquarters_country = models.CharField(max_length=2, blank=True)
    representative_name = models.CharField(max_length=200)
    representative_email = models.EmailField(max_length=254)
    representative_phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ends_on = models.DateField(null=True)
    notice_by = models.CharField(max_length=8, db_default="", default="", blank=True)
    bookings_at_end = models.CharField(max_length=6, db_default="honour", default="honour")
    # What the side that ends it wrote to the other; in no journal, which keeps no free words.
    end_message = models.CharField(max_length=1000, db_default="", default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "country", "registration_number"],
                condition=~models.Q(state__in=["declined", "expired", "withdrawn", "ended"]),
                name="partnership_once",
            )
        ]

    def __str__(self) -> str:
        return self.company_name


class Invitation(PartyModel):
    """One sending of the link: bound to its address, seven days, single use (P14, D18).

    `kind`: registration (company unknown here) or notification (known company approves).
    `state`: queued, sent, delivered, deferred, failed, bounced, opened, accepted, expired, revoked.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="invitations"
    )
    provider_id = models.BigIntegerField()
    partner_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=15)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=5)
    state = models.CharField(max_length=10, default="queued")
    detail = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.email} {self.state}"


class RegisterCheck(PartyModel):
    """One question to a company register, and what it said: facts of companies, never of persons.

    `outcome`: asked (no answer yet), found, unknown, removed, unavailable, slow. `number` is the
    plain number the register is asked by; `told` the answer's further fields.
    """

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    country = models.CharField(max_length=2)
    number = models.CharField(max_length=40)
    source = models.CharField(max_length=20)
    outcome = models.CharField(max_length=12, default="asked")
    told = models.JSONField(default=dict)
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization_id", "country", "number", "id"], name="register_check_number"
            ),
            models.Index(fields=["user_id", "asked_at"], name="register_check_user"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.number} {self.outcome}"


class WiderAccessRequest(PartyModel):
    """A partner asks to book more: services at places, and a message. The clinic ticks, or answers.

    `wanted` is a list of [location id, service id]; what came of it is read off the ticks.
    """

    parties = ("provider_id", "partner_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="requests")
    provider_id = models.BigIntegerField()
    partner_id = models.BigIntegerField()
    asked_by_id = models.BigIntegerField(null=True)
    wanted = models.JSONField(default=list)
    message = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.partnership_id} {self.created_at}"
