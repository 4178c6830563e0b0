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
GIVEN = {"points", "cashback", "taken back", "rolling", "rolling amount", "stacked", "amount", "amounts"}
GIVEN |= {f"why {code}" for code in ("applies", "no_lines", "minimum", "step", "discounted", "not_best", "not_first", "capped")}
GIVEN |= {
    f"why {code}" for code in ("nothing_left", "currency", "date", "weekdays", "hours", "stores", "tiers", "tags", "birthday")
}
GIVEN |= {"why first_purchase", "why every_purchase"}

BREAKAGES = [
    ("arithmetic.js", "? quotient - 1n : quotient", "? quotient : quotient"),
    ("arithmetic.js", "(product < 0n ? -product : product) + divisor)", "(product < 0n ? -product : product))"),
    ("arithmetic.js", ": one - other;", ": other - one;"),
    ("basket.js", "account, returned]", "account]"),
    ("basket.js", "ruleset.customer_account_earns ?", "!ruleset.customer_account_earns ?"),
    ("card_number.js", 'NUMBER_LENGTH - 1 ? "0" + digits : digits;\n    if', "NUMBER_LENGTH - 1 ? digits : digits;\n    if"),
    ("card_number.js", "other.length > best.length", "other.length < best.length"),
    ("evaluate.js", "unlinked_points: 0 - unlinkedPoints", "unlinked_points: -unlinkedPoints"),
    (
        "evaluate.js",
        "parts.sale.length ? rollingLeft(ruleset, sold, situation) : [null, null]",
        "rollingLeft(ruleset, sold, situation)",
    ),
    ("evaluate.js", "amounts[at] > 0 ? Math.max(0, signed", "amounts[at] >= 0 ? Math.max(0, signed"),
    ("earning.js", "reached[reached.length - 1]", "reached[0]"),
    ("earning.js", "sold.base_minor < benefit.minimum_receipt_minor", "sold.base_minor <= benefit.minimum_receipt_minor"),
    ("earning.js", "amount >= benefit.minimum_lines_minor", "amount > benefit.minimum_lines_minor"),
    ("earning.js", "mulDivFloor(sold.sold_base_minor ?? base_minor, part, total)", "mulDivFloor(base_minor, part, total)"),
    ("earning.js", "Math.max(0, ...extras)", "extras.reduce((sum, extra) => sum + extra, 0)"),
    ("earning.js", 'benefit.cap_month, "month"', 'benefit.cap_month, "day"'),
    ("earning.js", 'benefit.mode !== "visit" && qualifies', "qualifies"),
    ("earning.js", '!percent && benefit.use === "qualifying"', "!percent"),
    ("line_price.js", "(2n * gone + whole_price)", "(2n * gone)"),
    ("line_price.js", "kept * WHOLE * price < before * left", "kept * WHOLE * price <= before * left"),
    ("line_price.js", 'policy === "stack" || before === WHOLE * WHOLE', 'policy === "stack" || manual === WHOLE'),
    ("line_price.js", "[kept * WHOLE, before, [[", "[kept, WHOLE, [["),
    ("line_price.js", "under + divisor - 1n) / divisor", "under) / divisor"),
    ("stacking.js", "-mulDivFloor(-total", "mulDivFloor(total"),
    ("stacking.js", "return mulDivFloor(left_minor, bps, MAX_BPS);", "return mulDivFloor(before_minor, bps, MAX_BPS);"),
    ("stacking.js", "offer.saving_minor > best.saving_minor", "offer.saving_minor >= best.saving_minor"),
    ("stacking.js", "Math.max(benefit.percent_bps, situation.own_bps)", "situation.own_bps"),
    ("price.js", "Math.min(offer.amount_minor, room, add(weights))", "Math.min(offer.amount_minor, add(weights))"),
    ("price.js", "left.set(key, left.get(key) - share)", "left.set(key, left.get(key))"),
    ("explain.js", "Math.max(1, minimum) - found", "minimum - found"),
    ("explain.js", "cut > 0", "cut > 1"),
    ("selector.js", "&& !hit(selector.without, product)", ""),
    ("selector.js", "        .sort();", ";"),
    ("situation.js", "common ? 28 : number", "common ? 27 : number"),
    ("situation.js", "month < 3 ? whole_year - 1", "month < 2 ? whole_year - 1"),
    ("situation.js", "minute >= from_minute || minute <= to_minute", "minute >= from_minute"),
    ("situation.js", "nth % when.every_purchase === 0", "(nth + 1) % when.every_purchase === 0"),
    ("reversal.js", "-mulDivHalfUp(", "-mulDivFloor("),
    ("reversal.js", "Math.min(add(kept), sold_sum)", "add(kept)"),
    ("reversal.js", "return kept_before - keptAmount(", "return allocated_minor - keptAmount("),
    ("checks.js", "MAX_TEXT = 64", "MAX_TEXT = 65"),
    ("benefit.js", "higher.percent_bps < lower.percent_bps", "false"),
    ("benefit.js", "1: { points: EARLY_FIELDS.points }", "1: EARLY_FIELDS"),
    ("ruleset.js", "schema > 2 ? payload.stacking", "schema > 3 ? payload.stacking"),
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
    assert compare(broken, 1, 20_000, until_first=True).mismatches


def test_comparison_fails_without_an_answer(tmp_path):
    """A mirror that does not even load is an error, not an empty success."""
    with pytest.raises(AssertionError, match="Node ended with"):
        compare(tmp_path, 1, 1)


def test_same_seed_gives_the_same_cases():
    """A printed seed replays exactly what failed."""
    assert list(cases(7, 20)) == list(cases(7, 20))
    assert list(cases(7, 20)) != list(cases(8, 20))
