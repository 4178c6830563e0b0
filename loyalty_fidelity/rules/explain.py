"""Why each benefit does what it does on a basket.

Decides one reason a benefit: that it applies and what it gives, or the first thing that keeps it from giving.

Invariants: one reason a benefit, in the order of the ruleset; what applies gives something; the words are the caller's.

Source: "Explaining" in ``docs/architecture.md``. Vectors: ``explain.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .arithmetic import add, mul_div_floor
from .basket import Basket, earning_base, split
from .benefit import Benefit, CashbackBenefit, MultiplierBenefit, PointsBenefit
from .earning import MICRO, Sold, amount_of, cashback_of, chosen, extra_points, points_of, qualifies
from .evaluate import sold_lines
from .line_price import PriceLine, receipt_total
from .price import discounts
from .ruleset import Ruleset, of_kind
from .situation import MAX_BPS, NOWHERE, Situation, unmet
from .stacking import Offer, amount_of_benefit, offer_of, offers, percent_of, touched


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a benefit gives something or nothing.

    ``benefit`` is its key. ``code`` is ``applies`` (``value``: points, or minor units that it gives or would take alone); a
    condition that does not hold (as ``situation.unmet`` names it); ``no_lines`` (its selector chose no goods); ``minimum``
    (``value``: minor units missing); ``step`` (``value``: minor units missing for the first unit, millionths of a piece where
    pieces count; zero where there is nothing to multiply); ``discounted`` (all its lines are already discounted more, or it
    skips them); ``capped`` (``value``: what the limit cut); ``cost`` (``value``: what the cost of the goods cut);
    ``nothing_left`` (no percentage or amount that could be used); ``not_best``, ``not_first`` (``value``: what it would give);
    ``currency`` (the basket is in another one).
    """

    benefit: str
    code: str
    value: int = 0


@dataclass(frozen=True, slots=True)
class _Scene:
    ruleset: Ruleset
    lines: tuple[PriceLine, ...]
    sold: Sold
    situation: Situation
    rolling: tuple[int, int]
    receipt_minor: int
    counting: tuple[Offer, ...]
    #: The benefits whose percentage counts on some line.
    landed: frozenset[str]


def _to_first_unit(benefit: PointsBenefit | CashbackBenefit, sold: Sold) -> int:
    amount = amount_of(sold, benefit.selector)
    if benefit.kind == "cashback":
        return -mul_div_floor(-MAX_BPS, 1, benefit.percent_bps) - amount
    if benefit.mode == "unit":
        return MICRO - add(sold.pieces_micro[at] for at in chosen(sold.lines, benefit.selector))
    if benefit.mode == "proportional":
        return -mul_div_floor(-benefit.step_minor, 1, benefit.points) - amount
    return benefit.step_minor - amount


def _earning(benefit: PointsBenefit | CashbackBenefit, scene: _Scene) -> Reason:
    sold = scene.sold
    if not chosen(sold.lines, benefit.selector):
        return Reason(benefit.key, "no_lines")
    for found, minimum in (
        (max(0, sold.base_minor), benefit.minimum_receipt_minor),
        (amount_of(sold, benefit.selector), benefit.minimum_lines_minor),
    ):
        if found < max(1, minimum):
            return Reason(benefit.key, "minimum", max(1, minimum) - found)
    if benefit.kind == "points":
        given, left = points_of(scene.ruleset, benefit, sold, scene.situation)
    else:
        given, left = cashback_of(benefit, sold, scene.situation)
    if not given:
        return Reason(benefit.key, "step", _to_first_unit(benefit, sold))
    return Reason(benefit.key, "capped", given - left) if left < given else Reason(benefit.key, "applies", left)


def _multiplier(benefit: MultiplierBenefit, scene: _Scene) -> Reason:
    if not chosen(scene.sold.lines, benefit.selector):
        return Reason(benefit.key, "no_lines")
    rivals = [more for more in of_kind(scene.ruleset, "multiplier") if not unmet(more.when, scene.situation)]
    counts = alone = 0
    for points in of_kind(scene.ruleset, "points"):
        if not qualifies(points, scene.sold, scene.situation):
            continue
        extra = extra_points(points, benefit, scene.sold)
        best = max(rivals, key=lambda more: extra_points(points, more, scene.sold))
        alone = add([alone, extra])
        counts = add([counts, extra if best.key == benefit.key else 0])
    if counts:
        return Reason(benefit.key, "applies", counts)
    return Reason(benefit.key, "not_best", alone) if alone else Reason(benefit.key, "step")


def _without_limits(benefit: Benefit) -> Benefit:
    if benefit.kind == "discount":
        return replace(benefit, cap_line_minor=0, cap_receipt_minor=0, cap_day_minor=0, cap_month_minor=0)
    return replace(benefit, keep_cost=False) if benefit.kind == "rolling" else benefit


def _pricing(benefit: Benefit, scene: _Scene) -> Reason:
    key = benefit.key
    if not (percent_of(benefit, scene.rolling[0], scene.situation) or amount_of_benefit(benefit, scene.rolling[1])):
        return Reason(key, "nothing_left")
    if not touched(benefit, scene.lines):
        return Reason(key, "no_lines")
    if scene.receipt_minor < benefit.minimum_receipt_minor:
        return Reason(key, "minimum", benefit.minimum_receipt_minor - max(0, scene.receipt_minor))
    given, free = (
        offer_of(each, scene.lines, scene.receipt_minor, scene.rolling, scene.situation)
        for each in (benefit, _without_limits(benefit))
    )
    cut = free.saving_minor - given.saving_minor
    limited = Reason(key, "cost" if benefit.kind == "rolling" else "capped", cut) if cut > 0 else None
    if not given.saving_minor:
        return limited or (Reason(key, "discounted") if given.percent_bps else Reason(key, "minimum", 1))
    if all(offer.benefit.key != key for offer in scene.counting):
        return Reason(key, "not_best" if scene.ruleset.stacking == "best" else "not_first", given.saving_minor)
    if given.percent_bps and key not in scene.landed:
        return Reason(key, "discounted")
    return limited or Reason(key, "applies", given.saving_minor)


def _reason(benefit: Benefit, scene: _Scene) -> Reason:
    missing = unmet(benefit.when, scene.situation)
    if missing:
        return Reason(benefit.key, missing)
    if benefit.kind in ("points", "cashback"):
        return _earning(benefit, scene)
    return _multiplier(benefit, scene) if benefit.kind == "multiplier" else _pricing(benefit, scene)


def explain(
    ruleset: Ruleset,
    lines: Sequence[PriceLine],
    basket: Basket,
    situation: Situation = NOWHERE,
    rolling_bps: int | None = None,
    rolling_minor: int = 0,
) -> tuple[Reason, ...]:
    """Give one reason a benefit, in the order of the ruleset; of a rolling discount, why it is used or not.

    :param lines: with amounts before the card's benefits
    :param basket: the same goods after them, and how they were paid
    :param rolling_bps: what the last purchase left as a percentage
    :param rolling_minor: what it left as an amount
    :raises RuleError: ``duplicate`` for two lines with one key, ``type``, ``range``, ``overflow``

    >>> ruleset = Ruleset(1, "gift-points", "GBP", 2, "0490", "total", False, "take_back", (PointsBenefit("b1", 1, 1000, 500),))
    >>> from rules.basket import Line
    >>> explain(ruleset, [PriceLine("a", "sale", 450)], Basket("GBP", (Line("a", "sale", 1000000, 450, 375),), 450))
    (Reason(benefit='b1', code='minimum', value=50),)
    """
    if basket.currency != ruleset.currency:
        return tuple(Reason(benefit.key, "currency") for benefit in ruleset.benefits)
    found = discounts(ruleset, lines, rolling_bps, situation, rolling_minor)
    rolling, receipt_minor = (rolling_bps or 0, rolling_minor), receipt_total(lines)
    scene = _Scene(
        ruleset=ruleset,
        lines=tuple(lines),
        sold=sold_lines(ruleset, split(basket).sale, earning_base(ruleset, basket).base_minor),
        situation=situation,
        rolling=rolling,
        receipt_minor=receipt_minor,
        counting=offers(ruleset, lines, receipt_minor, rolling, situation),
        landed=frozenset(key for discount in found.values() for key in discount.benefits),
    )
    return tuple(_reason(benefit, scene) for benefit in ruleset.benefits)
