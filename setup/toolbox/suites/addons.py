"""Suite ``addons``: the addons' own tests and the top-level ones that need Odoo, with pytest-odoo on a fresh database."""

from .. import addons
from ..paths import CHECKOUT
from . import databases
from .result import Result, run_pytest
from .rules import PURE

#: Files of browser tests; suite ``till`` runs them, by the tag that each of their classes carries.
TOURS = "test_tours*.py"

#: Top-level folders that are other suites, or no tests.
ELSEWHERE = (*PURE, "tests/repository", "tests/faults", "tests/lifecycle", "tests/bench")


def folders():
    """Return the folders to collect, relative to the checkout."""
    own = [f"{name}/tests" for name, folder in addons.ours().items() if (folder / "tests").is_dir()]
    shared = sorted(f"tests/{path.name}" for path in (CHECKOUT / "tests").iterdir() if path.is_dir())
    tests = [name for name in shared if name not in ELSEWHERE and not name.endswith("__pycache__")]
    return own, [name for name in tests if any((CHECKOUT / name).rglob("test_*.py"))]


def run(env):
    """Return the suite's counts."""
    own, shared = folders()
    result = Result()
    for name in addons.ours():
        if f"{name}/tests" not in own:
            result.fail(f"{name} has no tests")
    database = databases.ours(env, "addons")
    words = ["--odoo-http", f"--odoo-config={env.config}", f"--odoo-database={database}", f"--ignore-glob=*/tests/{TOURS}"]
    result += run_pytest(env, [*own, *shared], "addons", *words, variables=env.variables(hasty=True))
    databases.done(env, database)
    return result
