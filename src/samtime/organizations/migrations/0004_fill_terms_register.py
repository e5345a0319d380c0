"""What was accepted before the register existed stands in it too."""

from django.db import migrations

FILL = """
INSERT INTO organizations_termsstanding (organization_id, kind, version, accepted_at, person_name,
  person_role, language, sha256)
SELECT a.organization_id, d.kind, d.version, a.accepted_at, a.person_name, a.person_role,
  d.language, a.sha256
FROM organizations_termsacceptance a JOIN organizations_termsdocument d ON d.id = a.document_id
WHERE a.organization_id = %s
ON CONFLICT DO NOTHING
"""


def fill(apps, schema_editor):
    """Organization by organization, each as its own viewer: row policies hold here too."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id FROM organizations_organization ORDER BY id")
        for (organization,) in cursor.fetchall():
            cursor.execute("SELECT set_config('samtime.viewer', %s, true)", [str(organization)])
            cursor.execute(FILL, [organization])
        cursor.execute("SELECT set_config('samtime.viewer', '', true)")


class Migration(migrations.Migration):
    """Data only."""

    dependencies = [("organizations", "0003_terms_register")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
