from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0007_agent_feed'),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='desk_since',
            field=models.DateTimeField(null=True),
        ),
    ]
