"""Prepares the machine and holds what the commands then use: Odoo, Python, PostgreSQL, the cache."""

import contextlib
import os
import shutil
from dataclasses import dataclass

from . import addons, apt, console, locks, odoo_source, paths, postgres, python_env
from .console import Failure

#: Bytes that must be free before anything large is fetched.
ROOM = 5_000_000_000


@dataclass
class Environment:
    """A prepared machine."""

    cache: paths.Cache
    odoo: odoo_source.Odoo
    python: object
    server: object
    sql: postgres.Sql

    @property
    def config(self):
        return self.cache.root / "odoo.conf"

    def variables(self, hasty=False):
        """Return the variables for Odoo and for everything that drives it.

        :param hasty: let PostgreSQL confirm before the disk has it; for databases that can be made again
        """
        env = {name: value for name, value in os.environ.items() if name not in ("PGDATABASE", "PYTHONHOME")}
        env.update(self.server.env())
        env["PYTHONPATH"] = str(self.odoo.import_path)
        env["ODOO_RC"] = str(self.config)
        env["PATH"] = f"{self.python.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
        env["PYTHONUNBUFFERED"] = "1"
        if hasty:
            env["PGOPTIONS"] = f"{env.get('PGOPTIONS', '')} -c synchronous_commit=off".strip()
        return env

    def odoo_command(self, *words):
        """Return the command line that runs Odoo's own command."""
        return [str(self.python), "-P", "-m", "odoo", *map(str, words)]

    def write_config(self):
        """Write Odoo's configuration file; connection settings come from the environment instead."""
        folders = ",".join(str(folder) for folder in (*self.odoo.addons, paths.CHECKOUT))
        lines = [
            "[options]", f"addons_path = {folders}", f"data_dir = {self.cache.data}", "list_db = False",
            "max_cron_threads = 1", f"screenshots = {self.cache.logs / 'screenshots'}",
        ]  # fmt: skip
        paths.replace_text(self.config, "\n".join(lines) + "\n", 0o600)


def _packages(kind):
    """Return the names of the Debian packages that a kind of command needs (``run`` or ``test``)."""
    names = (paths.SETUP / f"packages-{kind}.txt").read_text().split()
    return [name for name in names if not (name == "postgresql" and postgres.external())]


def _check_room(cache):
    """Refuse to begin fetching on a disk that cannot hold it.

    :raise Failure: too little room
    """
    whole = (cache.root / "odoo" / "current.json").is_file() or os.environ.get("ODOO_HOME")
    free = shutil.disk_usage(cache.root).free
    if not whole and free < ROOM:
        raise Failure(
            f"The disk of {cache.root} has {free / 1e9:.1f} GB free and the first run needs {ROOM / 1e9:.0f} GB: free some space,"
            " or name a folder on another disk with LOYALTY_FIDELITY_CACHE."
        )


def _machine(cache, tests):
    """Bring packages, Odoo and Python; return the last two."""
    needed = apt.missing(_packages("test" if tests else "run"))
    if needed:
        apt.install(needed, cache)
    _check_room(cache)
    odoo = odoo_source.obtain(cache)
    if tests:
        odoo_source.complete_for_browser_tests(odoo, cache)
    return odoo, python_env.obtain(cache, tests)


@contextlib.contextmanager
def prepared(tests=False):
    """Yield an :class:`Environment`, and leave the private PostgreSQL when the block ends.

    :param tests: also bring what the tests need
    :raise Failure: whatever is missing, with the way out
    """
    python_env.check_version()
    if not addons.ours():
        raise Failure(f"No addon is in {paths.CHECKOUT}: run this command from a whole checkout.")
    cache = paths.cache()
    cache.make()
    with contextlib.ExitStack() as stack:
        with locks.exclusive(cache.root / "prepare.lock", "preparing this machine"):
            odoo, python = _machine(cache, tests)
            server = postgres.External() if postgres.external() else postgres.Private(cache)
            stack.callback(server.stop)
            server.start()
            env = {**os.environ, **server.env()}
            made = Environment(cache, odoo, python, server, postgres.Sql(python, env))
            postgres.check(made.sql, server)
            made.write_config()
        yield made
    console.say("")
