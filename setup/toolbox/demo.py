"""The database that a newcomer looks at: the addons installed, and real sample data in."""

import os

from . import addons, console, locks, paths
from .console import Failure
from .database import Databases

NAME = "loyalty_fidelity"
SAMPLE = paths.SETUP / "sample" / "load.py"


def name():
    """Return the demo database's name."""
    return os.environ.get("LOYALTY_FIDELITY_DB") or NAME


def _spoken(line):
    """Pass on what the sample's loader says; Odoo's own log lines stay in the log."""
    text = line.strip()
    return text if text and not text[:4].isdigit() and len(text) < 100 else None


def _load_sample(env, database):
    """Post the shipped extract of a real shop through the code that serves the till.

    :raise Failure: when the loader fails
    """
    log_path = env.cache.logs / "sample.log"
    command = [env.python, "-P", SAMPLE, "-c", env.config, "-d", database]
    with console.step("Loading the sample data"):
        console.run(
            [str(word) for word in command], log_path, env=env.variables(hasty=True), cwd=env.cache.root, watch=_spoken,
            fallback=f"The sample data could not be loaded; the whole output is in {log_path}.",
        )  # fmt: skip


def _make(databases, made_from, folders):
    """Make the database under a passing name and rename it when it is whole.

    The installation and the sample are two stages: what was interrupted in the second goes on there.
    """
    fresh = f"{name()}_new"
    if databases.mark(fresh) != made_from:
        databases.drop(fresh)
        databases.install(fresh, folders, "Installing the addons in a new database", "install")
        databases.set_mark(fresh, made_from)
    _load_sample(databases.env, fresh)
    databases.rename(fresh, name())


def _upgrade(databases, made_from, folders):
    """Bring an existing database to the addons as they are now."""
    databases.odoo(
        name(), "Upgrading the database to the changed addons", "-u", ",".join(folders), "-i", ",".join(folders),
        "--stop-after-init", "--no-http", "--max-cron-threads=0", log="upgrade",
    )  # fmt: skip
    databases.env.sql(name(), "DELETE FROM ir_attachment WHERE url LIKE '/web/assets/%%'")
    databases.set_mark(name(), made_from)


def ready(env, fresh=False):
    """Make sure that the demo database is whole and up to date.

    :param fresh: throw the present one away first
    :raise Failure: a database of that name exists that is not ours, or it cannot be made
    """
    with locks.exclusive(env.cache.root / "demo.lock", "making the sample database"):
        _ready(Databases(env), addons.ours(), fresh)


def _ready(databases, folders, fresh):
    env = databases.env
    made_from = {"addons": addons.fingerprint(folders), "odoo": env.odoo.version}
    mark = databases.mark(name())
    if mark is None and databases.exists(name()):
        raise Failure(
            f"A database {name()} exists that this command did not make: name another with LOYALTY_FIDELITY_DB, or rename that one."
        )
    if mark and fresh:
        databases.drop(name())
        databases.drop(f"{name()}_new")
        mark = None
    if mark is None:
        _make(databases, made_from, folders)
    elif mark != made_from:
        _upgrade(databases, made_from, folders)
    else:
        console.say(f"* The database {name()} is ready")


def a_card(env):
    """Return the number of a card that can be read at the till, or None."""
    present = env.sql(name(), "SELECT to_regclass('fidelity_card') IS NOT NULL")[0][0]
    if not present:
        return None
    rows = env.sql(name(), "SELECT number FROM fidelity_card WHERE state = 'active' ORDER BY id LIMIT 1")
    return rows[0][0] if rows else None
