"""Where Odoo and PostgreSQL are, databases of our own, and Odoo processes that do one thing and end.

From the environment: ``PYTHONPATH`` leads to Odoo, ``ODOO_RC`` names its configuration, the ``PG…`` variables lead to PostgreSQL.
``LOYALTY_FIDELITY_LIFECYCLE_BASE`` names a database with Odoo's addons that ours depend on, in which ours never were;
``LOYALTY_FIDELITY_TEST_DB`` one with ours just installed. Both are only copied. ``LOYALTY_FIDELITY_LIFECYCLE_PREFIX`` begins the
names of the copies.
"""

import ast
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
PREFIX = os.environ.get("LOYALTY_FIDELITY_LIFECYCLE_PREFIX", "loyalty_fidelity_test_lifecycle")
PR_SET_PDEATHSIG = 1

#: A log line above INFO, but for what Odoo says of every process started like this.
_TROUBLE = re.compile(r" (WARNING|ERROR|CRITICAL) ")
_KNOWN = ("odoo.tools.config: missing --http-interface",)


def manifest(name, folder=CHECKOUT):
    """Return the manifest of an addon as a dictionary."""
    return ast.literal_eval((folder / name / "__manifest__.py").read_text(encoding="utf-8"))


def die_with_parent():
    """End this process when its parent ends, however that ends. For ``preexec_fn``."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _run(command, addons, status=0):
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    env["PGOPTIONS"] = f"{env.get('PGOPTIONS', '')} -c synchronous_commit=off".strip()
    if addons != CHECKOUT:
        env["ODOO_RC"] = str(_configuration(addons))
    done = subprocess.run(
        [sys.executable, "-P", *map(str, command)],
        env=env, cwd="/", capture_output=True, text=True, timeout=600, check=False, preexec_fn=die_with_parent,
    )  # fmt: skip
    assert done.returncode == status, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
    return done


def _configuration(addons):
    """Write the configuration beside other addons: the same, with their folder instead of the checkout."""
    lines = Path(os.environ["ODOO_RC"]).read_text(encoding="utf-8").replace(str(CHECKOUT), str(addons))
    assert str(addons) in lines, f"{os.environ['ODOO_RC']} does not name {CHECKOUT} in its addons_path"
    target = addons / "odoo.conf"
    target.write_text(lines, encoding="utf-8")
    return target


def run_odoo(*words, addons=CHECKOUT, status=0):
    """Run an Odoo command to its end.

    :param Path addons: the folder of our addons, the checkout or a released version of them
    :param int status: with which it has to end
    :return: what ``subprocess.run`` does
    """
    return _run(["-m", "odoo", *words], addons, status)


def change_modules(database, *words, addons=CHECKOUT):
    """Install, update or uninstall by Odoo's own command line.

    :return: the log lines above INFO
    """
    quiet = ("--no-http", "--max-cron-threads", 0, "--stop-after-init") if words[0] != "module" else ()
    done = run_odoo(*words, "-d", database, *quiet, addons=addons)
    return trouble(done.stderr)


def trouble(log):
    """Return the log lines above INFO."""
    return [line for line in log.splitlines() if _TROUBLE.search(line) and not any(known in line for known in _KNOWN)]


def in_shop(database, step, *arguments, addons=CHECKOUT):
    """Do one step of ``lifecycle_shop``; see :func:`in_shop_all`."""
    return in_shop_all(database, [step, *arguments], addons=addons)[0]


def in_shop_all(database, *steps, addons=CHECKOUT):
    """Do steps of ``lifecycle_shop`` in one process, each in a transaction of its own.

    :param steps: lists of a step's name and its arguments
    :return: what each returned, as JSON carries it
    :raise AssertionError: one failed, or logged anything above INFO
    """
    done = _run([HERE / "lifecycle_shop.py", json.dumps(steps), "-d", database, "--max-cron-threads", 0], addons)
    assert not trouble(done.stderr), "\n".join(trouble(done.stderr))
    return json.loads(done.stdout.splitlines()[-1])


# -- databases -----------------------------------------------------------------------------------------------------------


def query(database, statement, *parameters):
    """Run one statement in a connection of its own, committed; return its rows."""
    with closing(psycopg2.connect(dbname=database)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall() if cursor.description else []


def base():
    """Return the name of a database in which our addons never were."""
    return os.environ["LOYALTY_FIDELITY_LIFECYCLE_BASE"]


def installed():
    """Return the name of a database with our addons just installed."""
    return os.environ["LOYALTY_FIDELITY_TEST_DB"]


def addons_of(name):
    """Return the names of our addons that a database has."""
    found = "SELECT name FROM ir_module_module WHERE name LIKE 'loyalty_fidelity%' AND state = 'installed' ORDER BY 1"
    return [addon for (addon,) in query(name, found)]


def drop(name):
    """Drop a database of ours."""
    query("postgres", sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def copy(source, title):
    """Copy a database; return the copy's name. Nobody may be connected to the source."""
    name = f"{PREFIX}_{title}"
    drop(name)
    query("postgres", sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source)))
    return name
