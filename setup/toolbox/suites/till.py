"""Suite ``till``: the till's unit tests and journeys in real Chromium."""

import re

from .. import console
from . import databases, odoo_runner
from .result import Result

ADDON = "loyalty_fidelity_pos"
TAG = "fidelity_till"
UNIT_TESTS = "odoo.addons.web.tests.test_js.WebSuite.test_unit_desktop"
_HOOT = re.compile(r"\[HOOT\] Passed (\d+) tests")
_HOOT_FAILED = re.compile(r"\[HOOT\] Failed (\d+) tests \((\d+) passed")


def unit_counts(log):
    """Return (passed, failed) of the browser's unit tests from Odoo's log."""
    failed = _HOOT_FAILED.findall(log)
    if failed:
        return int(failed[-1][1]), int(failed[-1][0])
    passed = _HOOT.findall(log)
    return (int(passed[-1]) if passed else 0), 0


def trouble(log, limit=60):
    """Return the error lines of an Odoo log, with a few lines after each."""
    kept, follow = [], 0
    for line in log.splitlines():
        if re.search(r" (ERROR|CRITICAL) ", line):
            follow = 12
        if follow:
            kept.append(line[:400])
            follow -= 1
    return kept[:limit]


def run(env):
    """Return the suite's counts: each unit test and each journey is one."""
    database = databases.ours(env, "till")
    tags = f"/web:WebSuite.test_unit_desktop[@{ADDON}],{TAG}"
    with console.step("Unit tests and journeys in Chromium"):
        outcomes, log_path = odoo_runner.run(env, database, tags, "till")
    log = log_path.read_text(encoding="utf-8", errors="replace")
    result = Result()
    result.passed, result.failed = unit_counts(log)
    if result.failed or outcomes.pop(UNIT_TESTS, "missing") != "passed" or not result.passed:
        result.fail("the unit tests in the browser did not all run and pass")
    journeys = {name: outcome for name, outcome in outcomes.items() if name != UNIT_TESTS}
    if not journeys:
        result.fail(f"no journey is tagged {TAG}")
    for name, outcome in journeys.items():
        setattr(result, outcome, getattr(result, outcome) + 1)
        if outcome != "passed":
            result.problems.append(f"{name}: {outcome}")
    result.notes.append(f"{result.passed + result.failed - len(journeys)} unit tests, {len(journeys)} journeys")
    if result.failed or result.skipped:
        console.say("\n".join(trouble(log)) + f"\n  the whole log is {log_path}")
    databases.done(env, database)
    return result
