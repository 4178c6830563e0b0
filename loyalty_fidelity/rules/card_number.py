"""Card numbers: how one is made, and whether what a reader sent is one of ours.

Decides the check digit, the normal form of what arrives (separators, line ends, a leading zero that the scanner lost)
and which number prefixes a card type may use.

Invariants: ``recognise`` never raises on any text, and what it calls a card has 13 digits, one of the prefixes and a
right check digit; a 12-digit product code (UPC-A) is never taken for a card unless its 13-digit form has a card's
prefix; a masked number shows four digits at most.

Source: GS1 General Specifications, "Check digit calculation" (EAN-13, UPC-A) and "Restricted Circulation Numbers":
prefix 04 is for a company's own use. ``RESERVED_PREFIXES`` are those of Odoo's default barcode nomenclature.
Vectors: ``card_number.json``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .arithmetic import whole
from .errors import RuleError

# Odoo: 041 cashier, 042 customer, 043 and 044 coupons, 20 and 22 discount, 21 weight, 23 price, 10 lot, 414 location.
RESERVED_PREFIXES = ("041", "042", "043", "044", "20", "21", "22", "23", "10", "414")
NUMBER_LENGTH = 13
MAX_LENGTH = 32

_DIGITS = re.compile(r"[0-9]+")
_PREFIX = re.compile(r"[0-9]{2,8}")
_SEPARATORS = " \t\r\n.-\u00a0\u2010\u2011\u2012\u2013\u2014\u2212"
_AROUND = _SEPARATORS + "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
_WITHOUT_SEPARATORS = str.maketrans("", "", _SEPARATORS)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a text read by a reader, or typed, turned out to be.

    ``status`` is ``card`` (ours), ``check_digit`` (ours by prefix and length, but misread or mistyped) or ``foreign``
    (not ours: leave it to others). ``number`` has 13 digits and ``prefix`` is the matching one; both are empty for
    ``foreign``.
    """

    status: str
    number: str
    prefix: str


_FOREIGN = Recognition("foreign", "", "")


def check_digit(digits: str) -> str:
    """Compute the check digit of the digits before it, with weights 3, 1, 3, … from the right.

    :param digits: one digit or more, without the check digit
    :raises RuleError: ``malformed`` when it is not made of digits

    >>> check_digit("049000000001")
    '6'
    """
    if not isinstance(digits, str) or not _DIGITS.fullmatch(digits):
        raise RuleError("malformed")
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def _has_right_check_digit(number: str) -> bool:
    return check_digit(number[:-1]) == number[-1]


def is_prefix(prefix: object) -> bool:
    """Tell whether something can be a number prefix: a text of 2 to 8 digits.

    >>> is_prefix("0490"), is_prefix("4"), is_prefix(490)
    (True, False, False)
    """
    return isinstance(prefix, str) and _PREFIX.fullmatch(prefix) is not None


def build(prefix: str, serial: int) -> str:
    """Make the EAN-13 card number of a serial number.

    :param prefix: 2 to 8 digits
    :param serial: zero or more, as many digits as the prefix leaves of 12
    :raises RuleError: ``prefix_malformed``; ``serial_range`` when the prefix leaves too few digits; ``type``

    >>> build("0490", 1)
    '0490000000016'
    """
    if not is_prefix(prefix):
        raise RuleError("prefix_malformed")
    width = NUMBER_LENGTH - 1 - len(prefix)
    if not 0 <= whole(serial, "serial") < 10**width:
        raise RuleError("serial_range", serial=serial, prefix=prefix)
    digits = f"{prefix}{serial:0{width}d}"
    return digits + check_digit(digits)


def digits_of(raw: object) -> str:
    """Take the digits out of what was read or typed: separators go, and control characters around the text.

    :return: at most 32 digits; empty where anything else is left, or nothing

    >>> digits_of(" 0490-0000 0001.6"), digits_of("A1")
    ('0490000000016', '')
    """
    if not isinstance(raw, str):
        return ""
    text = raw.strip(_AROUND).translate(_WITHOUT_SEPARATORS)
    return text if len(text) <= MAX_LENGTH and _DIGITS.fullmatch(text) else ""


def normalise(raw: str) -> str:
    """Bring what was read or typed to the form in which numbers are stored.

    Spaces, dashes, dots and line ends go, and control characters around the text. Twelve digits with a right check
    digit are an EAN-13 whose leading zero the scanner dropped: it comes back.

    :return: 1 to 32 digits; not necessarily a card's
    :raises RuleError: ``malformed`` when anything but digits is left, or nothing, or more than 32 digits

    >>> normalise("490000000016\\r"), normalise("0490 0000-00016")
    ('0490000000016', '0490000000016')
    """
    digits = digits_of(raw)
    if not digits:
        raise RuleError("malformed")
    if len(digits) == NUMBER_LENGTH - 1 and _has_right_check_digit(digits):
        return "0" + digits
    return digits


def recognise(raw: str, prefixes: Iterable[str]) -> Recognition:
    """Tell whether a text is one of our card numbers.

    :param raw: any text
    :param prefixes: the number prefixes of every card type; the longest that matches wins, malformed ones are ignored

    >>> recognise("490000000016", ["0490"])
    Recognition(status='card', number='0490000000016', prefix='0490')
    >>> recognise("0490000000017", ["0490"]).status, recognise("5449000000996", ["0490"]).status
    ('check_digit', 'foreign')
    """
    digits = digits_of(raw)
    number = "0" + digits if len(digits) == NUMBER_LENGTH - 1 else digits
    if len(number) != NUMBER_LENGTH:
        return _FOREIGN
    matching = [prefix for prefix in prefixes if is_prefix(prefix) and number.startswith(prefix)]
    if not matching:
        return _FOREIGN
    status = "card" if _has_right_check_digit(number) else "check_digit"
    return Recognition(status, number, max(matching, key=len))


def mask(number: str) -> str:
    """Hide a number so that it can be shown, printed or logged.

    :return: dots and the last four characters; only dots when the number has fewer than eight

    >>> mask("0490000000016")
    '•••• 0016'
    """
    return f"•••• {number[-4:]}" if len(number) >= 8 else "••••"


def _overlap(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def check_prefix(prefix: str, others: Iterable[str]) -> None:
    """Check that a card type may use a number prefix.

    Two prefixes collide when one begins with the other. A prefix that starts with a zero is also read without it, so
    that form must not collide with a reserved prefix either.

    :param others: the prefixes of the other card types
    :raises RuleError: ``prefix_malformed`` (not 2 to 8 digits), ``prefix_reserved`` or ``prefix_taken``; the details
        name the prefix it collides with as ``other``

    >>> check_prefix("0490", ["0491"])
    >>> check_prefix("04", [])
    Traceback (most recent call last):
    rules.errors.RuleError: prefix_reserved (prefix=04, other=041)
    """
    if not is_prefix(prefix):
        raise RuleError("prefix_malformed")
    forms = (prefix, prefix[1:]) if prefix.startswith("0") else (prefix,)
    for reserved in RESERVED_PREFIXES:
        if any(_overlap(form, reserved) for form in forms):
            raise RuleError("prefix_reserved", prefix=prefix, other=reserved)
    for other in others:
        if _overlap(prefix, other):
            raise RuleError("prefix_taken", prefix=prefix, other=other)
