"""The mails the demo has sent, as its own relay got them. This page exists in the demo only."""

import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

SHOWN = 200


def kept_mails() -> list[dict[str, Any]]:
    """Newest first."""
    files = sorted((settings.DATA / "mail").glob("*.json"), reverse=True)[:SHOWN]
    found = []
    for path in files:
        mail = json.loads(path.read_text())
        mail["id"] = path.stem
        mail["sent_at"] = datetime.fromtimestamp(mail.pop("at"), UTC)
        found.append(mail)
    return found


def mails(request: HttpRequest) -> HttpResponse:
    """The list, with the chosen mail beside it."""
    found = kept_mails()
    wanted = request.GET.get("mail", "")
    chosen = next((m for m in found if m["id"] == wanted), None)
    if wanted and chosen is None:
        raise Http404
    return render(request, "demo/mail/mail.html", {"mails": found, "chosen": chosen})


def mails_json(request: HttpRequest) -> HttpResponse:
    """For scripts: `{"to","subject","text","html","links","attachments"}`, newest first."""
    return JsonResponse(kept_mails(), safe=False)
