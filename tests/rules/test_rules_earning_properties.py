"""What must hold for whatever is bought and given back: what the docstrings of earning and reversal state."""

from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from rules.arithmetic import largest_remainder
from rules.basket import Basket, earning_base, split
from rules.evaluate import cashback_for, evaluate, points_for, rolling_for
from rules.reversal import kept_points, share_back
from strategies import amount, amount_off, baskets, lines, quantity, rules


def paid_in_full(basket: Basket) -> Basket:
    parts = split(basket)
    return replace(basket, eligible_paid_minor=sum(line.total_minor for line in parts.sale), lines=parts.sale)


def worth(outcome) -> tuple[int, int, int]:
    """Points, money and the next purchase's percentage, each of which may only rise or only fall."""
    return outcome.points, outcome.cashback_minor, outcome.rolling_bps or 0


def at_most(lower, higher) -> bool:
    return all(low <= high for low, high in zip(worth(lower), worth(higher), strict=True))


@given(rules, baskets)
def test_base_stays_between_zero_and_the_sale(rules, basket):
    """The base is never negative and never above what was sold or covered."""
    base = earning_base(rules, basket)
    assert base.base_minor >= 0
    if rules.base == "total":
        assert base.base_minor <= max(0, base.sale_minor)
        assert base.base_minor <= max(0, base.cap_minor)


@given(rules, baskets)
def test_effect_lines_do_not_count(rules, basket):
    """Without its effect lines a basket earns the same: what they took is already off the lines they touched."""
    without = replace(basket, lines=tuple(line for line in basket.lines if line.kind != "effect"))
    assume(without.lines)
    assert evaluate(rules, without) == evaluate(rules, basket)


@given(rules, baskets)
def test_outcome_is_consistent(rules, basket):
    """Signs, sums and code agree."""
    outcome = evaluate(rules, basket)
    assert outcome.points >= 0 >= outcome.unlinked_points
    assert outcome.cashback_minor >= 0 >= outcome.unlinked_cashback
    assert sum(outcome.line_points.values()) == outcome.points
    assert sum(outcome.line_cashback.values()) == outcome.cashback_minor
    assert all(share >= 0 for shares in (outcome.line_points, outcome.line_cashback) for share in shares.values())
    assert set(outcome.line_points) == set(outcome.line_cashback) == {line.key for line in split(basket).sale}
    assert (outcome.code == "earned") == any(worth(outcome))
    if not split(basket).return_unlinked or rules.unlinked_return == "leave":
        assert outcome.unlinked_points == outcome.unlinked_cashback == 0


@given(rules, baskets)
def test_cashback_is_at_most_its_percentage(rules, basket):
    """Money is rounded down, benefit by benefit, and never more than the percentages of what was paid."""
    outcome = evaluate(rules, basket)
    percentages = [benefit.percent_bps for benefit in rules.benefits if benefit.kind == "cashback"]
    assert outcome.cashback_minor * 10_000 <= outcome.base_minor * sum(percentages)


@given(rules, baskets)
def test_rolling_discount_speaks_of_purchases(rules, basket):
    """A percentage, or none, comes from a sale under a ruleset with such a benefit; a return alone says nothing."""
    possible = any(benefit.kind == "rolling" for benefit in rules.benefits) and split(basket).sale
    assert (evaluate(rules, basket).rolling_bps is not None) == bool(possible)


@given(rules, baskets, amount)
def test_paying_more_never_earns_less(rules, basket, more):
    """What is earned follows payments upwards."""
    richer = replace(basket, eligible_paid_minor=basket.eligible_paid_minor + more)
    assert at_most(evaluate(rules, basket), evaluate(rules, richer))


@given(rules, baskets)
def test_nothing_earns_more_than_the_sale_paid_in_full(rules, basket):
    """Overpaying, tips and returned goods add nothing to what the sale itself is worth."""
    assert at_most(evaluate(rules, basket), evaluate(rules, paid_in_full(basket)))


@given(rules, st.integers(-5000, 10**7), st.integers(0, 10**6))
def test_everything_grows_with_the_amount(rules, base, more):
    """More paid is never worth less."""
    for rule in (points_for, cashback_for, rolling_for):
        assert 0 <= (rule(rules, base) or 0) <= (rule(rules, base + more) or 0)


@given(rules, baskets)
def test_returning_nothing_changes_nothing(rules, basket):
    """A receipt is worth what its basket earned until something comes back."""
    outcome = evaluate(rules, basket)
    kept = kept_points(rules, split(basket).sale, {}, outcome.base_minor)
    for name in ("points", "base_minor", "line_points", "cashback_minor", "line_cashback", "rolling_bps"):
        assert getattr(kept, name) == getattr(outcome, name)


@given(rules, lines(kinds=("sale",)), amount)
def test_returning_everything_leaves_nothing(rules, sold, base):
    """After a full return a receipt is worth nothing."""
    kept = kept_points(rules, sold, {line.key: line.quantity_micro for line in sold}, base)
    assert (worth(kept), kept.base_minor) == ((0, 0, 0), 0)
    assert not any(kept.line_points.values()) and not any(kept.line_cashback.values())


@given(rules, lines(kinds=("sale",), discounts=False), amount, st.data())
def test_returns_in_steps_end_where_one_return_does(rules, sold, base, data):
    """In any order and any number of steps, what is posted adds up to the same, and never rises on the way."""
    assume(sold)
    before = kept_points(rules, sold, {}, base)
    points, cashback = before.points, before.cashback_minor
    returned = dict.fromkeys((line.key for line in sold), 0)
    for _step in range(data.draw(st.integers(1, 6))):
        line = data.draw(st.sampled_from(sold))
        returned[line.key] += data.draw(st.integers(0, line.quantity_micro))
        kept = kept_points(rules, sold, returned, base)
        assert sum(kept.line_points.values()) == kept.points
        assert sum(kept.line_cashback.values()) == kept.cashback_minor
        assert at_most(kept, before)
        points, cashback = points + kept.points - before.points, cashback + kept.cashback_minor - before.cashback_minor
        before = kept
    at_once = kept_points(rules, sold, returned, base)
    assert (points, cashback) == (at_once.points, at_once.cashback_minor)


@given(rules, lines(kinds=("sale",)), amount, st.data())
def test_a_return_never_earns(rules, sold, base, data):
    """Whatever comes back, discount lines too, a receipt is never worth more than before any return."""
    assume(sold)
    returned = {line.key: data.draw(st.integers(0, 2 * line.quantity_micro)) for line in sold}
    assert at_most(kept_points(rules, sold, returned, base), kept_points(rules, sold, {}, base))


@given(amount, quantity, st.lists(st.integers(0, 2_000_000), max_size=8))
def test_shares_given_back_depend_on_their_total_only(allocated, sold, steps):
    """In any steps as much comes back as at once, never below zero, never more than was allocated."""
    given_back = before = 0
    for now in steps:
        share = share_back(allocated, sold, before, now)
        assert 0 <= share <= allocated
        given_back, before = given_back + share, before + now
    assert given_back == share_back(allocated, sold, 0, before)
    assert given_back <= allocated
    assert given_back + share_back(allocated, sold, before, sold) == allocated


@given(amount_off, st.lists(st.tuples(amount, quantity), min_size=1, max_size=5), st.data())
def test_an_amount_comes_back_completely_with_the_goods(benefit, sold, data):
    """Whatever comes back first, once everything is back the whole amount off is back."""
    weights = [total for total, _quantity in sold]
    assume(sum(weights))
    allocation = largest_remainder(min(benefit.amount_minor, sum(weights)), weights)
    returns = []
    for at, (_total, micro) in enumerate(sold):
        part = data.draw(st.integers(0, micro))
        returns += [(at, part), (at, micro - part)]
    gone, given_back = [0] * len(sold), 0
    for at, micro in data.draw(st.permutations(returns)):
        given_back += share_back(allocation[at], sold[at][1], gone[at], micro)
        gone[at] += micro
    assert given_back == sum(allocation)
