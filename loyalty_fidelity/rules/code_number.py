"""Codes: how one is written, and whether what was read or typed can be one.

A code is 14 random characters and a check character, of an alphabet without 0, 1, I, L and O. Decides its normal form
(separators and small letters), its check character and how people read it, in groups of five.

Invariants: ``is_code`` never raises, and what it takes for a code has 15 characters of ``ALPHABET``, one letter at least,
so no number of a product or card is one, and a right check character: one wrong character, and two neighbours that
changed places, are always noticed, for the alphabet has a prime number of characters and each place a weight of its own.

Source: ISO/IEC 7064 for the idea of a check character modulo a prime; the weights are our own.
Vectors: ``code_number.json``.
"""

from .errors import RuleError

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: Random characters: 31 to the 14th is more than 69 bits.
RANDOM_LENGTH = 14
LENGTH = 15
GROUP = 5
MAX_LENGTH = 64

_SEPARATORS = " \t\r\n.-_\u00a0\u2010\u2011\u2012\u2013\u2014\u2212"


def check_character(text: str) -> str:
    """Compute the check character of 14 characters: the sum of each one's place in the alphabet times 2, 3, 4, …, modulo 31.

    :raises RuleError: ``malformed`` when it is not 14 characters of the alphabet

    >>> check_character("23456789ABCDEF")
    'B'
    """
    if not isinstance(text, str) or len(text) != RANDOM_LENGTH or any(character not in ALPHABET for character in text):
        raise RuleError("malformed")
    total = sum(ALPHABET.index(character) * (place + 2) for place, character in enumerate(text))
    return ALPHABET[total % len(ALPHABET)]


def normalise(raw: str) -> str:
    """Bring what was read or typed to the form in which codes are stored: no separators, capital letters.

    :return: 15 characters with a right check character
    :raises RuleError: ``malformed`` when it is not 15 characters of the alphabet with a letter among them; ``check_digit``
        when it was misread or mistyped

    >>> normalise("23456-789ab-cdefb")
    '23456789ABCDEFB'
    """
    if not isinstance(raw, str) or len(raw) > MAX_LENGTH:
        raise RuleError("malformed")
    text = "".join(_upper(character) for character in raw if character not in _SEPARATORS)
    if len(text) != LENGTH or any(character not in ALPHABET for character in text) or text.isdigit():
        raise RuleError("malformed")
    if check_character(text[:RANDOM_LENGTH]) != text[RANDOM_LENGTH]:
        raise RuleError("check_digit")
    return text


def _upper(character: str) -> str:
    """The capital of a letter of the English alphabet; anything else as it is."""
    return character.upper() if "a" <= character <= "z" else character


def is_code(raw: object) -> bool:
    """Tell whether a text can be a code.

    >>> is_code("23456-789AB-CDEFB"), is_code("0490000000016"), is_code(None)
    (True, False, False)
    """
    try:
        normalise(raw)
    except RuleError:
        return False
    return True


def grouped(code: str) -> str:
    """Write a code as people read it, in groups of five.

    >>> grouped("23456789ABCDEFB")
    '23456-789AB-CDEFB'
    """
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
