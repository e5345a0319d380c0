"""Files people hand in for import: the rows as read, the errors found, whether applied."""

import uuid

from django.conf import settings
from django.db import models

from samtime.foundation.tenancy import PartyModel


class ImportRun(PartyModel):
    """One uploaded file. States: refused (has errors), previewed, applied.

    `options`: what was chosen beside the file, as its kind understands it.
    """

    parties = ("organization_id",)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.BigIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=20)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()
    options = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    rows = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=list)
    errors = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"
