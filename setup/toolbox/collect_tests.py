"""Starts Odoo with every test's outcome written to a file, one JSON object a line.

``python collect_tests.py FILE as-tagged|everywhere ODOO-ARGUMENTS…``. Odoo's own report only counts; comparing two runs needs
to know each test. ``everywhere`` also runs, after loading, the tests that Odoo would only run while installing their addon:
with other addons installed, that is where they could be disturbed.
"""

import json
import sys

import odoo.cli
from odoo.tests import loader, result


def _test_name(test):
    """Return the id of a test; a subtest counts for the test it is part of."""
    while getattr(test, "test_case", None):
        test = test.test_case
    return test.id()


def collect(path):
    """Make Odoo's test result write what happens to a file."""
    report = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 - open until the process ends

    def write(test, event):
        report.write(json.dumps({"test": _test_name(test), "event": event}) + "\n")

    def wrapped(method, event):
        original = getattr(result.OdooTestResult, method)

        def observed(self, test, *arguments):
            # A soft failure is a try that Odoo will repeat.
            if not (event == "failed" and self._soft_fail):
                write(test, event)
            return original(self, test, *arguments)

        setattr(result.OdooTestResult, method, observed)

    for method, event in (
        ("startTest", "start"), ("addFailure", "failed"), ("addError", "failed"), ("addSkip", "skipped"), ("stopTest", "end"),
    ):  # fmt: skip
        wrapped(method, event)


def run_everywhere():
    """Make the tests of either position run after loading."""
    original = loader.make_suite

    def make_suite(module_names, position="at_install"):
        return original(module_names, "post_install,at_install" if position == "post_install" else position)

    loader.make_suite = make_suite


if __name__ == "__main__":
    collect(sys.argv[1])
    if sys.argv[2] == "everywhere":
        run_everywhere()
    sys.argv[:] = ["odoo", *sys.argv[3:]]
    odoo.cli.main()
