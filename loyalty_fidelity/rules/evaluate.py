"""What a basket earns.

Decides the points and the money that the sale lines earn, their share per line, what returns without a known sale take
back, and the percentage that the next purchase gets.

Invariants: ``points`` ≥ 0 ≥ ``unlinked_points``, and alike for money; the shares per line add up and are never
negative; paying more never earns less; nothing earns more than the whole sale would; a basket without returns takes
nothing back.

Source: "Basket" in ``docs/architecture.md``. Vectors: ``evaluate.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, largest_remainder, mul_div_floor
from .basket import Basket, Line, earning_base, line_amount, split
from .benefit import MAX_BPS, Benefit
from .ruleset import Ruleset, earning, of_kind


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a basket earns, and why.

    ``code`` is ``earned``, or why nothing is: ``currency`` (the basket is in another currency), ``empty`` (no lines),
    ``no_benefit`` (nothing in the ruleset earns), ``not_positive`` (nothing was sold, or nothing of it was paid),
    ``below_minimum`` (under every minimum receipt and bracket), ``below_step`` (too little for one unit).
    ``points`` is what the sale lines earn, ``base_minor`` on what, ``line_points`` the share of each sale line by its
    key; ``unlinked_points`` (zero or negative) is what returns without a known sale take back. ``cashback_minor``,
    ``line_cashback`` and ``unlinked_cashback`` are the same in minor units. ``rolling_bps`` is what the next purchase
    gets; none without such a benefit, in another currency, or when nothing is sold: then an earlier one stands.
    """

    code: str
    points: int
    base_minor: int
    line_points: dict[str, int]
    unlinked_points: int
    cashback_minor: int
    line_cashback: dict[str, int]
    unlinked_cashback: int
    rolling_bps: int | None


def points_for(ruleset: Ruleset, base_minor: int) -> int:
    """Give the points for an amount: the benefits of the ruleset add up.

    :param base_minor: what was actually paid, in minor units; each benefit's minimum receipt is compared with it
    :return: whole points, zero or more
    :raises RuleError: ``overflow``

    >>> from rules.benefit import PointsBenefit
    >>> from types import SimpleNamespace
    >>> points_for(SimpleNamespace(benefits=(PointsBenefit("b1", 2, 1000, 500),)), 3999)
    6
    """
    return add(
        mul_div_floor(mul_div_floor(base_minor, 1, benefit.step_minor), benefit.points, 1)
        for benefit in of_kind(ruleset, "points")
        if base_minor > 0 and base_minor >= benefit.minimum_receipt_minor
    )


def cashback_for(ruleset: Ruleset, base_minor: int) -> int:
    """Give the money for an amount: the percentages of the ruleset, each rounded down, add up.

    :param base_minor: what was actually paid, in minor units; each benefit's minimum receipt is compared with it
    :return: minor units, zero or more
    :raises RuleError: ``overflow``

    >>> from rules.benefit import CashbackBenefit
    >>> from types import SimpleNamespace
    >>> cashback_for(SimpleNamespace(benefits=(CashbackBenefit("b2", 200, 0),)), 1299)
    25
    """
    return add(
        mul_div_floor(base_minor, benefit.percent_bps, MAX_BPS)
        for benefit in of_kind(ruleset, "cashback")
        if base_minor > 0 and base_minor >= benefit.minimum_receipt_minor
    )


def rolling_for(ruleset: Ruleset, base_minor: int) -> int | None:
    """Give the percentage that an amount leaves to the next purchase: that of the highest bracket reached.

    :param base_minor: what was actually paid, in minor units
    :return: hundredths of a percent, zero below the first bracket; none without a rolling benefit

    >>> from rules.benefit import Bracket, RollingBenefit
    >>> from types import SimpleNamespace
    >>> brackets = (Bracket(5000, 500), Bracket(10000, 800))
    >>> rolling_for(SimpleNamespace(benefits=(RollingBenefit("b5", brackets, 60, "stack", 0),)), 9999)
    500
    """
    for benefit in of_kind(ruleset, "rolling"):
        reached = [bracket.percent_bps for bracket in benefit.brackets if base_minor >= bracket.from_minor]
        return reached[-1] if reached and base_minor > 0 else 0
    return None


def share_out(total: int, lines: Sequence[Line], amounts: Sequence[int]) -> dict[str, int]:
    """Share points or money out over lines in proportion to their amounts; an amount below zero gets nothing.

    :param total: zero or more
    :param amounts: minor units, one per line; one of them is above zero if there is something to share
    :return: the share per line key, adding up to ``total``
    :raises RuleError: ``no_weights`` when there is something to share and no amount is above zero

    >>> share_out(5, [Line("a", "sale", 1000000, 3000, 2500), Line("b", "sale", 1000000, 2000, 1667)], [3000, 2000])
    {'a': 3, 'b': 2}
    """
    shares = largest_remainder(total, [max(0, amount) for amount in amounts])
    return {line.key: share for line, share in zip(lines, shares, strict=True)}


def _threshold(benefit: Benefit) -> int:
    # The minimum receipt of a rolling discount is for using it.
    return benefit.brackets[0].from_minor if benefit.kind == "rolling" else benefit.minimum_receipt_minor


def _code(ruleset: Ruleset, basket: Basket, base_minor: int, earned: bool) -> str:
    if not basket.lines:
        return "empty"
    if not earning(ruleset):
        return "no_benefit"
    if base_minor <= 0:
        return "not_positive"
    if earned:
        return "earned"
    if any(base_minor >= _threshold(benefit) for benefit in earning(ruleset)):
        return "below_step"
    return "below_minimum"


def _unlinked_amount(ruleset: Ruleset, lines: Sequence[Line]) -> int:
    if ruleset.unlinked_return == "leave":
        return 0
    return add(-line_amount(ruleset, line) for line in lines)


def evaluate(ruleset: Ruleset, basket: Basket) -> Outcome:
    """Compute what a basket earns under a ruleset.

    Linked returns only lend their value to an exchange here: what they take back is ``reversal``'s, per receipt.

    :raises RuleError: ``overflow``

    >>> from rules.benefit import PointsBenefit
    >>> ruleset = Ruleset(1, "gift-points", "GBP", 2, "0490", "total", False, "take_back",
    ...                   (PointsBenefit("b1", 1, 1000, 500),))
    >>> basket = Basket("GBP", (
    ...     Line("a", "sale", 2000000, 3000, 2500), Line("b", "sale", 1000000, 1500, 1250)), 4500)
    >>> evaluate(ruleset, basket)  # doctest: +NORMALIZE_WHITESPACE
    Outcome(code='earned', points=4, base_minor=4500, line_points={'a': 3, 'b': 1}, unlinked_points=0,
            cashback_minor=0, line_cashback={'a': 0, 'b': 0}, unlinked_cashback=0, rolling_bps=None)
    """
    parts = split(basket)
    if basket.currency != ruleset.currency:
        nothing = {line.key: 0 for line in parts.sale}
        return Outcome("currency", 0, 0, nothing, 0, 0, dict(nothing), 0, None)
    base_minor = earning_base(ruleset, basket).base_minor
    points = points_for(ruleset, base_minor)
    cashback = cashback_for(ruleset, base_minor)
    rolling = rolling_for(ruleset, base_minor) if parts.sale else None
    amounts = [line_amount(ruleset, line) for line in parts.sale]
    taken_back = _unlinked_amount(ruleset, parts.return_unlinked)
    return Outcome(
        code=_code(ruleset, basket, base_minor, bool(points or cashback or rolling)),
        points=points,
        base_minor=base_minor,
        line_points=share_out(points, parts.sale, amounts),
        unlinked_points=-points_for(ruleset, taken_back),
        cashback_minor=cashback,
        line_cashback=share_out(cashback, parts.sale, amounts),
        unlinked_cashback=-cashback_for(ruleset, taken_back),
        rolling_bps=rolling,
    )
