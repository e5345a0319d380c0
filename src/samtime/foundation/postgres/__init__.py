"""The embedded PostgreSQL: binaries of a wheel under our own launcher (STACK.md).

`start(data)` returns a running Cluster, whoever started it; `stop(data)` ends it; a `Visit` does
both and leaves the server to others who still use it. Whether a server runs is decided by
connecting, never by a file. Two roles: the owner migrates, the application serves; neither is a
superuser.
"""

from samtime.foundation.postgres.launcher import Cluster, start, stop
from samtime.foundation.postgres.programs import NoDatabase
from samtime.foundation.postgres.sharing import Visit

__all__ = ["Cluster", "NoDatabase", "Visit", "start", "stop"]
