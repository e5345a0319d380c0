"""Settled months of the town: bookings written as rows, because commands refuse times gone by."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from samtime.billing.commands import (
    answer_dispute,
    compute_statement,
    dispute_line,
    send_statement,
)
from samtime.billing.commands.disputing import Claim
from samtime.billing.models import StatementLine
from samtime.bookings.models import Booking
from samtime.bookings.rules import new_reference
from samtime.channels.rules import commission, net_of_vat
from samtime.foundation.tenancy import set_viewer, viewing_as
from samtime.patients.models import Patient

MAY, JUNE, JULY, AUGUST = (date(2026, month, 1) for month in (5, 6, 7, 8))
# Early morning of the first of June and July in Bucharest.
JUNE_BEGAN = datetime(2026, 6, 1, 5, 0, tzinfo=UTC)
JULY_BEGAN = datetime(2026, 7, 1, 5, 0, tzinfo=UTC)
AUGUST_BEGAN = datetime(2026, 8, 1, 5, 0, tzinfo=UTC)


def patient_of(town):
    """Somebody who is clearly invented."""
    with viewing_as(town.aurora.id):
        found = Patient.objects.filter(provider=town.aurora).first()
        return found or Patient.objects.create(
            provider=town.aurora, given_name="Testine", family_name="Prøvesen"
        )


def row(town, starts, *, channel=None, price=45000, vat=0, state="fulfilled", **more):
    """A partner's booking as an unsaved row, with what the terms froze on it."""
    channel = channel or town.channel
    kind, rate = more.pop("kind", "percentage"), more.pop("rate", 1250)
    currency = more.pop("currency", "RON")
    net = net_of_vat(price, vat, currency)
    offering = more.pop("offering", town.mri_ana)
    place, paid_at = more.pop("place", town.centru), more.pop("paid_at", "institution")
    return Booking(
        public_id=uuid.uuid4(),
        reference=new_reference(),
        provider_id=channel.provider_id,
        booker_id=channel.outsider_id,
        booker_user_id=town.agent.user_id,
        channel=channel,
        source="partner",
        patient=town.patient,
        patient_as_given={"given_name": "Testine", "family_name": "Prøvesen"},
        offering=offering,
        calendar_id=offering.calendar_id,
        service_id=offering.service_id,
        location=place,
        practitioner=town.ana,
        billing_organization_id=channel.provider_id,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=30),
        state=state,
        payment_place=paid_at,
        price_amount=price,
        net_amount=net,
        vat_rate=vat,
        currency=currency,
        commission_kind=kind,
        commission_rate=rate if kind == "percentage" else 0,
        commission_amount=commission(
            kind, net=net, rate=rate, amount=more.pop("amount", 0), currency=currency
        ),
        **more,
    )


def save(town, *rows):
    """Written as the provider's."""
    set_viewer(town.aurora.id)
    return Booking.objects.bulk_create(rows)


def day(month, number, hour=9):
    """An instant of a day in Bucharest's summer, local hour."""
    return datetime(2026, month, number, tzinfo=UTC) + timedelta(hours=hour - 3)


@pytest.fixture
def billed(town):
    """The town with a patient; June has seven bookings: percent changed on the 15th."""
    town.patient = patient_of(town)
    town.june = save(
        town,
        row(town, day(6, 2)),
        row(town, day(6, 3), state="cancelled"),
        row(town, day(6, 4), state="noshow"),
        row(town, day(6, 10), state="cancelled"),
        row(town, day(6, 16), rate=1000),
        row(town, day(6, 17), rate=1000, place=town.nord, paid_at="partner"),
        row(town, day(6, 18), rate=1000, state="booked"),
    )
    return town


def compute(town, period=JUNE, now=JULY_BEGAN):
    """As Aurora's administrator."""
    set_viewer(town.aurora.id)
    return compute_statement(
        actor=town.admin, channel=town.channel.public_id, period=period, now=now
    )


def send(town, period=JUNE, now=JULY_BEGAN):
    """Computed and sent."""
    made = compute(town, period, now)
    return send_statement(actor=town.admin, statement=made.public_id, now=now)


@pytest.fixture
def july(monkeypatch):
    """Pages and calls believe it is early July."""
    monkeypatch.setattr(timezone, "now", lambda: JULY_BEGAN)


def dice(seed):
    """Random, and the same every time."""
    return random.Random(seed)


def lines(statement, **wanted):
    return StatementLine.objects.filter(statement=statement, **wanted).order_by("starts_at")


def dispute(town, statement, line, wanted=5625, reason="wrong_outcome", text="She was seen."):
    set_viewer(town.hello.id)
    return dispute_line(
        actor=town.manager,
        statement=statement.public_id,
        line=line.public_id,
        claim=Claim(reason, wanted, text),
        now=JULY_BEGAN,
    )


def answer(town, made, accept, reason="", now=JULY_BEGAN):
    set_viewer(town.aurora.id)
    return answer_dispute(
        actor=town.admin, dispute=made.public_id, accept=accept, reason=reason, now=now
    )
