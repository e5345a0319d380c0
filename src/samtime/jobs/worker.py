"""The worker: all queues in one process, gone within seconds of SIGTERM."""

from procrastinate.contrib.django import app

CONCURRENCY = 4
SHUTDOWN_SECONDS = 5
# Nobody notifies (journal/migrations/0003): a reaction starts within this time.
ASKS_EVERY_SECONDS = 0.5


def work() -> None:
    """Work until told to stop."""
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector):
        app.run_worker(
            concurrency=CONCURRENCY,
            delete_jobs="successful",
            listen_notify=False,
            fetch_job_polling_interval=ASKS_EVERY_SECONDS,
            shutdown_graceful_timeout=SHUTDOWN_SECONDS,
        )
