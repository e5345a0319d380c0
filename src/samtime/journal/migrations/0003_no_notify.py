"""Deferring a job no longer notifies inside the booking transaction.

NOTIFY takes one lock for the whole database at commit, so commits queue up behind each other
(SPEED.md 2.8). The worker asks twice a second instead.
"""

from django.db import migrations

TRIGGER = "procrastinate_jobs_notify_queue_job_inserted_v1"
BACK = f"""
CREATE TRIGGER {TRIGGER} AFTER INSERT ON procrastinate_jobs
  FOR EACH ROW WHEN (NEW.status = 'todo'::procrastinate_job_status)
  EXECUTE PROCEDURE procrastinate_notify_queue_job_inserted_v1();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_access_searched"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    operations = [
        migrations.RunSQL(f"DROP TRIGGER IF EXISTS {TRIGGER} ON procrastinate_jobs", BACK)
    ]
