"""A form sent twice is carried out once: the second POST answers like the first.

The form carries `{% once_field %}`; its page stands under `@once_only`. Only what succeeded is kept
(an answer that leads on: a redirect, or a panel that names its own address to a script); a refused
form is judged anew, and so is one whose fields were changed.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.journal.commands.once import Once, once

FIELD = "once"
View = Callable[..., HttpResponse]
T = TypeVar("T")


class _NotKept(Exception):
    """The page answered with itself: nothing was done that could be repeated."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response


def once_only(view: View) -> View:
    """A page whose POST is repeatable by its form's hidden key; without one it just runs."""

    @functools.wraps(view)
    def inside(request: HttpRequest, actor: Actor, **named: Any) -> HttpResponse:
        if request.method != "POST" or not request.POST.get(FIELD):
            return view(request, actor, **named)
        call = _call(request, actor)
        fresh: list[HttpResponse] = []

        def run() -> tuple[int, str]:
            before = len(messages.get_messages(request))
            response = view(request, actor, **named)
            to = _leads_to(response)
            if not to:
                raise _NotKept(response)
            fresh.append(response)
            told = _told(request)[before:]
            return response.status_code, json.dumps({"to": to, "told": told})

        try:
            _status, kept = once(call, run)
        except _NotKept as answered:
            return answered.response
        return fresh[0] if fresh else _again(request, kept)

    return inside


def once_told(request: HttpRequest, actor: Actor, run: Callable[[], T]) -> T | None:
    """What `run` gave; None when this form was carried out before.

    For an answer that must not be kept, because it holds a secret that is shown once.
    """
    if not request.POST.get(FIELD):
        return run()
    told: list[T] = []

    def first() -> tuple[int, str]:
        told.append(run())
        return 200, ""

    once(_call(request, actor), first)
    return told[0] if told else None


def _call(request: HttpRequest, actor: Actor) -> Once:
    mark = _mark(request)
    return Once(actor, f"form {mark.hex()}", mark, timezone.now(), waits=True)


def _leads_to(response: HttpResponse) -> str:
    """The address a success leads to, also one that only a script follows; «» for a refusal."""
    if isinstance(response, HttpResponseRedirect):
        return response.url
    headers = response.headers
    return str(headers.get("HX-Redirect") or headers.get("HX-Push-Url") or "")


def _mark(request: HttpRequest) -> bytes:
    """The form's key, its address and everything in it but the token of the session."""
    fields = sorted((n, v) for n, v in request.POST.lists() if n != "csrfmiddlewaretoken")
    whole = json.dumps([request.get_full_path(), fields])
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).digest()


def _told(request: HttpRequest) -> list[tuple[int, str]]:
    storage: Any = messages.get_messages(request)
    told = [(message.level, str(message.message)) for message in storage]
    storage.used = False  # only looked at: the next page still shows them
    return told


def _again(request: HttpRequest, kept: str) -> HttpResponse:
    answer = json.loads(kept)
    for level, text in answer["told"]:
        messages.add_message(request, level, text)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(answer["to"])
    response = HttpResponse()
    response["HX-Redirect"] = answer["to"]
    return response
