"""Odoo's own command, with a trap: the process that reaches a named SQL statement dies of SIGKILL.

The trap is the file that ``FAULTS_TRAP`` names, ``{"statement": text, "when": "before" | "after"}``; ``COMMIT`` stands for the
commit of a transaction that posted. ``{"countdown": number, "name": text}`` kills at the so-manieth statement from when the
process first sees a trap of that name. It is removed as it springs, so that it kills once.
"""

import json
import os
import signal
import sys

import odoo.cli
from odoo import sql_db
from odoo.tools import SQL

TRAP = os.environ["FAULTS_TRAP"]
MARK = "INSERT INTO fidelity_posting"


def _trap():
    try:
        with open(TRAP) as stream:
            return json.load(stream)
    except FileNotFoundError:
        return None


_counting = {}


def _counted_down(trap):
    """Whether the process has reached the statement at which a counting trap kills."""
    name = trap["name"]
    _counting[name] = _counting.get(name, trap["countdown"]) - 1
    return _counting[name] <= 0


def _spring():
    """Whoever removes the trap dies; another process that came at the same moment lives."""
    try:
        os.unlink(TRAP)
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def _set_traps():
    execute, commit = sql_db.Cursor.execute, sql_db.Cursor.commit

    def trapped_execute(self, query, params=None, log_exceptions=True):
        text = query.code if isinstance(query, SQL) else str(query)
        trap = _trap()
        if trap and "countdown" in trap:
            if _counted_down(trap):
                _spring()
            trap = None
        hit = trap is not None and trap["statement"] in text
        if hit and trap["when"] == "before":
            _spring()
        result = execute(self, query, params, log_exceptions)
        if MARK in text:
            self.cache["faults_posted"] = True
        if hit and trap["when"] == "after":
            _spring()
        return result

    def trapped_commit(self):
        posted = self.cache.pop("faults_posted", False)
        trap = _trap() if posted else None
        hit = trap is not None and trap.get("statement") == "COMMIT"
        if hit and trap["when"] == "before":
            _spring()
        result = commit(self)
        if hit and trap["when"] == "after":
            _spring()
        return result

    sql_db.Cursor.execute, sql_db.Cursor.commit = trapped_execute, trapped_commit


if __name__ == "__main__":
    _set_traps()
    sys.path.pop(0)
    odoo.cli.main()
