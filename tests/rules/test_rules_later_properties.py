"""What must hold for selectors, conditions, limits and stacking, whatever is bought: the rules of the random cases.

Each example is a seed of ``random_rules``, so rules are as mixed as those of the differential test.
"""

from dataclasses import replace
from random import Random

import random_rules
from hypothesis import assume, given
from hypothesis import strategies as st
from rules.arithmetic import mul_div_half_up
from rules.basket import Basket, Line, earning_base, split
from rules.errors import RuleError
from rules.evaluate import evaluate
from rules.explain import explain
from rules.price import PriceLine, amounts, discounts, receipt_total
from rules.reversal import kept_points
from rules.ruleset import PRICING, of_kind, parse
from rules.selector import Product, matches, parse_selectors
from rules.situation import Situation

MAX_BPS = 10_000


class World:
    """Rules, a situation and goods from one seed, within what is sold in shops."""

    def __init__(self, seed: int, stacking: str | None = None) -> None:
        self.rng = rng = Random(seed)
        payload = self._rules(rng)
        if stacking:
            payload["stacking"] = stacking
        self.rules = parse(payload)
        around = random_rules.situation(Random(seed), {"benefits": payload["benefits"]})
        try:
            self.situation = Situation(**around)
        except RuleError:
            self.situation = Situation(own_bps=500)
        self.lines = tuple(self._line(rng, str(at)) for at in range(rng.randint(1, 5)))
        total = sum(line.total_minor for line in self.lines)
        self.basket = Basket(self.rules.currency, self.lines, rng.choice([total, total, total // 2, rng.randint(0, 10**4)]))
        self.price_lines = [self._price(rng, line) for line in self.lines]
        self.rolling = rng.choice([0, 500, 3000]), rng.choice([0, 100, 2000])

    @staticmethod
    def _rules(rng: Random) -> dict:
        while True:
            payload = {**random_rules.ruleset(rng), "unlinked_return": "leave"}
            try:
                if payload["schema"] == 3 and parse(payload).benefits:
                    return payload
            except RuleError:
                continue

    @staticmethod
    def _line(rng: Random, key: str) -> Line:
        total = rng.choice([0, 1, 499, 500, 1000, rng.randint(0, 10**4)])
        keys = tuple(sorted(rng.sample(random_rules.SELECTORS, rng.randint(0, 3))))
        return Line(
            key, "sale", rng.choice([1, 2, 3, rng.randint(1, 9)]) * rng.choice([10**6, 333_333]), total, total * 5 // 6, keys
        )

    @staticmethod
    def _price(rng: Random, line: Line) -> PriceLine:
        manual, pricelist = (rng.choice([0, 0, 0, 500, 1234]) for _ in range(2))
        cost = rng.choice([None, 0, line.total_minor * 2 // 3, line.total_minor, line.total_minor + 5])
        return PriceLine(line.key, "sale", line.total_minor, manual, pricelist, cost, line.selectors)

    def off(self, rules, situation=None) -> tuple[dict, dict[str, int], tuple]:
        """Discounts, what is left of each line after the percentages, and the amounts off."""
        situation = situation or self.situation
        found = discounts(rules, self.price_lines, self.rolling[0], situation, self.rolling[1])
        after = [replace(line, total_minor=left_of(line, found.get(line.key))) for line in self.price_lines]
        effects = amounts(rules, after, receipt_total(self.price_lines), situation, self.price_lines, *self.rolling)
        return found, {line.key: line.total_minor for line in after}, effects

    def saved(self, rules) -> int:
        _found, left, effects = self.off(rules)
        return receipt_total(self.price_lines) - sum(left.values()) + sum(effect.amount_minor for effect in effects)


def left_of(line: PriceLine, found) -> int:
    """What a line costs after its percentage, to the minor unit."""
    if found is None or line.manual_bps == MAX_BPS:
        return line.total_minor
    return mul_div_half_up(line.total_minor, MAX_BPS - found.discount_bps, MAX_BPS - line.manual_bps)


worlds = st.integers(0, 2**32 - 1).map(World)
single = st.integers(0, 2**32 - 1).map(lambda seed: World(seed, "stack"))


def worth(outcome) -> tuple[int, int, int, int]:
    return outcome.points, outcome.cashback_minor, outcome.rolling_bps or 0, outcome.rolling_minor or 0


def at_most(lower, higher) -> bool:
    return all(low <= high for low, high in zip(worth(lower), worth(higher), strict=True))


@given(worlds)
def test_an_outcome_adds_up(world):
    """Shares add up by line and by benefit, and none is negative."""
    found = evaluate(world.rules, world.basket, world.situation)
    for total, by_line, by_benefit in (
        (found.points, found.line_points, found.benefit_points),
        (found.cashback_minor, found.line_cashback, found.benefit_cashback),
    ):
        assert total == sum(by_line.values()) == sum(by_benefit.values())
        assert all(share >= 0 for share in by_line.values()) and all(given > 0 for given in by_benefit.values())
    assert set(found.line_points) == {line.key for line in world.lines}
    assert (found.code == "earned") == any(worth(found))


@given(worlds, st.integers(0, 10**4))
def test_paying_more_never_earns_less(world, more):
    """Whatever is chosen, multiplied and limited, what is earned follows payments upwards."""
    richer = replace(world.basket, eligible_paid_minor=world.basket.eligible_paid_minor + more)
    less, found = (evaluate(world.rules, basket, world.situation) for basket in (world.basket, richer))
    assert at_most(less, found)


@given(worlds)
def test_limits_of_what_is_earned_are_kept(world):
    """Together with what was used before, no more than the limit of receipt, day and month."""
    found, used = evaluate(world.rules, world.basket, world.situation), world.situation.used
    for benefit in of_kind(world.rules, "points", "cashback"):
        given_now = (found.benefit_points if benefit.kind == "points" else found.benefit_cashback).get(benefit.key, 0)
        for limit, span in ((benefit.cap_receipt, None), (benefit.cap_day, "day"), (benefit.cap_month, "month")):
            before = used.get(f"{benefit.key}:{span}", 0)
            assert not limit or given_now <= max(0, limit - before)


@given(worlds)
def test_a_multiplier_alone_adds_to_points_only(world):
    """Without its multipliers a ruleset never earns more, and money and the next discount are the same."""
    plain = replace(world.rules, benefits=tuple(each for each in world.rules.benefits if each.kind != "multiplier"))
    less, found = (evaluate(rules, world.basket, world.situation) for rules in (plain, world.rules))
    assert less.points <= found.points
    assert worth(less)[1:] == worth(found)[1:]


@given(worlds, st.data())
def test_returns_never_earn_and_have_no_order(world, data):
    """Step by step a receipt is worth less or as much; at the end as if all had come back at once; all back, nothing."""
    base = earning_base(world.rules, world.basket).base_minor
    sold = split(world.basket).sale
    before = kept_points(world.rules, sold, {}, base, world.situation)
    outcome = evaluate(world.rules, world.basket, world.situation)
    for name in ("points", "line_points", "cashback_minor", "rolling_bps", "rolling_minor", "benefit_points", "benefit_cashback"):
        assert getattr(before, name) == getattr(outcome, name)
    returned = dict.fromkeys((line.key for line in sold), 0)
    for line in data.draw(st.permutations(sold)):
        for part in (line.quantity_micro // 3, line.quantity_micro - line.quantity_micro // 3):
            returned[line.key] += part
            kept = kept_points(world.rules, sold, returned, base, world.situation)
            assert at_most(kept, before)
            assert sum(kept.line_points.values()) == kept.points
            assert sum(kept.line_cashback.values()) == kept.cashback_minor
            before = kept
    assert not any(worth(before))


@given(worlds)
def test_prices_stay_within_bounds(world):
    """A discount is never less than what a person gave; an amount never takes more than a line has, and its parts add up."""
    found, left, effects = world.off(world.rules)
    for line in world.price_lines:
        if line.key in found:
            assert line.manual_bps <= found[line.key].discount_bps <= MAX_BPS
    for effect in effects:
        assert effect.amount_minor == sum(effect.allocation.values()) > 0
        for key, share in effect.allocation.items():
            assert 0 < share <= left[key]
            left[key] -= share


@given(single)
def test_limits_of_a_discount_are_kept(world):
    """Alone, a discount takes no more than its limits leave, of a line and altogether."""
    discount = next((each for each in of_kind(world.rules, "discount") if not each.when), None)
    assume(discount)
    alone, used = replace(world.rules, benefits=(discount,)), world.situation.used
    _found, left, effects = world.off(alone)
    taken = {line.key: line.total_minor - left[line.key] for line in world.price_lines}
    for effect in effects:
        for key, share in effect.allocation.items():
            taken[key] += share
    assert not discount.cap_line_minor or max(taken.values()) <= discount.cap_line_minor
    for limit, span in ((discount.cap_receipt_minor, ""), (discount.cap_day_minor, "day"), (discount.cap_month_minor, "month")):
        assert not limit or sum(taken.values()) <= max(0, limit - used.get(f"{discount.key}:{span}", 0))


@given(single)
def test_a_limit_never_takes_more_than_none(world):
    """Among others too, a discount with limits never saves more than without."""
    free = tuple(
        replace(each, cap_line_minor=0, cap_receipt_minor=0, cap_day_minor=0, cap_month_minor=0)
        if each.kind == "discount"
        else each
        for each in of_kind(world.rules, "discount")
    )
    assume(all(each.on_discounted == "stack" for each in free))
    # Every percentage and every amount is rounded to the minor unit once on each line.
    rounding = len(world.lines) * (len(free) + 1)
    limited = replace(world.rules, benefits=of_kind(world.rules, "discount"))
    assert world.saved(limited) <= world.saved(replace(world.rules, benefits=free)) + rounding


@given(single)
def test_the_cost_is_kept(world):
    """Alone, a rolling discount that keeps the cost takes no line below it."""
    rolling = next(iter(of_kind(world.rules, "rolling")), None)
    assume(rolling)
    _found, left, effects = world.off(replace(world.rules, benefits=(replace(rolling, keep_cost=True, when=None),)))
    for effect in effects:
        for key, share in effect.allocation.items():
            left[key] -= share
    for line in world.price_lines:
        if line.cost_minor is not None:
            assert left[line.key] >= min(line.total_minor, line.cost_minor)


@given(st.integers(0, 2**32 - 1).map(lambda seed: World(seed, "best")))
def test_best_never_saves_less_than_any_other(world):
    """The one that counts saves at least what each would alone, as reckoned, and nothing else counts beside it."""
    together = world.saved(world.rules)
    for benefit in of_kind(world.rules, *PRICING):
        # What is reckoned and what lands may differ by a rounding on each line.
        assert together >= world.saved(replace(world.rules, benefits=(benefit,))) - len(world.lines)
    found, _left, effects = world.off(world.rules)
    counting = {key for each in found.values() for key in each.benefits} | {effect.benefit for effect in effects}
    assert len(counting) <= 1


@given(st.integers(0, 2**32 - 1).map(lambda seed: World(seed, "exclusive")))
def test_exclusive_is_one_alone(world):
    """The first that saves anything counts, and gives what it would alone."""
    found, _left, effects = world.off(world.rules)
    counting = {key for each in found.values() for key in each.benefits} | {effect.benefit for effect in effects}
    assert len(counting) <= 1
    for benefit in of_kind(world.rules, *PRICING):
        if benefit.key in counting:
            assert world.off(replace(world.rules, benefits=(benefit,))) == world.off(world.rules)


@given(worlds)
def test_reasons_agree_with_what_is_given(world):
    """One reason a benefit in order; what applies gives, and what earns nothing does not apply."""
    reasons = explain(world.rules, world.price_lines, world.basket, world.situation, *world.rolling)
    outcome = evaluate(world.rules, world.basket, world.situation)
    assert [reason.benefit for reason in reasons] == [benefit.key for benefit in world.rules.benefits]
    gives = {**outcome.benefit_points, **outcome.benefit_cashback}
    for reason, benefit in zip(reasons, world.rules.benefits, strict=True):
        assert reason.value >= 0
        if benefit.kind in ("points", "cashback"):
            assert (benefit.key in gives) <= (reason.code in ("applies", "capped"))
            assert reason.code != "applies" or reason.value == gives[benefit.key]


@given(st.integers(0, 2**32 - 1))
def test_an_early_ruleset_means_the_same_later(seed):
    """A payload of the second schema and its translation to the third give the same."""
    rng = Random(seed)
    early = random_rules.ruleset(rng)
    assume(early["schema"] == 2)
    try:
        old = parse(early)
    except RuleError:
        return
    plain = {"selector": None, "when": {}}
    caps = {"cap_receipt": 0, "cap_day": 0, "cap_month": 0, "minimum_lines_minor": 0}
    more = {
        "points": {"mode": "step", **caps},
        "cashback": caps,
        "discount": {"own": False} | {f"cap_{span}_minor": 0 for span in ("line", "receipt", "day", "month")},
        "amount_off": {},
        "rolling": {"mode": "percent", "use": "next", "keep_cost": False},
    }
    benefits = [{**each, **more[each["kind"]], **plain} for each in early["benefits"]]
    later = parse({**early, "schema": 3, "stacking": "stack", "selectors": {}, "benefits": benefits})
    assert replace(later, schema=2) == old


@given(st.integers(0, 2**32 - 1))
def test_an_exception_is_never_chosen(seed):
    """What the exceptions hit is out, and without exceptions more terms choose more."""
    rng = Random(seed)
    one = {**random_rules.terms(rng), "without": random_rules.terms(rng)}
    goods = Product(**random_rules.product(rng))
    (selector,) = parse_selectors({"s1": one}).values()
    (excepted,) = parse_selectors({"s1": {**one["without"], "without": {name: [] for name in one["without"]}}}).values()
    if any(one["without"].values()) and matches(excepted, goods):
        assert not matches(selector, goods)
