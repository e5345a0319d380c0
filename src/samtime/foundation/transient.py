"""Faults of the database that pass by themselves: the one list of them (HOUSE.md 9.8)."""

from django.db import Error
from psycopg import errors
from psycopg_pool import PoolTimeout

RETRIED = (errors.DeadlockDetected, errors.SerializationFailure)
AWAY = (
    errors.AdminShutdown,
    errors.CannotConnectNow,
    errors.ConnectionException,
    errors.CrashShutdown,
    errors.DiskFull,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.ReadOnlySqlTransaction,
    errors.TooManyConnections,
    PoolTimeout,
)


def is_retried(fault: BaseException) -> bool:
    """Whether the same transaction, run again at once, may well succeed."""
    return isinstance(fault, Error) and isinstance(fault.__cause__, RETRIED)


def is_away(fault: BaseException) -> bool:
    """Whether the database cannot be reached or is overloaded: answer 503, try later."""
    if isinstance(fault, PoolTimeout):
        return True
    cause = fault.__cause__
    lost = cause is not None and type(cause).__name__ == "OperationalError"
    return isinstance(fault, Error) and (isinstance(cause, AWAY) or lost)
