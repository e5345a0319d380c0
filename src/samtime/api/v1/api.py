"""The API object: parsing, errors, and what every call shares. Calls stand in their own files."""

import re
from typing import Any

import orjson
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.parser import Parser

from samtime.api.door import (
    BearerKey,
    KeyWrong,
    Malformed,
    WrongContentType,
    fault_answer,
    problem,
)
from samtime.api.field_faults import field_fault
from samtime.foundation.errors import Invalid, NotFound, Refusal

MOST_FAULTS = 50
# An escaped NUL: no text has one, and no column takes it.
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class JsonParser(Parser):
    """JSON by orjson: depth and surrogates are its own limits; the type must be said."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body as plain values; refuses other content types, size and broken JSON."""
        if not request.body:
            return {}
        if request.content_type != "application/json":
            raise WrongContentType()
        if NUL.search(request.body):
            raise Malformed()
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise Malformed() from None


api = NinjaAPI(
    title="Samtime",
    version="1",
    description="Find, hold and book times in providers' calendars, on agreed terms.",
    auth=BearerKey(),
    parser=JsonParser(),
    # No validator: it would be another host's picture, told what our document says.
    docs=Swagger(settings={"validatorUrl": None}),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)


@api.exception_handler(Refusal)
def on_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A command or query said no."""
    return problem(refusal)


@api.exception_handler(AuthenticationError)
def on_no_key(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
    """No key, or a dead one."""
    return problem(KeyWrong())


@api.exception_handler(Http404)
def on_nothing(request: HttpRequest, fault: Http404) -> HttpResponse:
    """No such address."""
    return problem(NotFound())


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, fault: HttpError) -> HttpResponse:
    """What ninja itself cannot read."""
    return problem(Malformed())


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, fault: ValidationError) -> HttpResponse:
    """Fields of the wrong shape: each with its path and a sentence."""
    return problem(Invalid(*[field_fault(e) for e in fault.errors[:MOST_FAULTS]]))


@api.exception_handler(Error)
def on_database(request: HttpRequest, fault: Error) -> HttpResponse:
    """The database is away, or two calls met: 503, or run again."""
    response = fault_answer(fault)
    if response is None:
        raise fault
    return response
