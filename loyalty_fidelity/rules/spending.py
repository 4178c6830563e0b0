"""Paying with what a member has: an amount off that he chooses, after everything that his card gives.

Decides what of it a basket takes, and on which lines it falls.

Invariants: never more than the member wants to spend, nor than the sale lines come to after all amounts off; no line takes more
than is left of it.

Source: "Spending cashback" in ``docs/architecture.md``. Vectors: ``spending.json``.
"""

from collections.abc import Mapping, Sequence

from .arithmetic import add, largest_remainder, whole
from .errors import RuleError
from .line_price import PriceLine, sale_lines
from .price import AmountEffect

#: The benefit of what is paid with cashback: reserved, no ruleset has such a key.
CASHBACK = "cashback"


def left_of(lines: Sequence[PriceLine], taken: Mapping[str, int]) -> dict[str, int]:
    """Give what is left of each sale line after amounts off.

    :param lines: with amounts after the card's percentages
    :param taken: by line key, what amounts off take of sale lines together, zero or more
    :return: by line key, signed
    :raises RuleError: ``duplicate`` for two lines with one key, ``choice`` for something taken of another line, ``type``, ``range``,
        ``overflow``

    >>> left_of([PriceLine("a", "sale", 1240), PriceLine("t", "excluded", 50)], {"a": 240})
    {'a': 1000}
    """
    left = {line.key: line.total_minor for line in sale_lines(lines)}
    for key, amount in taken.items():
        if key not in left:
            raise RuleError("choice", field="taken")
        left[key] = add([left[key], -whole(amount, "taken", 0)])
    return left


def share_off(left: Mapping[str, int], amount_minor: int) -> dict[str, int]:
    """Share an amount over lines by what is left of each, by largest remainder.

    :param left: by line key, signed; only what is above zero takes part
    :param amount_minor: above zero, at most what is left together
    :return: by line key, above zero
    :raises RuleError: ``type``, ``range``, ``overflow``

    >>> share_off({"a": 1000, "b": 760, "c": -50}, 440)
    {'a': 250, 'b': 190}
    """
    weights = {key: amount for key, amount in left.items() if amount > 0}
    shares = largest_remainder(amount_minor, list(weights.values()))
    return {key: share for key, share in zip(weights, shares, strict=True) if share}


def spend(lines: Sequence[PriceLine], taken: Mapping[str, int], wish_minor: int) -> AmountEffect | None:
    """Give what is paid with cashback, shared over the sale lines by what is left of each.

    :param lines: with amounts after the card's percentages
    :param taken: by line key, what amounts off take of sale lines together, zero or more
    :param wish_minor: what the member wants to spend, zero or more
    :return: none where it comes to nothing
    :raises RuleError: ``duplicate`` for two lines with one key, ``choice`` for something taken of another line, ``type``, ``range``,
        ``overflow``

    >>> spend([PriceLine("a", "sale", 1240), PriceLine("b", "sale", 760)], {"a": 240}, 440)
    AmountEffect(benefit='cashback', amount_minor=440, allocation={'a': 250, 'b': 190})
    """
    whole(wish_minor, "wish_minor", 0)
    left = left_of(lines, taken)
    amount = min(wish_minor, max(0, add(left.values())))
    return AmountEffect(CASHBACK, amount, share_off(left, amount)) if amount else None
