"""May this process serve? Role, row policies, migrations and clock, asked of the database itself.

A role above the policies would show everybody's patients to everybody, so `samtime serve` and the
readiness address say no instead.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from samtime.foundation.tenancy import protected_models

LARGEST_CLOCK_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason not to serve: a word for outsiders, a sentence for the operator."""

    kind: str
    sentence: str


def faults() -> list[Fault]:
    """Everything that stands in the way, in the database this process is connected to."""
    return [*_role_faults(), *_policy_faults(), *_migration_faults(), *_clock_faults()]


def _role_faults() -> list[Fault]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, current_user FROM pg_roles WHERE rolname = current_user"
        )
        superuser, bypasses, role = cursor.fetchone()
        if superuser:
            found.append(f"The database role {role} is a superuser: row policies do not bind it.")
        if bypasses:
            found.append(f"The database role {role} bypasses row level security.")
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND pg_get_userbyid(relowner) = current_user"
        )
        if cursor.fetchone()[0]:
            found.append(f"The database role {role} owns tables; only the owner role may.")
    return [Fault("role", sentence) for sentence in found]


def _policy_faults() -> list[Fault]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tablename, qual FROM pg_policies")
        policies: dict[str, str] = dict(cursor.fetchall())
    found = []
    for model in protected_models():
        table = model._meta.db_table
        qual = policies.get(table, "")
        if table not in forced:
            found.append(f"Table {table} is not under forced row level security.")
        elif qual.count("SELECT") != len(model.parties) or any(
            f"{party} = " not in qual for party in model.parties
        ):
            found.append(f"The row policy of {table} is not the one its model says.")
    return [Fault("policies", sentence) for sentence in found]


def _migration_faults() -> list[Fault]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return []
    return [Fault("migrations", f"{len(plan)} migrations are missing: run samtime migrate.")]


def _clock_faults() -> list[Fault]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        seconds = abs((cursor.fetchone()[0] - datetime.now(UTC)).total_seconds())
    if seconds <= LARGEST_CLOCK_SECONDS:
        return []
    return [Fault("clock", f"The database's clock and this machine's are {seconds:.0f} s apart.")]
