"""Periodic work: expired holds, jobs of killed workers, the masks' horizon."""

import logging

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from samtime.accounts.actor import system_actor
from samtime.billing.commands import note_due_statements
from samtime.bookings.commands.call_back_owners import leave_call_backs
from samtime.bookings.commands.due_call_backs import note_due_call_backs
from samtime.bookings.commands.forgetting import forget_called, forget_drafts
from samtime.bookings.commands.reminders import due_reminders, remind_patient
from samtime.bookings.commands.taking import sweep_expired_holds
from samtime.calendars import masks
from samtime.calendars.commands.own_lengths import follow_own_lengths
from samtime.catalog.commands.lengths import follow_lengths
from samtime.channels.commands import forget_opening_changes
from samtime.documents.commands import expire_lists_of_people
from samtime.foundation.tenancy import set_viewer
from samtime.organizations.commands.users import expire_user_invitations
from samtime.organizations.queries import home_day, organization_ids
from samtime.organizations.queries.terms import organizations_with_pending_terms
from samtime.partners.commands import (
    end_noticed,
    expire_invitations,
    remind_and_pause,
    remind_invited,
)
from samtime.partners.commands.asking import close_answered_requests
from samtime.patients.commands.merging import propose_recent_duplicates

log = logging.getLogger("samtime.jobs")
STALLED_SECONDS = 60


@app.periodic(cron="*/15 * * * * *")
@app.task(name="samtime.sweep_holds", queue="sweeps", pass_context=False)
def sweep_holds(timestamp: int) -> None:
    """Free what expired holds still occupy (D4)."""
    sweep_expired_holds(now=timezone.now())


@app.periodic(cron="*/30 * * * * *")
@app.task(name="samtime.sweep_jobs", queue="sweeps", pass_context=False)
async def sweep_jobs(timestamp: int) -> None:
    """Requeue jobs whose worker was killed: they say «doing» for ever (HOUSE.md 9.9)."""
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    for job in stalled:
        await app.job_manager.retry_job(job)


@app.periodic(cron="*/10 * * * *")
@app.task(name="samtime.expire_invitations", queue="sweeps", pass_context=False)
def end_unanswered_invitations(timestamp: int) -> None:
    """Remind after three days, close after seven, end what was under notice (D5: one by one)."""
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            actor, now = system_actor(organization_id), timezone.now()
            expire_invitations(actor=actor, now=now)
            expire_user_invitations(actor=actor, now=now)
            remind_invited(actor=actor, now=now)
            end_noticed(actor=actor, now=now)
            close_answered_requests(actor=actor, now=now)


@app.periodic(cron="5 * * * *")
@app.task(name="samtime.watch_terms", queue="sweeps", pass_context=False)
def watch_terms(timestamp: int) -> None:
    """Remind of terms to accept, and pause new bookings after the day (P24)."""
    for organization_id in organizations_with_pending_terms():
        with transaction.atomic():
            set_viewer(organization_id)
            remind_and_pause(actor=system_actor(organization_id), now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="samtime.remind_patients", queue="sweeps", pass_context=False)
def remind_patients(timestamp: int) -> None:
    """Call tomorrow's visits to mind; each letter in a transaction of its own."""
    now = timezone.now()
    for organization_id in organization_ids():
        actor = system_actor(organization_id)
        with transaction.atomic():
            set_viewer(organization_id)
            due = due_reminders(actor=actor, now=now)
        for booking in due:
            with transaction.atomic():
                set_viewer(organization_id)
                remind_patient(actor=actor, booking=booking, now=now)


@app.periodic(cron="*/5 * * * *")
@app.task(name="samtime.due_call_backs", queue="sweeps", pass_context=False)
def remind_of_call_backs(timestamp: int) -> None:
    """Call-backs without an agent, and those that are due and that nobody took, stand in their
    organization's inbox; interrupted calls nobody went on with are forgotten."""
    for organization_id in organization_ids():
        actor, now = system_actor(organization_id), timezone.now()
        with transaction.atomic():
            set_viewer(organization_id)
            leave_call_backs(actor=actor, now=now)
            note_due_call_backs(actor=actor, now=now)
            forget_drafts(actor=actor, now=now)


@app.periodic(cron="30 2 * * *")
@app.task(name="samtime.forget_called", queue="sweeps", pass_context=False)
def forget_whom_was_called(timestamp: int) -> None:
    """Thirty days after a call-back is done its person is forgotten."""
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            forget_called(actor=system_actor(organization_id), now=timezone.now())


@app.periodic(cron="10 2 * * *")
@app.task(name="samtime.propose_duplicates", queue="sweeps", pass_context=False)
def propose_duplicate_clients(timestamp: int) -> None:
    """Clients of the last two days that look like one known before; a person decides (P20)."""
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            propose_recent_duplicates(actor=system_actor(organization_id), now=timezone.now())
            expire_lists_of_people(doer=system_actor(organization_id), now=timezone.now())


@app.periodic(cron="2 * * * *")
@app.task(name="samtime.follow_lengths", queue="sweeps", pass_context=False)
def follow_dated_lengths(timestamp: int) -> None:
    """What lists show of a service is what holds today in its own zone (D9)."""
    for organization_id in organization_ids():
        actor = system_actor(organization_id)
        with transaction.atomic():
            set_viewer(organization_id)
            follow_lengths(actor=actor, today=home_day(actor, timezone.now()))
            follow_own_lengths(actor=actor, today=home_day(actor, timezone.now()))


@app.periodic(cron="20 1 * * *")
@app.task(name="samtime.extend_masks", queue="sweeps", pass_context=False)
def extend_masks(timestamp: int) -> None:
    """Append the days that come into the horizon (D25)."""
    masks.extend(today=timezone.now().date())


@app.periodic(cron="40 1 * * *")
@app.task(name="samtime.check_masks", queue="sweeps", pass_context=False)
def check_masks(timestamp: int) -> None:
    """Compare some calendars with truth, repair them, and wake somebody when one was wrong."""
    wrong = masks.check_sample(today=timezone.now().date())
    if wrong:
        resources = sorted({resource for resource, _day in wrong})
        log.error(
            "Day masks differed from truth and were rebuilt: %d rows of resources %s."
            " Run `samtime masks check` for all of them.",
            len(wrong),
            resources[:20],
        )


@app.periodic(cron="50 3 * * *")
@app.task(name="samtime.forget_changes", queue="sweeps", pass_context=False)
def forget_changes(timestamp: int) -> None:
    """Forget whose offerings changed when every search has long taken note of it."""
    forget_opening_changes(now=timezone.now())


@app.periodic(cron="40 3 * * *")
@app.task(name="samtime.due_statements", queue="sweeps", pass_context=False)
def remind_of_statements(timestamp: int) -> None:
    """Months that are over and were not sent stand in their institution's inbox."""
    for organization_id in organization_ids():
        with transaction.atomic():
            set_viewer(organization_id)
            note_due_statements(actor=system_actor(organization_id), now=timezone.now())
