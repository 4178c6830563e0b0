"""What a basket earns.

Decides the points of the sale lines, their share per line, and what returns without a known sale take back.

Invariants: ``points`` ≥ 0 ≥ ``unlinked_points``; the shares per line add up to ``points`` and are never negative;
paying more never earns less; nothing earns more than the whole sale would; a basket without returns takes nothing back.

Source: "Basket" in ``docs/architecture.md``. Vectors: ``evaluate.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, largest_remainder, mul_div_floor
from .basket import Basket, Line, earning_base, line_amount, split
from .ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a basket earns, and why.

    ``code`` is ``earned``, or why nothing is: ``currency`` (the basket is in another currency), ``empty`` (no lines),
    ``no_benefit`` (the ruleset gives nothing), ``not_positive`` (nothing was sold, or nothing of it was paid),
    ``below_minimum`` (under every minimum receipt), ``below_step`` (no full step). ``points`` is what the sale lines
    earn, ``base_minor`` on what, ``line_points`` the share of each sale line by its key; ``unlinked_points`` (zero or
    negative) is what returns without a known sale take back.
    """

    code: str
    points: int
    base_minor: int
    line_points: dict[str, int]
    unlinked_points: int


def points_for(ruleset: Ruleset, base_minor: int) -> int:
    """Give the points for an amount: the benefits of the ruleset add up.

    :param base_minor: what was actually paid, in minor units; each benefit's minimum receipt is compared with it
    :return: whole points, zero or more
    :raises RuleError: ``overflow``

    >>> from rules.ruleset import PointsBenefit
    >>> from types import SimpleNamespace
    >>> points_for(SimpleNamespace(benefits=(PointsBenefit("b1", 2, 1000, 500),)), 3999)
    6
    """
    return add(
        mul_div_floor(mul_div_floor(base_minor, 1, benefit.step_minor), benefit.points, 1)
        for benefit in ruleset.benefits
        if base_minor > 0 and base_minor >= benefit.minimum_receipt_minor
    )


def share_points(points: int, lines: Sequence[Line], amounts: Sequence[int]) -> dict[str, int]:
    """Share points out over lines in proportion to their amounts; an amount below zero gets nothing.

    :param points: zero or more
    :param amounts: minor units, one per line; one of them is above zero if there are points
    :return: points per line key, adding up to ``points``
    :raises RuleError: ``no_weights`` when there are points and no amount is above zero

    >>> share_points(5, [Line("a", "sale", 1000000, 3000, 2500), Line("b", "sale", 1000000, 2000, 1667)], [3000, 2000])
    {'a': 3, 'b': 2}
    """
    shares = largest_remainder(points, [max(0, amount) for amount in amounts])
    return {line.key: share for line, share in zip(lines, shares, strict=True)}


def _code(ruleset: Ruleset, basket: Basket, base_minor: int, points: int) -> str:
    if not basket.lines:
        return "empty"
    if not ruleset.benefits:
        return "no_benefit"
    if base_minor <= 0:
        return "not_positive"
    if points:
        return "earned"
    if any(base_minor >= benefit.minimum_receipt_minor for benefit in ruleset.benefits):
        return "below_step"
    return "below_minimum"


def _unlinked_points(ruleset: Ruleset, lines: Sequence[Line]) -> int:
    if ruleset.unlinked_return == "leave":
        return 0
    return -points_for(ruleset, add(-line_amount(ruleset, line) for line in lines))


def evaluate(ruleset: Ruleset, basket: Basket) -> Outcome:
    """Compute what a basket earns under a ruleset.

    Linked returns only lend their value to an exchange here: what they take back is ``reversal``'s, per receipt.

    :raises RuleError: ``overflow``

    >>> from rules.ruleset import PointsBenefit
    >>> ruleset = Ruleset(1, "gift-points", "GBP", 2, "0490", "total", False, "take_back",
    ...                   (PointsBenefit("b1", 1, 1000, 500),))
    >>> basket = Basket("GBP", (
    ...     Line("a", "sale", 2000000, 3000, 2500), Line("b", "sale", 1000000, 1500, 1250)), 4500)
    >>> evaluate(ruleset, basket)
    Outcome(code='earned', points=4, base_minor=4500, line_points={'a': 3, 'b': 1}, unlinked_points=0)
    """
    parts = split(basket)
    if basket.currency != ruleset.currency:
        return Outcome("currency", 0, 0, {line.key: 0 for line in parts.sale}, 0)
    base_minor = earning_base(ruleset, basket).base_minor
    points = points_for(ruleset, base_minor)
    amounts = [line_amount(ruleset, line) for line in parts.sale]
    return Outcome(
        code=_code(ruleset, basket, base_minor, points),
        points=points,
        base_minor=base_minor,
        line_points=share_points(points, parts.sale, amounts),
        unlinked_points=_unlinked_points(ruleset, parts.return_unlinked),
    )
