"""Random histories of fifty steps on a real Odoo: every balance after every step is what a naive reckoning says.

``LF_SEED=<number of a history> LF_HISTORIES=1`` replays one alone.
"""

import json
import os
import subprocess
import sys
from functools import partial

import faults_environment as environment
from faults_world import at_once

HISTORIES = int(os.environ.get("LF_HISTORIES") or (1000 if environment.EVERYTHING else 50))
SECONDS_EACH = 60
PROCESSES = min(4, os.cpu_count() or 1)
SCRIPT = environment.CHECKOUT / "tests" / "histories" / "histories_odoo.py"


def test_random_histories(template, odoo_env):
    """Each processor takes its share of the histories, in a database of its own."""
    shares = [len(range(HISTORIES)[part::PROCESSES]) for part in range(min(PROCESSES, HISTORIES))]
    firsts = [environment.SEED + sum(shares[:part]) for part in range(len(shares))]
    done = at_once(*(partial(live, template, odoo_env, *share) for share in zip(firsts, shares, strict=True)))
    lines = [line for share in done for line in share]
    assert [line["history"] for line in lines] == list(range(environment.SEED, environment.SEED + HISTORIES))
    assert sum(line["steps"] for line in lines) == 50 * HISTORIES


def live(template, odoo_env, first, count):
    """Live through histories in a process of their own; return what it said of each."""
    name, facts = template
    database = environment.copy(name, f"histories{first}")
    command = [sys.executable, str(SCRIPT), str(first), str(count), "-d", database, "--max-cron-threads", "0"]
    try:
        done = subprocess.run(
            [*command, "--log-level", "error"], env=odoo_env, cwd="/", input=json.dumps(facts), capture_output=True, text=True,
            timeout=SECONDS_EACH * count + 120, check=False, preexec_fn=environment.die_with_parent,
        )  # fmt: skip
    finally:
        environment.drop(database)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, f"{lines[-1:]}\n{done.stderr[-4000:]}"
    return lines
