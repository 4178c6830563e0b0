"""Counts are read from the runners' own reports, and nothing that failed to run passes for good."""

import json

import pytest
from toolbox import native_compare
from toolbox.console import Failure
from toolbox.suites import native_selection, odoo_runner, result, runner, till
from toolbox.suites.result import Result

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="x"/></testcase>
<testcase classname="a" name="breaks"><error message="x"/></testcase>
<testcase classname="a" name="skips"><skipped message="no browser"/></testcase>
</testsuite></testsuites>"""


def test_a_pytest_report_is_counted(tmp_path):
    (tmp_path / "report.xml").write_text(JUNIT)
    counted = result.from_junit(tmp_path / "report.xml")
    assert (counted.passed, counted.failed, counted.skipped) == (1, 2, 1)
    assert "a.skips (skipped: no browser)" in counted.problems


def test_an_expected_skip_is_told_and_is_no_failure(tmp_path):
    (tmp_path / "report.xml").write_text(JUNIT.replace("no browser", "expected: nobody but root may mount a disk"))
    counted = result.from_junit(tmp_path / "report.xml")
    assert (counted.passed, counted.failed, counted.skipped) == (1, 2, 0)
    assert counted.notes == ["a.skips was not run, expected: nobody but root may mount a disk"]


def test_a_cut_report_is_a_failure(tmp_path):
    (tmp_path / "report.xml").write_text(JUNIT[:50])
    with pytest.raises(Failure, match="no whole report"):
        result.from_junit(tmp_path / "report.xml")


def test_a_node_report_is_counted():
    output = "not ok 1 - floor\n# tests 5\n# suites 0\n# pass 3\n# fail 1\n# cancelled 0\n# skipped 1\n# todo 0\n"
    counted = result.from_tap(output)
    assert (counted.passed, counted.failed, counted.skipped) == (3, 1, 1)
    assert counted.problems == ["not ok 1 - floor"]


@pytest.mark.parametrize("counts", [(0, 0, 0), (3, 1, 0), (3, 0, 1)])
def test_a_suite_is_good_only_when_something_ran_and_nothing_was_left_out(counts):
    assert not Result(*counts).good
    assert Result(1, 0, 0).good


def test_the_last_line_totals_the_suites():
    assert runner.totals([Result(2), Result(3, 1)]) == "5 passed, 1 failed"
    assert runner.totals([Result(2, 0, 4)]) == "2 passed, 0 failed, 4 skipped"


def test_unit_tests_in_the_browser_are_counted():
    assert till.unit_counts("INFO [HOOT] Passed 27 tests (112 assertions, total time: 3s)") == (27, 0)
    assert till.unit_counts("ERROR [HOOT] Failed 2 tests (25 passed, total time: 3s)") == (25, 2)
    assert till.unit_counts("no browser came up") == (0, 0)


def test_outcomes_are_read_and_a_test_that_never_ended_failed(tmp_path):
    events = [("a", "start"), ("a", "end"), ("b", "start"), ("b", "failed"), ("b", "end"), ("c", "start"), ("c", "skipped")]
    events += [("c", "end"), ("d", "start")]
    lines = [json.dumps({"test": test, "event": event}) for test, event in events]
    (tmp_path / "report.jsonl").write_text("\n".join(lines))
    assert odoo_runner.read_outcomes(tmp_path / "report.jsonl") == {
        "a": "passed",
        "b": "failed",
        "c": "skipped",
        "d": "failed",
    }


def test_a_run_that_wrote_nothing_has_no_outcomes(tmp_path):
    assert odoo_runner.read_outcomes(tmp_path / "none") == {}


def test_two_runs_are_compared():
    without = {"kept": "passed", "broken": "passed", "gone": "passed", "skipped": "passed", "bad": "failed", "mended": "failed"}
    with_us = {"kept": "passed", "broken": "failed", "skipped": "skipped", "bad": "failed", "mended": "passed", "new": "failed"}
    compared = native_compare.compare(without, with_us)
    assert compared.kept == ["kept"]
    assert compared.broken == ["broken", "gone", "skipped"]
    assert compared.new_failures == ["new"]
    assert compared.failing_anyway == ["bad"]
    assert compared.mended == ["mended"]


def test_tests_are_chosen_again_by_their_tags():
    name = "odoo.addons.point_of_sale.tests.test_frontend.TestUi.test_01"
    assert native_compare.tags_for([name, "setUpClass (x.TestY)"]) == "*/point_of_sale:TestUi.test_01"


def test_the_named_subset_has_a_dozen_journeys():
    tours = [name for names in native_selection.TOURS.values() for name in names]
    assert len(tours) == len(set(tours)) >= 12
    assert "/loyalty," in native_selection.subset()
