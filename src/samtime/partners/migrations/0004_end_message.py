from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("partners", "0003_notice_and_requests")]

    operations = [
        migrations.AddField(
            model_name="partnership",
            name="end_message",
            field=models.CharField(blank=True, db_default="", default="", max_length=1000),
        ),
    ]
