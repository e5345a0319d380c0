"""What became of the last letter to the patient."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="booking",
            name="letter_state",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
