"""`samtime bounce < mail`: a mail that came back, handed over by the mail server's pipe (D28)."""

import argparse
import os
import sys

from samtime.commandline.environment import set_up, use_database

MOST_BYTES = 1_000_000
# Where mail servers tell the address a mail was for (Postfix pipe, qmail and Exim, sendmail).
TOLD_BY = ("ORIGINAL_RECIPIENT", "RECIPIENT", "LOCAL_PART_AND_DOMAIN")


def run(arguments: list[str]) -> int:
    """`bounce [--recipient ADDRESS]`; always exit 0 for what was read: a pipe must not bounce back.

    Exit 75 (EX_TEMPFAIL) when the database is away: the mail server keeps the mail and tries again.
    """
    parser = argparse.ArgumentParser(prog="samtime bounce")
    parser.add_argument("--recipient", default="", metavar="ADDRESS", help="the address it came to")
    given = parser.parse_args(arguments)
    raw = sys.stdin.buffer.read(MOST_BYTES)
    while sys.stdin.buffer.read(65536):
        continue  # a pipe that is closed early would make the mail server try again
    told = [given.recipient, *(os.environ.get(name, "") for name in TOLD_BY)]
    use_database()
    set_up()
    return take(raw, [address for address in told if address])


def take(raw: bytes, recipients: list[str]) -> int:
    """The work itself, once Django is there; the exit code."""
    from django.db import OperationalError
    from django.utils import timezone

    from samtime.mailbox.commands import note_report
    from samtime.mailbox.delivery_reports import read_report
    from samtime.organizations.queries import organization_ids

    report = read_report(raw, recipients)
    try:
        everywhere = [] if report.mail and report.mail.organization_id else organization_ids()
        noted = note_report(report=report, now=timezone.now(), organization_ids=everywhere)
    except OperationalError:
        print("The database is away; try again.", file=sys.stderr)
        return 75
    print(f"Noted: {noted}." if noted else "Nothing to note in this mail.")
    return 0
