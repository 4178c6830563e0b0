"""Number schemes: how the card numbers of a card type look, in which order they are given out, and what they may not be.

Decides whether a text is a number of one of several schemes, which number the n-th card of a scheme gets and back, and
whether a scheme can be told from every other number that a till reads.

Invariants: ``recognise`` never raises on any text; for schemes of 13 digits with an EAN check digit it is
``card_number.recognise``. ``nth_number`` and ``serial_of`` undo each other; with a key the numbers of all serials from
zero to ``capacity - 1`` are still every number of the scheme exactly once, in an order that who has no key cannot guess.

Construction of that order: an alternating Feistel network over the decimal digits of the serial, ten rounds, as FF1 of
NIST SP 800-38G has it, with keyed BLAKE2b (RFC 7693) as its round function in place of AES, and the scheme as tweak. A Feistel
network is a permutation whatever its round function is (M. Luby, C. Rackoff, 1988; for any finite domain J. Black,
P. Rogaway, 2002), so no table and no search for free numbers is needed. It hides the order, not the card: with few serials
left to choose from a number can still be hit by trying.

Source of the check digit "luhn": ISO/IEC 7812-1, annex B. ``ISSUER_PREFIXES`` are the ranges of ISO/IEC 7812 from which
payment cards are issued. Vectors: ``number_scheme.json``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from .arithmetic import whole
from .card_number import NUMBER_LENGTH, Recognition, check_digit, check_prefix, digits_of, is_prefix
from .card_number import recognise as recognise_ean13
from .errors import RuleError

MIN_LENGTH = 8
MAX_LENGTH = 19
CHECKS = ("ean", "luhn", "none")
ROUNDS = 10
# A payment card has 12 to 19 digits and ends in a Luhn digit. UATP, Mastercard 2 series, 3, 4, 5 and 6 of all brands, RuPay, Troy.
ISSUER_LENGTHS = (12, 19)
ISSUER_PREFIXES = ("1", *map(str, range(222, 273)), "3", "4", "5", "6", "81", "82", "9792")


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the numbers of a card type look: prefix of 2 to 8 digits, length of 8 to 19, ``check`` of :data:`CHECKS`."""

    prefix: str
    length: int = NUMBER_LENGTH
    check: str = "ean"


def parse_scheme(value: object) -> Scheme:
    """Read a scheme: an object with ``prefix``, ``length`` and ``check``, or a prefix alone, which means EAN-13.

    :raises RuleError: ``type``, ``prefix_malformed``, ``length_range``, ``check_unknown``; ``length_short`` when prefix
        and check digit leave no digit for the cards

    >>> parse_scheme("0490")
    Scheme(prefix='0490', length=13, check='ean')
    >>> parse_scheme({"prefix": "77", "length": 16, "check": "luhn"}).length
    16
    """
    if isinstance(value, str):
        value = {"prefix": value, "length": NUMBER_LENGTH, "check": "ean"}
    if not isinstance(value, dict) or value.keys() != {"prefix", "length", "check"}:
        raise RuleError("type", field="scheme")
    if not is_prefix(value["prefix"]):
        raise RuleError("prefix_malformed")
    if not MIN_LENGTH <= whole(value["length"], "length") <= MAX_LENGTH:
        raise RuleError("length_range", length=value["length"])
    if not isinstance(value["check"], str) or value["check"] not in CHECKS:
        raise RuleError("check_unknown")
    scheme = Scheme(value["prefix"], value["length"], value["check"])
    if _width(scheme) < 1:
        raise RuleError("length_short", length=scheme.length, prefix=scheme.prefix)
    return scheme


def _width(scheme: Scheme) -> int:
    return scheme.length - len(scheme.prefix) - (scheme.check != "none")


def luhn_digit(digits: str) -> str:
    """Compute the Luhn check digit of the digits before it: every second one from the right counts double.

    :raises RuleError: ``malformed`` when it is not made of digits

    >>> luhn_digit("7992739871")
    '3'
    """
    if not isinstance(digits, str) or digits_of(digits) != digits or not digits:
        raise RuleError("malformed")
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 if place % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def complete(digits: str, check: str) -> str:
    """Add the check digit of a scheme to the digits before it.

    :param check: of :data:`CHECKS`
    :raises RuleError: ``malformed``; ``check_unknown``

    >>> complete("049000000001", "ean"), complete("7992739871", "luhn"), complete("77", "none")
    ('0490000000016', '79927398713', '77')
    """
    if check == "ean":
        return digits + check_digit(digits)
    if check == "luhn":
        return digits + luhn_digit(digits)
    if check == "none":
        return digits
    raise RuleError("check_unknown")


def recognise(raw: str, schemes: Iterable[object]) -> Recognition:
    """Tell whether a text is a number of one of these schemes.

    A number of 12 digits with an EAN check digit is also read with the zero that makes an EAN-13 of a UPC-A.

    :param raw: any text
    :param schemes: :class:`Scheme` or what ``parse_scheme`` reads; malformed ones are ignored, the longest prefix wins

    >>> recognise("490000000016", ["0490"])
    Recognition(status='card', number='0490000000016', prefix='0490')
    >>> recognise("77-0000 0001", [{"prefix": "77", "length": 10, "check": "none"}]).status
    'card'
    """
    known = _readable(schemes)
    best = recognise_ean13(raw, [scheme.prefix for scheme in known if _is_ean13(scheme)])
    digits = digits_of(raw)
    for scheme in known:
        number = digits
        if scheme.check == "ean" and scheme.length == NUMBER_LENGTH - 1 and len(digits) == NUMBER_LENGTH:
            number = digits.removeprefix("0")
        fits = len(number) == scheme.length and number.startswith(scheme.prefix) and not _is_ean13(scheme)
        if fits and len(scheme.prefix) > len(best.prefix):
            right = complete(number[:-1], scheme.check) == number or scheme.check == "none"
            best = Recognition("card" if right else "check_digit", number, scheme.prefix)
    return best


def _readable(schemes: Iterable[object]) -> list[Scheme]:
    known = []
    for value in schemes:
        try:
            known.append(value if isinstance(value, Scheme) else parse_scheme(value))
        except RuleError:
            continue
    return known


def _is_ean13(scheme: Scheme) -> bool:
    return scheme.check == "ean" and scheme.length == NUMBER_LENGTH


def symbology(scheme: Scheme) -> str:
    """Name the linear symbol that carries a number of this scheme as it is.

    :return: ``ean13``, ``ean8``, ``upca`` or ``code128``

    >>> symbology(Scheme("0490")), symbology(Scheme("0490", 16, "luhn"))
    ('ean13', 'code128')
    """
    if scheme.check != "ean":
        return "code128"
    return {13: "ean13", 12: "upca", 8: "ean8"}.get(scheme.length, "code128")


def capacity(scheme: Scheme) -> int:
    """Count the numbers of a scheme.

    >>> capacity(Scheme("0490"))
    100000000
    """
    return 10 ** _width(scheme)


def nth_number(scheme: Scheme, serial: int, key: bytes = b"") -> str:
    """Make the card number of a serial.

    :param serial: from zero to ``capacity(scheme) - 1``
    :param key: secret of the unguessable order, 1 to 64 bytes; empty: one after the other
    :raises RuleError: ``serial_range``; ``type``

    >>> nth_number(Scheme("0490"), 1)
    '0490000000016'
    >>> nth_number(Scheme("0490"), 1, b"secret") == nth_number(Scheme("0490"), 2, b"secret")
    False
    """
    width = _width(scheme)
    if isinstance(serial, bool) or not isinstance(serial, int):
        raise RuleError("type", field="serial")
    if not 0 <= serial < 10**width:
        raise RuleError("serial_range", serial=serial, prefix=scheme.prefix)
    place = _shuffled(scheme, serial, width, key) if key else serial
    return complete(f"{scheme.prefix}{place:0{width}d}", scheme.check)


def serial_of(scheme: Scheme, number: str, key: bytes = b"") -> int:
    """Find the serial of a card number.

    :param number: in normal form
    :raises RuleError: ``malformed`` when it is no number of the scheme

    >>> serial_of(Scheme("0490"), nth_number(Scheme("0490"), 7, b"secret"), b"secret")
    7
    """
    if recognise(number, [scheme]) != Recognition("card", number, scheme.prefix):
        raise RuleError("malformed")
    width = _width(scheme)
    place = int(number[len(scheme.prefix) : len(scheme.prefix) + width])
    return _unshuffled(scheme, place, width, key) if key else place


def _halves(width: int) -> tuple[int, int]:
    return 10 ** (width // 2), 10 ** (width - width // 2)


def _turn(scheme: Scheme, key: bytes):
    """Make the round function: of the number of the round and the half that stays, 128 bits."""
    seed = blake2b(f"{scheme.prefix}|{scheme.length}|{scheme.check}|".encode(), key=key, digest_size=16, person=b"card number")

    def turn(number: int, half: int) -> int:
        state = seed.copy()
        state.update(b"%d|%d" % (number, half))
        return int.from_bytes(state.digest(), "big")

    return turn


def _shuffled(scheme: Scheme, serial: int, width: int, key: bytes) -> int:
    sizes, turn = _halves(width), _turn(scheme, key)
    left, right = divmod(serial, sizes[1])
    for number in range(ROUNDS):
        left, right = right, (left + turn(number, right)) % sizes[number % 2]
    return left * sizes[1] + right


def _unshuffled(scheme: Scheme, place: int, width: int, key: bytes) -> int:
    sizes, turn = _halves(width), _turn(scheme, key)
    left, right = divmod(place, sizes[1])
    for number in reversed(range(ROUNDS)):
        left, right = (right - turn(number, left)) % sizes[number % 2], left
    return left * sizes[1] + right


def _forms(scheme: Scheme) -> list[tuple[str, int]]:
    """List prefix and length of what a reader may make of a number: an EAN-13 that starts with a zero is a UPC-A too."""
    forms = [(scheme.prefix, scheme.length)]
    if _is_ean13(scheme) and scheme.prefix.startswith("0"):
        forms.append((scheme.prefix[1:], NUMBER_LENGTH - 1))
    if scheme.check == "ean" and scheme.length == NUMBER_LENGTH - 1:
        forms.append(("0" + scheme.prefix, NUMBER_LENGTH))
    return forms


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def check_scheme(scheme: Scheme, others: Iterable[Scheme]) -> None:
    """Check that the numbers of a scheme can be told from all others.

    The prefix follows ``card_number.check_prefix``. Beyond that no number, also as a scanner shortens or lengthens it, may be
    one of another scheme; and none may look like a payment card, which tills refuse to keep. An EAN of 12 or 13 digits
    never does: the symbol says what it is.

    :param others: of the other card types
    :raises RuleError: ``prefix_malformed``, ``prefix_reserved``, ``prefix_taken``, ``payment_card``

    >>> check_scheme(Scheme("0490"), [Scheme("0491")])
    >>> check_scheme(Scheme("49", 16, "luhn"), [])
    Traceback (most recent call last):
    rules.errors.RuleError: payment_card (prefix=49, length=16)
    """
    others = list(others)
    check_prefix(scheme.prefix, [other.prefix for other in others])
    for other in others:
        for prefix, length in _forms(scheme):
            if any(length == size and _overlap(prefix, form) for form, size in _forms(other)):
                raise RuleError("prefix_taken", prefix=scheme.prefix, other=other.prefix)
    low, high = ISSUER_LENGTHS
    is_symbol = scheme.check == "ean" and scheme.length in (NUMBER_LENGTH - 1, NUMBER_LENGTH)
    if low <= scheme.length <= high and not is_symbol and any(_overlap(scheme.prefix, issuer) for issuer in ISSUER_PREFIXES):
        raise RuleError("payment_card", prefix=scheme.prefix, length=scheme.length)
