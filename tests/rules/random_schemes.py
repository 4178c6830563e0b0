"""Random calls about number schemes for the differential test."""

from random import Random

from rules.card_number import check_digit
from rules.number_scheme import luhn_digit

PREFIXES = ["0490", "49", "77", "990", "04901234", "800"]
NOISE = ["", "", " ", "-", "\r", ";", "?", "0", "7", "é"]


def _scheme(rng: Random):
    """A scheme as a till gets it, one in ten of them wrong."""
    prefix = rng.choice(PREFIXES)
    if rng.random() < 0.2:
        return prefix
    scheme = {"prefix": prefix, "length": rng.choice([8, 10, 12, 12, 13, 13, 16, 19]), "check": rng.choice(["ean", "luhn", "none"])}
    if rng.random() < 0.1:
        name = rng.choice(list(scheme))
        scheme[name] = rng.choice([None, 7, 20, "4", "9" * 9, "crc", True, "", [], 13])
        if rng.random() < 0.2:
            del scheme[name]
    return scheme


def _digits(rng: Random, size: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(size))


def _text(rng: Random, schemes) -> str:
    """A number of one of the schemes, whole or damaged, or any digits."""
    prefix = rng.choice(PREFIXES)
    size = rng.choice([8, 10, 12, 13, 16, 19])
    body = (prefix + _digits(rng, size))[: size - 1]
    text = body + rng.choice([check_digit(body), luhn_digit(body), _digits(rng, 1)])
    if rng.random() < 0.3:
        text = rng.choice(["0" + text, text.removeprefix("0"), text[:-1]])
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(NOISE) + text[at:]


def scheme_case(rng: Random) -> dict:
    """One call."""
    name = rng.choice(["recognise", "recognise", "recognise", "parse_scheme", "luhn_digit", "complete"])
    schemes = [_scheme(rng) for _ in range(rng.randint(0, 4))]
    digits = rng.choice([_digits(rng, rng.randint(0, 20)), "12a", "\u0663", " 1"])
    given = {
        "recognise": {"raw": _text(rng, schemes), "schemes": schemes},
        "parse_scheme": {"value": _scheme(rng)},
        "luhn_digit": {"digits": digits},
        "complete": {"digits": digits or "1", "check": rng.choice(["ean", "luhn", "none", "crc"])},
    }[name]
    return {"call": f"number_scheme.{name}", "input": given}
