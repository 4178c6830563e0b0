"""Where Odoo and PostgreSQL are, and databases of our own on it.

From the environment: ``PYTHONPATH`` leads to Odoo, ``ODOO_RC`` names its configuration (made here when missing), the ``PG…``
variables lead to PostgreSQL. ``LOYALTY_FIDELITY_TEST_DB`` names a database to copy (our addons are installed in the copy when
it lacks them); without it a new one is made. ``LOYALTY_FIDELITY_FAULTS_PREFIX`` begins the names of our databases,
``LOYALTY_FIDELITY_FAULTS_PORT`` is the first of ten ports we may use, ``LF_SEED`` replays a run, ``LF_ALL=1`` leaves nothing out.
"""

import ctypes
import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PREFIX = os.environ.get("LOYALTY_FIDELITY_FAULTS_PREFIX", "loyalty_fidelity_faults")
SOURCE = os.environ.get("LOYALTY_FIDELITY_TEST_DB")
FIRST_PORT = int(os.environ.get("LOYALTY_FIDELITY_FAULTS_PORT", "8160"))
SEED = int(os.environ.get("LF_SEED") or int.from_bytes(os.urandom(4), "big"))
EVERYTHING = os.environ.get("LF_ALL") == "1"
PR_SET_PDEATHSIG = 1


def variables(folder):
    """Return the environment of Odoo's processes.

    :param Path folder: where a configuration may be written
    """
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    env["PGOPTIONS"] = f"{env.get('PGOPTIONS', '')} -c synchronous_commit=off".strip()
    if not env.get("ODOO_RC"):
        spec = importlib.util.find_spec("odoo")
        if spec is None:
            raise RuntimeError("Odoo cannot be imported: put its folder on PYTHONPATH.")
        package = Path(next(iter(spec.submodule_search_locations)))
        folders = [path for path in (package / "addons", package.parent / "addons") if path.is_dir()]
        rc = folder / "odoo.conf"
        paths = ",".join(str(path) for path in (*folders, CHECKOUT))
        rc.write_text(f"[options]\naddons_path = {paths}\ndata_dir = {folder / 'data'}\nlist_db = False\n")
        env["ODOO_RC"] = str(rc)
    return env


def die_with_parent():
    """End this process when its parent ends, however that ends. For ``preexec_fn``."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run_odoo(env, *words, timeout=900):
    """Run an Odoo command to its end; return what ``subprocess.run`` does."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "odoo", *map(str, words)],
        env=env, cwd="/", capture_output=True, text=True, timeout=timeout, check=False, preexec_fn=die_with_parent,
    )  # fmt: skip


def free_ports(count):
    """Return ports of our ten that nobody listens on."""
    found = []
    for port in range(FIRST_PORT, FIRST_PORT + 10):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"Ports {FIRST_PORT} to {FIRST_PORT + 9} are taken: name others with LOYALTY_FIDELITY_FAULTS_PORT.")


# -- databases -----------------------------------------------------------------------------------------------------------


def connect(database):
    """A connection that commits every statement."""
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    return connection


def query(database, statement, *parameters):
    """Run one statement in a connection of its own; return its rows."""
    with closing(connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def _names():
    return [row[0] for row in query("postgres", "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", PREFIX)]


def drop(name):
    """Drop a database of ours and whoever is still connected to it."""
    with closing(connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def drop_left_behind():
    """Drop what a run left whose process is gone."""
    for name in _names():
        match = re.fullmatch(re.escape(PREFIX) + r"_(\d+)_\w+", name)
        if match and not Path("/proc", match[1]).exists():
            drop(name)


def copy(source, title):
    """Copy a database; return the copy's name. Nobody may be connected to the source."""
    name = f"{PREFIX}_{os.getpid()}_{title}"
    with closing(connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source or "template0"))
        )
    return name


def make_base(env):
    """Return the name of a new database with our addons."""
    name = copy(SOURCE, "template")
    installed = []
    if SOURCE:
        installed = query(name, "SELECT 1 FROM ir_module_module WHERE name = 'loyalty_fidelity_pos' AND state = 'installed'")
    if not installed:
        words = ("-i", "loyalty_fidelity_pos", "--stop-after-init", "--max-cron-threads", 0, "--no-http")
        done = run_odoo(env, "-d", name, "--without-demo=all", *words)
        if done.returncode:
            raise RuntimeError(f"Our addons do not install:\n{done.stderr[-4000:]}")
    return name
