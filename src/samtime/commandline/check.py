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
    """What stands in the way of serving: role, policies, missing migrations, secrets."""
    from django.conf import settings
    from django.db import connection

    faults = []
    if not settings.DEMO and "SAMTIME_SECRET_KEY" not in os.environ:
        faults.append("SAMTIME_SECRET_KEY is not set.")
    if not settings.DEMO and "SAMTIME_KEYS" not in os.environ:
        faults.append("SAMTIME_KEYS is not set: fields could not be encrypted.")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, current_user FROM pg_roles WHERE rolname = current_user"
        )
        superuser, bypasses, role = cursor.fetchone()
        if superuser:
            faults.append(f"The database role {role} is a superuser: row policies do not bind it.")
        if bypasses:
            faults.append(f"The database role {role} bypasses row level security.")
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace"
            " AND pg_get_userbyid(relowner) = current_user"
        )
        if cursor.fetchone()[0]:
            faults.append(f"The database role {role} owns tables; only the owner role may.")
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tablename, qual FROM pg_policies")
        policies = dict(cursor.fetchall())
    return faults + _policy_faults(forced, policies) + _migration_faults()


def _policy_faults(forced: set[str], policies: dict[str, str]) -> list[str]:
    from samtime.foundation.tenancy import protected_models

    faults = []
    for model in protected_models():
        table = model._meta.db_table
        qual = policies.get(table, "")
        if table not in forced:
            faults.append(f"Table {table} is not under forced row level security.")
        elif qual.count("SELECT") != len(model.parties) or any(
            f"{party} = " not in qual for party in model.parties
        ):
            faults.append(f"The row policy of {table} is not the one its model says.")
    return faults


def _migration_faults() -> list[str]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{len(plan)} migrations are missing: run samtime migrate."] if plan else []
