"""Suite ``lint``: the checkers of style, and the checks of the repository itself."""

import subprocess

from .. import addons, console
from ..paths import CHECKOUT
from .result import Result, run_pytest

#: What pylint-odoo finds and the house means: the ledger refuses create, write and unlink to everybody; each subject has its
#: file, also when two extend one model; ``_ = self.env._`` in a table of sentences; READMEs are checked by tests/repository;
#: a page that is made to be looked at and thrown away is transient and no wizard.
MEANT = (
    "method-required-super,no-raise-unlink,super-method-mismatch,consider-merging-classes-inherited,prefer-env-translation,"
    "missing-readme,no-wizard-in-models"
)


def _checker(env, name, command, result):
    """Count one checker as one test; show its words when it finds something."""
    status, output = console.run(
        [str(word) for word in command], env.cache.logs / f"lint-{name}.log", cwd=CHECKOUT, env=env.variables(), check=False
    )
    if status:
        console.say("\n".join(output.splitlines()[-60:]))
        result.fail(f"{name} finds something to mend")
    else:
        result.passed += 1


def _javascript(env, folders, result):
    """Count as one test that Node can read every script that is shipped."""
    scripts = sorted(path for folder in folders for path in folder.rglob("*.js"))
    wrong = []
    for script in scripts:
        done = subprocess.run(["node", "--check", script], capture_output=True, text=True, cwd=CHECKOUT, check=False)
        if done.returncode:
            wrong.append(f"{script.relative_to(CHECKOUT)}: {done.stderr.strip()}")
    if wrong or not scripts:
        result.fail("javascript: " + ("; ".join(wrong) or "no script is shipped"))
    else:
        result.passed += 1


def run(env):
    """Return the suite's counts."""
    result, tools = Result(), env.python.parent
    cache = env.cache.root / "lint"
    _checker(env, "ruff-check", [tools / "ruff", "check", "--cache-dir", cache, "."], result)
    _checker(env, "ruff-format", [tools / "ruff", "format", "--check", "--cache-dir", cache, "."], result)
    folders = addons.ours().values()
    _checker(
        env,
        "pylint-odoo",
        [env.python, "-m", "pylint", "--rcfile", CHECKOUT / "pyproject.toml", f"--disable={MEANT}", *folders],
        result,
    )
    _javascript(env, [folder / "static" for folder in folders], result)
    result += run_pytest(env, ["tests/repository"], "lint-repository", "-p", "no:odoo")
    return result
