"""Long imports: what was handed in is looked at, what was wanted is applied, as whoever asked."""

from django.db import connection
from django.utils import timezone, translation

from samtime.accounts.actor import Actor
from samtime.accounts.queries import person
from samtime.bookings.commands.import_work import work_on
from samtime.documents.commands.progress import Teller
from samtime.documents.queries import import_run
from samtime.journal.models import JournalEntry
from samtime.organizations.queries import actor_at_work

# A big file is read between two statements, which takes longer than a page may.
MAY_BE_IDLE_MS = 120_000


def _whoever_asked(actor: Actor, user_id: int, language: str) -> Actor:
    """Whoever left meanwhile has no right any more: the run is refused with that."""
    ident = actor.organization_id
    found = actor_at_work(organization_id=ident, user_id=user_id, language=language)
    return found or Actor(actor.kind, ident, frozenset(), user_id, language=language)


def work_on_import(actor: Actor, entry: JournalEntry) -> None:
    """In the language and with the rights of the person who asked."""
    run = import_run(actor, entry.object_id)
    language = person(entry.user_id).language if entry.user_id else "en"
    doer = _whoever_asked(actor, entry.user_id, language) if entry.user_id else actor
    with connection.cursor() as cursor:
        setting = "SELECT set_config('idle_in_transaction_session_timeout', %s, true)"
        cursor.execute(setting, [str(MAY_BE_IDLE_MS)])
    teller = Teller(run)
    try:
        with translation.override(language):
            work_on(
                actor=actor,
                doer=doer,
                run_id=run.public_id,
                progress=teller,
                now=timezone.now(),
            )
    finally:
        teller.close()
