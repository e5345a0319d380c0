"""Where the door sends somebody who sees patients and has no second step yet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.web.door import signed_in_page


@signed_in_page
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    """Says why, and leads to setting it up."""
    return render(request, "account/second_factor_needed.html")
