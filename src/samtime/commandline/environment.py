"""Where the database is: DATABASE_URL, or the embedded server of the data folder."""

import atexit
import json
import os
import secrets
from pathlib import Path

from samtime.foundation.postgres import Visit


def data_folder() -> Path:
    """The folder of this installation: DATA, or `.samtime` here."""
    return Path(os.environ.get("DATA") or os.environ.get("SAMTIME_DATA") or ".samtime").absolute()


def use_database() -> Visit | None:
    """Set DATABASE_URL and DATABASE_OWNER_URL; starts the embedded server when none is named.

    The embedded server ends with the last process that uses it.
    """
    data = data_folder()
    os.environ["SAMTIME_DATA"] = str(data)
    if os.environ.get("DATABASE_URL"):
        return None
    visit = Visit(data)
    atexit.register(visit.leave)
    os.environ["DATABASE_URL"] = visit.cluster.app_url
    os.environ["DATABASE_OWNER_URL"] = visit.cluster.owner_url
    return visit


def use_secrets(data: Path) -> None:
    """The demo's own secrets, made once and kept in the data folder."""
    path = data / "secrets.json"
    if not path.exists():
        made = {
            "SAMTIME_SECRET_KEY": secrets.token_urlsafe(48),
            "SAMTIME_KEYS": secrets.token_urlsafe(32),
        }
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            json.dump(made, file)
    for name, value in json.loads(path.read_text()).items():
        os.environ.setdefault(name, value)


def set_up() -> None:
    """Django, with the settings of this environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "samtime.settings")
    import django

    django.setup()
