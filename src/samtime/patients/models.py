"""The people being booked. A patient has one party: the provider (D2)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Organization


class Patient(PartyModel):
    """A person known to one provider; `name_keys` and `phone_key` are search keys."""

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=5, blank=True)
    protected_address = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    name_keys = ArrayField(models.IntegerField(), default=list)
    phone_key = models.CharField(max_length=20, blank=True)
    created_channel_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            GinIndex(fields=["name_keys"], name="patient_name_keys"),
            models.Index(fields=["provider", "birth_date"], name="patient_birth"),
            models.Index(fields=["provider", "phone_key"], name="patient_phone"),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class PatientIdentifier(PartyModel):
    """A national or other number: encrypted, found by keyed hash, masked on display (3.2)."""

    parties = ("provider_id",)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="identifiers")
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    country = models.CharField(max_length=2)
    encrypted = models.BinaryField()
    keyed_hash = models.BinaryField(max_length=32)
    last_four = models.CharField(max_length=4)

    class Meta:
        indexes = [models.Index(fields=["provider", "keyed_hash"], name="identifier_hash")]

    def __str__(self) -> str:
        return f"{self.kind} …{self.last_four}"
