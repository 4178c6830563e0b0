"""What a suite counted, and how to read it from the runners' own reports."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field

from .. import console
from ..console import Failure
from ..paths import CHECKOUT

#: How the reason of a skip begins that is no failure: it is shown as a note beside the counts.
EXPECTED_SKIP = "expected:"


@dataclass
class Result:
    """Counts of one suite; ``problems`` are lines that say what failed or was skipped unexpectedly."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    problems: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def __iadd__(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.problems += other.problems
        self.notes += other.notes
        return self

    def fail(self, why):
        """Count one failure that no single test stands for."""
        self.failed += 1
        self.problems.append(why)

    @property
    def good(self):
        """Something ran, nothing failed, nothing was skipped."""
        return self.passed > 0 and not self.failed and not self.skipped


def from_junit(path):
    """Return the counts of a pytest report.

    :raise Failure: there is no whole report
    """
    try:
        cases = list(ElementTree.parse(path).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        raise Failure(f"pytest left no whole report ({error}); its output is above.") from error
    result = Result()
    for case in cases:
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.find("failure") is not None or case.find("error") is not None:
            result.fail(name)
        elif case.find("skipped") is not None:
            why = case.find("skipped").get("message") or ""
            if why.startswith(EXPECTED_SKIP):
                result.notes.append(f"{name} was not run, {why}")
                continue
            result.skipped += 1
            result.problems.append(f"{name} (skipped: {why})")
        else:
            result.passed += 1
    return result


def from_tap(output):
    """Return the counts of ``node --test`` from the summary that ends its TAP report."""
    counts = {name: int(number) for name, number in re.findall(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", output, re.M)}
    result = Result(counts.get("pass", 0), counts.get("fail", 0) + counts.get("cancelled", 0))
    result.skipped = counts.get("skipped", 0) + counts.get("todo", 0)
    result.problems = [line.strip() for line in re.findall(r"^\s*not ok .*$", output, re.M)]
    return result


def run_pytest(env, paths, log, *words, variables=None):
    """Run pytest on folders; return its counts.

    :param paths: files or folders relative to the checkout
    :param log: name for the log and the report
    """
    report = env.cache.logs / f"{log}.xml"
    report.unlink(missing_ok=True)
    command = [
        env.python,
        "-m",
        "pytest",
        "-q",
        "-rfEs",
        "--junitxml",
        report,
        "-o",
        f"cache_dir={env.cache.root / 'pytest'}",
        *words,
    ]
    status, output = console.run(
        [str(word) for word in (*command, *paths)], env.cache.logs / f"{log}.log", cwd=CHECKOUT, check=False,
        env={**(variables or env.variables()), "PYTHONDONTWRITEBYTECODE": "1"}, watch=_percent,
    )  # fmt: skip
    result = from_junit(report) if report.exists() else Result()
    if status and not result.failed:
        result.fail(f"pytest ended with status {status}")
    if result.failed:
        console.say("\n".join(output.splitlines()[-120:]))
    return result


def _percent(line):
    match = re.search(r"\[\s*(\d+%)\]", line)
    return match and match[1]
