"""Mails to send, with their delivery state."""

import uuid

from django.db import models

from samtime.foundation.tenancy import PartyModel


class OutgoingMail(PartyModel):
    """One mail to one address. `sent` = our relay said 250 (D28).

    States: queued, sent, delivered, deferred, bounced, failed. `about_kind` and `about_id` name
    what the mail is about; bodies are dropped after thirty days.
    """

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.BigIntegerField()
    template = models.CharField(max_length=50)
    language = models.CharField(max_length=5)
    recipient = models.EmailField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    about_kind = models.CharField(max_length=30)
    about_id = models.UUIDField()
    state = models.CharField(max_length=10, default="queued")
    tries = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["about_id"], name="mail_about"),
            models.Index(fields=["recipient", "created_at"], name="mail_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.state}"


class DeliveryCount(models.Model):
    """How many mails of all organizations ended in a state on a day: figures, nobody's name.

    For the network operator, who sees no mail (D5); so no row policy stands over it.
    """

    on_day = models.DateField()
    state = models.CharField(max_length=10)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["on_day", "state"], name="delivery_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.on_day} {self.state} {self.count}"
