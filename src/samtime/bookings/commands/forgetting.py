"""Persons an agent no longer needs: of call-backs that are done, and of interrupted calls."""

from datetime import datetime

from django.db import transaction

from samtime.accounts.actor import Actor
from samtime.accounts.rights import Right
from samtime.bookings.models import CallBack, CallDraft
from samtime.bookings.rules import CALLED_KEPT, DRAFT_WAITS


@transaction.atomic
def forget_called(*, actor: Actor, now: datetime) -> int:
    """Thirty days after a call-back is done nobody knows any more whom it was about, and what was
    wished; the journal keeps who did what and when. How many."""
    actor.require(Right.BOOK_AT_PARTNER)
    done = CallBack.objects.visible_to(actor).filter(closed_at__lte=now - CALLED_KEPT)
    return int(done.exclude(person=b"").update(person=b"", wish={}, close_note=""))


@transaction.atomic
def forget_drafts(*, actor: Actor, now: datetime) -> int:
    """What was typed of calls that nobody went on with in half an hour; how many."""
    actor.require(Right.BOOK_AT_PARTNER)
    old = CallDraft.objects.visible_to(actor).filter(saved_at__lte=now - DRAFT_WAITS)
    count, _each = old.delete()
    return count
