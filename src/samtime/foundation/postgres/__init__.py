"""The embedded PostgreSQL: binaries of a wheel under our own launcher (STACK.md).

`start(data)` returns a running Cluster, whoever started it; `stop(data)` ends it. Whether a server
runs is decided by connecting, never by a file. Two roles: the owner migrates, the application
serves; neither is a superuser.
"""

from samtime.foundation.postgres.launcher import Cluster, NoDatabase, start, stop

__all__ = ["Cluster", "NoDatabase", "start", "stop"]
