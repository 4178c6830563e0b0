"""Runs suites, prints what each counted, and ends with one line of totals."""

import os
import time

from .. import console, locks
from ..console import Failure
from . import addons, faults, lifecycle, lint, native, rules, till
from .result import Result

SUITES = {
    "lint": lint.run,
    "rules": rules.run,
    "addons": addons.run,
    "till": till.run,
    "native": native.run,
    "faults": faults.run,
    "lifecycle": lifecycle.run,
}

#: Suites of which ``--all`` runs more.
THOROUGH = ("native", "faults")

#: Where random tests begin unless LF_SEED says otherwise, so that the same code gets the same answer; ``--all`` explores.
SEED = "20260101"


def _one(env, name, everything):
    """Run one suite; trouble that stops it counts as a failure."""
    try:
        result = SUITES[name](env, everything) if name in THOROUGH else SUITES[name](env)
    except Failure as failure:
        result = Result()
        result.fail(str(failure))
    if not result.passed and not result.failed:
        result.fail("no test ran")
    return result


def _line(name, result, seconds):
    return f"{name:<9} {result.passed:>6} passed {result.failed:>5} failed {result.skipped:>5} skipped {seconds:>6.0f} s"


def totals(results):
    """Return the last line: what passed, failed and was skipped."""
    passed, failed, skipped = (sum(getattr(r, key) for r in results) for key in ("passed", "failed", "skipped"))
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def run(env, names, everything=False):
    """Run suites in order; return an exit status.

    :param names: which suites
    :param everything: for ``native``, Odoo's suites whole; for ``faults``, a kill at every statement
    """
    results, lines = [], []
    if not everything:
        os.environ.setdefault("LF_SEED", SEED)
    with locks.exclusive(env.cache.root / "test.lock", "testing or measuring"):
        for name in names:
            console.say(f"\n=== {name}")
            started = time.monotonic()
            result = _one(env, name, everything)
            results.append(result)
            lines.append(_line(name, result, time.monotonic() - started))
            for note in result.notes:
                console.say(f"  {note}")
            for problem in result.problems:
                console.say(f"  ! {problem}")
            console.say(lines[-1])
    console.say("\n" + "\n".join(lines))
    console.say(totals(results))
    return os.EX_OK if all(result.good for result in results) else 1
