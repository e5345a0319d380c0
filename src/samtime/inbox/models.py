"""What waits for somebody. Names of kinds are stable words; sentences are made on reading."""

import uuid

from django.db import models

from samtime.foundation.tenancy import PartyModel


class InboxItem(PartyModel):
    """Something stuck: kind, object, owner, due date. One open item per kind and object."""

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=30)
    object_id = models.UUIDField()
    facts = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    owner_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "kind", "object_id"],
                condition=models.Q(resolved_at__isnull=True),
                name="inbox_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class InboxNote(PartyModel):
    """What somebody did with an item: taken, given, snoozed, woken, commented, done."""

    parties = ("organization_id",)
    item = models.ForeignKey(InboxItem, on_delete=models.CASCADE, related_name="notes")
    organization_id = models.BigIntegerField()
    at = models.DateTimeField()
    user_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10)
    text = models.CharField(max_length=500, blank=True)
    other_user_id = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"
