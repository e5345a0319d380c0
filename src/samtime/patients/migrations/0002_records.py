"""Contacts, merging, and the index of names beside the patients' table."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

# Not a table of persons: keyed hashes of forms of names, salted by provider; who has no key learns
# nothing from them. It stands outside the row policies because an array under a policy cannot use
# its index. A trigger keeps it, so that no writer of patients can forget it.
INDEX = """
CREATE TABLE patient_name_key (
  patient_id bigint PRIMARY KEY,
  provider_id bigint NOT NULL,
  keys int[] NOT NULL
);
CREATE INDEX patient_name_key_keys ON patient_name_key USING gin (keys) WITH (fastupdate = off);
CREATE FUNCTION patient_name_key_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM patient_name_key WHERE patient_id = OLD.id;
    RETURN OLD;
  END IF;
  IF NEW.merged_into_id IS NOT NULL THEN
    DELETE FROM patient_name_key WHERE patient_id = NEW.id;
  ELSE
    INSERT INTO patient_name_key (patient_id, provider_id, keys)
      VALUES (NEW.id, NEW.provider_id, NEW.name_keys)
      ON CONFLICT (patient_id) DO UPDATE SET keys = EXCLUDED.keys;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER patient_name_key_follow
  AFTER INSERT OR DELETE OR UPDATE OF name_keys, merged_into_id ON patients_patient
  FOR EACH ROW EXECUTE FUNCTION patient_name_key_follow();
"""
DROP = """
DROP TRIGGER patient_name_key_follow ON patients_patient;
DROP FUNCTION patient_name_key_follow();
DROP TABLE patient_name_key;
"""
OWNED = ("provider", models.ForeignKey(
    on_delete=django.db.models.deletion.PROTECT, to="organizations.organization"
))  # fmt: skip
IDENT = ("id", models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
))  # fmt: skip
PUBLIC = ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True))


def text(longest: int) -> models.CharField:
    """An empty text for rows that are there already."""
    return models.CharField(blank=True, db_default="", default="", max_length=longest)


class Migration(migrations.Migration):
    """New columns are nullable or have a default of the database: nobody waits."""

    dependencies = [("organizations", "0001_initial"), ("patients", "0001_initial")]
    operations = [
        migrations.AddField("patient", "street", text(200)),
        migrations.AddField("patient", "postal_code", text(20)),
        migrations.AddField("patient", "city", text(100)),
        migrations.AddField("patient", "created_user_id", models.BigIntegerField(null=True)),
        migrations.AddField("patient", "contact_checked_at", models.DateTimeField(null=True)),
        migrations.AddField("patient", "merged_into_id", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="PatientContact",
            fields=[
                IDENT,
                ("kind", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=200)),
                ("phone", models.CharField(blank=True, max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("is_told", models.BooleanField(default=False)),
                ("pays", models.BooleanField(default=False)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("patient", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="contacts",
                    to="patients.patient",
                )),
                OWNED,
            ],
        ),
        migrations.CreateModel(
            name="PatientMerge",
            fields=[
                IDENT,
                PUBLIC,
                ("kept_id", models.BigIntegerField()),
                ("gone_id", models.BigIntegerField()),
                ("moved", models.JSONField(default=dict)),
                ("kept_before", models.JSONField(default=dict)),
                ("kept_version", models.PositiveIntegerField()),
                ("user_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
                OWNED,
            ],
            options={"indexes": [
                models.Index(fields=["kept_id"], name="merge_kept"),
                models.Index(fields=["gone_id"], name="merge_gone"),
            ]},
        ),
        migrations.CreateModel(
            name="DuplicateProposal",
            fields=[
                IDENT,
                PUBLIC,
                ("one_id", models.BigIntegerField()),
                ("other_id", models.BigIntegerField()),
                ("reason", models.CharField(max_length=20)),
                ("state", models.CharField(default="open", max_length=10)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                OWNED,
            ],
            options={
                "indexes": [models.Index(fields=["provider", "state"], name="duplicate_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("one_id", "other_id"), name="duplicate_once"),
                    models.CheckConstraint(
                        condition=models.Q(("one_id__lt", models.F("other_id"))),
                        name="duplicate_ordered",
                    ),
                ],
            },
        ),
        migrations.RunSQL(INDEX, DROP),
    ]  # fmt: skip
