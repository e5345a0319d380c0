"""Savepoints and commits of `transaction.atomic` straight through the driver's library.

Every command inside a request is a savepoint. Through a cursor of Django's and one of the driver's
its two statements, which do next to nothing, would cost more than two that read rows.
"""

from time import monotonic
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import ExecStatus, TransactionStatus

from samtime.foundation.prepared import fault_of

BEGUN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's in everything else."""

    def _savepoint(self, sid: str) -> None:
        self._run(self.ops.savepoint_create_sql(sid))

    def _savepoint_rollback(self, sid: str) -> None:
        self._run(self.ops.savepoint_rollback_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        self._run(self.ops.savepoint_commit_sql(sid))

    def _commit(self) -> None:
        held: Any = self.connection
        if held is None or held.pgconn.transaction_status != TransactionStatus.INTRANS:
            super()._commit()  # type: ignore[misc]
        else:
            self._run("COMMIT")

    def _run(self, sql: str) -> None:
        held: Any = self.connection
        if held is None or held.pgconn.transaction_status not in BEGUN:
            # The driver begins a transaction with the first statement of one of its cursors.
            with self.cursor() as cursor:
                cursor.execute(sql)
            return
        began = monotonic()
        with self.wrap_database_errors:
            answer = held.pgconn.exec_(sql.encode())
            if answer.status != ExecStatus.COMMAND_OK:
                raise fault_of(held, answer)
        if self.force_debug_cursor:
            self.queries_log.append({"sql": sql, "time": f"{monotonic() - began:.3f}"})
