"""PostgreSQL: the one that PGHOST and its siblings name, or a private cluster that nobody else sees.

The private cluster listens on a Unix socket only, in a folder of its own, so it takes no port and meets no other server. It
runs while a command needs it: the last command to leave stops it.
"""

import hashlib
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import apt, console, locks, paths
from .console import Failure

#: Any of these says that the person has a PostgreSQL of his own.
NAMING = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGUSER")
SUPERUSER = "odoo"
PORT = "5432"
OLDEST = 13

SETTINGS = """
# Loyalty Fidelity: private to its user, reached by socket only.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
jit = off
"""


def external():
    """Return which of the naming variables are set."""
    return [name for name in NAMING if os.environ.get(name)]


class Sql:
    """Runs SQL with a given interpreter and environment."""

    def __init__(self, python, env):
        self.python, self.env = python, env

    def __call__(self, database, *statements):
        """Run statements, each ``sql`` or ``(sql, parameters)``; return the last one's rows.

        :raise Failure: the server's own words when it refuses
        """
        listed = [[s, None] if isinstance(s, str) else list(s) for s in statements]
        done = subprocess.run(
            [str(self.python), "-P", str(Path(__file__).with_name("sql_client.py"))],
            input=json.dumps({"database": database, "statements": listed}),
            capture_output=True, text=True, env=self.env, check=False,
        )  # fmt: skip
        if done.returncode:
            words = " ".join(done.stderr.split())
            raise Failure(console.explain(words, f"PostgreSQL refuses: {words}", fetching=False))
        return json.loads(done.stdout)


class Private:
    """A cluster of our own.

    :param cache: where it lies
    """

    def __init__(self, cache):
        self.cache = cache
        self.folder = cache.cluster
        self.data = self.folder / "data"
        self.programs = apt.postgres_programs()
        self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if paths.is_root() else {}
        self.users = None

    @property
    def socket(self):
        """The socket's folder; a socket's path may have at most 107 bytes."""
        near = self.folder / "socket"
        if len(str(near)) <= 80:
            return near
        key = hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        return Path(tempfile.gettempdir()) / f"loyalty-fidelity-{os.geteuid()}-{key}"

    def env(self):
        return {"PGHOST": str(self.socket), "PGPORT": PORT, "PGUSER": SUPERUSER}

    def _own(self, folder, mode):
        """Make a folder that belongs to the cluster's user."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.owner:
            entry = pwd.getpwnam(self.owner["user"])
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        elif folder.stat().st_uid != os.geteuid():
            raise Failure(f"{folder} belongs to somebody else: remove it, or name another cache with LOYALTY_FIDELITY_CACHE.")
        folder.chmod(mode)

    def _initialise(self):
        """Make the cluster under a passing name, so that a half-made one is never taken for a whole one."""
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        command = [
            self.programs / "initdb", "--pgdata", fresh, "--username", SUPERUSER, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8",
        ]  # fmt: skip
        console.run([str(word) for word in command], self.cache.logs / "initdb.log", cwd="/", **self.owner)
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        fresh.rename(self.data)

    def _check_version(self):
        made = (self.data / "PG_VERSION").read_text().strip()
        installed = subprocess.run([self.programs / "postgres", "--version"], capture_output=True, text=True, check=True)
        major = installed.stdout.split()[2].split(".")[0]
        if made != major:
            raise Failure(
                f"The private cluster was made by PostgreSQL {made} and this machine has {major}: install postgresql-{made}, or"
                f" delete {self.folder} to begin anew."
            )

    def _control(self, *words, check=True):
        command = [self.programs / "pg_ctl", "--pgdata", self.data, *words]
        return console.run([str(w) for w in command], self.cache.logs / "pg_ctl.log", cwd="/", check=check, **self.owner)

    def _forget_dead_server(self):
        """Drop the mark of a server killed long ago whose process number now belongs to another program."""
        mark = self.data / "postmaster.pid"
        if mark.is_file():
            lines = mark.read_text().split()
            name = Path("/proc", lines[0] if lines else "0", "comm")
            if not name.is_file() or name.read_text().strip() not in ("postgres", "postmaster"):
                mark.unlink(missing_ok=True)

    def start(self):
        """Make the cluster when there is none, and start it when it does not run.

        :raise Failure: when it cannot be made or started
        """
        self._own(self.folder, 0o700)
        self.users = locks.Users(self.cache.root / "postgres.users")
        self.users.join()
        if not (self.data / "PG_VERSION").is_file():
            with console.step("Making a private PostgreSQL cluster"):
                self._initialise()
        self._check_version()
        self._own(self.socket, 0o700)
        self._forget_dead_server()
        status, _output = self._control("status", check=False)
        if status:
            self._start_server()

    def _start_server(self):
        log = self.folder / "server.log"
        options = f"-c unix_socket_directories='{self.socket}' -p {PORT}"
        status, _output = self._control("start", "--wait", "--timeout", "60", "--log", str(log), "-o", options, check=False)
        if status:
            words = log.read_text(errors="replace")[-2000:] if log.is_file() else ""
            raise Failure(
                console.explain(
                    words, f"The private PostgreSQL does not start: see the end of {log}, mend that and try again.", fetching=False
                )
            )

    def stop(self):
        """Leave; stop the server when nobody else uses it."""
        if self.users is None:
            return
        if self.users.leave():
            self._control("stop", "--mode", "fast", "--wait", check=False)
        self.users.close()
        self.users = None


class External:
    """A PostgreSQL of the person's own, named by the environment."""

    def start(self):
        if os.environ.get("PGUSER") == "postgres":
            raise Failure(
                "Odoo refuses to work as PostgreSQL's user postgres: name another role that may create databases with PGUSER."
            )

    def env(self):
        return {}

    def stop(self):
        """Nothing of ours runs."""


def check(sql, server):
    """Make sure that the server answers, is new enough and lets us make databases.

    :raise Failure: with the way out
    """
    try:
        version, may = sql(
            "postgres",
            "SELECT current_setting('server_version_num')::int / 10000, rolcreatedb OR rolsuper FROM pg_roles"
            " WHERE rolname = current_user",
        )[0]
    except Failure as error:
        if isinstance(server, Private):
            raise
        raise Failure(
            f"The PostgreSQL named by {', '.join(external())} cannot be used ({error}): mend those settings, or unset them to"
            " have a private one made."
        ) from error
    if version < OLDEST:
        raise Failure(f"PostgreSQL {version} is too old for Odoo 19: name one of at least version {OLDEST}, or unset PGHOST.")
    if not may:
        raise Failure("The PostgreSQL role may not create databases: give it CREATEDB, or unset PGHOST.")
