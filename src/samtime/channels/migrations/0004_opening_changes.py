"""Whose offerings changed, noted in the transaction that changed them.

A search keeps the offerings open to an organization as numbers in its process
(`channels/queries/kept.py`) and asks here whether they still hold. Triggers note it, not the
commands, so that nothing that changes an offering can forget to say so. Rows are only added, so two
commands never wait for each other; the transaction's number tells who has seen it (xid8).
"""

from django.db import migrations

TABLE = """
CREATE TABLE opening_change (
  at xid8 NOT NULL DEFAULT pg_current_xact_id(),
  provider_id bigint NOT NULL,
  noted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (at, provider_id)
);
CREATE FUNCTION opening_changed(provider bigint) RETURNS void LANGUAGE sql AS $$
  INSERT INTO opening_change (provider_id) VALUES (coalesce(provider, 0)) ON CONFLICT DO NOTHING
$$;
"""
# Provider 0: whose it was cannot be told any more, so everybody's offerings are read anew.
UNDO_TABLE = "DROP FUNCTION opening_changed(bigint); DROP TABLE opening_change;"

OF_CHANNEL = "(SELECT c.provider_id FROM channels_channel c WHERE c.id = {row}.channel_id)"
OF_CALENDAR = "(SELECT c.provider_id FROM calendars_calendar c WHERE c.id = {row}.calendar_id)"
OF_SERVICE = "(SELECT s.provider_id FROM catalog_service s WHERE s.id = {row}.service_id)"
# A role or a practitioner without a calendar is in no search: nobody's, or his own institution's.
OF_ROLE = (
    "coalesce((SELECT c.provider_id FROM calendars_calendar c WHERE c.role_id = {row}.id), -1)"
)
OF_PRACTITIONER = (
    "coalesce((SELECT max(c.provider_id) FROM calendars_calendar c"
    " JOIN organizations_practitionerrole r ON r.id = c.role_id"
    " WHERE r.practitioner_id = {row}.id), {row}.organization_id)"
)
# Table: whose it is, and the columns that a search reads (all of them where none are named).
WATCHED = {
    "channels_channel": ("{row}.provider_id", "provider_id, outsider_id, kind, state, paused_at"),
    "channels_channellocation": (OF_CHANNEL, ""),
    "channels_listing": ("{row}.provider_id", ""),
    "calendars_calendar": (
        "{row}.provider_id",
        "provider_id, role_id, location_id, mask_id, step_minutes, ended_on",
    ),
    "calendars_offering": (
        "{row}.provider_id",
        "provider_id, calendar_id, service_id, duration_minutes, ended_on",
    ),
    "calendars_resourceneed": (OF_SERVICE, ""),
    "calendars_availabilityrule": (OF_CALENDAR, ""),
    "calendars_availabilityexception": (OF_CALENDAR, ""),
    "catalog_service": (
        "{row}.provider_id",
        "provider_id, duration_minutes, buffer_before_minutes, buffer_after_minutes, lead_minutes,"
        " horizon_days, specialty, ended_on",
    ),
    "organizations_location": (
        "{row}.organization_id",
        "organization_id, time_zone, latitude, longitude, ended_on",
    ),
    "organizations_practitionerrole": (OF_ROLE, "practitioner_id"),
    "organizations_practitioner": (OF_PRACTITIONER, "languages, gender"),
}
# New ones are in no search until they have a calendar, which is noted.
NO_INSERT = {"organizations_practitionerrole", "organizations_practitioner"}
FUNCTION = """
CREATE FUNCTION note_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM opening_changed({old}); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM opening_changed({new}); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_opening AFTER {events} ON {table}
  FOR EACH ROW EXECUTE FUNCTION note_{table}();
"""


def _watch(table: str) -> migrations.RunSQL:
    whose, columns = WATCHED[table]
    update = f"UPDATE OF {columns}" if columns else "UPDATE"
    events = [update, "DELETE"] if table in NO_INSERT else ["INSERT", update, "DELETE"]
    return migrations.RunSQL(
        FUNCTION.format(
            table=table,
            events=" OR ".join(events),
            old=whose.format(row="OLD"),
            new=whose.format(row="NEW"),
        ),
        f"DROP TRIGGER note_opening ON {table}; DROP FUNCTION note_{table}();",
    )


class Migration(migrations.Migration):
    """Raw SQL: Django has no words for these."""

    dependencies = [
        ("channels", "0003_paused"),
        ("calendars", "0003_feeds"),
        ("catalog", "0002_reminder_hours"),
        ("organizations", "0005_reminder_hours"),
    ]
    operations = [
        migrations.RunSQL(TABLE, UNDO_TABLE),
        *(_watch(table) for table in WATCHED),
    ]
