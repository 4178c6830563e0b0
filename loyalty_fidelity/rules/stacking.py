"""Which of a ruleset's price benefits count on a basket, and as what.

Decides what each price benefit would take alone, whether a limit turns a percentage into an amount, and which benefits the
ruleset's stacking lets count.

Invariants: a limit is never exceeded; ``best`` chooses what saves at least as much as any other alone; what takes nothing is
never chosen before what takes something.

Source: "Stacking" in ``docs/architecture.md``. Vectors: through ``price.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, mul_div_floor, mul_div_half_up
from .benefit import Benefit, DiscountBenefit, RollingBenefit
from .earning import least_left
from .line_price import PriceLine, line_discount, receipt_total, sale_lines
from .ruleset import PRICING, Ruleset, of_kind
from .situation import MAX_BPS, Situation, unmet


@dataclass(frozen=True, slots=True)
class Offer:
    """What a price benefit would do to a basket: a percentage of its lines (``percent_bps`` above zero), or an amount off
    (``amount_minor`` above zero); ``saving_minor`` is about what it would take alone."""

    benefit: Benefit
    percent_bps: int
    amount_minor: int
    saving_minor: int


def touched(benefit: Benefit, lines: Sequence[PriceLine]) -> list[PriceLine]:
    """Give the lines on which a price benefit may fall: sale lines of a positive amount that its selector chose.

    >>> from rules.benefit import AmountOffBenefit
    >>> [line.key for line in touched(AmountOffBenefit("b4", 500, 0, "s1"),
    ...     [PriceLine("a", "sale", 900, selectors=("s1",)), PriceLine("b", "sale", 900), PriceLine("c", "effect", 900)])]
    ['a']
    """
    return [
        line
        for line in sale_lines(lines)
        if line.total_minor > 0 and (benefit.selector is None or benefit.selector in line.selectors)
    ]


def weight(benefit: Benefit, line: PriceLine, left_minor: int) -> int:
    """Give what an amount may take of a line: what is left of it, above its cost where the benefit keeps that.

    >>> from rules.benefit import Bracket, RollingBenefit
    >>> keeps = RollingBenefit("b5", (Bracket(0, 100),), 60, "stack", 0, "amount", keep_cost=True)
    >>> weight(keeps, PriceLine("a", "sale", 900, cost_minor=700), 800)
    100
    """
    if benefit.kind == "rolling" and benefit.keep_cost and line.cost_minor is not None:
        return max(0, left_minor - max(0, line.cost_minor))
    return left_minor


def _ceiling(total: int, bps: int) -> int:
    return -mul_div_floor(-total, bps, MAX_BPS)


def _percent_offer(benefit: DiscountBenefit | RollingBenefit, bps: int, lines: Sequence[PriceLine], situation: Situation) -> Offer:
    found = [(line, line_discount(line, ((benefit, bps),))) for line in touched(benefit, lines)]
    saving = add(mul_div_half_up(line.total_minor, discount.card_bps, MAX_BPS) for line, discount in found)
    left = discount_room(benefit, situation)
    # Rounded up line by line, so that what the tax engine makes of the percentages stays within the limit too.
    if left is not None and add(_ceiling(line.total_minor, discount.card_bps) for line, discount in found) > left:
        return Offer(benefit, 0, left, left)
    return Offer(benefit, bps, 0, saving)


def discount_room(benefit: DiscountBenefit | RollingBenefit, situation: Situation) -> int | None:
    """Give what the limits of a percentage leave in minor units; none without a limit.

    >>> discount_room(DiscountBenefit("b3", 1000, "stack", 0, cap_day_minor=500), Situation(used={"b3:day": 120}))
    380
    """
    if benefit.kind != "discount":
        return None
    limits = ((benefit.cap_receipt_minor, ""), (benefit.cap_day_minor, "day"), (benefit.cap_month_minor, "month"))
    return least_left(benefit.key, limits, situation)


def percent_of(benefit: Benefit, rolling_bps: int, situation: Situation) -> int:
    """Give the percentage that a price benefit has in a situation; zero for an amount.

    >>> percent_of(DiscountBenefit("b3", 500, "stack", 0, own=True), 0, Situation(own_bps=800))
    800
    """
    if benefit.kind == "rolling":
        return rolling_bps if benefit.mode == "percent" else 0
    if benefit.kind == "discount":
        return max(benefit.percent_bps, situation.own_bps) if benefit.own else benefit.percent_bps
    return 0


def amount_of_benefit(benefit: Benefit, rolling_minor: int) -> int:
    """Give the amount that a price benefit takes off by itself; zero for a percentage.

    >>> from rules.benefit import AmountOffBenefit
    >>> amount_of_benefit(AmountOffBenefit("b4", 500, 0), 0)
    500
    """
    if benefit.kind == "amount_off":
        return benefit.amount_minor
    return rolling_minor if benefit.kind == "rolling" and benefit.mode == "amount" else 0


def offer_of(
    benefit: Benefit, lines: Sequence[PriceLine], rolling_bps: int, rolling_minor: int, situation: Situation
) -> Offer | None:
    """Give what a price benefit would do alone; none where conditions, minimum or lines are missing.

    :param lines: with amounts before the card's benefits

    >>> offer_of(DiscountBenefit("b3", 1000, "stack", 0, cap_receipt_minor=50), [PriceLine("a", "sale", 900)], 0, 0, Situation())
    Offer(benefit=DiscountBenefit(key='b3', percent_bps=1000, on_discounted='stack', minimum_receipt_minor=0, own=False, \
cap_line_minor=0, cap_receipt_minor=50, cap_day_minor=0, cap_month_minor=0, selector=None, when=None), percent_bps=0, \
amount_minor=50, saving_minor=50)
    """
    if unmet(benefit.when, situation) or receipt_total(lines) < benefit.minimum_receipt_minor:
        return None
    bps = percent_of(benefit, rolling_bps, situation)
    if bps:
        return _percent_offer(benefit, bps, lines, situation)
    amount = amount_of_benefit(benefit, rolling_minor)
    room = add(weight(benefit, line, line.total_minor) for line in touched(benefit, lines))
    saving = min(amount, max(0, receipt_total(lines)), room)
    return Offer(benefit, 0, amount, saving) if amount else None


def offers(
    ruleset: Ruleset, lines: Sequence[PriceLine], rolling_bps: int, rolling_minor: int, situation: Situation
) -> tuple[Offer, ...]:
    """Give what the price benefits of a ruleset do to a basket, those that count, in the order of the ruleset.

    :param lines: with amounts before the card's benefits
    :param rolling_bps: what the last purchase left as a percentage
    :param rolling_minor: what it left as an amount

    >>> from types import SimpleNamespace
    >>> both = (DiscountBenefit("b1", 500, "stack", 0), DiscountBenefit("b2", 1000, "stack", 0))
    >>> [offer.benefit.key for offer in offers(
    ...     SimpleNamespace(benefits=both, stacking="best"), [PriceLine("a", "sale", 900)], 0, 0, Situation())]
    ['b2']
    """
    found = [offer_of(benefit, lines, rolling_bps, rolling_minor, situation) for benefit in of_kind(ruleset, *PRICING)]
    given = [offer for offer in found if offer is not None]
    if getattr(ruleset, "stacking", "stack") == "stack":
        return tuple(given)
    saving = [offer for offer in given if offer.saving_minor > 0]
    if not saving:
        return ()
    return (saving[0] if ruleset.stacking == "exclusive" else max(saving, key=lambda offer: offer.saving_minor),)
