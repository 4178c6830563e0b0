"""``./setup/bench``: prepares the machine and hands over to the benchmarks in ``tests/bench``.

They get Odoo and PostgreSQL in the environment as suite ``faults`` does; LOYALTY_FIDELITY_BENCH_SOURCE names a database with the
addons of Odoo that ours build upon, to copy from, and LOYALTY_FIDELITY_BENCH_DB says how their own databases' names start.
"""

import subprocess

from . import console, environment, locks
from .console import Failure
from .paths import CHECKOUT
from .suites import databases

PREFIX = "loyalty_fidelity_bench"
PROGRAM = CHECKOUT / "tests" / "bench" / "run.py"


def main(words):
    """Run the benchmarks; return their exit status.

    :param words: names of benchmarks, and ``--json FILE``; none means all
    :raise Failure: there are none
    """
    if not PROGRAM.is_file():
        raise Failure(f"There is no benchmark: {PROGRAM.relative_to(CHECKOUT)} is missing.")
    with environment.prepared(tests=True) as env, locks.exclusive(env.cache.root / "test.lock", "testing or measuring"):
        source = databases.base(env)
        names = {"LOYALTY_FIDELITY_BENCH_DB": PREFIX, "LOYALTY_FIDELITY_BENCH_SOURCE": source}
        process = subprocess.Popen(console.mortal([str(env.python), str(PROGRAM), *words]), env={**env.variables(), **names})
        try:
            return process.wait()
        finally:
            console.end(process)
