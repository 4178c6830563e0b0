"""An Odoo process with the registry loaded, which forks a fresh process for every call.

``python faults_zygote.py SOCKET ODOO-ARGUMENTS…``. Every connection to the socket gets a process of its own with its own
connection to PostgreSQL. It reads one request, a line of JSON, runs it as Odoo's server would (``retrying``: a new
transaction after a serialisation failure, then commit) and writes lines of JSON:

- ``{"event": "gate", "gate": …}``: it waits for a line; then goes on;
- ``{"event": "done", "result": …, "statements": […], "committed": …}``, the last how many statements came before the commit;
- or ``{"event": "failed", "error": …}``.

A request has ``model``, ``method``, and may have ``args``, ``kwargs``, ``uid``, ``ids``, ``context``; ``kill_after``: end
with SIGKILL after that many SQL statements; ``gates``: pairs ``[place, "before" | "after"]``, a place being ``model.method``
or ``commit``; ``kill_at_commit`` likewise ``before`` or ``after``; ``constants``: ``[[module, name, value]]`` to replace;
``sql``: statements to run first, in the same transaction; ``rollback``: undo everything before ending.
"""

import functools
import json
import os
import random
import signal
import socket
import sys
import threading
import traceback

import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


class Call:
    """One request in its own process."""

    def __init__(self, stream, registry):
        self.stream = stream
        self.registry = registry
        self.say(pid=os.getpid())
        self.request = json.loads(stream.readline())
        self.statements = []
        self.counted = self.committed = 0

    def say(self, **event):
        self.stream.write(json.dumps(event, default=str) + "\n")
        self.stream.flush()

    def die(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def _count(self, cr, statement, parameters, start, delay):
        self.statements.append(" ".join(str(statement).split())[:200])
        if self.request.get("kill_after") == len(self.statements):
            self.die()

    def _around(self, place, original):
        gates = {when for name, when in self.request.get("gates", ()) if name == place}
        death = self.request.get("kill_at_commit") if place == "commit" else None

        @functools.wraps(original)
        def wrapped(*args, **kwargs):
            self._reach(place, "before", gates, death)
            self.counted = len(self.statements)
            result = original(*args, **kwargs)
            if place == "commit":
                self.committed = self.committed or self.counted
            self._reach(place, "after", gates, death)
            return result

        return wrapped

    def _reach(self, place, when, gates, death):
        if death == when:
            self.die()
        if when in gates:
            self.say(event="gate", gate=f"{when} {place}")
            self.stream.readline()

    def _prepare(self):
        for module, name, value in self.request.get("constants", ()):
            setattr(sys.modules[module], name, value)
        for place in {name for name, _when in self.request.get("gates", ())} - {"commit"}:
            model, method = place.rsplit(".", 1)
            cls = self.registry[model]
            setattr(cls, method, self._around(place, getattr(cls, method)))

    def run(self):
        self._prepare()
        with self.registry.cursor() as cr:
            cr.commit = self._around("commit", cr.commit)
            env = api.Environment(cr, self.request.get("uid", SUPERUSER_ID), self.request.get("context", {}))
            if self.request.get("kill_after") == 0:
                self.die()
            threading.current_thread().query_hooks = [self._count]
            try:
                result = retrying(functools.partial(self._call, env), env)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told to who asked
                threading.current_thread().query_hooks = []
                self.say(event="failed", error=f"{type(error).__name__}: {error}", trace=traceback.format_exc())
                return
            threading.current_thread().query_hooks = []
            del cr.commit
        self.say(event="done", result=result, statements=self.statements, committed=self.committed)

    def _call(self, env):
        for statement in self.request.get("sql", ()):
            env.cr.execute(statement)
        records = env[self.request["model"]]
        if self.request.get("ids"):
            records = records.browse(self.request["ids"])
        method = getattr(records, self.request["method"])
        result = method(*self.request.get("args", ()), **self.request.get("kwargs", {}))
        if isinstance(result, odoo.models.BaseModel):
            result = result.read()
        if self.request.get("rollback"):
            env.cr.rollback()
        return result


def serve(path, registry):
    """Fork a process for every connection, until this process is ended."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        connection, _address = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            random.seed()
            Call(connection.makefile("rw"), registry).run()
            sys.stderr.flush()
            os._exit(0)
        connection.close()


if __name__ == "__main__":
    config.parse_config(sys.argv[2:], setup_logging=True)
    loaded = Registry(config["db_name"][0])
    sql_db.close_all()
    serve(sys.argv[1], loaded)
