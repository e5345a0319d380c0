"""The people being booked. A patient has one party: the provider (D2)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from samtime.foundation.tenancy import PartyModel
from samtime.organizations.models import Organization

CONTACT_KINDS = ("guardian", "next_of_kin", "employer", "payer", "other")


class Patient(PartyModel):
    """A person known to one provider; `name_keys` and `phone_key` are search keys.

    A merged one keeps its row and points at the one that stayed, so that merging can be undone.
    `created_channel_id` and no `contact_checked_at`: made by a partner's booking, unchecked.
    The table `patient_name_key` (migration 0002) follows `name_keys` by a trigger.
    """

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # `patient_birth` and `patient_phone` begin with it.
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT, db_index=False)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField(null=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    language = models.CharField(max_length=5, blank=True)
    street = models.CharField(max_length=200, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=20, blank=True, default="", db_default="")
    city = models.CharField(max_length=100, blank=True, default="", db_default="")
    protected_address = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    name_keys = ArrayField(models.IntegerField(), default=list)
    phone_key = models.CharField(max_length=20, blank=True)
    created_channel_id = models.BigIntegerField(null=True)
    created_user_id = models.BigIntegerField(null=True)
    contact_checked_at = models.DateTimeField(null=True)
    merged_into_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
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


class PatientContact(PartyModel):
    """Somebody beside the patient: guardian, next of kin, employer, payer.

    `is_told`: gets what the patient is told; `pays`: bills go there.
    """

    parties = ("provider_id",)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    is_told = models.BooleanField(default=False)
    pays = models.BooleanField(default=False)
    note = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.name


class PatientMerge(PartyModel):
    """Two records became one: what moved and what the kept one said before, so it can be undone.

    `moved`: model label -> ids of rows that pointed at the one that went.
    """

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    kept_id = models.BigIntegerField()
    gone_id = models.BigIntegerField()
    moved = models.JSONField(default=dict)
    kept_before = models.JSONField(default=dict)
    kept_version = models.PositiveIntegerField()
    user_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kept_id"], name="merge_kept"),
            models.Index(fields=["gone_id"], name="merge_gone"),
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"


class DuplicateProposal(PartyModel):
    """Two records that may be one person. States: open, different (a person said so), merged."""

    parties = ("provider_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    provider = models.ForeignKey(Organization, on_delete=models.PROTECT)
    one_id = models.BigIntegerField()
    other_id = models.BigIntegerField()
    reason = models.CharField(max_length=20)
    state = models.CharField(max_length=10, default="open")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one_id", "other_id"], name="duplicate_once"),
            models.CheckConstraint(
                condition=models.Q(one_id__lt=models.F("other_id")), name="duplicate_ordered"
            ),
        ]
        indexes = [models.Index(fields=["provider", "state"], name="duplicate_state")]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"
