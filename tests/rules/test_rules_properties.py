"""What must hold for every argument: the invariants that the kernel's docstrings state."""

import json
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st
from rule_kernel import load

load()

from rules import arithmetic, card_number, ruleset  # noqa: E402  (the package exists only now)
from rules.basket import Basket, Line, earning_base, split  # noqa: E402
from rules.evaluate import evaluate, points_for  # noqa: E402
from rules.reversal import kept_points  # noqa: E402

safe = st.integers(-arithmetic.MAX_SAFE, arithmetic.MAX_SAFE)
amount = st.one_of(st.integers(0, 5000), st.sampled_from([499, 500, 999, 1000, 1999]), st.integers(0, 10**9))
prefix = st.from_regex(r"[0-9]{2,8}", fullmatch=True)
benefit = st.builds(
    ruleset.PointsBenefit,
    key=st.uuids().map(str),
    points=st.integers(1, 100),
    step_minor=st.one_of(st.just(1000), st.integers(1, 5000)),
    minimum_receipt_minor=st.one_of(st.just(500), st.integers(0, 5000)),
)
rules = st.builds(
    ruleset.Ruleset,
    schema=st.just(1),
    card_type=st.just("gift-points"),
    currency=st.just("GBP"),
    currency_decimals=st.just(2),
    number_prefix=st.just("0490"),
    base=st.sampled_from(ruleset.BASES),
    customer_account_earns=st.booleans(),
    unlinked_return=st.sampled_from(ruleset.UNLINKED_RETURNS),
    benefits=st.lists(benefit, max_size=3).map(tuple),
)


@st.composite
def lines(draw, kinds=("sale", "sale", "return_linked", "return_unlinked", "excluded"), discounts=True):
    made = []
    for at in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from(kinds))
        total = draw(amount) * (-1 if kind.startswith("return") else 1)
        if discounts and draw(st.integers(0, 9)) == 0:
            total = -total
        quantity = draw(st.integers(1, 5_000_000))
        untaxed = total * 100 // 122 if total > 0 else -(-total * 100 // 122)
        made.append(Line(str(at), kind, quantity, total, untaxed))
    return tuple(made)


baskets = st.builds(
    Basket,
    currency=st.just("GBP"),
    lines=lines(),
    eligible_paid_minor=st.one_of(amount, st.integers(-5000, 5000)),
    ineligible_paid_minor=st.one_of(st.just(0), amount),
)


def paid_in_full(basket: Basket) -> Basket:
    parts = split(basket)
    return replace(basket, eligible_paid_minor=sum(line.total_minor for line in parts.sale), lines=parts.sale)


@given(safe, safe, st.integers(1, arithmetic.MAX_SAFE))
def test_division_rounds_to_a_neighbour(a, b, c):
    """Rounding down leaves less than one behind; rounding to the nearest is off by a half at most."""
    assume(abs(a * b) <= arithmetic.MAX_SAFE * c)
    assert 0 <= a * b - arithmetic.mul_div_floor(a, b, c) * c < c
    assert 2 * abs(a * b - arithmetic.mul_div_half_up(a, b, c) * c) <= c
    assert arithmetic.mul_div_half_up(-a, b, c) == -arithmetic.mul_div_half_up(a, b, c)


@given(safe, st.lists(st.integers(0, arithmetic.MAX_SAFE), min_size=1, max_size=20))
def test_largest_remainder_is_fair_and_complete(total, weights):
    """Parts add up, have the total's sign, and differ from the exact share by less than one."""
    assume(sum(weights))
    parts = arithmetic.largest_remainder(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)
        assert part * total >= 0


@given(prefix, st.integers(0, 9999), st.sampled_from(["", " ", "\r\n", "\x1d", "-"]))
def test_card_number_survives_the_reader(prefix, serial, around):
    """What was built is recognised, with line ends and without its leading zero."""
    number = card_number.build(prefix, serial)
    expected = card_number.Recognition("card", number, prefix)
    assert card_number.recognise(around + number + around, [prefix]) == expected
    assert card_number.normalise(around + number) == number
    if number.startswith("0"):
        assert card_number.recognise(number[1:], [prefix]) == expected
        assert card_number.normalise(number[1:]) == number


@given(prefix, st.integers(0, 9999), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_never_a_card(prefix, serial, at, difference):
    """Misreading any one digit is noticed."""
    number = card_number.build(prefix, serial)
    wrong = number[:at] + str((int(number[at]) + difference) % 10) + number[at + 1 :]
    assert card_number.recognise(wrong, [prefix]).status != "card"


@given(st.text(), st.lists(st.text(max_size=9), max_size=3))
def test_recognise_takes_any_text(text, prefixes):
    """No text raises, and a card always has thirteen digits and one of the prefixes."""
    found = card_number.recognise(text, prefixes)
    if found.status == "foreign":
        assert (found.number, found.prefix) == ("", "")
    else:
        assert len(found.number) == 13 and found.number.startswith(found.prefix) and found.prefix in prefixes


@given(st.text())
def test_mask_shows_four_characters_at_most(text):
    """Masking shows the end and nothing else."""
    assert len(card_number.mask(text)) <= 9
    assert card_number.mask(text).removeprefix("••••").removeprefix(" ") in ("", text[-4:])


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), safe, st.text()),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(st.characters(max_codepoint=127)), inner)),
    )
)
def test_canonical_text_is_the_value(value):
    """The canonical text reads back as the value, in ASCII, and is its own canonical text."""
    text = ruleset.canonical(value)
    assert text.isascii()
    assert json.loads(text) == value
    assert ruleset.canonical(json.loads(text)) == text
    assert len(ruleset.fingerprint(value)) == 64


@given(rules, baskets)
def test_base_stays_between_zero_and_the_sale(rules, basket):
    """The base is never negative and never above what was sold or covered."""
    base = earning_base(rules, basket)
    assert base.base_minor >= 0
    if rules.base == "total":
        assert base.base_minor <= max(0, base.sale_minor)
        assert base.base_minor <= max(0, base.cap_minor)


@given(rules, baskets)
def test_outcome_is_consistent(rules, basket):
    """Signs, sums and code agree."""
    outcome = evaluate(rules, basket)
    assert outcome.points >= 0 >= outcome.unlinked_points
    assert sum(outcome.line_points.values()) == outcome.points
    assert all(points >= 0 for points in outcome.line_points.values())
    assert set(outcome.line_points) == {line.key for line in split(basket).sale}
    assert (outcome.code == "earned") == (outcome.points > 0)
    if not split(basket).return_unlinked or rules.unlinked_return == "leave":
        assert outcome.unlinked_points == 0


@given(rules, baskets, amount)
def test_paying_more_never_earns_less(rules, basket, more):
    """Points follow payments upwards."""
    richer = replace(basket, eligible_paid_minor=basket.eligible_paid_minor + more)
    assert evaluate(rules, richer).points >= evaluate(rules, basket).points


@given(rules, baskets)
def test_nothing_earns_more_than_the_sale_paid_in_full(rules, basket):
    """Overpaying, tips and returned goods add nothing to what the sale itself is worth."""
    assert evaluate(rules, basket).points <= evaluate(rules, paid_in_full(basket)).points


@given(rules, st.integers(-5000, 10**7), st.integers(0, 10**6))
def test_points_grow_with_the_amount(rules, base, more):
    """More paid is never worth less."""
    assert 0 <= points_for(rules, base) <= points_for(rules, base + more)


@given(rules, baskets)
def test_returning_nothing_changes_nothing(rules, basket):
    """A receipt is worth what its basket earned until something comes back."""
    outcome = evaluate(rules, basket)
    kept = kept_points(rules, split(basket).sale, {}, outcome.base_minor)
    assert (kept.points, kept.base_minor, kept.line_points) == (
        outcome.points,
        outcome.base_minor,
        outcome.line_points,
    )


@given(rules, lines(kinds=("sale",)), amount)
def test_returning_everything_leaves_nothing(rules, sold, base):
    """After a full return a receipt is worth nothing."""
    kept = kept_points(rules, sold, {line.key: line.quantity_micro for line in sold}, base)
    assert (kept.points, kept.base_minor) == (0, 0)
    assert not any(kept.line_points.values())


@given(rules, lines(kinds=("sale",), discounts=False), amount, st.data())
def test_returns_in_steps_end_where_one_return_does(rules, sold, base, data):
    """In any order and any number of steps, what is posted adds up to the same, and never rises on the way."""
    assume(sold)
    posted = before = kept_points(rules, sold, {}, base).points
    returned = dict.fromkeys((line.key for line in sold), 0)
    for _step in range(data.draw(st.integers(1, 6))):
        line = data.draw(st.sampled_from(sold))
        returned[line.key] += data.draw(st.integers(0, line.quantity_micro))
        kept = kept_points(rules, sold, returned, base)
        assert sum(kept.line_points.values()) == kept.points
        assert kept.points <= before
        posted += kept.points - before
        before = kept.points
    assert posted == kept_points(rules, sold, returned, base).points


@given(rules, lines(kinds=("sale",)), amount, st.data())
def test_a_return_never_earns(rules, sold, base, data):
    """Whatever comes back, discount lines too, a receipt is never worth more than before any return."""
    assume(sold)
    returned = {line.key: data.draw(st.integers(0, 2 * line.quantity_micro)) for line in sold}
    assert kept_points(rules, sold, returned, base).points <= kept_points(rules, sold, {}, base).points
