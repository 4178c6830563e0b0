"""Databases: making, copying, renaming and marking them.

A database of ours carries a comment that says what it was made from. It is written last, so a database without it is either
half made, and may be dropped when its name is one we reserve, or somebody else's, and is left alone.
"""

import json
import re
import shutil
import subprocess

from . import console
from .console import Failure

MARK = "loyalty-fidelity "
_LOADING = re.compile(r"Loading module (\S+) \((\d+)/(\d+)\)")
_TROUBLE = re.compile(r" (ERROR|CRITICAL) ")


def quoted(name):
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def loading(line):
    """Word the progress of an installation."""
    match = _LOADING.search(line)
    return f"{match[2]} of {match[3]}: {match[1]}" if match else None


class Databases:
    """The databases of one environment."""

    def __init__(self, env):
        self.env = env

    def exists(self, name):
        return bool(self.env.sql("postgres", ("SELECT 1 FROM pg_database WHERE datname = %s", [name])))

    def mark(self, name):
        """Return what a database of ours was made from, or None."""
        rows = self.env.sql(
            "postgres", ("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
        )
        text = rows[0][0] if rows else None
        return json.loads(text[len(MARK) :]) if text and text.startswith(MARK) else None

    def set_mark(self, name, made_from):
        """Record what a database was made from: the last act of making it."""
        text = MARK + json.dumps(made_from, sort_keys=True)
        self.env.sql("postgres", (f"COMMENT ON DATABASE {quoted(name)} IS %s", [text]))

    def drop(self, name):
        """Drop a database and its files, ending whatever is still connected to it."""
        self.env.sql("postgres", f"DROP DATABASE IF EXISTS {quoted(name)} WITH (FORCE)")
        shutil.rmtree(self.files(name), ignore_errors=True)

    def files(self, name):
        return self.env.cache.data / "filestore" / name

    def rename(self, old, new):
        """Give a finished database its name; its mark goes with it."""
        shutil.rmtree(self.files(new), ignore_errors=True)
        if self.files(old).is_dir():
            shutil.copytree(self.files(old), self.files(new))
        self.env.sql("postgres", f"ALTER DATABASE {quoted(old)} RENAME TO {quoted(new)}")
        shutil.rmtree(self.files(old), ignore_errors=True)

    def copy(self, source, target):
        """Make a database (again) as a copy of another, its stored files included."""
        self.drop(target)
        self.env.sql("postgres", f"CREATE DATABASE {quoted(target)} TEMPLATE {quoted(source)}")
        if self.files(source).is_dir():
            self.files(target).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", self.files(source), self.files(target)], check=True)

    def odoo(self, name, title, *words, log):
        """Run an Odoo command on a database that can be made again.

        :raise Failure: when it fails or logs an error
        """
        with console.step(title):
            log_path = self.env.cache.logs / f"{log}.log"
            command = self.env.odoo_command(*words, "-d", name)
            _status, output = console.run(
                command, log_path, env=self.env.variables(hasty=True), watch=loading, cwd=self.env.cache.root,
                fallback=f"{title}: Odoo failed; its whole output is in {log_path}.",
            )  # fmt: skip
        return output

    def install(self, name, modules, title, log):
        """Install modules, making the database when it does not exist.

        :raise Failure: when Odoo logs an error
        """
        output = self.odoo(name, title, "-i", ",".join(modules), "--stop-after-init", "--no-http", "--max-cron-threads=0", log=log)
        trouble = [line for line in output.splitlines() if _TROUBLE.search(line)]
        if trouble:
            console.say("\n".join(trouble[:10]))
            raise Failure(f"{title}: Odoo reported errors; the whole output is in {self.env.cache.logs / log}.log.")
