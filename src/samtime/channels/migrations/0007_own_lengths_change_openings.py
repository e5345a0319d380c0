"""A dated length of an offering changes what a search keeps, like everything in 0004."""

from django.db import migrations

WATCH = """
CREATE FUNCTION note_calendars_offeringlength() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN PERFORM opening_changed(
    (SELECT o.provider_id FROM calendars_offering o WHERE o.id = OLD.offering_id)); END IF;
  IF TG_OP <> 'DELETE' THEN PERFORM opening_changed(
    (SELECT o.provider_id FROM calendars_offering o WHERE o.id = NEW.offering_id)); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_opening AFTER INSERT OR UPDATE OR DELETE ON calendars_offeringlength
  FOR EACH ROW EXECUTE FUNCTION note_calendars_offeringlength();
"""
UNDO = (
    "DROP TRIGGER note_opening ON calendars_offeringlength;"
    " DROP FUNCTION note_calendars_offeringlength();"
)


class Migration(migrations.Migration):
    """Raw SQL: Django has no words for it."""

    dependencies = [
        ("channels", "0006_names_change_openings"),
        ("calendars", "0004_own_lengths"),
    ]
    operations = [migrations.RunSQL(WATCH, UNDO)]
