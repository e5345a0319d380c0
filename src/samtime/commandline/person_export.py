"""`samtime export`: everything kept about one person, from the command line."""

import argparse
import json
import sys
from pathlib import Path
from uuid import UUID

from samtime.commandline.environment import set_up, use_database


def run(arguments: list[str]) -> int:
    """`export --organization SLUG --patient ID [FILE]`: JSON into the file, or to the screen.

    The id is the last part but one of the address of the client's page. The export is an entry of
    the clinic's access log.
    """
    parser = argparse.ArgumentParser(prog="samtime export")
    parser.add_argument("--organization", required=True, metavar="SLUG")
    parser.add_argument("--patient", required=True, type=UUID, metavar="ID")
    parser.add_argument("file", type=Path, nargs="?")
    given = parser.parse_args(arguments)
    use_database()
    set_up()
    return export_person(given.organization, given.patient, given.file)


def export_person(slug: str, patient_id: UUID, file: Path | None) -> int:
    """The work itself, once Django is there; the exit code."""
    from django.db import transaction

    from samtime.accounts.actor import system_actor
    from samtime.foundation.errors import Refusal
    from samtime.foundation.tenancy import viewing_as
    from samtime.organizations.queries import organization_by_slug
    from samtime.patients.queries import one_patient
    from samtime.reports.queries.person import person_export

    organization = organization_by_slug(slug)
    if organization is None:
        print(f"There is no organization «{slug}».", file=sys.stderr)
        return 2
    actor = system_actor(organization.id)
    try:
        with transaction.atomic(), viewing_as(organization.id):
            found = one_patient(actor, patient_id, purpose="export")
            told = person_export(actor, found)
    except Refusal as refusal:
        print(refusal.detail, file=sys.stderr)
        return 1
    text = json.dumps(told, ensure_ascii=False, indent=2, default=str)
    if file is None:
        print(text)
    else:
        file.write_text(text, encoding="utf-8")
    return 0
