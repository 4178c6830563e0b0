"""Suite ``native``: Odoo's own tests with our addons installed, compared with the same tests without them.

The run without our addons is kept in the cache, by Odoo's version, by what is installed and by the choice of tests. A test that
fails in both runs is listed and is no failure of ours; one that passes without us and not with us is.
"""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

from .. import addons, console, paths
from ..database import Databases
from ..native_compare import compare, tags_for
from . import databases, native_selection, odoo_runner, till
from .result import Result

WITH_US = "loyalty_fidelity_test_native_ours"
ALONE = "loyalty_fidelity_test_native_alone"


def _kept_outcomes(env, tags):
    """Return the file that keeps the outcomes without our addons; it depends on Odoo, on what is installed and on the choice."""
    installed = sorted({*addons.outside_depends(addons.ours()), *databases.NATIVE_ADDONS})
    key = hashlib.sha256(f"{env.odoo.version} {tags} {installed}".encode()).hexdigest()[:16]
    return env.cache.root / "native" / f"{key}.json"


def _outcomes(env, tags):
    """Return the outcomes (without our addons, with them); the former from the cache when it has them.

    What has to run runs side by side, each in its own process on its own database.
    """
    kept = _kept_outcomes(env, tags)
    wanted = {WITH_US: "native-ours"} if kept.is_file() else {ALONE: "native-alone", WITH_US: "native-ours"}
    databases.with_ours(env, databases.native(env), WITH_US, "Installing our addons beside Odoo's own loyalty")
    if ALONE in wanted:
        Databases(env).copy(databases.native(env), ALONE)
    words = "Odoo's own tests with our addons" + (" and, kept for the next runs, without" if ALONE in wanted else "")
    with console.step(words), ThreadPoolExecutor(len(wanted)) as pool:
        started = {name: pool.submit(odoo_runner.run, env, name, tags, log, everywhere=True) for name, log in wanted.items()}
        found = {name: future.result()[0] for name, future in started.items()}
    if ALONE in wanted:
        databases.done(env, ALONE)
        if any(outcome == "passed" for outcome in found[ALONE].values()):
            paths.replace_text(kept, json.dumps(found[ALONE], indent=0, sort_keys=True))
    return found.get(ALONE) or json.loads(kept.read_text()), found[WITH_US]


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
    without, with_us = _outcomes(env, tags)
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
