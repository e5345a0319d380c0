"""Undo of a save in the table of ticks; what was cancelled with it stays, and that is said."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.channels.commands import undo_listings
from samtime.channels.queries.saved import Gone, gone_with
from samtime.foundation.errors import Refusal
from samtime.web.door import page
from samtime.web.explained import slug_of
from samtime.web.once import once_only


@page(Right.SEE_CHANNELS)
@once_only
def traffic_undo(request: HttpRequest, actor: Actor, batch: UUID) -> HttpResponse:
    """POST: the state before the save again."""
    if request.method == "POST":
        try:
            count = undo_listings(actor=actor, batch=batch, now=timezone.now())
        except Refusal as refusal:
            messages.warning(request, refusal.detail)
        else:
            words = ngettext("Undone: %(count)s cell.", "Undone: %(count)s cells.", count)
            messages.success(request, words % {"count": count})
            if gone := gone_with(actor, batch):
                messages.warning(request, _still_gone(request, gone))
    here = reverse("provider:traffic_channels", args=[slug_of(request)])
    query = request.GET.urlencode()
    return redirect(f"{here}?{query}" if query else here)


def _still_gone(request: HttpRequest, gone: Gone) -> str:
    words = ngettext(
        "%(count)s booking that was cancelled with that save stays cancelled: the patient was"
        " told. Call the patient and book anew where the time is still wanted.",
        "%(count)s bookings that were cancelled with that save stay cancelled: the patients were"
        " told. Call them and book anew where the time is still wanted.",
        gone.count,
    )
    lists = reverse("provider:bookings", args=[slug_of(request)])
    address = f"{lists}?state=cancelled&from={gone.first}&to={gone.last}"
    link = _("Cancelled bookings of these days")
    return format_html('{} <a href="{}">{}</a>', words % {"count": gone.count}, address, link)
