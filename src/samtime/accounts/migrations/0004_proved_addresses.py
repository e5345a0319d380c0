"""Every account's address stands as proved and primary, as new accounts' do from now on."""

from django.db import migrations

DROP_COPIES = """
DELETE FROM account_emailaddress a USING accounts_user u
WHERE a.user_id = u.id AND lower(a.email) = lower(u.email) AND NOT a.verified
"""
FILL = """
INSERT INTO account_emailaddress (user_id, email, verified, "primary")
SELECT u.id, lower(u.email), true,
  NOT EXISTS (SELECT 1 FROM account_emailaddress p WHERE p.user_id = u.id AND p."primary")
FROM accounts_user u
WHERE u.email <> '' AND NOT EXISTS (
  SELECT 1 FROM account_emailaddress a WHERE lower(a.email) = lower(u.email) AND a.verified)
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [
        ("accounts", "0003_link_tries"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]
    operations = [
        migrations.RunSQL(DROP_COPIES, migrations.RunSQL.noop),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
