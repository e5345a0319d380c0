"""Names are noted as changes too: what an agent may choose from is kept beside the offerings."""

from importlib import import_module
from typing import Any

from django.db import migrations

noted: Any = import_module("samtime.channels.migrations.0004_opening_changes")
# Table: whose it is, and the columns that are shown in lists of what may be chosen.
NAMED = {
    "catalog_service": ("{row}.provider_id", "name, names, code, external_codes, position"),
    "organizations_location": ("{row}.organization_id", "name"),
    "organizations_practitioner": (noted.OF_PRACTITIONER, "title, given_name, family_name"),
    "organizations_organization": ("{row}.id", "name"),
}
NAMES = """
CREATE FUNCTION note_name_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM opening_changed({whose});
  RETURN NULL;
END $$;
CREATE TRIGGER note_name AFTER UPDATE OF {columns} ON {table}
  FOR EACH ROW EXECUTE FUNCTION note_name_{table}();
"""


def _watch(table: str) -> migrations.RunSQL:
    whose, columns = NAMED[table]
    return migrations.RunSQL(
        NAMES.format(table=table, whose=whose.format(row="NEW"), columns=columns),
        f"DROP TRIGGER note_name ON {table}; DROP FUNCTION note_name_{table}();",
    )


class Migration(migrations.Migration):
    """Raw SQL: Django has no words for these."""

    dependencies = [("channels", "0005_lengths_change_openings")]
    operations = [_watch(table) for table in NAMED]
