"""Where counts of tries are kept, shared by every web process."""

from django.db import migrations

TABLE = """
CREATE TABLE samtime_cache (
  cache_key varchar(255) NOT NULL PRIMARY KEY,
  value text NOT NULL,
  expires timestamp with time zone NOT NULL
);
CREATE INDEX samtime_cache_expires ON samtime_cache (expires);
"""


class Migration(migrations.Migration):
    """The table of Django's database cache; the application role may not make it itself."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunSQL(TABLE, "DROP TABLE samtime_cache")]
