"""What must hold for every argument of the arithmetic, card numbers and texts: what their docstrings state."""

import json

from hypothesis import assume, given
from hypothesis import strategies as st
from rules import arithmetic, card_number, ruleset
from strategies import safe

prefix = st.from_regex(r"[0-9]{2,8}", fullmatch=True)


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
