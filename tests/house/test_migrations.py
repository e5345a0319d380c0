"""Migrations never block (P27): squawk is clean, and none is missing."""

import pytest
from checks.migrations import makes_tables, migration_files, sql_of, squawk
from django.core.management import call_command


@pytest.mark.django_db
@pytest.mark.parametrize("path", migration_files(), ids=lambda p: f"{p.parts[-3]}-{p.stem}")
def test_squawk_finds_nothing(path):
    """P27."""
    sql = sql_of(path)
    assert squawk(sql, makes_tables=makes_tables(path.stem, sql)) == ""


def test_squawk_does_find_a_planted_offence():
    assert squawk("ALTER TABLE a DROP COLUMN b;", makes_tables=False)


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
