"""``./setup/bench``: prepares the machine and hands over to the benchmarks in ``tests/bench``.

They get Odoo and PostgreSQL in the environment as suite ``faults`` does, and in LOYALTY_FIDELITY_BENCH_DB the name of a database
with our addons beside Odoo's own loyalty, to copy from. It is made once for each state of the addons.
"""

import subprocess

from . import addons, console, environment
from .console import Failure
from .database import Databases
from .paths import CHECKOUT
from .suites import databases as test_databases

NAME = "loyalty_fidelity_bench"
PROGRAM = CHECKOUT / "tests" / "bench" / "run.py"


def main(words):
    """Run the benchmarks; return their exit status.

    :param words: names of benchmarks, and ``--json FILE``; none means all
    :raise Failure: there are none
    """
    if not PROGRAM.is_file():
        raise Failure(f"There is no benchmark: {PROGRAM.relative_to(CHECKOUT)} is missing.")
    with environment.prepared(tests=True) as env:
        databases = Databases(env)
        made_from = {"addons": addons.fingerprint(addons.ours()), "odoo": env.odoo.version}
        if databases.mark(NAME) != made_from:
            test_databases.with_ours(env, test_databases.native(env), NAME, "Installing our addons for the benchmarks")
            databases.set_mark(NAME, made_from)
        variables = {**env.variables(), "LOYALTY_FIDELITY_BENCH_DB": NAME}
        command = [str(env.python), str(PROGRAM), *words]
        process = subprocess.Popen(console.mortal(command), env=variables)
        try:
            return process.wait()
        finally:
            console.end(process)
