"""The SQL of migrations, and what squawk says of it; tests/house/test_migrations.py runs it.

Excluded are rules about tables that the same migration has just made, and habits of Django.
"""

import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXCLUDED = (
    "prefer-robust-stmts",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-text-field",
    "ban-char-field",
    "require-timeout-settings",
    "require-table-schema",
)
NEW_TABLES = (
    "require-concurrent-index-creation",
    "constraint-missing-not-valid",
    "adding-foreign-key-constraint",
    "disallowed-unique-constraint",
    "adding-required-field",
)


def migration_files() -> list[Path]:
    """Every migration of ours."""
    return sorted((ROOT / "src" / "samtime").glob("*/migrations/0*.py"))


def sql_of(path: Path) -> str:
    """The statements of a migration, collected without a database."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, replace_migrations=False)
    app = path.parent.parent.name
    plan = [loader.graph.nodes[(app, path.stem)]]
    state = loader.project_state((app, path.stem), at_end=False)
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        inside = connection.in_atomic_block
        for migration in plan:
            # CONCURRENTLY refuses a transaction; collecting runs nothing, so it may be told none.
            connection.in_atomic_block = inside and migration.atomic
            try:
                migration.apply(state, editor, collect_sql=True)
            finally:
                connection.in_atomic_block = inside
    return "\n".join(line for line in editor.collected_sql if not line.startswith("--"))


def squawk(sql: str, *, makes_tables: bool) -> str:
    """What squawk finds, or «». Where a migration makes its tables nobody waits yet."""
    rules = ",".join((*EXCLUDED, *NEW_TABLES) if makes_tables else EXCLUDED)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(sql)
        file.flush()
        run = subprocess.run(
            [ROOT / ".venv" / "bin" / "squawk", f"--exclude={rules}", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    return run.stdout + run.stderr if run.returncode else ""


def makes_tables(name: str, sql: str) -> bool:
    """Whether the migration is the app's first, or makes tables itself."""
    return name.startswith("0001") or bool(re.search(r'CREATE TABLE "?\w+', sql))
