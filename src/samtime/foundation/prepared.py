"""Hot statements: prepared once per connection, answered in binary, no objects for rows.

Planning a search takes longer than running it. Django binds parameters in the client, which no
server can prepare; this binds them in the server on Django's own connection and transaction. Where
a pooler does not keep prepared statements, `SAMTIME_PREPARED=0` runs the same text unprepared.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import DEFAULT_DB_ALIAS, connections, models
from psycopg import abc, postgres
from psycopg._preparing import Prepare, PrepareManager
from psycopg.adapt import Dumper, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg.types.numeric import Int8BinaryDumper

# What the driver sends as it is.
PLAIN = frozenset({int, str, bool, date, datetime, UUID, type(None)})
AUTO = [PyFormat.AUTO] * 100
MARK = re.compile(r"%(?:\((?P<name>\w+)\)s|%)")
CHANGED = re.compile(rb"(?:DROP|ALTER|DISCARD ALL|DEALLOCATE ALL)\b")


def fetch(sql: str, values: Mapping[str, Any], *, hashed: bool = False) -> list[tuple[Any, ...]]:
    """Run one statement with named parameters in the current transaction; its rows, if any.

    Whole numbers go as bigint whatever their size, else one statement would be prepared once for
    every size. `hashed`: the statement joins thousands of rows, which a plan made for any
    parameters cannot foresee, so it is planned without nested loops.
    """
    if hashed:
        with planned(enable_nestloop="off"):
            return _execute(sql, values)
    return _execute(sql, values)


@contextmanager
def planned(**settings: str) -> Iterator[None]:
    """Inside a transaction: statements of the block are planned with these settings."""
    sql = _settings_sql(tuple(settings))
    before = _execute(sql, settings)[0][::2]
    yield
    # After a fault the transaction is rolled back, and the settings with it.
    _execute(sql, dict(zip(settings, before, strict=True)))


@lru_cache(maxsize=16)
def _settings_sql(names: tuple[str, ...]) -> str:
    """Reads each setting and then sets it: a select list is worked off from left to right."""
    each = (f"current_setting('{n}'), set_config('{n}', %({n})s, true)" for n in names)
    return f"SELECT {', '.join(each)}"


def insert(row: models.Model) -> None:
    """Add one new row of a model; afterwards it carries its key. What a model's `save` would send.

    Raises what `save` would raise (IntegrityError).
    """
    sql, names, computed = _insertion(type(row))
    values = {name: row.__dict__[name] for name in names}
    for field in computed:
        values[field.attname] = field.pre_save(row, True)
    for name, value in values.items():
        if type(value) not in PLAIN:
            values[name] = _stored(row, name, value)
    row.pk = fetch(sql, values)[0][0]
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@lru_cache(maxsize=64)
def _insertion(model: type[models.Model]) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
    """The statement, the columns' names as the object has them, and the fields that compute what
    is stored (a time that sets itself)."""
    fields: list[Any] = [f for f in model._meta.concrete_fields if not f.primary_key]
    pk = model._meta.pk
    assert pk is not None
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(f"%({field.attname})s" for field in fields)
    into, key = f'INSERT INTO "{model._meta.db_table}" ({columns})', f'RETURNING "{pk.column}"'
    computed = tuple(field for field in fields if _computes(field))
    names = tuple(field.attname for field in fields)
    return f"{into} VALUES ({marks}) {key}", names, computed


def _stored(row: models.Model, name: str, value: Any) -> Any:
    field: Any = row._meta.get_field(name)
    return field.get_db_prep_save(value, connections[DEFAULT_DB_ALIAS])


def _computes(field: Any) -> bool:
    if isinstance(field, (models.DateField, models.TimeField)):
        return bool(field.auto_now or field.auto_now_add)
    return type(field).pre_save is not models.Field.pre_save


class _Bigints(Dumper):
    """An array of numbers as bigint[], copied as it lies in memory: thousands of ids cost nothing
    that way, and as objects one by one more than the query that they are for."""

    format = Format.BINARY
    oid = postgres.types["int8"].array_oid

    def dump(self, obj: npt.NDArray[np.int64]) -> bytes:
        """One dimension from 1 on, no nulls; every element with its length."""
        rows = np.empty(len(obj), [("length", ">i4"), ("value", ">i8")])
        rows["length"], rows["value"] = 8, obj
        return struct.pack(">iiIii", 1, 0, postgres.types["int8"].oid, len(obj), 1) + rows.tobytes()


def _array(values: list[Any]) -> Any:
    return np.array(values, np.int64) if values and type(values[0]) is int else values


@lru_cache(maxsize=512)
def _numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """The text as the server wants it (%(name)s becomes $n), and the names in order."""
    order: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found["name"]
        return f"${order.setdefault(name, len(order) + 1)}" if name else "%"

    return MARK.sub(number, sql).encode(), tuple(order)


class _Kept(PrepareManager):
    """What is prepared outlives a rollback, as it does on the server.

    The driver forgets every statement whenever a transaction or savepoint is rolled back, so each
    refusal made the connection plan all its statements anew (some 20 ms). Only a changed table
    makes them worthless.
    """

    def clear(self) -> bool:
        """Called after every rollback: nothing to do."""
        return False

    def forget(self) -> bool:
        """Prepare everything anew."""
        return super().clear()

    def _should_discard(
        self, prep: Prepare, results: Sequence[PGresult], _pattern: object = None
    ) -> bool:
        changed = (CHANGED.match(result.command_status or b"") for result in results)
        return any(changed) and self.forget()


class _Own(NamedTuple):
    """What a connection keeps for these statements: making either costs more than `select 1`."""

    cursor: psycopg.RawCursor[tuple[Any, ...]]
    rows: abc.Transformer


def _own(held: Any) -> _Own:
    kept: _Own | None = getattr(held, "samtime_prepared", None)
    if kept is None:
        manager = _Kept()
        manager.prepare_threshold = held.prepare_threshold
        held._prepared = manager
        cursor = psycopg.RawCursor(held)
        cursor.adapters.register_dumper(np.ndarray, _Bigints)
        cursor.adapters.register_dumper(int, Int8BinaryDumper)
        kept = held.samtime_prepared = _Own(cursor, Transformer(cursor))
    return kept


def _again(
    held: Any, rows: abc.Transformer, text: bytes, given: list[Any]
) -> list[tuple[Any, ...]] | None:
    """Run what this connection has prepared already: None where it has not.

    Straight through the driver's library: the layers of its cursor cost more than most of these
    statements.
    """
    status = held.pgconn.transaction_status
    begins = status == TransactionStatus.IDLE and not held.autocommit
    if status != TransactionStatus.INTRANS and not begins:
        return None
    values = rows.dump_sequence(given, AUTO[: len(given)])
    key = (text, rows.types)
    name = held._prepared._names.get(key)
    if name is None:
        return None
    if begins:
        held.pgconn.exec_(held._get_tx_start_command())
    held._prepared._names.move_to_end(key)
    answer = held.pgconn.exec_prepared(name, values, rows.formats, Format.BINARY)
    if answer.status == ExecStatus.TUPLES_OK:
        rows.set_pgresult(answer, set_loaders=True, format=Format.BINARY)
        return rows.load_rows(0, answer.ntuples, tuple)
    if answer.status == ExecStatus.COMMAND_OK:
        return []
    raise fault_of(held, answer)


def fault_of(held: Any, answer: PGresult) -> psycopg.Error:
    """What the server refused, or that it is gone: then the answer has no code of its own."""
    if held.pgconn.status == ConnStatus.BAD and not answer.error_field(DiagnosticField.SQLSTATE):
        return psycopg.OperationalError(answer.get_error_message())
    return error_from_result(answer, encoding=held.info.encoding)


def _execute(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    here = connections[DEFAULT_DB_ALIAS]
    if here.connection is None:
        here.ensure_connection()
    here.validate_no_broken_transaction()
    text, names = _numbered(sql)
    began = monotonic()
    try:
        given = [v if type(v := values[name]) is not list else _array(v) for name in names]
        rows = _answered(here.connection, text, given)
    except psycopg.Error:
        # As Django's own cursors would raise it.
        with here.wrap_database_errors:
            raise
    if here.force_debug_cursor:
        here.queries_log.append({"sql": sql, "time": f"{monotonic() - began:.3f}"})
    return rows


def _answered(held: Any, text: bytes, given: list[Any]) -> list[tuple[Any, ...]]:
    own = _own(held)
    try:
        rows = _again(held, own.rows, text, given)
        if rows is not None:
            return rows
        own.cursor.execute(text, given, prepare=True, binary=True)
        answer = own.cursor.pgresult
        return own.cursor.fetchall() if answer is not None and answer.nfields else []
    except psycopg.errors.FeatureNotSupported:
        # «Cached plan must not change result type»: a migration went by.
        held._prepared.forget()
        raise
