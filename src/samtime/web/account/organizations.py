"""Which organization to work for, when a person belongs to several."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.accounts.models import User
from samtime.web.frame import home_of, kind_line, memberships_of


@login_required
def organizations(request: HttpRequest) -> HttpResponse:
    """One line per membership; the organization then stands in the address."""
    choices = [
        (home_of(m.organization), m.organization.name, kind_line(m.organization))
        for m in memberships_of(cast(User, request.user))
    ]
    return render(request, "account/organizations.html", {"choices": choices})
