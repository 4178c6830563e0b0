"""A PostgreSQL cluster of the test's own, to be stopped, broken and filled up."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

WAIT_SECONDS = "60"
SETTINGS = """
listen_addresses = ''
max_connections = 100
shared_buffers = 64MB
wal_keep_size = 0
min_wal_size = 32MB
max_wal_size = 64MB
restart_after_crash = on
"""


def programs():
    """The folder of PostgreSQL's own programs.

    :raise RuntimeError: this machine has none
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise RuntimeError("initdb and pg_ctl are not here: install the package postgresql; its server need not run.")
    return found[-1].parent if found else Path(on_path).parent


def may_mount():
    """Whether this user may mount a small disk here: it takes root, and a machine that lets root."""
    folder = tempfile.mkdtemp(prefix="lf-mount-")
    try:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False)
        if mounted.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return mounted.returncode == 0
    finally:
        os.rmdir(folder)


class Cluster:
    """Made in a folder of its own; ends with :meth:`remove`.

    :param int disk_mb: size of a small disk to lie on (mounting one takes root), or None for a folder like any other
    """

    def __init__(self, disk_mb=None):
        self.programs = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="lf-cluster-"))
        self.owner = {}
        self.mounted = False
        if disk_mb:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mb}m", "tmpfs", self.folder], check=True)
            self.mounted = True
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self.folder.chmod(0o700)
        self.data, self.ballast = self.folder / "data", self.folder / "ballast"
        self._run("initdb", "--pgdata", self.data, "--username", "odoo", "--auth", "trust", "--encoding", "UTF8", "--locale",
                  "C.UTF-8", "--wal-segsize", "1", "--no-sync")  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        self.start()

    def variables(self, env):
        """The environment that leads to this cluster; commits are confirmed once they are written."""
        leading = {name: value for name, value in env.items() if not name.startswith("PG")}
        return {**leading, "PGHOST": str(self.folder), "PGPORT": "5432", "PGUSER": "odoo"}

    def _run(self, program, *words, check=True):
        done = subprocess.run(
            [self.programs / program, *map(str, words)], cwd="/", text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            check=False, **self.owner,
        )  # fmt: skip
        if check and done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-2000:]}")
        return done.returncode

    def _control(self, *words, check=True):
        return self._run("pg_ctl", "--pgdata", self.data, "--wait", "--timeout", WAIT_SECONDS, *words, check=check)

    def start(self):
        self._control("--log", self.folder / "log", "-o", f"-c unix_socket_directories='{self.folder}' -p 5432", "start")

    def restart(self, mode):
        """Stop it and start it again.

        :param mode: ``fast`` (clients are cut off), or ``immediate`` (as after a power cut)
        """
        self._control("--mode", mode, "stop")
        self.start()

    @property
    def runs(self):
        return self._control("status", check=False) == 0

    def receive(self, database):
        """Copy a database of the usual server to here, under its name."""
        env = self.variables(os.environ)
        subprocess.run([self.programs / "createdb", database], env=env, check=True)
        dump = subprocess.Popen(
            [self.programs / "pg_dump", "--format", "custom", "--compress", "0", database], stdout=subprocess.PIPE
        )
        words = [self.programs / "pg_restore", "--no-owner", "--dbname", database]
        restored = subprocess.run(words, env=env, stdin=dump.stdout, capture_output=True, text=True, check=False)
        dump.stdout.close()
        if dump.wait() or restored.returncode:
            raise RuntimeError(f"The database was not copied: {restored.stderr[-2000:]}")

    # -- the small disk --------------------------------------------------------------------------------------------

    def fill_disk(self):
        """Leave no room at all."""
        with self.ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while stream.write(b"\0" * size) == size:
                        pass

    def free_disk(self):
        self.ballast.unlink(missing_ok=True)

    def remove(self):
        self.free_disk()
        self._control("--mode", "immediate", "stop", check=False)
        if self.mounted:
            subprocess.run(["umount", "--lazy", self.folder], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def elsewhere(cluster):
    """Let the statements of the tests themselves go to the cluster."""
    before = {name: os.environ.get(name) for name in ("PGHOST", "PGPORT", "PGUSER", "PGOPTIONS")}
    env = cluster.variables(os.environ)
    for name in before:
        os.environ.pop(name, None)
    os.environ.update({name: env[name] for name in ("PGHOST", "PGPORT", "PGUSER")})
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
