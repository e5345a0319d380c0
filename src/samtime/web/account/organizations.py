"""Which organization to work for, when a person belongs to several."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.models import User
from samtime.organizations.queries.arrival import belongings
from samtime.web.door import signed_in_page
from samtime.web.frame import home_of, kind_line


@signed_in_page
def organizations(request: HttpRequest) -> HttpResponse:
    """One line per membership; the organization then stands in the address."""
    choices = [
        (home_of(one), one.name, kind_line(one.kind, one.places))
        for one in belongings(cast(User, request.user), now=timezone.now())
    ]
    return render(request, "account/organizations.html", {"choices": choices})
