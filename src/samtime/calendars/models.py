"""Bookable time. `resource_day` (the day masks) is a raw table written by masks.py alone."""

import uuid

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models

from samtime.catalog.models import Service
from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Location, Organization, Practitioner, PractitionerRole


class Resource(models.Model):
    """Something that is occupied or has a day mask.

    practitioner: carries allocations; calendar: carries only a mask; room, device: both.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    practitioner = models.OneToOneField(Practitioner, on_delete=models.PROTECT, null=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["practitioner", "calendar", "room", "device"]),
                name="resource_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Calendar(models.Model):
    """A practitioner's bookable time at one location (FHIR Schedule)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="calendars")
    role = models.OneToOneField(PractitionerRole, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    practitioner_resource = models.ForeignKey(
        Resource, on_delete=models.PROTECT, related_name="calendars"
    )
    mask = models.OneToOneField(Resource, on_delete=models.PROTECT, related_name="mask_of")
    step_minutes = models.PositiveSmallIntegerField(default=15)
    version = models.BigIntegerField(default=0)
    ended_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.mask.name


class Offering(models.Model):
    """A service given in one calendar, with its own duration where it differs.

    `duration_minutes` is today's; where `lengths_dated`, that of another day stands in
    `OfferingLength` (D9).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="offerings")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="offerings")
    duration_minutes = models.PositiveSmallIntegerField(null=True)
    lengths_dated = models.BooleanField(default=False, db_default=False)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "service"], name="offering_once")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} in {self.calendar_id}"


class OfferingLength(models.Model):
    """The offering's own duration from a day on (the appointment's date, D9); null follows the
    service. Minutes, multiples of 5. The oldest row says what held before anything was dated.
    """

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="lengths")
    from_on = models.DateField()
    duration_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offering", "from_on"], name="offering_length_once"),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=720)
                | models.Q(duration_minutes__isnull=True),
                name="offering_length_duration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offering_id} {self.from_on}"


class OfferingPrice(models.Model):
    """The offering's own price from a day on; null amount = follows the service again."""

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="prices")
    from_on = models.DateField()
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offering", "from_on"], name="offering_price_once")
        ]

    def __str__(self) -> str:
        return f"{self.offering_id} {self.from_on}"


class AvailabilityRule(models.Model):
    """Every such weekday from start to end, local time: open, or a break in what is open."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=5, default="open")
    weekday = models.PositiveSmallIntegerField()
    start = models.TimeField()
    end = models.TimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__gte=1, weekday__lte=7, kind__in=["open", "break"]),
                name="rule_weekday",
            ),
            models.CheckConstraint(
                condition=models.Q(end__gt=models.F("start")), name="rule_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.start}-{self.end}"


class AvailabilityException(models.Model):
    """One local day differs: closed (whole or from-to), or open beyond the rule."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="exceptions")
    date = models.DateField()
    closed = models.BooleanField(default=False)
    start = models.TimeField(null=True)
    end = models.TimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.date} {'closed' if self.closed else 'open'}"


class ResourceGroup(models.Model):
    """Rooms or devices of a location of which any one will do (D20)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    members = models.ManyToManyField(Resource)

    def __str__(self) -> str:
        return self.name


class ResourceNeed(models.Model):
    """This service at this location needs one of that group."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    group = models.ForeignKey(ResourceGroup, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "location", "group"], name="need_once")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} needs {self.group_id}"


class Allocation(models.Model):
    """A resource is occupied: the truth behind the masks. No person, no booker (D1).

    kind: booking, hold, block (absence, meeting), busy (imported), overbooked (outside the
    constraint). `source_id` is the public id of the hold, booking or block.
    """

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT)
    provider_id = models.BigIntegerField()
    period = DateTimeRangeField()
    kind = models.CharField(max_length=10)
    live = models.BooleanField(default=True)
    source_id = models.UUIDField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["source_id"], name="allocation_source"),
            models.Index(
                fields=["expires_at"],
                name="allocation_expiry",
                condition=models.Q(expires_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(period__isempty=False), name="allocation_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} {self.period}"


class CalendarFeed(PartyModel):
    """A secret address under which a practitioner's visits can be subscribed; its token is hashed.

    `masked`: only «Booked», else service and initials of the patient.
    """

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT)
    masked = models.BooleanField(default=True)
    made_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.practitioner_id} {self.created_at}"


class BusyFeed(PartyModel):
    """An outside calendar whose events keep a practitioner busy: subscribed, or a file read once.

    `encrypted_url` is empty for a file; an address often holds its owner's secret. `fault` is the
    code of the last failure, `failures` how many there were in a row, `left_out` how many events
    could not be read.
    """

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT)
    name = models.CharField(max_length=100)
    encrypted_url = models.BinaryField(default=bytes)
    host = models.CharField(max_length=253, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    read_on = models.DateField(null=True)
    events = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    fault = models.CharField(max_length=20, blank=True)
    tried_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["provider", "tried_at"],
                name="busy_feed_due",
                condition=models.Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.name
