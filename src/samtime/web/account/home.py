"""The front door `/`: offers sign-in, or leads on to the person's organization."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from samtime.organizations.queries import memberships_of
from samtime.web.frame import home_of


def home(request: HttpRequest) -> HttpResponse:
    """Strangers see what this is and «Sign in»; others go where they work."""
    if not request.user.is_authenticated:
        return render(request, "account/home.html")
    memberships = memberships_of(request.user)
    if len(memberships) == 1 and home_of(memberships[0].organization) != request.path:
        return redirect(home_of(memberships[0].organization))
    return redirect("account:organizations")


def by_invitation(request: HttpRequest) -> HttpResponse:
    """Signing up alone is closed: says how accounts come to be."""
    return render(request, "account/signup_closed.html")
