"""What must hold for whatever codes take off: what the docstring of voucher states."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rules.price import receipt_total
from rules.voucher import Voucher, redeem
from strategies import amount, bps, price_lines

worth = st.one_of(
    st.builds(lambda minor: {"amount_minor": minor}, amount.map(abs)), st.builds(lambda percent: {"percent_bps": percent}, bps)
)


@st.composite
def vouchers(draw):
    found = draw(st.lists(st.tuples(worth, st.integers(0, 5000)), max_size=4))
    return [Voucher(f"code:{at}", **what, minimum_minor=minimum) for at, (what, minimum) in enumerate(found)]


@given(price_lines(), vouchers())
def test_codes_never_take_more_than_there_is(lines, codes):
    """The parts of each add up; together they leave every line, and the receipt, at zero or more."""
    effects = redeem(lines, {}, codes, receipt_total(lines))
    off = Counter()
    for effect in effects:
        assert sum(effect.allocation.values()) == effect.amount_minor > 0
        assert all(share > 0 for share in effect.allocation.values())
        off.update(effect.allocation)
    sold = {line.key: line.total_minor for line in lines if line.kind == "sale"}
    assert all(share <= sold[key] for key, share in off.items())
    assert off.total() <= max(0, sum(sold.values()))


@given(price_lines(), vouchers())
def test_each_code_takes_its_worth_or_all_that_is_left(lines, codes):
    """In their order; a code under its minimum receipt takes nothing."""
    receipt = receipt_total(lines)
    took = {effect.benefit: effect.amount_minor for effect in redeem(lines, {}, codes, receipt)}
    room = max(0, receipt)
    for code in codes:
        asked = code.amount_minor or (2 * room * code.percent_bps + 10_000) // 20_000
        expected = min(room, asked) if receipt >= code.minimum_minor else 0
        assert took.get(code.key, 0) == expected
        room -= expected
    assert set(took) <= {code.key for code in codes}


@given(price_lines(), vouchers(), st.data())
def test_a_code_for_some_lines_takes_nothing_of_others(lines, codes, data):
    """And neither its lines nor the receipt go below zero."""
    keys = [line.key for line in lines]
    codes = [
        replace(code, lines=data.draw(st.none() | st.sets(st.sampled_from(keys)).map(tuple) if keys else st.none()))
        for code in codes
    ]
    effects = redeem(lines, {}, codes, receipt_total(lines))
    chosen = {code.key: code.lines for code in codes}
    off = Counter()
    for effect in effects:
        assert chosen[effect.benefit] is None or set(effect.allocation) <= set(chosen[effect.benefit])
        off.update(effect.allocation)
    sold = {line.key: line.total_minor for line in lines if line.kind == "sale"}
    assert all(share <= sold[key] for key, share in off.items())
    assert off.total() <= max(0, sum(sold.values()))
