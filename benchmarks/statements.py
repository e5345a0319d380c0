"""W7: the month of a provider with very many partner bookings, from its rows (SPEED.md 1, 2.10).

`BENCH_SCALE` 1 is a million bookings of 200 partners; one partner always has 5,000.

The figures are those of the product's own query, as the application role, under row policies.
"""

from datetime import UTC, date, datetime
from typing import Any

import psycopg

from benchmarks import ground
from benchmarks.insertion import SCALE, insert_sql
from benchmarks.measuring import best_third_ms

PROVIDER, PARTNERS = 500_000, max(1, int(200 * SCALE))
BOOKINGS = 5000 * PARTNERS
MONTH, NOW = date(2025, 3, 1), datetime(2025, 4, 2, tzinfo=UTC)
ROUNDS = 12
# The least a sum over these rows can cost: counting them.
COUNT = "SELECT count(*) FROM bookings_booking WHERE channel_id > %s"


def fill(url: str) -> None:
    """A provider of its own, its partners, their bookings of one month; once."""
    with psycopg.connect(url) as admin:
        known = admin.execute(
            "SELECT 1 FROM organizations_organization WHERE id = %s", [PROVIDER]
        ).fetchone()
        if known:
            return
        print("making the bookings of a month ...", flush=True)
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET statement_timeout = 0")
        for statement in _rows():
            admin.execute(statement)
    with psycopg.connect(url, autocommit=True) as admin:
        # As the server's own sweeping leaves a month gone by. It marks only rows whose commit is
        # on the disk, which is why nothing here is committed asynchronously.
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
        insert_sql(
            Organization,
            f"generate_series(0, {PARTNERS}) n",
            id=f"{PROVIDER} + n",
            slug="'settled-' || n",
            name="'Settled ' || n",
            **org,
        ),
        insert_sql(
            Location,
            one,
            id=str(PROVIDER),
            organization_id=str(PROVIDER),
            slug="'settled-place'",
            name="'Settled place'",
            time_zone="'Europe/Bucharest'",
        ),
        insert_sql(
            Channel,
            partners,
            id=f"{PROVIDER} + n",
            kind="'partner'",
            name="'Partner ' || n",
            state="'open'",
            opened_at="'2025-01-01'",
            **channel,
        ),
        insert_sql(
            ChannelTerms,
            partners,
            channel_id=f"{PROVIDER} + n",
            from_on="'2025-01-01'",
            currency="'RON'",
            **channel,
        ),
        insert_sql(
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


def measure() -> list[dict[str, Any]]:
    """The month of all partners, and of one. Floors: counting the same rows; the smallest
    question there is."""
    from samtime.foundation.postgres import start
    from samtime.foundation.postgres.launcher import ADMIN

    fill(start(ground.DATA).url(ADMIN, ground.NAME))
    from django.db import connection, transaction

    from samtime.accounts.actor import system_actor
    from samtime.billing.queries.figures import month_figures
    from samtime.billing.queries.sources import settled_channels
    from samtime.foundation.tenancy import set_viewer

    actor = system_actor(PROVIDER)
    with transaction.atomic():
        set_viewer(PROVIDER)
        one = settled_channels(actor).first()
        assert one is not None
        figures = month_figures(actor, MONTH, now=NOW)
        assert sum(f.bookings for f in figures) == BOOKINGS, "a sum lost bookings"
        with connection.cursor() as cursor:
            floor = best_third_ms(lambda: cursor.execute("SELECT 1"), 100)
            scan = best_third_ms(lambda: cursor.execute(COUNT, [PROVIDER]), ROUNDS, 2)
        every = best_third_ms(lambda: month_figures(actor, MONTH, now=NOW), ROUNDS, 2)
        single = best_third_ms(lambda: month_figures(actor, MONTH, now=NOW, channel=one), 30, 5)
    return [
        _line(
            f"W7  month of {PARTNERS} partners, {BOOKINGS:,} bookings (a million: 200 ms)",
            every,
            scan,
            200.0 * BOOKINGS / 1_000_000,
        ),
        _line("W7  month of one partner, 5,000 bookings", single, floor, 5.0),
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
