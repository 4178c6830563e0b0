"""Integer arithmetic that Python and JavaScript do alike.

Decides how a product is divided and rounded, and how a total is split without losing or gaining a unit.

Invariants: every integer in or out lies between ``-MAX_SAFE`` and ``MAX_SAFE`` (what a JavaScript number holds
exactly), only what happens in between may be larger; the parts of ``largest_remainder`` add up to its total.

Source: the largest remainder method (Hare quota, Hamilton's method of apportionment).
Vectors: ``arithmetic.json``.
"""

from collections.abc import Iterable, Sequence

from .errors import RuleError

MAX_SAFE = 2**53 - 1


def whole(value: object, field: str, low: int = -MAX_SAFE, high: int = MAX_SAFE) -> int:
    """Check that a value is an integer within bounds; a boolean is not an integer.

    :param field: the name that an error mentions
    :param low: smallest value allowed
    :param high: largest value allowed
    :raises RuleError: ``type`` for anything but an integer, ``range`` outside the bounds

    >>> whole(7, "points", 1)
    7
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise RuleError("type", field=field)
    if not low <= value <= high:
        raise RuleError("range", field=field, low=low, high=high)
    return value


def _safe(value: int) -> int:
    if not -MAX_SAFE <= value <= MAX_SAFE:
        raise RuleError("overflow")
    return value


def add(values: Iterable[int]) -> int:
    """Add integers up; only the sum has to be safe, not what lies on the way.

    :raises RuleError: ``type`` or ``range`` for a bad addend, ``overflow`` for a sum beyond ``MAX_SAFE``

    >>> add([1250, -250, 99])
    1099
    """
    return _safe(sum(whole(value, "value") for value in values))


def _product_and_divisor(a: int, b: int, c: int) -> tuple[int, int]:
    product = whole(a, "a") * whole(b, "b")
    if whole(c, "c") <= 0:
        raise RuleError("division", c=c)
    return product, c


def mul_div_floor(a: int, b: int, c: int) -> int:
    """Compute a × b ÷ c, rounded down, towards minus infinity.

    :param c: greater than zero
    :raises RuleError: ``division`` when c is not above zero; ``type``, ``range``; ``overflow`` for the result

    >>> mul_div_floor(1999, 1, 1000), mul_div_floor(-1, 1, 2)
    (1, -1)
    """
    product, divisor = _product_and_divisor(a, b, c)
    return _safe(product // divisor)


def mul_div_half_up(a: int, b: int, c: int) -> int:
    """Compute a × b ÷ c, rounded to the nearest integer, a half away from zero.

    :param c: greater than zero
    :raises RuleError: ``division`` when c is not above zero; ``type``, ``range``; ``overflow`` for the result

    >>> mul_div_half_up(5, 1, 2), mul_div_half_up(-5, 1, 2), mul_div_half_up(7, 1, 3)
    (3, -3, 2)
    """
    product, divisor = _product_and_divisor(a, b, c)
    size = (2 * abs(product) + divisor) // (2 * divisor)
    return _safe(-size if product < 0 else size)


def largest_remainder(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split a total in proportion to weights, without losing or gaining a unit.

    Every part is first rounded towards zero; the units left go to the largest remainders, the earlier position first.

    :param total: of either sign
    :param weights: zero or more each; a weight of zero gets nothing
    :return: one part per weight, in the same order and with the sign of the total; they add up to the total
    :raises RuleError: ``no_weights`` when there is something to split and every weight is zero; ``type``, ``range``

    >>> largest_remainder(10, [1, 1, 1])
    (4, 3, 3)
    >>> largest_remainder(-5, [0, 3, 1])
    (0, -4, -1)
    """
    size = abs(whole(total, "total"))
    for weight in weights:
        whole(weight, "weight", 0)
    whole_weight = sum(weights)
    if not size:
        return (0,) * len(weights)
    if not whole_weight:
        raise RuleError("no_weights", total=total)
    parts = [size * weight // whole_weight for weight in weights]
    left = size - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % whole_weight), at))
    for at in by_remainder[:left]:
        parts[at] += 1
    return tuple(-part for part in parts) if total < 0 else tuple(parts)
