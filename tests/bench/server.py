"""A real Odoo server for a benchmark: its processes listen on this machine only and end with the benchmark, however that ends."""

import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
START_SECONDS = 120
ANSWER_SECONDS = 120


class RpcError(Exception):
    """Odoo answered with an error."""


def free_port():
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def die_with_parent():
    """End this process when its parent ends. For ``preexec_fn``."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Client:
    """One browser's session with the server, over a connection that is kept."""

    def __init__(self, port, database, login, password):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        self.cookie = None
        self._post("/web/session/authenticate", {"db": database, "login": login, "password": password})

    def call(self, model, method, *args, **kwargs):
        """Call a method as the web client does; return its result.

        :raise RpcError: the server refused or failed
        """
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        headers = {"Content-Type": "application/json", **({"Cookie": self.cookie} if self.cookie else {})}
        self.connection.request("POST", path, body, headers)
        response = self.connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session_id="):
                self.cookie = value.partition(";")[0]
        answer = json.loads(response.read())
        if "error" in answer:
            raise RpcError(answer["error"].get("data", {}).get("debug") or str(answer["error"]))
        return answer["result"]


class RealServer:
    """An Odoo server of several processes, for a ``with`` block. ``log()`` is what it wrote so far."""

    def __init__(self, database, workers):
        self.database = database
        self.workers = workers
        self.port = free_port()

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="loyalty-fidelity-bench-")
        self.output = Path(self.folder.name, "log")
        command = [
            sys.executable, "-P", "-m", "odoo", "-d", self.database, "--db-filter", f"^{self.database}$", "--http-interface", "127.0.0.1",
            "--http-port", str(self.port), "--gevent-port", str(free_port()), "--workers", str(self.workers), "--max-cron-threads", "1",
            "--db_maxconn", "8", "--log-level", "warn", "--log-handler", "odoo.service.model:INFO",
        ]  # fmt: skip
        with self.output.open("wb") as stream:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, env={**os.environ, "PYTHONUNBUFFERED": "1"}, stdin=subprocess.DEVNULL, stdout=stream,
                stderr=subprocess.STDOUT, preexec_fn=die_with_parent, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise RuntimeError(f"The server did not start:\n{self.said[-3000:]}")
            time.sleep(0.2)
        return self

    def __exit__(self, *_exception):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.said = self.log()
        self.folder.cleanup()

    def log(self):
        """What the server wrote so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def log_in(self, login, password):
        """Return a :class:`Client`."""
        return Client(self.port, self.database, login, password)

    def _answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/web/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()
