"""A form that was sent when the session had ended: kept until its person has signed in again.

What was typed travels in the body of the sign-in page, signed, and is stored nowhere; it never
stands in an address, a cookie or a log. It is given back only to the person who typed it: the
browser holds the signed mark of whoever was signed in last.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.web.form_state import FormState

COOKIE = "samtime_person"
SALT, FORM_SALT = "samtime.person", "samtime.kept_form"
PAGE = "account/sign_in_again.html"
LARGEST = 300_000
LIFETIME = 2 * 3600
# Of the session that ended, or never shown again.
LEFT_OUT = ("csrfmiddlewaretoken",)


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where it goes, its fields as they were sent, whose it is, and whether it had files."""

    path: str
    fields: list[tuple[str, str]]
    person: str
    had_files: bool


def mark_of(user: Any) -> str:
    """The signed mark of a person who is signed in."""
    return signing.Signer(salt=SALT).sign(str(user.public_id))


def person_of(mark: str) -> str:
    """Whose mark it is; «» for a forged one."""
    try:
        return signing.Signer(salt=SALT).unsign(mark)
    except signing.BadSignature:
        return ""


def remember_person(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Leave the mark with the browser, once per person."""
    user = request.user
    if user.is_authenticated:
        mark = mark_of(user)
        if request.COOKIES.get(COOKIE) != mark:
            response.set_cookie(
                COOKIE,
                mark,
                max_age=365 * 24 * 3600,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
    return response


def keep(request: HttpRequest) -> str:
    """The sent form as signed text; «» when there is nothing to keep or nobody to keep it for."""
    person = person_of(request.COOKIES.get(COOKIE, ""))
    if request.method != "POST" or not person or not request.POST:
        return ""
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in LEFT_OUT and "password" not in name
    ]
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return ""
    packed = [request.get_full_path(), fields, person, bool(request.FILES)]
    return signing.dumps(packed, salt=FORM_SALT, compress=True)


def kept(text: str) -> KeptForm | None:
    """Read back; None when forged, too old, or not of this place."""
    try:
        path, fields, person, had_files = signing.loads(text, salt=FORM_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    pairs = [(str(name), str(value)) for name, value in fields]
    return KeptForm(str(path), pairs, str(person), bool(had_files))


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser itself says that a page of this very address sent the form."""
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.get_host()


def sign_in_page(
    request: HttpRequest,
    text: str,
    form: KeptForm,
    *,
    errors: dict[str, str] | None = None,
    step: str = "password",
) -> HttpResponse:
    """Asks for sign-in and holds the form in its body. `errors` by field, «» is the whole."""
    state = FormState({"login": request.POST.get("login", "") if "kept" in request.POST else ""})
    for name, sentence in (errors or {}).items():
        if name:
            state.wrong(name, sentence)
        else:
            state.general.append(sentence)
    context = {
        "kept": text,
        "form_had_files": form.had_files,
        "state": state,
        "step": step,
        "other": request.user if request.user.is_authenticated else None,
    }
    return render(request, PAGE, context, status=422 if errors else 403)
