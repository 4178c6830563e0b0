"""Suite ``faults``: killing, losing answers and racing, against real servers that the tests start themselves.

The tests run under plain pytest. Odoo's import path, its configuration (ODOO_RC) and the PostgreSQL settings are in the
environment, so ``python -m odoo -d $LOYALTY_FIDELITY_TEST_DB`` works; that database is a fresh one with our addons.
"""

from ..console import Failure
from ..paths import CHECKOUT
from . import databases
from .result import run_pytest


def run(env, everything=False):
    """Return the suite's counts.

    :param everything: kill at every statement instead of a choice of them
    :raise Failure: there are no such tests
    """
    if not any((CHECKOUT / "tests" / "faults").rglob("test_*.py")):
        raise Failure("tests/faults has no test: what happens when a sale is interrupted is not proved.")
    database = databases.ours(env, "faults")
    variables = {**env.variables(hasty=True), "LOYALTY_FIDELITY_TEST_DB": database}
    if everything:
        variables["LF_ALL"] = "1"
    result = run_pytest(env, ["tests/faults"], "faults", "-p", "no:odoo", variables=variables)
    databases.done(env, database)
    return result
