"""Odoo processes as the tests start, ask, kill and end them."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

import faults_environment as environment

START_SECONDS = 120
ANSWER_SECONDS = 90


class RpcError(Exception):
    """Odoo answered with an error."""


class Lost(Exception):
    """No answer came: the connection broke."""


class Zygote:
    """A process with the registry loaded; every call runs in a fresh fork of it.

    :param Path folder: for its socket and log
    """

    def __init__(self, env, database, folder):
        self.path = folder / f"{database[-40:]}.sock"
        self.log = open(folder / f"zygote-{database}.log", "w")  # noqa: SIM115 - closed by stop
        words = ["-d", database, "--max-cron-threads", "0", "--log-level", "warn"]
        self.process = subprocess.Popen(
            [sys.executable, str(environment.HERE / "faults_zygote.py"), str(self.path), *words],
            env=env, cwd="/", stdout=subprocess.PIPE, stderr=self.log, text=True, preexec_fn=environment.die_with_parent,
        )  # fmt: skip
        if self.process.stdout.readline().strip() != "ready":
            self.stop()
            raise RuntimeError(f"The registry did not load; see {self.log.name}.")

    def start(self, model, method, *args, **request):
        """Begin a call in a process of its own; return it as a :class:`Process`."""
        return Process(self.path, {"model": model, "method": method, "args": args, **request})

    def call(self, model, method, *args, **request):
        """Call and return the result.

        :raise RpcError: it failed
        """
        return self.start(model, method, *args, **request).result()

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


class Process:
    """One call in its own process."""

    def __init__(self, path, request):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.connect(str(path))
        self.stream = self.socket.makefile("rw")
        self.pid = json.loads(self.stream.readline())["pid"]
        self.stream.write(json.dumps(request) + "\n")
        self.stream.flush()

    def event(self):
        """The next event, or None when the process died."""
        try:
            line = self.stream.readline()
        except ConnectionError:
            line = ""
        return json.loads(line) if line else None

    def gate(self):
        """Wait until it stands at a gate; return which."""
        event = self.event()
        if not event or event["event"] != "gate":
            raise AssertionError(f"expected a gate, got {event}")
        return event["gate"]

    def go(self):
        """Let it go on."""
        self.stream.write("\n")
        self.stream.flush()
        return self

    def kill(self):
        """Let it die of SIGKILL where it stands."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.end() is None

    def end(self):
        """The last event, or None when the process died."""
        event = self.event()
        self.stream.close()
        self.socket.close()
        return event

    def result(self):
        event = self.end()
        if event is None:
            raise Lost("the process died")
        if event["event"] != "done":
            raise RpcError(event.get("trace") or event)
        return event["result"]


class Server:
    """A real Odoo server on loopback.

    :param int workers: 0 for threads, else processes
    :param int crons: threads or processes that run jobs
    :param env: the environment
    """

    def __init__(self, env, database, folder, workers=0, crons=0, name="server"):
        self.env, self.database, self.workers, self.crons = env, database, workers, crons
        self.trap = folder / f"{name}-trap.json"
        self.log_path = folder / f"{name}-{database}.log"
        self.process = None
        self.port, self.gevent_port = environment.free_ports(2)

    def start(self):
        words = [
            "-d", self.database, "--workers", self.workers, "--max-cron-threads", self.crons, "--http-interface", "127.0.0.1",
            "--http-port", self.port, "--gevent-port", self.gevent_port, "--no-database-list", "--log-level", "info",
        ]  # fmt: skip
        command = [sys.executable, environment.HERE / "faults_odoo.py", *words]
        log = open(self.log_path, "a")  # noqa: SIM115 - the server's, closed here at once
        self.process = subprocess.Popen(
            [str(word) for word in command], env={**self.env, "FAULTS_TRAP": str(self.trap)}, cwd="/", stdout=log, stderr=log,
            preexec_fn=environment.die_with_parent, start_new_session=True,
        )  # fmt: skip
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start:\n{self.log_path.read_text()[-3000:]}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.2)
        return self

    def _answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", "/web/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def set_trap(self, statement, when):
        """Let the process that reaches an SQL statement die of SIGKILL.

        :param statement: text that the statement contains, or ``COMMIT`` of the transaction that posted
        :param when: ``before`` or ``after``
        """
        self._write_trap(statement=statement, when=when)

    def set_countdown(self, name, statements):
        """Let the server die of SIGKILL at its so-manieth SQL statement from now on.

        :param str name: unlike that of any earlier one
        """
        self._write_trap(name=name, countdown=statements)

    def _write_trap(self, **trap):
        partial = self.trap.with_suffix(".part")
        partial.write_text(json.dumps(trap))
        partial.rename(self.trap)

    @property
    def trap_sprung(self):
        return not self.trap.exists()

    def wait_dead(self):
        """Wait until the server that a trap killed is gone."""
        self.process.wait(30)

    def stop(self):
        """Kill it and its own processes, which are a group of their own."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(15)

    def log_in(self, login, password):
        return Till(self, login, password)


class Till:
    """Somebody logged in over HTTP, on a connection that is opened anew for every call."""

    def __init__(self, server, login, password):
        self.port = server.port
        self.cookie = None
        self._post("/web/session/authenticate", {"db": server.database, "login": login, "password": password})

    def _post(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        headers = {"Content-Type": "application/json", **({"Cookie": self.cookie} if self.cookie else {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Lost(repr(error)) from error
        finally:
            connection.close()
        if not self.cookie and response.getheader("Set-Cookie"):
            self.cookie = response.getheader("Set-Cookie").split(";")[0]
        if "error" in answer:
            data = answer["error"].get("data", {})
            raise RpcError(f"{data.get('name')}: {data.get('message')}")
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}", {"model": model, "method": method, "args": args, "kwargs": kwargs}
        )

    def send_and_leave(self, order):
        """Send an order and hang up without reading the answer."""
        body = json.dumps(
            {"jsonrpc": "2.0", "method": "call",
             "params": {"model": "pos.order", "method": "sync_from_ui", "args": [[order]], "kwargs": {}}}
        )  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS)
        headers = {"Content-Type": "application/json", "Cookie": self.cookie}
        connection.request("POST", "/web/dataset/call_kw/pos.order/sync_from_ui", body, headers)
        connection.sock.shutdown(socket.SHUT_RDWR)
        connection.close()

    def sell(self, order, tries=5):
        """Send a paid order as a till does: again, the same, when Odoo refuses it or the answer is lost.

        :return: (answer, errors on the way)
        """
        errors = []
        while True:
            try:
                return self.call("pos.order", "sync_from_ui", [order]), errors
            except (RpcError, Lost) as error:
                errors.append(error)
                if len(errors) >= tries:
                    raise
