"""Which organization to work for, when a person belongs to several."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.accounts.models import User
from samtime.organizations.queries import memberships_of
from samtime.web.door import signed_in_page
from samtime.web.frame import home_of, kind_line


@signed_in_page
def organizations(request: HttpRequest) -> HttpResponse:
    """One line per membership; the organization then stands in the address."""
    choices = [
        (home_of(m.organization), m.organization.name, kind_line(m))
        for m in memberships_of(cast(User, request.user))
    ]
    return render(request, "account/organizations.html", {"choices": choices})
