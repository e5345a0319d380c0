"""Rows made by the database itself, and the size of the ground they make up."""

import os
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

PROVIDERS, CALENDARS, DAYS, FIRST_HOUR = 2000, 10_000, 42, 6
SCALE = min(1.0, float(os.environ.get("BENCH_SCALE", "0.1")))
PROVIDER = f"CASE WHEN n <= 20 THEN 1 ELSE 2 + (n - 21) * {PROVIDERS - 1} / {CALENDARS - 20} END"


def monday() -> date:
    """The first day with bookings: the Monday after today."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 - today.weekday())


def insert_sql(model: Any, origin: str, /, **given: str) -> str:
    """INSERT ... SELECT for a model: given expressions, for the rest the fields' defaults."""
    columns, values = [], []
    for f in model._meta.concrete_fields:
        if f.attname in given:
            value = given[f.attname]
        elif f.null or f.attname == "id":
            continue
        elif f.default is uuid.uuid4:
            value = "gen_random_uuid()"
        elif getattr(f, "auto_now_add", False):
            value = "now()"
        else:
            value = _literal(f)
        columns.append(f'"{f.column}"')
        values.append(value)
    return (
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
        f" SELECT {', '.join(values)} FROM {origin}"
    )


def _literal(f: Any) -> str:
    value = f.get_default() if f.has_default() else ""
    if isinstance(value, (list, dict)):
        return "'{}'"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
