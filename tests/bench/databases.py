"""The databases that are measured. Each is made once for a state of the code and kept until that changes.

Chain of copies: ``…_base`` (Odoo's point of sale with a till) → ``…_ours`` and ``…_native`` (with our addons; with Odoo's own
loyalty) → the sizes. The last act of making one is a comment that says what it was made from.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api, release
from odoo.modules.registry import Registry
from odoo.sql_db import close_db, db_connect
from odoo.tools import config

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
ADDONS = ("loyalty_fidelity", "loyalty_fidelity_pos")
MARK = "loyalty-fidelity bench "


def say(text):
    print(text, flush=True)


def code_hash(kind):
    """Return a digest of what the databases of a kind are made from: Odoo, these fillings, and for ours the addons."""
    files = [HERE / name for name in ("content.py", "fill.py", "history.py", "basket.py")]
    for name in ADDONS if kind == "ours" else ():
        files += [path for path in (CHECKOUT / name).rglob("*") if path.suffix in (".py", ".xml", ".csv")]
    digest = hashlib.sha256(release.version.encode())
    for path in sorted(files):
        inside = path.relative_to(CHECKOUT)
        if not {"tests", "static", "__pycache__"} & set(inside.parts):
            digest.update(str(inside).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


class Databases:
    """Makes databases and opens registries on them.

    :param str prefix: how their names start
    :param str source: a database with Odoo's point of sale to copy, or None to install one
    :param bool fresh: make all anew
    :param bool keep: use what is there though the addons' code changed since
    :param bool big: measure with ten million entries too
    :param dict sizes: of what some benchmarks are made of, by name: ``lots``, ``members``
    """

    def __init__(self, prefix, source=None, fresh=False, keep=False, big=False, **sizes):
        self.prefix = prefix
        self.source = source
        self.fresh = fresh
        self.keep = keep
        self.big = big
        self.sizes = sizes
        self.made = set()

    # -- what the benchmarks ask for -------------------------------------------------------------------------------

    def base(self):
        """The point of sale alone, with a till and products."""
        return self._kept("base", self._make_base)

    def ours(self):
        """The same with our addons, a card type and a store."""
        return self._kept("ours", lambda name: self._make_with(name, ADDONS, "ours"))

    def native(self):
        """The same with Odoo's own loyalty and one programme of points."""
        return self._kept("native", lambda name: self._make_with(name, ("pos_loyalty",), "native"))

    def sized(self, kind, partners, members=None):
        """``base``, ``ours`` or ``native`` with that many customers, of whom so many are members (all by default)."""
        members = partners if members is None else members
        suffix = f"{kind}_{partners}" + ("" if kind == "base" or members == partners else f"_{members}")
        template = getattr(self, kind)()

        def make(name):
            self._copy(template, name)
            self._fill(name, kind, partners, members)

        return self._kept(suffix, make)

    def changed(self, suffix, template, change, anew=False):
        """A copy of a database to which ``change(env)`` was done.

        :param bool anew: make it again, for what is measured writes to it
        """
        if anew:
            self.made.discard(f"{self.prefix}_{suffix}")
            self._drop(f"{self.prefix}_{suffix}")

        def make(name):
            self._copy(template, name)
            with self.environment(name) as env:
                change(env)
            self.vacuum(name)

        return self._kept(suffix, make)

    # -- making ----------------------------------------------------------------------------------------------------

    def _kept(self, suffix, make):
        name = f"{self.prefix}_{suffix}"
        wanted = MARK + code_hash(suffix.partition("_")[0])
        there = self._comment(name) or ""
        usable = there.startswith(MARK) if self.keep else there == wanted
        if name in self.made or (usable and not self.fresh):
            return name
        started = time.monotonic()
        say(f"* Making {name}")
        self._drop(name)
        make(name)
        # Made from a template that may be older, it serves only who asks for no better.
        wanted = f"{MARK}kept" if self.keep else wanted
        self._admin(f"COMMENT ON DATABASE \"{name}\" IS '{wanted}'")
        self.made.add(name)
        say(f"  made in {time.monotonic() - started:.0f} s")
        return name

    def _make_base(self, name):
        if self.source:
            self._copy(self.source, name)
        else:
            self._install(name, ("point_of_sale",))
        self._content(name, "till")

    def _make_with(self, name, modules, content):
        self._copy(self.base(), name)
        self._install(name, modules)
        self._content(name, content)

    def _content(self, name, what):
        import content

        with self.environment(name) as env:
            getattr(content, what)(env)
        self.vacuum(name)

    def _fill(self, name, kind, partners, members):
        import fill

        with self.environment(name) as env:
            getattr(fill, kind)(env, partners, members)
        self.vacuum(name)

    def _install(self, name, modules):
        command = [sys.executable, "-P", "-m", "odoo", "-d", name, "-i", ",".join(modules), "--stop-after-init", "--no-http"]
        command += ["--max-cron-threads=0", "--without-demo=all", "--log-level=warn"]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"Installing {', '.join(modules)} in {name} failed:\n{done.stderr[-4000:]}")

    def _copy(self, source, name):
        Registry.delete(source)
        close_db(source)
        self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        files = Path(config.filestore(source))
        if files.is_dir():
            shutil.copytree(files, config.filestore(name), dirs_exist_ok=True)

    def _drop(self, name):
        Registry.delete(name)
        close_db(name)
        self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(config.filestore(name), ignore_errors=True)

    def leave(self, name):
        """Close this process's connections to a database."""
        Registry.delete(name)
        close_db(name)

    def vacuum(self, name, table=""):
        """Bring statistics and the map of pages in order, as autovacuum would have by the next day."""
        with self._autocommitted(name) as cr:
            cr.execute(f"VACUUM ANALYZE {table}")

    # -- connections -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def environment(self, name):
        """Yield the superuser's environment; commit when the block ends."""
        with Registry(name).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "lang": "en_US"})
            yield env
            env.flush_all()
            cr.commit()

    def _comment(self, name):
        with self._autocommitted("postgres") as cr:
            cr.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
            row = cr.fetchone()
        return row and row[0]

    def _admin(self, statement):
        with self._autocommitted("postgres") as cr:
            cr.execute(statement)

    @contextlib.contextmanager
    def _autocommitted(self, name):
        with contextlib.closing(db_connect(name).cursor()) as cr:
            cr._cnx.autocommit = True
            try:
                yield cr
            finally:
                cr._cnx.autocommit = False


def hasty():
    """Let PostgreSQL confirm before the disk has it: what is measured is work, not this machine's disk."""
    os.environ["PGOPTIONS"] = f"{os.environ.get('PGOPTIONS', '')} -c synchronous_commit=off".strip()
