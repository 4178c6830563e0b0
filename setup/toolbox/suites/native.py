"""Suite ``native``: Odoo's own tests with our addons installed, compared with the same tests without them.

The run without our addons is kept in the cache, by Odoo's version and by the choice of tests. A test that fails in both runs is
listed and is no failure of ours; one that passes without us and not with us is.
"""

import hashlib
import json

from .. import console, paths
from ..database import Databases
from ..native_compare import compare, tags_for
from . import databases, native_selection, odoo_runner, till
from .result import Result

WITH_US = "loyalty_fidelity_test_native_ours"
ALONE = "loyalty_fidelity_test_native_alone"


def _baseline(env, tags):
    """Return the outcomes without our addons, running the tests when the cache has none."""
    key = hashlib.sha256(f"{env.odoo.version} {tags}".encode()).hexdigest()[:16]
    kept = env.cache.root / "native" / f"{key}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    Databases(env).copy(databases.native(env), ALONE)
    with console.step("Odoo's own tests without our addons (kept for the next runs)"):
        outcomes, _log = odoo_runner.run(env, ALONE, tags, "native-alone", everywhere=True)
    databases.done(env, ALONE)
    if any(outcome == "passed" for outcome in outcomes.values()):
        paths.replace_text(kept, json.dumps(outcomes, indent=0, sort_keys=True))
    return outcomes


def _again(env, tests, comparison):
    """Give tests that broke a second run, alone; return those that break again.

    A browser test can fail once for reasons of the machine; one that our addons break fails each time.
    """
    tags = tags_for(tests)
    if not tags:
        return tests
    with console.step(f"{len(tests)} tests that broke, once more"):
        outcomes, log_path = odoo_runner.run(env, WITH_US, tags, "native-again", everywhere=True)
    still = [test for test in tests if outcomes.get(test) != "passed"]
    comparison.kept += [test for test in tests if test not in still]
    if still:
        console.say("\n".join(till.trouble(log_path.read_text(encoding="utf-8", errors="replace"))))
    return still


def run(env, everything=False):
    """Return the suite's counts."""
    tags = native_selection.everything() if everything else native_selection.subset()
    without = _baseline(env, tags)
    databases.with_ours(env, databases.native(env), WITH_US, "Installing our addons beside Odoo's own loyalty")
    with console.step("Odoo's own tests with our addons"):
        with_us, _log = odoo_runner.run(env, WITH_US, tags, "native-ours", everywhere=True)
    comparison = compare(without, with_us)
    suspects = comparison.broken + comparison.new_failures
    broken = _again(env, suspects, comparison) if suspects else []
    databases.done(env, WITH_US)
    result = Result(passed=len(comparison.kept))
    for test in broken:
        result.fail(f"{test}: passed without our addons, {with_us.get(test, 'gone')} with them")
    steady = set(suspects) - set(broken)
    result.notes += [f"passed only at the second try: {test}" for test in sorted(steady)]
    skipped = [test for test in comparison.failing_anyway if without[test] == "skipped"]
    result.notes += [f"fails without our addons too: {test}" for test in comparison.failing_anyway if test not in skipped]
    if skipped:
        result.notes.append(f"{len(skipped)} tests are skipped by Odoo itself, without our addons too")
    return result
