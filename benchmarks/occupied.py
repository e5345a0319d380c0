"""The ground's day masks, and the bookings behind a share of them, as INSERT statements."""

from benchmarks.insertion import (
    CALENDARS,
    DAYS,
    FIRST_HOUR,
    PROVIDER,
    PROVIDERS,
    SCALE,
    insert_sql,
    monday,
)


def days() -> list[str]:
    """997 patterns of a day's sixteen half hours, two in five taken; then every row gets one."""
    before, after = "0" * (FIRST_HOUR * 12), "0" * (288 - FIRST_HOUR * 12 - 96)
    opened = f"'{before}{'1' * 96}{after}'::bit(288)"
    shut = f"'{'0' * 288}'::bit(288)"
    first = f"'{monday()}'::date"
    weekday = "d % 7 < 5"
    return [
        "SELECT setseed(0.5)",
        "CREATE TABLE pattern AS SELECT n, array_agg(random() < 0.4 ORDER BY k) AS taken"
        " FROM generate_series(0, 996) n, generate_series(1, 16) k GROUP BY n",
        "ALTER TABLE pattern ADD bits bit(288), ADD run smallint",
        f"UPDATE pattern SET bits = ('{before}' || (SELECT string_agg(CASE WHEN t THEN '111111'"
        f" ELSE '000000' END, '' ORDER BY o) FROM unnest(taken) WITH ORDINALITY u(t, o)) ||"
        f" '{after}')::bit(288), run = 96",
        "INSERT INTO resource_day (resource_id, day, open, busy, maxrun)"
        f" SELECT {CALENDARS} + c, {first} + d, CASE WHEN {weekday} THEN {opened} ELSE {shut} END,"
        f" CASE WHEN {weekday} THEN p.bits ELSE {shut} END, 96"
        f" FROM generate_series(0, {DAYS - 1}) d, generate_series(1, {CALENDARS}) c"
        " JOIN pattern p ON true WHERE p.n = (c * 31 + d * 7) % 997 ORDER BY d, c",
        "INSERT INTO resource_day (resource_id, day, open, busy, maxrun)"
        f" SELECT {2 * CALENDARS} + r, {first} + d, ~{shut}, {shut}, 288"
        f" FROM generate_series(0, {DAYS - 1}) d, generate_series(1, {3 * PROVIDERS}) r",
    ]


def bookings() -> list[str]:
    from samtime.bookings.models import Booking
    from samtime.calendars.models import Allocation
    from samtime.patients.models import Patient

    with_rows = max(20, int(CALENDARS * SCALE))
    start = f"('{monday()} {FIRST_HOUR:02}:00+00'::timestamptz + d * interval '1 day'"
    start += " + (k - 1) * interval '30 minutes')"
    source = (
        f"(SELECT n, {PROVIDER} AS p, {start} AS at, gen_random_uuid() AS ident,"
        " row_number() OVER () AS nr"
        f" FROM generate_series(1, {with_rows}) g(n), generate_series(0, {DAYS - 1}) d,"
        " LATERAL (SELECT t.taken FROM pattern t WHERE t.n = (g.n * 31 + d * 7) % 997) t,"
        " generate_series(1, 16) k WHERE d % 7 < 5 AND taken[k]) y"
    )
    return [
        "CREATE TABLE taken AS SELECT * FROM " + source,
        insert_sql(
            Patient,
            f"generate_series(1, {with_rows} * 20) n",
            id="n",
            provider_id="(SELECT organization_id FROM organizations_practitioner"
            " WHERE id = (n - 1) / 20 + 1)",
            given_name="'Testine'",
            family_name="'Pasient' || n",
            birth_date="'1970-01-01'::date + n % 9999",
        ),
        insert_sql(
            Booking,
            "taken",
            public_id="ident",
            reference="lpad(upper(to_hex(nr)), 8, '0')",
            provider_id="p",
            booker_id=f"CASE WHEN nr % 3 = 0 THEN {PROVIDERS + 1} ELSE p END",
            channel_id=f"CASE WHEN nr % 3 = 0 THEN {PROVIDERS} + p ELSE p END",
            source="CASE WHEN nr % 3 = 0 THEN 'partner' ELSE 'own_desk' END",
            patient_id="(n - 1) * 20 + nr % 20 + 1",
            patient_as_given="""'{"given_name": "Testine", "family_name": "Pasient"}'""",
            offering_id="(n - 1) * 3 + 1",
            calendar_id="n",
            service_id="(p - 1) * 3 + 1",
            location_id="p",
            practitioner_id="n",
            billing_organization_id="p",
            starts_at="at",
            ends_at="at + interval '30 minutes'",
            payment_place="'institution'",
            payment_state="'due_at_institution'",
            price_amount="21000",
            net_amount="21000",
            currency="'RON'",
        ),
        insert_sql(
            Allocation,
            "taken",
            resource_id="n",
            provider_id="p",
            period="tstzrange(at, at + interval '30 minutes')",
            kind="'booking'",
            source_id="ident",
        ),
        "DROP TABLE taken",
    ]  # fmt: skip
