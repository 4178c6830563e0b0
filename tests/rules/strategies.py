"""What the property tests draw: rulesets with every kind of benefit, baskets, and lines as their price is made."""

from hypothesis import strategies as st
from rule_kernel import load

load()

from rules import arithmetic, benefit, ruleset  # noqa: E402  (the package exists only now)
from rules.basket import Basket, Line  # noqa: E402
from rules.price import PriceLine  # noqa: E402

safe = st.integers(-arithmetic.MAX_SAFE, arithmetic.MAX_SAFE)
amount = st.one_of(st.integers(0, 5000), st.sampled_from([499, 500, 999, 1000, 1999]), st.integers(0, 10**9))
quantity = st.one_of(st.sampled_from([1_000_000, 2_000_000, 3_000_000]), st.integers(1, 5_000_000))
bps = st.one_of(st.sampled_from([1, 500, 1000, 3333, 10_000]), st.integers(1, 10_000))
minimum = st.one_of(st.just(0), st.just(500), st.integers(0, 5000))
key = st.uuids().map(str)
policy = st.sampled_from(benefit.ON_DISCOUNTED)


def brackets(values: dict[int, int]) -> tuple[benefit.Bracket, ...]:
    return tuple(map(benefit.Bracket, sorted(values), sorted(values.values())))


points = st.builds(
    benefit.PointsBenefit,
    key=key,
    points=st.integers(1, 100),
    step_minor=st.one_of(st.just(1000), st.integers(1, 5000)),
    minimum_receipt_minor=minimum,
)
cashback = st.builds(benefit.CashbackBenefit, key=key, percent_bps=bps, minimum_receipt_minor=minimum)
discount = st.builds(benefit.DiscountBenefit, key=key, percent_bps=bps, on_discounted=policy, minimum_receipt_minor=minimum)
amount_off = st.builds(benefit.AmountOffBenefit, key=key, amount_minor=st.integers(1, 5000), minimum_receipt_minor=minimum)
rolling = st.builds(
    benefit.RollingBenefit,
    key=key,
    brackets=st.dictionaries(st.integers(0, 10_000), bps, min_size=1, max_size=4).map(brackets),
    valid_days=st.integers(1, 3660),
    on_discounted=policy,
    minimum_receipt_minor=minimum,
)


@st.composite
def rulesets(draw, *kinds):
    """A ruleset with some benefits of some kinds, a rolling discount at most once."""
    found = draw(st.lists(st.one_of(*kinds), max_size=4))
    first = next((each for each in found if each.kind == "rolling"), None)
    return ruleset.Ruleset(
        schema=2,
        card_type="gift-points",
        currency="GBP",
        currency_decimals=2,
        number_prefix="0490",
        base=draw(st.sampled_from(ruleset.BASES)),
        customer_account_earns=draw(st.booleans()),
        unlinked_return=draw(st.sampled_from(ruleset.UNLINKED_RETURNS)),
        benefits=tuple(each for each in found if each.kind != "rolling" or each is first),
    )


rules = rulesets(points, points, cashback, rolling, discount)
prices = rulesets(discount, discount, amount_off, rolling)


@st.composite
def lines(draw, kinds=("sale", "sale", "return_linked", "return_unlinked", "excluded", "effect"), discounts=True):
    made = []
    for at in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(kinds))
        total = draw(amount) * (-1 if kind.startswith("return") else 1)
        if discounts and draw(st.integers(0, 9)) == 0:
            total = -total
        untaxed = total * 100 // 122 if total > 0 else -(-total * 100 // 122)
        made.append(Line(str(at), kind, draw(quantity), total, untaxed))
    return tuple(made)


baskets = st.builds(
    Basket,
    currency=st.just("GBP"),
    lines=lines(),
    eligible_paid_minor=st.one_of(amount, st.integers(-5000, 5000)),
    ineligible_paid_minor=st.one_of(st.just(0), amount),
)


@st.composite
def price_lines(draw, hands=True):
    """Lines as their price is made, some already discounted."""
    before = st.one_of(st.just(0), st.sampled_from([1, 500, 1000, 10_000]), st.integers(0, 10_000)) if hands else st.just(0)
    return [
        PriceLine(line.key, line.kind, line.total_minor, draw(before), draw(st.one_of(st.just(0), before)))
        for line in draw(lines())
    ]
