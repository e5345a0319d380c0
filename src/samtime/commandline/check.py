"""`samtime check`: may this configuration serve? One sentence per fault, exit 1 if there is any."""

import os
import sys

from samtime.commandline.environment import set_up, use_database


def run(arguments: list[str]) -> int:
    """Check and say."""
    use_database()
    set_up()
    faults = found_faults()
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("All is well: the database role is bound by the row policies.")
    return 1 if faults else 0


def found_faults() -> list[str]:
    """What stands in the way of serving: secrets, role, policies, missing migrations, clock."""
    from django.conf import settings

    from samtime.foundation.readiness import faults

    found = []
    if not settings.DEMO and "SAMTIME_SECRET_KEY" not in os.environ:
        found.append("SAMTIME_SECRET_KEY is not set.")
    if not settings.DEMO and "SAMTIME_KEYS" not in os.environ:
        found.append("SAMTIME_KEYS is not set: fields could not be encrypted.")
    return found + [fault.sentence for fault in faults()]
