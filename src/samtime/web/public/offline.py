"""The page for when there is no network, and the script that keeps it in the browser."""

from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def offline(request: HttpRequest) -> HttpResponse:
    """No data, nobody's name: the same for everybody, in his language."""
    return render(request, "public/offline/offline.html")


def service_worker(request: HttpRequest) -> HttpResponse:
    """Stands at the root because a worker only serves what lies below it."""
    found = finders.find("samtime/sw.js")
    response = HttpResponse(Path(str(found)).read_bytes(), content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/"
    return response
