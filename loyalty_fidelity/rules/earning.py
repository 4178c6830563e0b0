"""What sale lines earn, benefit by benefit.

Decides which lines and how much of the base count for a benefit, what it gives for them, what multipliers add and where
limits end it.

Invariants: nothing is negative; a limit is never exceeded together with what was used of it before; of several multipliers one
counts, the one that adds most; the shares per line add up; paying more never earns less.

Source: "Benefits" in ``docs/architecture.md``. Vectors: through ``evaluate.json`` and
``reversal.json``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .arithmetic import add, largest_remainder, mul_div_floor
from .basket import Line
from .benefit import Benefit, CashbackBenefit, MultiplierBenefit, PointsBenefit, RollingBenefit
from .ruleset import Ruleset, of_kind
from .situation import MAX_BPS, Situation, unmet

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Sold:
    """Lines with what counts of them: ``amounts`` in minor units and ``pieces_micro`` in millionths, one each a line, and
    ``base_minor``, what of their sum was actually paid.

    Where goods came back since, ``sold_amounts`` and ``sold_base_minor`` are the same as sold; none: as sold.
    """

    lines: tuple[Line, ...]
    amounts: tuple[int, ...]
    pieces_micro: tuple[int, ...]
    base_minor: int
    sold_amounts: tuple[int, ...] | None = None
    sold_base_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Earned:
    """What lines earn: ``points`` and ``cashback`` (minor units) by benefit, above zero; ``line_points`` and
    ``line_cashback`` by line key, for every line."""

    points: dict[str, int]
    cashback: dict[str, int]
    line_points: dict[str, int]
    line_cashback: dict[str, int]


def chosen(lines: Sequence[Line], *selectors: str | None) -> tuple[int, ...]:
    """Give the positions of the lines that all of some selectors chose; none chooses every line.

    >>> chosen([Line("a", "sale", 1000000, 500, 500, ("s1",)), Line("b", "sale", 1000000, 500, 500)], "s1", None)
    (0,)
    """
    keys = [selector for selector in selectors if selector is not None]
    return tuple(at for at, line in enumerate(lines) if all(key in line.selectors for key in keys))


def amount_of(sold: Sold, *selectors: str | None) -> int:
    """Give what of the base falls on the lines that selectors chose, rounded down; at most the base.

    It is the part that they are of all lines as sold, so that what comes back of other lines does not change it.

    :return: minor units, zero or more

    >>> lines = (Line("a", "sale", 1000000, 600, 600, ("s1",)), Line("b", "sale", 1000000, 400, 400))
    >>> amount_of(Sold(lines, (600, 400), (1000000, 1000000), 500), "s1")
    300
    """
    if all(selector is None for selector in selectors) or sold.base_minor <= 0:
        return max(0, sold.base_minor)
    places = chosen(sold.lines, *selectors)
    as_sold = sold.amounts if sold.sold_amounts is None else sold.sold_amounts
    base = sold.base_minor if sold.sold_base_minor is None else sold.sold_base_minor
    part, total = min(add(sold.amounts[at] for at in places), add(as_sold[at] for at in places)), add(as_sold)
    if part <= 0 or total <= 0:
        return 0
    return min(sold.base_minor, mul_div_floor(base, part, total))


def _points(benefit: PointsBenefit, sold: Sold, *selectors: str | None) -> int:
    amount = amount_of(sold, *selectors)
    if amount <= 0:
        return 0
    if benefit.mode == "visit":
        return benefit.points
    if benefit.mode == "unit":
        pieces = add(sold.pieces_micro[at] for at in chosen(sold.lines, *selectors))
        return mul_div_floor(mul_div_floor(pieces, 1, MICRO), benefit.points, 1)
    if benefit.mode == "proportional":
        return mul_div_floor(amount, benefit.points, benefit.step_minor)
    return mul_div_floor(mul_div_floor(amount, 1, benefit.step_minor), benefit.points, 1)


def room(benefit: PointsBenefit | CashbackBenefit, situation: Situation) -> int | None:
    """Give what the limits of a benefit leave; none without a limit.

    >>> room(CashbackBenefit("b2", 200, 0, cap_receipt=500, cap_day=600), Situation(used={"b2:day": 450}))
    150
    """
    limits = ((benefit.cap_receipt, ""), (benefit.cap_day, "day"), (benefit.cap_month, "month"))
    return least_left(benefit.key, limits, situation)


def least_left(key: str, limits: Iterable[tuple[int, str]], situation: Situation) -> int | None:
    """Give the least of what limits leave; none without a limit.

    :param limits: (limit, zero for none; the span in ``situation.used`` that counts against it, or an empty text)

    >>> least_left("b1", ((0, ""), (100, "day")), Situation(used={"b1:day": 130}))
    0
    """
    left = [max(0, limit - (situation.used.get(f"{key}:{span}", 0) if span else 0)) for limit, span in limits if limit]
    return min(left) if left else None


def qualifies(benefit: PointsBenefit | CashbackBenefit, sold: Sold, situation: Situation) -> bool:
    """Say whether conditions and minimums of a benefit are met by something that was paid.

    >>> sold = Sold((Line("a", "sale", 1000000, 600, 600),), (600,), (1000000,), 600)
    >>> [qualifies(CashbackBenefit("b2", 200, minimum), sold, Situation()) for minimum in (600, 601)]
    [True, False]
    """
    if unmet(benefit.when, situation) or sold.base_minor <= 0 or sold.base_minor < benefit.minimum_receipt_minor:
        return False
    amount = amount_of(sold, benefit.selector)
    return amount > 0 and amount >= benefit.minimum_lines_minor


def extra_points(benefit: PointsBenefit, more: MultiplierBenefit, sold: Sold) -> int:
    """Give what a multiplier adds to the points of a benefit: on the lines that both are for, and no more than all of them.

    >>> sold = Sold((Line("a", "sale", 1000000, 600, 600),), (600,), (1000000,), 600)
    >>> extra_points(PointsBenefit("b1", 1, 100, 0), MultiplierBenefit("b2", 15000), sold)
    3
    """
    both = _points(benefit, sold, benefit.selector, more.selector)
    return mul_div_floor(min(both, _points(benefit, sold, benefit.selector)), more.factor_bps - MAX_BPS, MAX_BPS)


def points_of(ruleset: Ruleset, benefit: PointsBenefit, sold: Sold, situation: Situation) -> tuple[int, int]:
    """Give the points of one benefit, with what multipliers add: before its limits, and after.

    >>> from types import SimpleNamespace
    >>> from rules.benefit import MultiplierBenefit
    >>> points = PointsBenefit("b1", 1, 100, 0, cap_receipt=10)
    >>> sold = Sold((Line("a", "sale", 1000000, 600, 600),), (600,), (1000000,), 600)
    >>> points_of(SimpleNamespace(benefits=(points, MultiplierBenefit("b2", 20000))), points, sold, Situation())
    (12, 10)
    """
    if not qualifies(benefit, sold, situation):
        return 0, 0
    extras = [extra_points(benefit, more, sold) for more in of_kind(ruleset, "multiplier") if not unmet(more.when, situation)]
    given = add([_points(benefit, sold, benefit.selector), max(extras, default=0)])
    left = room(benefit, situation)
    return given, given if left is None else min(given, left)


def cashback_of(benefit: CashbackBenefit, sold: Sold, situation: Situation) -> tuple[int, int]:
    """Give the money of one benefit in minor units: before its limits, and after.

    >>> sold = Sold((Line("a", "sale", 1000000, 1299, 1299),), (1299,), (1000000,), 1299)
    >>> cashback_of(CashbackBenefit("b2", 200, 0, cap_receipt=20), sold, Situation())
    (25, 20)
    """
    if not qualifies(benefit, sold, situation):
        return 0, 0
    given = mul_div_floor(amount_of(sold, benefit.selector), benefit.percent_bps, MAX_BPS)
    left = room(benefit, situation)
    return given, given if left is None else min(given, left)


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


def _by_line(given: Sequence[tuple[Benefit, int]], sold: Sold) -> dict[str, int]:
    """Share what benefits gave out over their lines, points for the visit over all; what falls on the same lines is shared
    together."""
    totals: dict[str | None, int] = {}
    for benefit, quantity in given:
        selector = None if benefit.kind == "points" and benefit.mode == "visit" else benefit.selector
        totals[selector] = add([totals.get(selector, 0), quantity])
    shares = {line.key: 0 for line in sold.lines}
    for selector, total in totals.items():
        if not total:
            continue
        places = chosen(sold.lines, selector)
        found = share_out(total, [sold.lines[at] for at in places], [sold.amounts[at] for at in places])
        for key, share in found.items():
            shares[key] += share
    return shares


def earn(ruleset: Ruleset, sold: Sold, situation: Situation) -> Earned:
    """Compute what lines earn.

    :raises RuleError: ``overflow``

    >>> from types import SimpleNamespace
    >>> sold = Sold((Line("a", "sale", 2000000, 600, 600),), (600,), (2000000,), 600)
    >>> earn(SimpleNamespace(benefits=(PointsBenefit("b1", 3, 0, 0, "unit"),)), sold, Situation())
    Earned(points={'b1': 6}, cashback={}, line_points={'a': 6}, line_cashback={'a': 0})
    """
    points = [(each, points_of(ruleset, each, sold, situation)[1]) for each in of_kind(ruleset, "points")]
    cashback = [(each, cashback_of(each, sold, situation)[1]) for each in of_kind(ruleset, "cashback")]
    return Earned(
        points={benefit.key: quantity for benefit, quantity in points if quantity},
        cashback={benefit.key: quantity for benefit, quantity in cashback if quantity},
        line_points=_by_line(points, sold),
        line_cashback=_by_line(cashback, sold),
    )


def taken_back(ruleset: Ruleset, sold: Sold, situation: Situation) -> tuple[int, int]:
    """Give what goods that come back without their sale take back: points and money that their value would earn, without
    visits, multipliers and limits.

    :param sold: the goods, their amounts and pieces positive
    :return: (points, minor units), zero or more

    >>> from types import SimpleNamespace
    >>> sold = Sold((Line("a", "sale", 1000000, 600, 600),), (600,), (1000000,), 600)
    >>> taken_back(SimpleNamespace(benefits=(PointsBenefit("b1", 1, 100, 0), PointsBenefit("b2", 5, 0, 0, "visit"))), sold, Situation())
    (6, 0)
    """
    points = add(
        _points(benefit, sold, benefit.selector)
        for benefit in of_kind(ruleset, "points")
        if benefit.mode != "visit" and qualifies(benefit, sold, situation)
    )
    cashback = add(
        mul_div_floor(amount_of(sold, benefit.selector), benefit.percent_bps, MAX_BPS)
        for benefit in of_kind(ruleset, "cashback")
        if qualifies(benefit, sold, situation)
    )
    return points, cashback


def bracket_percent(benefit: RollingBenefit, amount_minor: int) -> int:
    """Give the percentage of the highest bracket that an amount reaches.

    :return: hundredths of a percent; zero below the first bracket

    >>> from rules.benefit import Bracket
    >>> bracket_percent(RollingBenefit("b5", (Bracket(5000, 500), Bracket(10000, 800)), 60, "stack", 0), 9999)
    500
    """
    reached = [bracket.percent_bps for bracket in benefit.brackets if amount_minor >= bracket.from_minor]
    return reached[-1] if reached and amount_minor > 0 else 0


def rolling_left(ruleset: Ruleset, sold: Sold, situation: Situation) -> tuple[int | None, int | None]:
    """Give what lines leave to the next purchase.

    :return: (hundredths of a percent, minor units): one of them, as the benefit's mode says; none of them without such a
        benefit, or where an earlier one stands

    >>> from types import SimpleNamespace
    >>> from rules.benefit import Bracket
    >>> benefit = RollingBenefit("b5", (Bracket(500, 1000),), 60, "stack", 0, "amount")
    >>> sold = Sold((Line("a", "sale", 1000000, 600, 600),), (600,), (1000000,), 600)
    >>> rolling_left(SimpleNamespace(benefits=(benefit,)), sold, Situation())
    (None, 60)
    """
    for benefit in of_kind(ruleset, "rolling"):
        amount = 0 if unmet(benefit.when, situation) else amount_of(sold, benefit.selector)
        percent = bracket_percent(benefit, amount)
        if not percent and benefit.use == "qualifying":
            return None, None
        if benefit.mode == "percent":
            return percent, None
        return None, mul_div_floor(amount, percent, MAX_BPS)
    return None, None
