"""Tables, policies, seed and day masks."""

import argparse
import hashlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

from samtime.commandline.environment import set_up, use_database

PACKAGE = Path(__file__).resolve().parents[1]


def migrate(arguments: list[str]) -> int:
    """Migrations, row policies and rights, as the owner; then nothing is left to do."""
    use_database()
    owner = os.environ.get("DATABASE_OWNER_URL")
    if not owner:
        print("DATABASE_OWNER_URL must name the role that owns the tables.", file=sys.stderr)
        return 1
    if os.environ["DATABASE_URL"] != owner:
        environment = {
            **os.environ,
            "DATABASE_URL": owner,
            "SAMTIME_DATABASE_OPTIONS": "-c lock_timeout=3000 -c jit=off -c TimeZone=UTC",
        }
        command = [sys.executable, "-m", "samtime", "migrate"]
        return subprocess.run(command, env=environment, check=False).returncode
    set_up()
    from django.core.management import call_command

    from samtime.foundation.tenancy import apply_row_policies

    call_command("migrate", verbosity=0)
    apply_row_policies()
    return 0


def schema_stamp() -> str:
    """Changes whenever the tables or policies may have."""
    digest = hashlib.sha256()
    for path in sorted([*PACKAGE.glob("*/migrations/*.py"), *PACKAGE.glob("*/models.py")]):
        digest.update(path.read_bytes())
    digest.update((PACKAGE / "foundation" / "tenancy.py").read_bytes())
    return digest.hexdigest()


def seed(arguments: list[str]) -> int:
    """The demo town, where no organization is yet; in the demo also its demo.json."""
    use_database()
    set_up()
    town = importlib.import_module("samtime.demo.town")
    from django.conf import settings

    print("The demo town was made." if town.seed_if_empty() else "The demo town is there.")
    if settings.DEMO:
        town.write_demo_json(settings.DATA / "demo.json", settings.BASE_URL)
    return 0


def day_masks(arguments: list[str]) -> int:
    """`masks check` names rows that differ from truth (exit 1); `masks rebuild` writes them all."""
    parser = argparse.ArgumentParser(prog="samtime masks")
    parser.add_argument("act", choices=["check", "rebuild"])
    act = parser.parse_args(arguments).act
    use_database()
    os.environ["SAMTIME_DATABASE_OPTIONS"] = "-c jit=off -c TimeZone=UTC"
    set_up()
    from django.db import transaction
    from django.utils import timezone

    from samtime.calendars import masks

    today = timezone.now().date()
    if act == "rebuild":
        with transaction.atomic():
            print(f"{masks.rebuild_all(today=today)} rows written.")
        return 0
    wrong = masks.check_all(today=today)
    for resource, day in wrong[:100]:
        print(f"resource {resource} on {day} differs from truth")
    print(f"{len(wrong)} rows differ." if wrong else "All rows equal truth.")
    return 1 if wrong else 0
