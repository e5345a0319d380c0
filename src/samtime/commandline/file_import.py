"""`samtime import`: a clinic's own file, from the command line."""

import argparse
import sys
from pathlib import Path

from samtime.commandline.environment import set_up, use_database


def run(arguments: list[str]) -> int:
    """`import --organization SLUG --kind services|practitioners|patients FILE [--dry-run]`.

    Prints what every row does, or the errors by row and column (exit 1; nothing is imported).
    """
    parser = argparse.ArgumentParser(prog="samtime import")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    parser.add_argument("--kind", required=True, choices=["services", "practitioners", "patients"])
    parser.add_argument("--dry-run", action="store_true", help="only say what it would do")
    parser.add_argument("file", type=Path)
    given = parser.parse_args(arguments)
    try:
        content = given.file.read_bytes()
    except OSError as fault:
        print(f"{given.file}: {fault.strerror}", file=sys.stderr)
        return 2
    use_database()
    set_up()
    return import_file(given.organization, given.kind, given.file.name, content, given.dry_run)


def import_file(slug: str, kind: str, name: str, content: bytes, dry_run: bool) -> int:
    """The work itself, once Django is there; the exit code."""
    from django.db import transaction
    from django.utils import timezone

    from samtime.accounts.actor import system_actor
    from samtime.bookings.commands.imports import apply_import, start_import
    from samtime.documents.commands import Upload
    from samtime.foundation.errors import Refusal
    from samtime.foundation.tenancy import viewing_as
    from samtime.organizations.queries import organization_by_slug

    organization = organization_by_slug(slug)
    if organization is None:
        print(f"There is no organization «{slug}».", file=sys.stderr)
        return 2
    actor, now = system_actor(organization.id), timezone.now()
    try:
        with transaction.atomic(), viewing_as(organization.id):
            upload = Upload(kind=kind, file_name=name, content=content)
            run = start_import(actor=actor, upload=upload, now=now)
            if run.state == "previewed" and not dry_run:
                run = apply_import(actor=actor, run_id=run.public_id, now=now)
    except Refusal as refusal:
        print(f"{name}: {refusal.detail}", file=sys.stderr)
        return 1
    for error in run.errors:
        print(f"{name}, row {error['row']} {error['column']}: {error['detail']}", file=sys.stderr)
    for row in run.preview:
        print(f"{row['action']:<10} row {row['row']:>5}  {row['label']}")
    print(f"{run.rows} rows: {run.state}.")
    return 1 if run.state == "refused" else 0
