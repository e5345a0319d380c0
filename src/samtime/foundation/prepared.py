"""Hot queries: prepared once per connection by the server, answered in binary, no rows of objects.

Planning a search takes longer than running it. Django binds parameters in the client, which no
server can prepare; this binds them in the server on Django's own connection and transaction. Where
a pooler does not keep prepared statements, `SAMTIME_PREPARED=0` runs the same text unprepared.
"""

from collections.abc import Mapping
from time import monotonic
from typing import Any

import psycopg
from django.db import connection

HASHED = "SELECT set_config('enable_nestloop', %(to)s, true)"


def fetch(sql: str, values: Mapping[str, Any], *, hashed: bool = False) -> list[tuple[Any, ...]]:
    """Run one statement with named parameters in the current transaction; its rows, if any.

    `hashed`: the statement joins thousands of rows, which a plan made for any parameters cannot
    foresee, so it is planned without nested loops.
    """
    if hashed:
        _execute(HASHED, {"to": "off"})
    rows = _execute(sql, values)
    if hashed:
        _execute(HASHED, {"to": "on"})
    return rows


def _execute(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    began = monotonic()
    with connection.wrap_database_errors:
        cursor = psycopg.Cursor(connection.connection)
        cursor.execute(sql.encode(), values, prepare=True, binary=True)
        rows = cursor.fetchall() if cursor.description else []
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": f"{monotonic() - began:.3f}"})
    return rows
