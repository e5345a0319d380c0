"""The last judge over occupied time, and the derived day masks (SPEED.md section 2)."""

from django.db import migrations

TRUTH = """
ALTER TABLE calendars_allocation ADD CONSTRAINT allocation_no_overlap
  EXCLUDE USING gist (int8range(resource_id, resource_id, '[]') WITH &&, period WITH &&)
  WHERE (live AND kind <> 'overbooked');
"""
MASKS = """
CREATE TABLE resource_day (
  resource_id bigint NOT NULL REFERENCES calendars_resource (id),
  day date NOT NULL,
  open bit(288) NOT NULL,
  busy bit(288) NOT NULL,
  maxrun smallint NOT NULL,
  ver bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (day, resource_id)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX resource_day_by_resource ON resource_day (resource_id, day);
"""


class Migration(migrations.Migration):
    """Raw SQL: Django has no words for these."""

    dependencies = [("calendars", "0001_initial")]
    operations = [
        migrations.RunSQL(
            TRUTH, "ALTER TABLE calendars_allocation DROP CONSTRAINT allocation_no_overlap"
        ),
        migrations.RunSQL(MASKS, "DROP TABLE resource_day"),
    ]
