"""Files through the API: looked at, and applied as a whole unless it is a dry run."""

import hashlib
import json
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form
from ninja.files import UploadedFile

from samtime.accounts.actor import Actor
from samtime.api.door import WrongContentType, answer
from samtime.api.v1.api import api
from samtime.api.v1.repeatable import actor_of, repeatable
from samtime.bookings.commands.imports import apply_import, start_import
from samtime.documents.commands import Upload
from samtime.documents.models import ImportRun
from samtime.documents.queries import import_run
from samtime.foundation.errors import FieldError, Invalid
from samtime.foundation.sheets import SheetTooLarge
from samtime.journal.commands.once import Once, once

MULTIPART = "multipart/form-data"


@api.post("/imports")
def start(
    request: HttpRequest,
    kind: Annotated[str, Form()],
    dry_run: Annotated[bool, Form()] = False,
    file: Annotated[UploadedFile | None, File()] = None,
) -> HttpResponse:
    """Import `services`, `practitioners` or `patients` (multipart XLSX or CSV); all or nothing."""
    actor = actor_of(request, _scope(kind))
    if request.content_type != MULTIPART:
        raise WrongContentType(_("Send multipart/form-data with the file."))
    if getattr(request, "st_upload_too_large", False):
        raise SheetTooLarge()
    if file is None:
        raise Invalid(FieldError("file", "missing", _("Send the file.")))
    upload = Upload(kind=kind, file_name=file.name or "", content=file.read())
    return _repeatable(request, actor, upload, dry_run)


def _repeatable(request: HttpRequest, actor: Actor, upload: Upload, dry_run: bool) -> HttpResponse:
    """As `repeatable`, but bound to the file: the body of an upload is read only once."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return answer(*_run(actor, upload, dry_run))
    head = f"{request.path} {upload.kind} {dry_run} {upload.file_name}\n".encode()
    call = Once(actor, key[:100], hashlib.sha256(head + upload.content).digest(), timezone.now())

    def kept() -> tuple[int, str]:
        status, body = _run(actor, upload, dry_run)
        return status, json.dumps(body, default=str)

    status, text = once(call, kept)
    return answer(status, text.encode())


def _run(actor: Actor, upload: Upload, dry_run: bool) -> tuple[int, dict[str, Any]]:
    now = timezone.now()
    run = start_import(actor=actor, upload=upload, now=now)
    if run.state == "previewed" and not dry_run:
        run = apply_import(actor=actor, run_id=run.public_id, now=now)
    return 201, _shape(run)


@api.get("/imports/{run_id}")
def one(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """A run with what it would do or did, and its errors by row and column."""
    run = _run_of(request, run_id)
    return answer(200, _shape(run))


@api.post("/imports/{run_id}/apply")
def apply(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Do what was previewed; an applied run stays applied."""
    actor = actor_of(request, _scope(_run_of(request, run_id).kind))

    def run() -> tuple[int, Any]:
        return 200, _shape(apply_import(actor=actor, run_id=run_id, now=timezone.now()))

    return repeatable(request, actor, run)


def _scope(kind: str) -> str:
    return "patients.write" if kind == "patients" else "catalog.write"


def _run_of(request: HttpRequest, run_id: UUID) -> ImportRun:
    """A run, for keys that may write what it holds."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    run = import_run(actor, run_id)
    actor_of(request, _scope(run.kind))
    return run


def _shape(run: ImportRun) -> dict[str, Any]:
    return {
        "id": str(run.public_id),
        "kind": run.kind,
        "file": run.file_name,
        "state": run.state,
        "rows": run.rows,
        "errors": run.errors,
        "preview": run.preview,
        "created_at": run.created_at.isoformat(),
        "applied_at": run.applied_at.isoformat() if run.applied_at else None,
    }
