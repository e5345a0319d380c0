"""The door of every page: who comes, one transaction, the viewer set, refusals turned into HTML.

A page is a function `(request, actor, ...) -> HttpResponse` under `@page(Right.X)`; a page behind
a link is `(request, ...)` under `@public_page`. Answers are rendered inside the transaction.
"""

import functools
import uuid
from collections.abc import Callable, Generator
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language

from samtime.accounts.actor import Actor
from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.foundation.errors import NotFound, RateLimited, Refusal
from samtime.foundation.tenancy import set_viewer
from samtime.foundation.transient import is_away, is_retried
from samtime.organizations.commands.members import note_seen
from samtime.organizations.queries.arrival import arrive
from samtime.web.kept_form import keep, kept, remember_person, sign_in_page

View = Callable[..., HttpResponse]
T = TypeVar("T")


class PageRequest(HttpRequest):
    """A request that came through the door."""

    actor: Actor
    member: User


def page(*rights: Right) -> Callable[[View], View]:
    """A page of an organization; any one of `rights` opens it, else it is not there (404)."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def inside(request: HttpRequest, slug: str, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            answer = _guarded(request, lambda: _enter(request, slug, rights, view, named))
            return remember_person(request, answer)

        inside.rights = rights  # type: ignore[attr-defined]
        return inside

    return wrap


Steps = Generator[Callable[[], Any], Any, HttpResponse]


def calling_page(*rights: Right) -> Callable[[Callable[..., Steps]], View]:
    """A page that asks another system, which is never done inside a transaction (HOUSE.md 9.1).

    The view is a generator. It runs in one transaction up to `told = yield call`; the call runs in
    none; the view goes on with what it gave in a second transaction, and returns the answer. A
    view that returns before it yields is an ordinary page.
    """

    def wrap(view: Callable[..., Steps]) -> View:
        @functools.wraps(view)
        def inside(request: HttpRequest, slug: str, **named: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            started: Any = None

            def begin() -> Any:
                nonlocal started
                started = _enter(request, slug, rights, cast(View, view), named)
                return started if isinstance(started, HttpResponse) else _go_on(started, None)

            call = _guarded(request, begin)
            if isinstance(call, HttpResponse):
                return call
            told = call()
            return _guarded(request, lambda: _come_back(request, started, told), again=False)

        inside.rights = rights  # type: ignore[attr-defined]
        return inside

    return wrap


def _go_on(steps: Steps, told: Any) -> Any:
    """The next call of a view, or its answer."""
    try:
        return steps.send(told)
    except StopIteration as end:
        return end.value


def _come_back(request: HttpRequest, steps: Steps, told: Any) -> HttpResponse:
    set_viewer(request.actor.organization_id)  # type: ignore[attr-defined]
    answer = _go_on(steps, told)
    if not isinstance(answer, HttpResponse):
        raise TypeError("a page asks once")
    return answer


def public_page(view: View) -> View:
    """A page without sign-in: no viewer is set, every protected table is empty at first."""

    @functools.wraps(view)
    def inside(request: HttpRequest, **named: Any) -> HttpResponse:
        return _guarded(request, lambda: view(request, **named))

    return inside


def signed_in_page(view: View) -> View:
    """A page of the person, outside any organization: `(request, ...)`, signed in."""

    @functools.wraps(view)
    def inside(request: HttpRequest, **named: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return _guarded(request, lambda: view(request, **named))

    return inside


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Who is not signed in (any more) does so first; a form he sent waits on the sign-in page."""
    # A script's own request sees that it was led here, and asks over its page (again.js).
    is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    text = keep(request) if is_page and "HX-Request" not in request.headers else ""
    form = kept(text) if text else None
    if form is not None:
        return sign_in_page(request, text, form)
    return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")


def opened_by(path: str) -> tuple[Right, ...] | None:
    """The rights of which any one opens the page at this path; `()`: everybody's; None: no page.

    For links that others made: a link that would lead its reader to a 404 is not shown.
    """
    try:
        view = resolve(path.partition("?")[0]).func
    except Resolver404:
        return None
    rights: tuple[Right, ...] = getattr(view, "rights", ())
    return rights


def _enter(
    request: HttpRequest, slug: str, rights: tuple[Right, ...], view: View, named: dict[str, Any]
) -> HttpResponse:
    user = cast(User, request.user)
    arrival = arrive(
        user=user, slug=slug, language=get_language() or "en", request_id=request_id(request)
    )
    actor = arrival.actor
    if rights and not any(actor.may(right) for right in rights):
        raise NotFound()
    if arrival.second_factor_missing:
        return redirect("second_factor_needed")
    today = timezone.now().date()
    if actor.seen_on != today:
        note_seen(actor=actor, today=today)
    request.actor = actor  # type: ignore[attr-defined]
    return view(request, actor, **named)


def _guarded(request: HttpRequest, run: Callable[[], T], *, again: bool = True) -> T | HttpResponse:
    if _has_nul(request):
        return render_error(request, 400)
    for last in (False, True) if again else (True,):
        try:
            with transaction.atomic():
                return run()
        except Refusal as refusal:
            return refused(request, refusal)
        except Exception as fault:
            if is_retried(fault) and not last:
                continue
            if is_away(fault) or is_retried(fault):
                return render_error(request, 503, retry_after=2)
            raise
    raise AssertionError("unreachable")


def _has_nul(request: HttpRequest) -> bool:
    """Whether a field holds a NUL: nobody can type one, and no column takes it."""
    given = (request.GET, request.POST) if request.method == "POST" else (request.GET,)
    return any(
        "\x00" in text for fields in given for _name, all_ in fields.lists() for text in all_
    )


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal that no form took: a whole page with its sentence and the way back."""
    wait = refusal.retry_after if isinstance(refusal, RateLimited) else None
    return render_error(request, refusal.status, sentence=refusal.detail, retry_after=wait)


def render_error(
    request: HttpRequest, status: int, *, sentence: str = "", retry_after: int | None = None
) -> HttpResponse:
    """One of templates/errors/, with the error number for support."""
    known = status if status in (400, 403, 404, 413, 429, 500, 503) else 409
    context = {"sentence": sentence, "number": request_id(request), "status": status}
    response = render(request, f"errors/{known}.html", context, status=status)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    return response


def request_id(request: HttpRequest) -> str:
    """A short random number of this request: in the journal, in logs, on error pages."""
    if not hasattr(request, "st_request_id"):
        request.st_request_id = uuid.uuid4().hex[:12]  # type: ignore[attr-defined]
    return str(request.st_request_id)  # type: ignore[attr-defined]
