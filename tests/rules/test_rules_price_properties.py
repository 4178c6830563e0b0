"""What must hold for whatever a card takes off a price: what the docstrings of price state, and a model in fractions."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st
from rules.price import PriceLine, amounts, discounts, receipt_total
from rules.ruleset import of_kind
from strategies import amount, bps, discount, price_lines, prices, rulesets

last_left = st.one_of(st.none(), st.just(0), bps)


def touchable(lines: list[PriceLine]) -> dict[str, PriceLine]:
    return {line.key: line for line in lines if line.kind == "sale" and line.total_minor > 0}


def half_up(share: Fraction) -> int:
    return (2 * 10_000 * share.numerator + share.denominator) // (2 * share.denominator)


def model(ruleset, line: PriceLine, receipt: int, rolling_bps: int) -> tuple[int, int, dict[str, int]]:
    """Tell the rule again with fractions of the list price: what is left of it, and who took something."""
    listed = Fraction(10_000 - line.pricelist_bps, 10_000)
    before = left = listed * Fraction(10_000 - line.manual_bps, 10_000)
    benefits = {}
    for benefit in of_kind(ruleset, "discount", "rolling"):
        percent = benefit.percent_bps if benefit.kind == "discount" else rolling_bps
        kept = Fraction(10_000 - percent, 10_000)
        if not percent or receipt < benefit.minimum_receipt_minor:
            continue
        if benefit.on_discounted == "skip" and before < 1:
            continue
        if benefit.on_discounted == "best":
            if kept < left:
                left, benefits = kept, {benefit.key: percent}
        else:
            left, benefits = left * kept, {**benefits, benefit.key: percent}
    return half_up(1 - left / listed), half_up(1 - left / before), benefits


@given(prices, price_lines(), last_left)
def test_discounts_are_what_fractions_give(ruleset, lines, rolling_bps):
    """Exact until the one rounding at the end, whatever is stacked."""
    found = discounts(ruleset, lines, rolling_bps)
    receipt = receipt_total(lines)
    for key, line in touchable(lines).items():
        if line.manual_bps < 10_000 and line.pricelist_bps < 10_000:
            off = found[key]
            expected = model(ruleset, line, receipt, rolling_bps or 0)
            assert (off.discount_bps, off.card_bps, off.benefits) == expected


@given(prices, price_lines(), last_left)
def test_discounts_stay_within_bounds(ruleset, lines, rolling_bps):
    """Exactly the positive sale lines are touched; between what the hand gave and everything."""
    found = discounts(ruleset, lines, rolling_bps)
    assert list(found) == list(touchable(lines))
    for key, off in found.items():
        line = touchable(lines)[key]
        assert 0 <= line.manual_bps <= off.discount_bps <= 10_000
        assert 0 <= off.card_bps <= 10_000
        if not off.benefits:
            assert (off.discount_bps, off.card_bps) == (line.manual_bps, 0)
        # The hand and the card one after the other, but for the two roundings.
        together = line.manual_bps + Fraction(off.card_bps * (10_000 - line.manual_bps), 10_000)
        assert abs(together - off.discount_bps) <= 1


@given(prices, price_lines(), bps, bps)
def test_a_larger_rolling_discount_never_makes_dearer(ruleset, lines, one, other):
    """More left by the last purchase is never less off this one."""
    less, more = (discounts(ruleset, lines, value) for value in sorted([one, other]))
    assert all(less[key].discount_bps <= more[key].discount_bps for key in less)


@given(prices, price_lines(), last_left, amount)
def test_buying_more_never_makes_dearer(ruleset, lines, rolling_bps, more):
    """Another line may reach a minimum, and never costs a discount."""
    less = discounts(ruleset, lines, rolling_bps)
    found = discounts(ruleset, [*lines, PriceLine("more", "sale", more)], rolling_bps)
    assert all(less[key].discount_bps <= found[key].discount_bps for key in less)


@given(prices, price_lines(), st.integers(0, 10_000), last_left)
def test_more_by_hand_is_never_dearer(ruleset, lines, manual_bps, rolling_bps):
    """Unless a benefit skips discounted lines, a discount by hand never costs the customer money."""
    kind = tuple(each for each in ruleset.benefits if getattr(each, "on_discounted", "") != "skip")
    ruleset = replace(ruleset, benefits=kind)
    given_more = [replace(line, manual_bps=max(line.manual_bps, manual_bps)) for line in lines]
    less, more = discounts(ruleset, lines, rolling_bps), discounts(ruleset, given_more, rolling_bps)
    assert all(less[key].discount_bps <= more[key].discount_bps for key in less)


@given(rulesets(discount), price_lines(), st.data())
def test_stacking_has_no_order(ruleset, lines, data):
    """Benefits that all stack come to the same in any order."""
    stacked = [replace(benefit, on_discounted="stack") for benefit in ruleset.benefits]
    one, other = (
        discounts(replace(ruleset, benefits=tuple(order)), lines, None) for order in (stacked, data.draw(st.permutations(stacked)))
    )
    assert one == other


@given(rulesets(discount), price_lines(hands=False))
def test_best_of_all_is_the_largest(ruleset, lines):
    """Benefits that are all best come to the largest of them."""
    assume(ruleset.benefits and touchable(lines))
    best = tuple(replace(each, on_discounted="best", minimum_receipt_minor=-(10**12)) for each in ruleset.benefits)
    largest = max(benefit.percent_bps for benefit in best)
    for found in discounts(replace(ruleset, benefits=best), lines, None).values():
        assert (found.discount_bps, list(found.benefits.values())) == (largest, [largest])


@given(prices, price_lines(), st.integers(-100, 10_000))
def test_amounts_fall_on_lines_completely(ruleset, lines, receipt):
    """Parts add up, are above zero, and never take more from a line than it has, nor more than the lines come to."""
    effects = amounts(ruleset, lines, receipt)
    taken = dict.fromkeys(touchable(lines), 0)
    for effect in effects:
        assert effect.amount_minor > 0
        assert sum(effect.allocation.values()) == effect.amount_minor
        assert all(part > 0 for part in effect.allocation.values())
        for key, part in effect.allocation.items():
            taken[key] += part
    assert all(part <= touchable(lines)[key].total_minor for key, part in taken.items())
    wanted = [benefit.amount_minor for benefit in of_kind(ruleset, "amount_off") if receipt >= benefit.minimum_receipt_minor]
    assert sum(taken.values()) == min(sum(wanted), max(0, receipt_total(lines)))


@given(prices, price_lines(), st.integers(0, 10_000), amount)
def test_a_larger_receipt_never_loses_an_amount(ruleset, lines, receipt, more):
    """What was reached stays reached."""
    less, found = amounts(ruleset, lines, receipt), amounts(ruleset, lines, receipt + more)
    assert sum(effect.amount_minor for effect in less) <= sum(effect.amount_minor for effect in found)
