"""Services (examinations) and their dated base prices."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from samtime.organizations.models import Organization


class Service(models.Model):
    """An examination a provider offers (FHIR HealthcareService). Minutes are multiples of 5.

    `reminder_hours`: null follows the provider, 0 = no reminder. Duration and buffers are today's;
    where `lengths_dated`, those of another day stand in `ServiceLength` (D9).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="services")
    code = models.CharField(max_length=40)
    external_codes = ArrayField(models.CharField(max_length=40), default=list)
    name = models.CharField(max_length=200)
    names = models.JSONField(default=dict)
    specialty = models.CharField(max_length=100, blank=True)
    duration_minutes = models.PositiveSmallIntegerField()
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)
    lengths_dated = models.BooleanField(default=False, db_default=False)
    preparation = models.JSONField(default=dict)
    lead_minutes = models.PositiveIntegerField(default=0)
    horizon_days = models.PositiveSmallIntegerField(default=400)
    cancel_limit_minutes = models.PositiveIntegerField(default=1440)
    reminder_hours = models.PositiveSmallIntegerField(null=True)
    position = models.PositiveIntegerField(default=0)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "code"], name="service_code_once"),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=720),
                name="service_duration",
            ),
            models.CheckConstraint(
                condition=models.Q(horizon_days__gte=1, horizon_days__lte=400),
                name="service_horizon",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """The name in a language, else the provider's own."""
        return str(self.names.get(language) or self.name)

    def preparation_in(self, language: str) -> str:
        """What the patient should do beforehand, in a language, else any text there is."""
        texts = self.preparation
        return str(texts.get(language) or next(iter(texts.values()), ""))


class ServiceLength(models.Model):
    """Duration and buffers from a day on (the appointment's date, D9). Minutes, multiples of 5.

    The oldest row of a service says what held before anything was dated, so every day has one.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="lengths")
    from_on = models.DateField()
    duration_minutes = models.PositiveSmallIntegerField()
    buffer_before_minutes = models.PositiveSmallIntegerField(default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "from_on"], name="service_length_once"),
            models.CheckConstraint(
                condition=models.Q(duration_minutes__gte=5, duration_minutes__lte=720),
                name="service_length_duration",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.from_on}"


class ServicePrice(models.Model):
    """Base price from a day on (appointment's date, D9), gross, with its VAT (D11).

    `vat_rate` in hundredths of a percent (2500 = 25 %); `vat_category` as in EN 16931.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="prices")
    from_on = models.DateField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    vat_rate = models.PositiveIntegerField(default=0)
    vat_category = models.CharField(max_length=2, default="E")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "from_on"], name="service_price_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="service_price_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.from_on}"
