"""W7: the month of a provider with a million partner bookings, from its rows (SPEED.md 1, 2.10).

The figures are those of the product's own query, as the application role, under row policies.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from benchmarks import ground

PROVIDER, PARTNERS, BOOKINGS = 500_000, 200, 1_000_000
MONTH, NOW = date(2025, 3, 1), datetime(2025, 4, 2, tzinfo=UTC)
ROUNDS = 7
# The least a sum over these rows can cost: counting them.
COUNT = "SELECT count(*) FROM bookings_booking WHERE channel_id > %s"


def fill(url: str) -> None:
    """A provider of its own, 200 partners, a million bookings in one month; once."""
    with psycopg.connect(url) as admin:
        known = admin.execute(
            "SELECT 1 FROM organizations_organization WHERE id = %s", [PROVIDER]
        ).fetchone()
        if known:
            return
        print("making a million bookings of one month ...", flush=True)
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET synchronous_commit = off")
        admin.execute("SET statement_timeout = 0")
        for statement in _rows():
            admin.execute(statement)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("VACUUM ANALYZE bookings_booking")


def _rows() -> list[str]:
    from samtime.bookings.models import Booking
    from samtime.channels.models import Channel, ChannelTerms
    from samtime.organizations.models import Location, Organization

    one, partners = "generate_series(1, 1) n", f"generate_series(1, {PARTNERS}) n"
    org = {"country": "'RO'", "currency": "'RON'", "second_factor_required": "false"}
    channel = {"provider_id": str(PROVIDER), "outsider_id": f"{PROVIDER} + n"}
    state = "(ARRAY['fulfilled','fulfilled','fulfilled','fulfilled','cancelled','noshow'])"
    starts = "timestamptz '2025-03-01 06:00+02' + (n % 30) * interval '1 day'"
    return [
        ground._insert(
            Organization,
            f"generate_series(0, {PARTNERS}) n",
            id=f"{PROVIDER} + n",
            slug="'settled-' || n",
            name="'Settled ' || n",
            **org,
        ),
        ground._insert(
            Location,
            one,
            id=str(PROVIDER),
            organization_id=str(PROVIDER),
            slug="'settled-place'",
            name="'Settled place'",
            time_zone="'Europe/Bucharest'",
        ),
        ground._insert(
            Channel,
            partners,
            id=f"{PROVIDER} + n",
            kind="'partner'",
            name="'Partner ' || n",
            state="'open'",
            opened_at="'2025-01-01'",
            **channel,
        ),
        ground._insert(
            ChannelTerms,
            partners,
            channel_id=f"{PROVIDER} + n",
            from_on="'2025-01-01'",
            currency="'RON'",
            **channel,
        ),
        ground._insert(
            Booking,
            f"generate_series(1, {BOOKINGS}) n",
            id="100000000 + n",
            reference="'Z' || lpad(upper(to_hex(n)), 7, '0')",
            provider_id=str(PROVIDER),
            booker_id=f"{PROVIDER} + 1 + n % {PARTNERS}",
            channel_id=f"{PROVIDER} + 1 + n % {PARTNERS}",
            source="'partner'",
            patient_id="1",
            patient_as_given="'{}'",
            offering_id="1",
            calendar_id="1",
            service_id="1",
            location_id=str(PROVIDER),
            practitioner_id="1",
            billing_organization_id=str(PROVIDER),
            starts_at=f"{starts} + (n % 97) * interval '5 minutes'",
            ends_at=f"{starts} + (n % 97) * interval '5 minutes' + interval '30 minutes'",
            state=f"{state}[1 + n % 6]",
            payment_place="'institution'",
            price_amount="20000 + n % 1000",
            net_amount="20000 + n % 1000",
            currency="'RON'",
            commission_kind="'percentage'",
            commission_rate="1250",
            commission_amount="2500 + n % 125",
        ),
    ]


def timed(run: Callable[[], Any]) -> float:
    """The median of a few rounds, in milliseconds."""
    run()
    found = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        run()
        found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def measure() -> list[dict[str, Any]]:
    """The month of all 200 partners, and of one. Floors: counting the same rows; the smallest
    question there is."""
    ground.prepare()
    from samtime.foundation.postgres import start
    from samtime.foundation.postgres.launcher import ADMIN

    fill(start(ground.DATA).url(ADMIN, ground.NAME))
    from django.db import connection, transaction

    from samtime.accounts.actor import system_actor
    from samtime.billing.queries.sources import month_figures, settled_channels
    from samtime.foundation.tenancy import set_viewer

    actor = system_actor(PROVIDER)
    with transaction.atomic():
        set_viewer(PROVIDER)
        one = settled_channels(actor).first()
        assert one is not None
        figures = month_figures(actor, MONTH, now=NOW)
        assert sum(f.bookings for f in figures) == BOOKINGS, "a sum lost bookings"
        with connection.cursor() as cursor:
            floor = timed(lambda: cursor.execute("SELECT 1"))
            scan = timed(lambda: cursor.execute(COUNT, [PROVIDER]))
        every = timed(lambda: month_figures(actor, MONTH, now=NOW))
        single = timed(lambda: month_figures(actor, MONTH, now=NOW, channel=one))
    return [
        _line("W7 month of 1 million bookings, all partners", every, scan, 200.0),
        _line("W7 month of one partner (5,000 bookings)", single, floor, 5.0),
    ]


def _line(name: str, figure: float, floor: float, target: float) -> dict[str, Any]:
    return {
        "name": name,
        "figure_ms": round(figure, 2),
        "floor_ms": round(floor, 3),
        "ratio": round(figure / floor, 1),
        "target": f"<= {target:g} ms",
        "ok": figure <= target,
    }


if __name__ == "__main__":
    for line in measure():
        print(line)
