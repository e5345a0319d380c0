"""Files people hand in for import: the rows as read, the errors found, whether applied."""

import uuid

from django.conf import settings
from django.db import models

from samtime.foundation.tenancy import PartyModel


class ImportRun(PartyModel):
    """One uploaded file. States: waiting (for the worker), refused (has errors), previewed,
    applying (by the worker), applied, stopped (by a person), failed (a fault of ours), expired.

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


class ImportProgress(PartyModel):
    """How far the worker is with a run; written beside the work's own transaction.

    A table of its own: the run's row is locked while it is worked on.
    """

    parties = ("organization_id",)
    organization_id = models.BigIntegerField()
    run_id = models.BigIntegerField(unique=True)
    step = models.PositiveSmallIntegerField(default=1)
    steps = models.PositiveSmallIntegerField(default=1)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    wanted_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.run_id} {self.step}/{self.steps} {self.done}/{self.total}"
