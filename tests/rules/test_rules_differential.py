"""The kernel and its mirror give the same answers to random baskets, and the comparison notices when they do not.

``LF_SEED`` replays a run, ``LF_BASKETS`` changes how many baskets it has (10,000 by default).
"""

import os
import shutil

import pytest
from differential import SHOWN, compare
from kernel_calls import CALLS
from random_cases import cases
from rule_kernel import MIRROR, SEED

BASKETS = int(os.environ.get("LF_BASKETS") or 10_000)
OUTCOMES = {"earned", "below_minimum", "below_step", "no_benefit", "not_positive", "empty", "currency"}
ERRORS = {"overflow", "division", "no_weights", "malformed", "serial_range", "prefix_reserved", "prefix_taken"}
ERRORS |= {"benefit_kind", "duplicate", "order", "choice", "unknown_line", "schema", "missing", "unknown_field", "type", "range"}
GIVEN = {"points", "cashback", "taken back", "rolling", "stacked", "amount", "amounts"}

BREAKAGES = [
    ("arithmetic.js", "? quotient - 1n : quotient", "? quotient : quotient"),
    ("arithmetic.js", "(product < 0n ? -product : product) + divisor)", "(product < 0n ? -product : product))"),
    ("arithmetic.js", ": one - other;", ": other - one;"),
    ("basket.js", "account, returned]", "account]"),
    ("basket.js", "ruleset.customer_account_earns ?", "!ruleset.customer_account_earns ?"),
    ("card_number.js", 'NUMBER_LENGTH - 1 ? "0" + digits : digits;\n    if', "NUMBER_LENGTH - 1 ? digits : digits;\n    if"),
    ("card_number.js", "other.length > best.length", "other.length < best.length"),
    (
        "evaluate.js",
        "minimum_receipt_minor)\n            .map((benefit) => mulDivFloor(mul",
        "minimum_receipt_minor + 1)\n            .map((benefit) => mulDivFloor(mul",
    ),
    (
        "evaluate.js",
        "minor)\n            .map((benefit) => mulDivFloor(mul",
        "minor + 1)\n            .map((benefit) => mulDivFloor(mul",
    ),
    (
        "evaluate.js",
        "minor)\n            .map((benefit) => mulDivFloor(base",
        "minor + 1)\n            .map((benefit) => mulDivFloor(base",
    ),
    ("evaluate.js", "unlinked_points: 0 - pointsFor(", "unlinked_points: -pointsFor("),
    ("evaluate.js", "reached[reached.length - 1]", "reached[0]"),
    ("evaluate.js", "parts.sale.length ? rollingFor(ruleset, base_minor) : null", "rollingFor(ruleset, base_minor)"),
    ("price.js", "(whole_price - left) + whole_price)", "(whole_price - left))"),
    ("price.js", "kept * WHOLE * price < before * left", "kept * WHOLE * price <= before * left"),
    ("price.js", "before === WHOLE * WHOLE", "manual === WHOLE"),
    ("price.js", "[kept * WHOLE, before, [[", "[kept, WHOLE, [["),
    ("price.js", "Math.min(benefit.amount_minor, room)", "benefit.amount_minor"),
    ("price.js", "rest - shares[at]", "rest"),
    ("reversal.js", "-mulDivHalfUp(", "-mulDivFloor("),
    ("reversal.js", "Math.min(add(kept), sold_sum)", "add(kept)"),
    ("reversal.js", "return kept_before - keptAmount(", "return allocated_minor - keptAmount("),
    ("checks.js", "MAX_TEXT = 64", "MAX_TEXT = 65"),
    ("benefit.js", "higher.percent_bps < lower.percent_bps", "false"),
    ("benefit.js", '[1, ["points"]]', '[1, ["points", "cashback"]]'),
]


def test_mirror_answers_as_the_kernel_does():
    """No random basket, number, ruleset or sum is answered differently; every outcome occurs on the way."""
    report = compare(MIRROR, SEED, BASKETS)
    print(f"LF_SEED={SEED}: {BASKETS} baskets, {report.answered.total()} calls, {len(report.mismatches)} mismatches")
    first = "\n".join(report.mismatches[:SHOWN])
    assert not report.mismatches, f"{len(report.mismatches)} mismatches; LF_SEED={SEED} replays them:\n{first}"
    assert report.answered["evaluate.evaluate"] == BASKETS
    assert set(report.answered) <= set(CALLS)
    if BASKETS >= 10_000:
        assert set(report.outcomes) >= OUTCOMES | ERRORS | GIVEN


@pytest.mark.parametrize(("name", "right", "wrong"), BREAKAGES, ids=[f"{each[0]}-{each[2]}" for each in BREAKAGES])
def test_broken_mirror_is_noticed(tmp_path, name, right, wrong):
    """A mirror with one small mistake does not pass: the comparison can fail."""
    broken = tmp_path / "rules"
    shutil.copytree(MIRROR, broken)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    source = (broken / name).read_text(encoding="utf-8")
    assert source.count(right) == 1
    (broken / name).write_text(source.replace(right, wrong), encoding="utf-8")
    assert compare(broken, 1, 5000, until_first=True).mismatches


def test_comparison_fails_without_an_answer(tmp_path):
    """A mirror that does not even load is an error, not an empty success."""
    with pytest.raises(AssertionError, match="Node ended with"):
        compare(tmp_path, 1, 1)


def test_same_seed_gives_the_same_cases():
    """A printed seed replays exactly what failed."""
    assert list(cases(7, 20)) == list(cases(7, 20))
    assert list(cases(7, 20)) != list(cases(8, 20))
