"""Random histories of fifty steps on a real Odoo: every balance after every step is what a naive reckoning says.

``LF_SEED=<number of a history> LF_HISTORIES=1`` replays one alone.
"""

import json
import os
import subprocess
import sys

import faults_environment as environment

HISTORIES = int(os.environ.get("LF_HISTORIES") or (1000 if environment.EVERYTHING else 50))
SECONDS_EACH = 60
SCRIPT = environment.CHECKOUT / "tests" / "histories" / "histories_odoo.py"


def test_random_histories(template, odoo_env):
    name, facts = template
    database = environment.copy(name, "histories")
    command = [sys.executable, str(SCRIPT), str(environment.SEED), str(HISTORIES), "-d", database, "--max-cron-threads", "0"]
    try:
        done = subprocess.run(
            [*command, "--log-level", "error"], env=odoo_env, cwd="/", input=json.dumps(facts), capture_output=True, text=True,
            timeout=SECONDS_EACH * HISTORIES + 120, check=False, preexec_fn=environment.die_with_parent,
        )  # fmt: skip
    finally:
        environment.drop(database)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, f"{lines[-1:]}\n{done.stderr[-4000:]}"
    assert [line["history"] for line in lines] == list(range(environment.SEED, environment.SEED + HISTORIES))
    assert sum(line["steps"] for line in lines) == 50 * HISTORIES
