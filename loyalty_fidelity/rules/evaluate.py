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

from .arithmetic import add
from .basket import Basket, Line, earning_base, line_amount, split
from .benefit import Benefit
from .earning import Sold, bracket_percent, cashback_of, chosen, earn, points_of, rolling_left, taken_back
from .earning import share_out as share_out
from .ruleset import Ruleset, earning, of_kind
from .situation import NOWHERE, Situation, unmet


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a basket earns, and why.

    ``code`` is ``earned``, or why nothing is: ``currency`` (the basket is in another currency), ``empty`` (no lines),
    ``no_benefit`` (nothing in the ruleset earns, or nothing on these goods, here and now), ``not_positive`` (nothing was
    sold, or nothing of it was paid), ``below_minimum`` (under every minimum receipt and bracket), ``below_step`` (too little
    for one unit, or a limit is used up).
    ``points`` is what the sale lines earn, ``base_minor`` on what, ``line_points`` the share of each sale line by its
    key; ``unlinked_points`` (zero or negative) is what returns without a known sale take back. ``cashback_minor``,
    ``line_cashback`` and ``unlinked_cashback`` are the same in minor units. ``rolling_bps`` is what the next purchase
    gets; none without such a benefit, in another currency, when nothing is sold, or when the benefit says that an earlier
    one stands. ``rolling_minor`` is the same where the next purchase gets an amount. ``benefit_points`` and
    ``benefit_cashback`` say what each benefit gave the sale lines, by key, above zero.
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
    rolling_minor: int | None
    benefit_points: dict[str, int]
    benefit_cashback: dict[str, int]


def _all_of(ruleset: Ruleset, base_minor: int) -> Sold:
    """An amount on which everything in a ruleset looks, without pieces."""
    keys = tuple(benefit.selector for benefit in ruleset.benefits if benefit.selector is not None)
    line = Line("all", "sale", 0, base_minor, base_minor, keys)
    return Sold((line,), (base_minor,), (0,), base_minor)


def points_for(ruleset: Ruleset, base_minor: int, situation: Situation = NOWHERE) -> int:
    """Give the points for an amount on which every benefit looks: the benefits of the ruleset add up.

    :param base_minor: what was actually paid, in minor units; each benefit's minimum receipt is compared with it
    :return: whole points, zero or more
    :raises RuleError: ``overflow``

    >>> from rules.benefit import PointsBenefit
    >>> from types import SimpleNamespace
    >>> points_for(SimpleNamespace(benefits=(PointsBenefit("b1", 2, 1000, 500),)), 3999)
    6
    """
    sold = _all_of(ruleset, base_minor)
    return add(points_of(ruleset, benefit, sold, situation)[1] for benefit in of_kind(ruleset, "points"))


def cashback_for(ruleset: Ruleset, base_minor: int, situation: Situation = NOWHERE) -> int:
    """Give the money for an amount on which every benefit looks: the percentages, each rounded down, add up.

    :param base_minor: what was actually paid, in minor units; each benefit's minimum receipt is compared with it
    :return: minor units, zero or more
    :raises RuleError: ``overflow``

    >>> from rules.benefit import CashbackBenefit
    >>> from types import SimpleNamespace
    >>> cashback_for(SimpleNamespace(benefits=(CashbackBenefit("b2", 200, 0),)), 1299)
    25
    """
    sold = _all_of(ruleset, base_minor)
    return add(cashback_of(benefit, sold, situation)[1] for benefit in of_kind(ruleset, "cashback"))


def rolling_for(ruleset: Ruleset, base_minor: int) -> int | None:
    """Give the percentage of the highest bracket that an amount reaches.

    :param base_minor: what was actually paid, in minor units
    :return: hundredths of a percent, zero below the first bracket; none without a rolling benefit

    >>> from rules.benefit import Bracket, RollingBenefit
    >>> from types import SimpleNamespace
    >>> brackets = (Bracket(5000, 500), Bracket(10000, 800))
    >>> rolling_for(SimpleNamespace(benefits=(RollingBenefit("b5", brackets, 60, "stack", 0),)), 9999)
    500
    """
    return next((bracket_percent(benefit, base_minor) for benefit in of_kind(ruleset, "rolling")), None)


def _threshold(benefit: Benefit) -> int:
    # The minimum receipt of a rolling discount is for using it.
    return benefit.brackets[0].from_minor if benefit.kind == "rolling" else benefit.minimum_receipt_minor


def _code(ruleset: Ruleset, basket: Basket, sold: Sold, situation: Situation, earned: bool) -> str:
    if not basket.lines:
        return "empty"
    if not earning(ruleset):
        return "no_benefit"
    if sold.base_minor <= 0:
        return "not_positive"
    if earned:
        return "earned"
    looking = [
        benefit for benefit in earning(ruleset) if chosen(sold.lines, benefit.selector) and not unmet(benefit.when, situation)
    ]
    if not looking:
        return "no_benefit"
    if any(sold.base_minor >= _threshold(benefit) for benefit in looking):
        return "below_step"
    return "below_minimum"


def sold_lines(ruleset: Ruleset, lines: Sequence[Line], base_minor: int, sign: int = 1) -> Sold:
    """Give lines with what counts of them; a line without a positive amount, a gift or a discount, has no pieces.

    :param base_minor: what of their sum was paid
    :param sign: −1 for goods that come back

    >>> from types import SimpleNamespace
    >>> sold_lines(SimpleNamespace(base="untaxed"), [Line("a", "sale", -1000000, -600, -500)], 500, -1).amounts
    (500,)
    """
    amounts = tuple(sign * line_amount(ruleset, line) for line in lines)
    pieces = tuple(max(0, sign * line.quantity_micro) if amount > 0 else 0 for line, amount in zip(lines, amounts, strict=True))
    return Sold(tuple(lines), amounts, pieces, base_minor)


def _unlinked(ruleset: Ruleset, lines: Sequence[Line], situation: Situation) -> tuple[int, int]:
    if ruleset.unlinked_return == "leave" or not lines:
        return 0, 0
    return taken_back(ruleset, sold_lines(ruleset, lines, add(-line_amount(ruleset, line) for line in lines), -1), situation)


def evaluate(ruleset: Ruleset, basket: Basket, situation: Situation = NOWHERE) -> Outcome:
    """Compute what a basket earns under a ruleset.

    Linked returns only lend their value to an exchange here: what they take back is ``reversal``'s, per receipt.

    :raises RuleError: ``overflow``

    >>> from rules.benefit import PointsBenefit
    >>> ruleset = Ruleset(1, "gift-points", "GBP", 2, "0490", "total", False, "take_back",
    ...                   (PointsBenefit("b1", 1, 1000, 500),))
    >>> basket = Basket("GBP", (
    ...     Line("a", "sale", 2000000, 3000, 2500), Line("b", "sale", 1000000, 1500, 1250)), 4500)
    >>> outcome = evaluate(ruleset, basket)
    >>> outcome.code, outcome.points, outcome.base_minor, outcome.line_points, outcome.benefit_points
    ('earned', 4, 4500, {'a': 3, 'b': 1}, {'b1': 4})
    """
    parts = split(basket)
    if basket.currency != ruleset.currency:
        nothing = {line.key: 0 for line in parts.sale}
        return Outcome("currency", 0, 0, nothing, 0, 0, dict(nothing), 0, None, None, {}, {})
    sold = sold_lines(ruleset, parts.sale, earning_base(ruleset, basket).base_minor)
    earned = earn(ruleset, sold, situation)
    points, cashback = add(earned.points.values()), add(earned.cashback.values())
    rolling_bps, rolling_minor = rolling_left(ruleset, sold, situation) if parts.sale else (None, None)
    unlinked_points, unlinked_cashback = _unlinked(ruleset, parts.return_unlinked, situation)
    return Outcome(
        code=_code(ruleset, basket, sold, situation, bool(points or cashback or rolling_bps or rolling_minor)),
        points=points,
        base_minor=sold.base_minor,
        line_points=earned.line_points,
        unlinked_points=-unlinked_points,
        cashback_minor=cashback,
        line_cashback=earned.line_cashback,
        unlinked_cashback=-unlinked_cashback,
        rolling_bps=rolling_bps,
        rolling_minor=rolling_minor,
        benefit_points=earned.points,
        benefit_cashback=earned.cashback,
    )
