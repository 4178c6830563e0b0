"""Properties of number schemes."""

from hypothesis import given
from hypothesis import strategies as st
from rule_kernel import load

load()

from rules import card_number, number_scheme  # noqa: E402  (the package exists only now)
from rules.errors import RuleError  # noqa: E402

prefixes = st.from_regex(r"[0-9]{2,8}", fullmatch=True)
keys = st.binary(min_size=1, max_size=64)


@st.composite
def schemes(draw, longest=19):
    check = draw(st.sampled_from(number_scheme.CHECKS))
    prefix = draw(prefixes)
    shortest = max(number_scheme.MIN_LENGTH, len(prefix) + 1 + (check != "none"))
    return number_scheme.Scheme(prefix, draw(st.integers(shortest, max(shortest, longest))), check)


@given(schemes(), st.data(), keys)
def test_serial_and_number_are_each_other(scheme, data, key):
    """A number leads back to its serial, in sequence and with a key, and is recognised."""
    serial = data.draw(st.integers(0, number_scheme.capacity(scheme) - 1))
    for secret in (b"", key):
        number = number_scheme.nth_number(scheme, serial, secret)
        assert len(number) == scheme.length
        assert number_scheme.serial_of(scheme, number, secret) == serial
        assert number_scheme.recognise(number, [scheme]) == card_number.Recognition("card", number, scheme.prefix)


@given(st.integers(1, 4), st.sampled_from(number_scheme.CHECKS), keys)
def test_a_key_gives_every_number_once(width, check, key):
    """The order of a key is a permutation: nothing is left out and nothing comes twice."""
    prefix = "90123456"[: 8 - width] if width < 7 else "90"
    scheme = number_scheme.Scheme(prefix, len(prefix) + width + (check != "none"), check)
    count = number_scheme.capacity(scheme)
    assert count == 10**width
    numbers = {number_scheme.nth_number(scheme, serial, key) for serial in range(count)}
    assert numbers == {number_scheme.nth_number(scheme, serial) for serial in range(count)}


def test_the_next_number_of_a_key_is_nowhere_near():
    """Of 1,000 cards one after the other hardly any two neighbours are within a thousandth of the range."""
    scheme = number_scheme.Scheme("0490")
    places = [int(number_scheme.nth_number(scheme, serial, b"secret")[4:12]) for serial in range(1000)]
    near = sum(abs(one - other) < 100_000 for one, other in zip(places, places[1:], strict=False))
    assert near < 20


@given(schemes(), schemes(), keys)
def test_two_schemes_have_orders_of_their_own(one, other, key):
    """The scheme is part of the key: what is known of one tells nothing of another."""
    if one.length == other.length == 19 and one.prefix != other.prefix and len(one.prefix) == len(other.prefix):
        count = len(one.prefix)
        tails = {number_scheme.nth_number(scheme, 1, key)[count:18] for scheme in (one, other)}
        assert len(tails) == 2


@given(st.text(max_size=40), st.lists(prefixes, max_size=4))
def test_thirteen_digits_are_recognised_as_before(text, known):
    """Prefixes alone are what they were before there were schemes."""
    assert number_scheme.recognise(text, known) == card_number.recognise(text, known)


@given(prefixes, st.integers(0, 999), st.lists(prefixes, max_size=3))
def test_numbers_of_thirteen_digits_are_recognised_as_before(prefix, serial, known):
    """So are numbers, also without their zero."""
    number = number_scheme.nth_number(number_scheme.Scheme(prefix), serial)
    for text in (number, number.removeprefix("0"), number[:-1] + "5"):
        assert number_scheme.recognise(text, [prefix, *known]) == card_number.recognise(text, [prefix, *known])


@given(schemes(), schemes(), st.data())
def test_schemes_that_pass_never_share_a_number(one, other, data):
    """What one scheme calls its card, in whatever form a scanner sends it, the other calls foreign."""
    try:
        number_scheme.check_scheme(one, [other])
    except RuleError:
        return
    number = number_scheme.nth_number(one, data.draw(st.integers(0, number_scheme.capacity(one) - 1)))
    forms = [number]
    if one.check == "ean" and one.length == 13:
        forms.append(number.removeprefix("0"))
    if one.check == "ean" and one.length == 12:
        forms.append("0" + number)
    for form in forms:
        assert number_scheme.recognise(form, [other]).status == "foreign"
        assert number_scheme.recognise(form, [one, other]).number == number
