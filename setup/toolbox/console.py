"""Talks to the person at the terminal and runs commands with progress.

Every long command writes its output to a log file; the terminal shows that it is still alive and how far it is.
"""

import contextlib
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque

#: Seconds without news after which a running step says that it is still at work.
PATIENCE = 10

_NETWORK = re.compile(
    r"Could not resolve|Temporary failure (in name resolution|resolving)|Name or service not known|Network is unreachable"
    r"|Connection refused|Could not connect|Connection timed out|Unable to connect|No route to host|Failed to fetch"
    r"|NewConnectionError|ConnectTimeoutError|Max retries exceeded|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
    r"|Failed to establish a new connection|unable to get local issuer certificate"
)
_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded|could not extend file", re.IGNORECASE)


class Failure(Exception):
    """What is wrong and the way out, in one sentence for a person."""


def say(text):
    """Print one line at once, whatever buffers the output."""
    print(text, flush=True)


def explain(output, fallback, fetching=True):
    """Return the sentence for a failed command.

    :param output: what the command printed, or its end
    :param fallback: the sentence when nothing in the output is recognised
    :param fetching: whether the command uses the package registries
    """
    if _FULL.search(output):
        return "The disk is full: free some space (the first run needs about 5 GB) and run the command again."
    if fetching and _NETWORK.search(output):
        return (
            "A package registry cannot be reached: connect this machine to the network, or mend its proxy and"
            " certificate settings, and run the command again; it resumes where it stopped."
        )
    return fallback


@contextlib.contextmanager
def step(title):
    """Say what is being done, and how long it took when it took long."""
    say(f"* {title}")
    started = time.monotonic()
    yield
    seconds = time.monotonic() - started
    if seconds >= 2:
        say(f"  done in {seconds:.0f} s")


def mortal(command):
    """Return the command so that it ends when this process dies, where the machine can do that."""
    if shutil.which("setpriv"):
        return ["setpriv", "--pdeathsig", "TERM", *command]
    return list(command)


def _pump(stream, log, lines):
    """Copy a command's output to its log and hand each line to the watcher."""
    with stream:
        for line in stream:
            log.write(line)
            log.flush()
            lines.put(line)
    lines.put(None)


def _follow(lines, watch, tail):
    """Read lines until the end, saying progress as the watcher words it."""
    started = last_said = time.monotonic()
    latest = ""
    while True:
        try:
            line = lines.get(timeout=1)
            if line is None:
                return
            tail.append(line)
            latest = (watch and watch(line)) or latest
        except queue.Empty:
            pass
        now = time.monotonic()
        if now - last_said >= PATIENCE:
            last_said = now
            say(f"  ... {now - started:.0f} s" + (f", {latest}" if latest else ""))


def run(command, log_path, *, env=None, cwd=None, watch=None, check=True, fallback=None, fetching=False, **popen):
    """Run a command to its end, its output going to a log.

    :param command: list of words
    :param log_path: file the output is written to; it is replaced
    :param watch: called with each line; returns a short progress text, or None
    :param check: raise when the command fails
    :param fallback: sentence for a failure that is not recognised
    :param fetching: whether the command uses the package registries, so that their absence may be its trouble
    :return: (exit status, last lines of output as one text)
    :raise Failure: when the command fails and ``check`` is set
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    tail, lines = deque(maxlen=400), queue.Queue()
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(log_path.open("w", encoding="utf-8", errors="replace"))
        process = subprocess.Popen(
            mortal(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, cwd=cwd,
            text=True, encoding="utf-8", errors="replace", **popen,
        )  # fmt: skip
        reader = threading.Thread(target=_pump, args=(process.stdout, log, lines), daemon=True)
        reader.start()
        try:
            _follow(lines, watch, tail)
            status = process.wait()
        except BaseException:
            end(process)
            raise
    output = "".join(tail)
    if status and check:
        sys.stderr.write("".join(list(tail)[-25:]))
        raise Failure(explain(output, fallback or f"{command[0]} failed; its whole output is in {log_path}.", fetching))
    return status, output


def end(process, patience=20):
    """Ask a process of ours to end, and insist when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
