"""A dated length of a service changes what a search keeps, like everything in 0004."""

from django.db import migrations

WATCH = """
CREATE FUNCTION note_catalog_servicelength() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM opening_changed(
    (SELECT s.provider_id FROM catalog_service s WHERE s.id = OLD.service_id)); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM opening_changed(
    (SELECT s.provider_id FROM catalog_service s WHERE s.id = NEW.service_id)); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_opening AFTER INSERT OR UPDATE OR DELETE ON catalog_servicelength
  FOR EACH ROW EXECUTE FUNCTION note_catalog_servicelength();
"""
UNDO = (
    "DROP TRIGGER note_opening ON catalog_servicelength;"
    " DROP FUNCTION note_catalog_servicelength();"
)


class Migration(migrations.Migration):
    """Raw SQL: Django has no words for it."""

    dependencies = [("channels", "0004_opening_changes"), ("catalog", "0003_lengths")]
    operations = [migrations.RunSQL(WATCH, UNDO)]
