"""Journal rows, access log and idempotency keys. The first two are append-only for the role."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from samtime.foundation.tenancy import PartyModel


class JournalEntry(PartyModel):
    """One thing that happened, written in the command's transaction. Ids, never persons' data.

    `kind` is «booking.booked», «partnership.accepted» ...; `sequence` counts per object.
    """

    parties = ("organization_id", "other_id")
    id = models.BigAutoField(primary_key=True)
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    organization_id = models.BigIntegerField()
    other_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=50)
    object_kind = models.CharField(max_length=30)
    object_id = models.UUIDField()
    actor_kind = models.CharField(max_length=10)
    actor_organization_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    key_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_id", "id"], name="journal_object"),
            models.Index(fields=["organization_id", "id"], name="journal_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class AccessLogEntry(PartyModel):
    """Who saw which patients and why; one row per answer, in the same transaction (P12)."""

    parties = ("provider_id", "organization_id")
    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(auto_now_add=True)
    provider_id = models.BigIntegerField()
    organization_id = models.BigIntegerField()
    actor_kind = models.CharField(max_length=10)
    user_id = models.BigIntegerField(null=True)
    key_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(null=True)
    patient_ids = ArrayField(models.BigIntegerField(), default=list)
    action = models.CharField(max_length=30)
    purpose = models.CharField(max_length=50, blank=True)
    hits = models.PositiveIntegerField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["patient_ids"], name="access_patients"),
            models.Index(fields=["provider_id", "at"], name="access_provider"),
            models.Index(
                fields=["organization_id", "at"],
                name="access_searched",
                condition=models.Q(action="searched"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at}"


class IdempotencyKey(PartyModel):
    """A key, what was asked, and the answer that was given (D22). Only successes are stored."""

    parties = ("organization_id",)
    organization_id = models.BigIntegerField()
    user_id = models.BigIntegerField(null=True)
    key = models.CharField(max_length=100)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "user_id", "key"],
                name="idempotency_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.key
