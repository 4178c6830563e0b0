"""Suite ``rules``: what needs neither Odoo nor a database; the kernel in Python, its mirror under Node, setup and sample."""

import shutil

from .. import console
from ..console import Failure
from ..paths import CHECKOUT
from .result import from_tap, run_pytest

#: The top-level test folders that need no Odoo; ``addons`` collects the others.
PURE = ("tests/rules", "tests/histories", "tests/setup", "tests/sample")


def _node(env):
    """Run the JavaScript tests of the kernel's mirror on the shipped source.

    :raise Failure: there is no Node, or no test for it
    """
    node = shutil.which("node")
    scripts = sorted(path for pattern in ("*.test.js", "*.test.mjs") for path in (CHECKOUT / "tests" / "rules").rglob(pattern))
    if not node or not scripts:
        raise Failure("No JavaScript test of the rules can run: " + ("none is in tests/rules." if node else "there is no node."))
    command = [node, "--test", "--test-reporter=tap", *map(str, scripts)]
    log_path = env.cache.logs / "rules-node.log"
    status, _end = console.run(command, log_path, cwd=CHECKOUT, check=False)
    result = from_tap(log_path.read_text(encoding="utf-8"))
    if status and not result.failed:
        result.fail(f"node --test ended with status {status}; its output is in {log_path}")
    if not result.passed:
        result.fail("node --test ran no test")
    return result


def run(env):
    """Return the suite's counts."""
    folders = [name for name in PURE if (CHECKOUT / name).is_dir()]
    result = run_pytest(env, folders, "rules", "-p", "no:odoo")
    if not (CHECKOUT / "tests" / "rules").is_dir():
        result.fail("tests/rules is missing")
    result += _node(env)
    return result
