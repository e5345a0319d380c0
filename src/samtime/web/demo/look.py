"""The style page: every component once, for eyes, screenshots and axe. In the demo only."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from samtime.accounts.models import User
from samtime.accounts.rights import Right
from samtime.organizations.models import Organization
from samtime.web.badges import BADGES
from samtime.web.form_state import FormState
from samtime.web.frame import Frame, Line, MenuGroup
from samtime.web.navigation import PROVIDER

ROWS = (
    ("Nordvik Prøvekontor AS", "Doctor's practice", "312 319 489", "1 of 3", "10%", "invited"),
    ("Ringeprøve AS", "Call centre", "315 260 183", "3 of 3", "10%", "active"),
    ("Havn Testfysio AS", "Clinic", "311 590 839", "2 of 3", "NOK 60", "active"),
    ("Linje 24 Prøvesenter AS", "Call centre", "310 308 242", "2 of 3", "NOK 45", "suspended"),
    ("Solvang Testrehab AS", "Clinic", "318 219 931", "1 of 3", "11%", "notice_given"),
    ("Vestre Prøvesenter AS", "Clinic", "319 378 650", "2 of 3", "10%", "ended"),
)


class SampleForm(forms.Form):
    """A form of Django's with each kind of field, refused."""

    company = forms.CharField(label="Company name")
    number = forms.CharField(label="Organisation number", help_text="9 digits")
    country = forms.ChoiceField(label="Country", choices=[("NO", "Norway"), ("RO", "Romania")])
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    sign = forms.BooleanField(label="I may sign for Nordvik Prøvekontor AS")

    def clean_number(self) -> str:
        """Refuses what has not nine digits."""
        value = str(self.cleaned_data["number"])
        if len(value) != 9:
            raise forms.ValidationError(
                f"The organisation number has {len(value)} digits; it needs 9."
            )
        return value


def look(request: HttpRequest) -> HttpResponse:
    """`?panel=1` shows the panel, `?plain=1` the public frame, `?calendar=1` blocks."""
    request.user = User(name="Ingrid Moe Test", email="ingrid@fjord.example")
    request.frame = _frame(request)  # type: ignore[attr-defined]
    if request.GET.get("toast"):
        messages.success(request, "Saved. Ringeprøve AS now sees 14 services.")
    state = FormState({"email": "nobody@nowhere.example", "pays": "partner", "places": ["1"]})
    state.wrong("email", "Mail to this address came back. Write another one.")
    form = SampleForm({"company": "Nordvik Prøvekontor AS", "number": "31231948", "country": "NO"})
    facts: dict[str, Any] = {
        "rows": ROWS,
        "badges": BADGES,
        "form": form,
        "state": state,
        "panel": request.GET.get("panel"),
        "keys": [("↑ ↓", "next partner"), ("R", "resend")],
        "lines": ["14 future bookings", "2 users lose access"],
        "pays": [("partner", "At the partner"), ("institution", "At our institution")],
        "places": [("1", "Sentrum"), ("2", "Åsane")],
    }
    name = next((n for n in ("plain", "calendar") if request.GET.get(n)), "page")
    return render(request, f"demo/look/{name}.html", facts)


def _frame(request: HttpRequest) -> Frame:
    menu = [
        MenuGroup(
            group.key,
            str(group.label),
            tuple(
                Line(
                    "/demo/look" if entry.url == "provider:partners" else f"#{entry.url}",
                    str(entry.label),
                    entry.icon,
                    current=entry.url == "provider:partners",
                    count=9 if Right.SEE_INBOX in entry.rights else 0,
                    key=entry.key,
                    group=str(group.label),
                    words=" ".join((str(entry.label), *entry.aliases)).casefold(),
                )
                for entry in group.entries
            ),
            open=True,
        )
        for group in PROVIDER
    ]
    lines = [line for group in menu for line in group.entries]
    own = Organization(name="Fjordprøve Helse AS", slug="fjord", kind="provider")
    return Frame(
        home="/demo/look",
        organization=own,
        kind="Clinic · 3 locations",
        others=[Line("#1", "Fjordprøve Helse AS", current=True), Line("#2", "Ringeprøve AS")],
        menu=menu,
        palette=lines,
        keys=[line for line in lines if line.key],
        locations=[Line("#", "All locations", current=True), Line("#3", "Åsane")],
        inbox_href="#inbox",
        inbox_count=2,
        sign_out="/sign-out/",
    )
