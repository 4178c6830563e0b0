"""Runs Odoo's own test runner and reads what every test came to."""

import json
import re
import socket
from pathlib import Path

from .. import console

COLLECT = Path(__file__).resolve().parents[1] / "collect_tests.py"
_STARTING = re.compile(r": Starting (\S+) \.\.\.")


def free_port():
    """Return a port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_outcomes(path):
    """Return {test: "passed" | "failed" | "skipped"} from the collector's file.

    A test that began and never ended (the server died) counts as failed.
    """
    outcomes = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            name, what = event["test"], event["event"]
            if what == "start":
                outcomes[name] = "running"
            elif what in ("failed", "skipped"):
                outcomes[name] = what
            elif what == "end" and outcomes.get(name) == "running":
                outcomes[name] = "passed"
    return {name: "failed" if outcome == "running" else outcome for name, outcome in outcomes.items()}


def _watch():
    """Return a watcher that words how many tests began."""
    begun = []

    def watch(line):
        match = _STARTING.search(line)
        if match:
            begun.append(match[1])
            return f"test {len(begun)}: {match[1]}"
        return None

    return watch


def run(env, database, tags, log, everywhere=False):
    """Run the tests that the tags choose; return (outcomes, path of the log).

    :param tags: Odoo's ``--test-tags``
    :param everywhere: also run, after loading, the tests meant for during installation
    """
    report = env.cache.logs / f"{log}.jsonl"
    report.unlink(missing_ok=True)
    log_path = env.cache.logs / f"{log}.log"
    command = [
        env.python, "-P", COLLECT, report, "everywhere" if everywhere else "as-tagged", "-d", database, "--test-tags", tags,
        "--stop-after-init", "--http-port", free_port(), "--http-interface", "127.0.0.1", "--max-cron-threads", 0,
    ]  # fmt: skip
    console.run(
        [str(word) for word in command], log_path, env=env.variables(hasty=True), cwd=env.cache.root, watch=_watch(), check=False
    )
    return read_outcomes(report), log_path
