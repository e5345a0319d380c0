"""Uploaded files have a limit while they come in: what is over it is read off and forgotten."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from samtime.foundation.sheets import SheetTooLarge

MARK = "st_upload_too_large"


class LimitedUpload(FileUploadHandler):
    """First of the upload handlers: nothing over the limit reaches memory or disk."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on, or leave the file out when it grows over the limit."""
        if start + len(raw_data) > settings.UPLOAD_LIMIT:
            setattr(self.request, MARK, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        """The handlers behind make the file."""
        return None


def uploaded(request: HttpRequest, name: str) -> tuple[str, bytes] | None:
    """Name and content of a file of the form, or None. Refuses: SheetTooLarge (413)."""
    found = request.FILES.get(name)
    if getattr(request, MARK, False):
        raise SheetTooLarge()
    return (str(found.name or ""), found.read()) if found is not None else None
