"""The operator's desk: what waits for him, in figures. No patient and no booking stands here."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from samtime.accounts.actor import Actor
from samtime.accounts.queries import names_of
from samtime.accounts.rights import Right
from samtime.inbox.queries import counts
from samtime.mailbox.queries import undelivered_since
from samtime.organizations.queries.network import waiting
from samtime.organizations.queries.terms import not_accepted
from samtime.web.door import page

MAIL_DAYS = 7


@page(Right.OPERATE)
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Modules asked for, companies to confirm, terms not accepted, mails that came back."""
    now = timezone.now()
    found = waiting(actor)
    context = {
        "found": found,
        "askers": names_of([o.module_asked_by_id for o in found.modules if o.module_asked_by_id]),
        "terms_open": not_accepted(actor),
        "mails": undelivered_since(now.date() - timedelta(days=MAIL_DAYS - 1)),
        "mail_days": MAIL_DAYS,
        "figures": counts(actor, user_id=actor.user_id, now=now),
    }
    return render(request, "operator/desk/desk.html", context)
