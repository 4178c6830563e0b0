"""Compares two runs of the same tests: without our addons, and with them."""

from dataclasses import dataclass, field


@dataclass
class Comparison:
    """What the two runs say of each test; every list is sorted.

    ``broken`` pass without us and fail, are skipped or vanish with us; ``new_failures`` exist only with us and fail;
    ``failing_anyway`` do not pass in either run.
    """

    kept: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    new_failures: list = field(default_factory=list)
    failing_anyway: list = field(default_factory=list)
    mended: list = field(default_factory=list)


def compare(without, with_us):
    """Sort the tests of two runs.

    :param without: {test: "passed" | "failed" | "skipped"} of the run without our addons
    :param with_us: the same of the run with them
    """
    result = Comparison()
    for test in sorted(set(without) | set(with_us)):
        before, after = without.get(test), with_us.get(test)
        if before == "passed":
            (result.kept if after == "passed" else result.broken).append(test)
        elif before is None:
            if after == "failed":
                result.new_failures.append(test)
        elif after == "passed":
            result.mended.append(test)
        else:
            result.failing_anyway.append(test)
    return result


def tags_for(tests):
    """Return Odoo test tags that choose just these tests.

    :param tests: ids such as ``odoo.addons.point_of_sale.tests.test_x.TestX.test_y``; others (a class that could not be set
        up) are widened to nothing and left out
    """
    tags = []
    for test in tests:
        parts = test.split(".")
        if test.startswith("odoo.addons.") and len(parts) >= 7:
            tags.append(f"*/{parts[2]}:{parts[-2]}.{parts[-1]}")
    return ",".join(tags)
