"""The ground's institutions, people, services, calendars and channels, as INSERT statements."""

from benchmarks.insertion import CALENDARS, FIRST_HOUR, PROVIDER, PROVIDERS, insert_sql

CITY_LATITUDE, CITY_LONGITUDE = "44 + (n % 50 / 10) * 0.9", "20 + (n % 10) * 0.9"


def people() -> list[str]:
    from samtime.accounts.models import User
    from samtime.organizations import models as o

    places = f"generate_series(1, {PROVIDERS}) n"
    everybody = f"generate_series(1, {CALENDARS}) n"
    org = {"country": "'RO'", "currency": "'RON'", "second_factor_required": "false"}
    return [
        insert_sql(
            o.Organization,
            f"generate_series(1, {PROVIDERS + 1}) n",
            id="n",
            slug="'org-' || n",
            name="'Institution ' || n",
            partner_module="'on'",
            capabilities=f"ARRAY[CASE WHEN n > {PROVIDERS} THEN 'partner' ELSE 'provider' END]",
            **org,
        ),
        insert_sql(
            User,
            "generate_series(1, 65) n",
            id="n",
            email="'user' || n || '@bench.example'",
            name="'Test User ' || n",
            password="'!'",
            is_active="true",
        ),
        insert_sql(
            o.Membership,
            "generate_series(1, 65) n",
            id="n",
            user_id="n",
            organization_id=f"CASE WHEN n = 65 THEN 1 ELSE {PROVIDERS + 1} END",
            roles="ARRAY[CASE WHEN n = 65 THEN 'receptionist' ELSE 'agent' END]",
            can_book_at_partner="n < 65",
            joined_at="now()",
        ),
        insert_sql(
            o.Location,
            places,
            id="n",
            organization_id="n",
            slug="'place-' || n",
            name="'Place ' || n",
            city="'City ' || n % 50",
            time_zone="'Europe/Bucharest'",
            latitude=f"{CITY_LATITUDE} + (n % 17) * 0.002",
            longitude=f"{CITY_LONGITUDE} + (n % 13) * 0.002",
        ),
        insert_sql(
            o.Practitioner,
            everybody,
            id="n",
            organization_id=PROVIDER,
            given_name="'Test' || n",
            family_name="'Doctor' || n",
        ),
        insert_sql(
            o.PractitionerRole,
            everybody,
            id="n",
            practitioner_id="n",
            location_id=PROVIDER,
            billing_organization_id=PROVIDER,
        ),
    ]


def catalog() -> list[str]:
    from samtime.catalog import models as c

    services = f"generate_series(1, {PROVIDERS}) n, generate_series(1, 3) k"
    return [
        insert_sql(
            c.Service,
            services,
            id="(n - 1) * 3 + k",
            provider_id="n",
            code="'S' || k",
            name="(ARRAY['Consultation', 'Scan', 'Check'])[k]",
            specialty="(ARRAY['Consultation', 'Imaging', 'Check'])[k]",
            duration_minutes="(ARRAY[30, 30, 15])[k]",
            buffer_after_minutes="(ARRAY[0, 5, 0])[k]",
        ),
        insert_sql(
            c.ServicePrice,
            services,
            service_id="(n - 1) * 3 + k",
            from_on="'2025-01-01'",
            amount="20000 + 1000 * k",
            currency="'RON'",
        ),
    ]


def calendars() -> list[str]:
    from samtime.calendars import models as c

    everybody = f"generate_series(1, {CALENDARS}) n"
    rooms = f"generate_series(1, {PROVIDERS}) n, generate_series(1, 3) k"
    room = f"{2 * CALENDARS} + (n - 1) * 3 + k"
    many = c.ResourceGroup.members.through
    return [
        insert_sql(
            c.Resource,
            everybody,
            id="n",
            provider_id=PROVIDER,
            kind="'practitioner'",
            name="'Doctor' || n",
            practitioner_id="n",
        ),
        insert_sql(
            c.Resource,
            everybody,
            id=f"{CALENDARS} + n",
            provider_id=PROVIDER,
            kind="'calendar'",
            name="'Calendar ' || n",
        ),
        insert_sql(c.Resource, rooms, id=room, provider_id="n", kind="'room'", name="'Room ' || k"),
        insert_sql(
            c.Calendar,
            everybody,
            id="n",
            provider_id=PROVIDER,
            role_id="n",
            location_id=PROVIDER,
            practitioner_resource_id="n",
            mask_id=f"{CALENDARS} + n",
        ),
        insert_sql(
            c.AvailabilityRule,
            f"{everybody}, generate_series(1, 5) k",
            calendar_id="n",
            weekday="k",
            start=f"'{FIRST_HOUR + 2:02}:00'",
            end=f"'{FIRST_HOUR + 10:02}:00'",
            valid_from="'2025-01-01'",
        ),
        insert_sql(
            c.Offering,
            f"(SELECT n, {PROVIDER} AS p FROM {everybody}) x, generate_series(1, 3) k",
            id="(n - 1) * 3 + k",
            provider_id="p",
            calendar_id="n",
            service_id="(p - 1) * 3 + k",
        ),
        insert_sql(
            c.OfferingPrice,
            f"generate_series(1, {CALENDARS}, 10) n",
            offering_id="(n - 1) * 3 + 1",
            from_on="'2025-01-01'",
            amount="25000",
            currency="'RON'",
        ),
        insert_sql(
            c.ResourceGroup,
            f"generate_series(1, {PROVIDERS}) n",
            id="n",
            provider_id="n",
            location_id="n",
            name="'Rooms'",
        ),
        insert_sql(many, rooms, resourcegroup_id="n", resource_id=room),
        insert_sql(
            c.ResourceNeed,
            f"generate_series(1, {PROVIDERS}) n",
            service_id="(n - 1) * 3 + 2",
            location_id="n",
            group_id="n",
        ),
    ]


def channels() -> list[str]:
    from samtime.channels import models as c

    places, outsider = f"generate_series(1, {PROVIDERS}) n", str(PROVIDERS + 1)
    channel = f"{PROVIDERS} + n"
    party = {"channel_id": channel, "provider_id": "n", "outsider_id": outsider}
    listed = f"{places}, generate_series(1, 2) k"
    cell = {"location_id": "n", "service_id": "(n - 1) * 3 + k", "from_on": "'2025-01-01'"}
    state = {"state": "'open'", "opened_at": "now()"}
    return [
        insert_sql(
            c.Channel,
            places,
            id="n",
            provider_id="n",
            kind="'own_desk'",
            name="'Own desk'",
            **state,
        ),
        insert_sql(
            c.Channel,
            places,
            id=channel,
            provider_id="n",
            outsider_id=outsider,
            kind="'partner'",
            name="'Partner'",
            **state,
        ),
        insert_sql(c.ChannelLocation, places, channel_id=channel, location_id="n"),
        insert_sql(
            c.ChannelTerms,
            places,
            from_on="'2025-01-01'",
            commission_kind="'percentage'",
            commission_rate="1000",
            currency="'RON'",
            **party,
        ),
        insert_sql(c.Listing, listed, open="true", **party, **cell),
        insert_sql(
            c.ListingPrice, f"{listed} WHERE n % 2 = 0", amount="19900", currency="'RON'",
            **party, **cell,
        ),
    ]  # fmt: skip
