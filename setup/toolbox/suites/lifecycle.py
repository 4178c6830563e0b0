"""Suite ``lifecycle``: installing, exporting, uninstalling, reinstalling and upgrading real databases with real Odoo processes.

The tests run under plain pytest. ``LOYALTY_FIDELITY_LIFECYCLE_BASE`` names a database in which our addons never were,
``LOYALTY_FIDELITY_TEST_DB`` one with them just installed; both are only copied, to names that start as ``…_PREFIX`` says.
"""

from . import databases
from .result import run_pytest

PREFIX = "loyalty_fidelity_test_lifecycle"


def run(env):
    """Return the suite's counts."""
    database = databases.ours(env, "lifecycle")
    variables = {
        **env.variables(hasty=True),
        "LOYALTY_FIDELITY_LIFECYCLE_BASE": databases.base(env),
        "LOYALTY_FIDELITY_TEST_DB": database,
        "LOYALTY_FIDELITY_LIFECYCLE_PREFIX": PREFIX,
    }
    result = run_pytest(env, ["tests/lifecycle"], "lifecycle", "-p", "no:odoo", variables=variables)
    databases.done(env, database)
    return result
