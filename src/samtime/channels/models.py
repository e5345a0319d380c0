"""Channels: who outside may book what, where, at which price, on which terms."""

import uuid

from django.db import models

from samtime.calendars.models import Offering
from samtime.catalog.models import Service
from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Location, Organization

KINDS = ("own_desk", "partner", "assistance", "insurer")


class Channel(PartyModel):
    """Provider x outside organization x kind (D15). Own desk has no outsider.

    `state`: preparing (nobody accepted yet), open, suspended, closed. The relationship above
    sets it. `opened_at` orders the columns of the matrix (T3, T4). `paused_at`: the outsider let
    the day pass on which the general terms had to be accepted; nothing new until they are.
    """

    parties = ("provider_id", "outsider_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="channels")
    outsider = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="outside_channels"
    )
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="preparing")
    opened_at = models.DateTimeField(null=True)
    closes_on = models.DateField(null=True)
    paused_at = models.DateTimeField(null=True)
    locations = models.ManyToManyField(Location, through="ChannelLocation")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "outsider", "kind"],
                name="channel_once",
                nulls_distinct=True,
            ),
            models.UniqueConstraint(
                fields=["provider"],
                condition=models.Q(kind="own_desk"),
                name="channel_one_desk",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="channel_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class ChannelLocation(models.Model):
    """A location in the agreement: the upper bound of the listings (invariant 11)."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "location"], name="channel_location_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.location_id}"


class ChannelTerms(PartyModel):
    """Terms from a day on; the newest row not after the appointment's day counts (D9).

    `commission_rate` in hundredths of a percent (1250 = 12.5 %); `commission_amount` in minor
    units per booking.
    """

    parties = ("provider_id", "outsider_id")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="terms")
    provider_id = models.BigIntegerField()
    outsider_id = models.BigIntegerField(null=True)
    from_on = models.DateField()
    payment_place = models.CharField(max_length=12, default="institution")
    patient_access = models.CharField(max_length=10, default="none")
    statistics = models.BooleanField(default=True)
    commission_kind = models.CharField(max_length=10, default="none")
    commission_rate = models.PositiveIntegerField(default=0)
    commission_amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "from_on"], name="terms_from_once"),
            models.CheckConstraint(
                condition=models.Q(
                    payment_place__in=["partner", "institution"],
                    patient_access__in=["none", "confirm", "search"],
                    commission_kind__in=["none", "percentage", "fixed"],
                    commission_rate__lte=10000,
                    commission_amount__gte=0,
                ),
                name="terms_values",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} from {self.from_on}"


class Listing(PartyModel):
    """One tick of the matrix, dated: open or not from a day on (D8, D9).

    A row with an offering wins over the service's row; no row means closed (own desk: open).
    """

    parties = ("provider_id", "outsider_id")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="listings")
    provider_id = models.BigIntegerField()
    outsider_id = models.BigIntegerField(null=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, null=True)
    open = models.BooleanField()
    from_on = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["outsider_id", "from_on"], name="listing_outsider_day"),
            models.Index(fields=["provider_id", "from_on"], name="listing_provider_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "location", "service", "offering", "from_on"],
                name="listing_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.service_id} {self.location_id}"


class ListingPrice(PartyModel):
    """The channel's own price of a cell from a day on; null amount = base price again."""

    parties = ("provider_id", "outsider_id")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="prices")
    provider_id = models.BigIntegerField()
    outsider_id = models.BigIntegerField(null=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    from_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "location", "service", "offering", "from_on"],
                name="listing_price_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.service_id} {self.from_on}"
