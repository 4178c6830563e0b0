"""Which of a ruleset's price benefits count on a basket, and as what.

Decides what each price benefit would take alone, whether a limit turns a percentage into an amount, and which benefits the
ruleset's stacking lets count.

Invariants: a limit is never exceeded together with what was used of it; an amount that a limit made of a percentage never takes
more than the percentage would; ``best`` chooses what saves at least as much as any other alone; what takes nothing is
never chosen before what takes something.

Source: "Stacking" in ``docs/architecture.md``. Vectors: through ``price.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from .arithmetic import add, mul_div_floor, mul_div_half_up
from .benefit import Benefit, DiscountBenefit, RollingBenefit
from .earning import least_left
from .line_price import PriceLine, line_discount, receipt_total
from .ruleset import PRICING, Ruleset, of_kind
from .situation import MAX_BPS, NOWHERE, Situation, unmet


@dataclass(frozen=True, slots=True)
class Offer:
    """What a price benefit would do to a basket: a percentage of its lines (``percent_bps`` above zero), or an amount off
    (``amount_minor`` above zero); ``saving_minor`` is what it takes alone. Where a limit made an amount of a percentage,
    ``line_bps`` is what the percentage alone would take of each line, by key."""

    benefit: Benefit
    percent_bps: int
    amount_minor: int
    saving_minor: int
    line_bps: dict[str, int] = field(default_factory=dict)


def touched(benefit: Benefit, lines: Sequence[PriceLine]) -> list[PriceLine]:
    """Give the lines on which a price benefit may fall: sale lines of a positive amount that its selector chose.

    >>> from rules.benefit import AmountOffBenefit
    >>> [line.key for line in touched(AmountOffBenefit("b4", 500, 0, "s1"),
    ...     [PriceLine("a", "sale", 900, selectors=("s1",)), PriceLine("b", "sale", 900), PriceLine("c", "effect", 900)])]
    ['a']
    """
    return [
        line
        for line in lines
        if line.kind == "sale" and line.total_minor > 0 and (benefit.selector is None or benefit.selector in line.selectors)
    ]


def takeable(offer: Offer, line: PriceLine, left_minor: int, before_minor: int) -> int:
    """Give what an amount may take of a line: what is left of it, above its cost where the benefit keeps that; of a
    percentage that became an amount, what the percentage would take.

    :param left_minor: what earlier benefits left of the line
    :param before_minor: the line before the card's benefits

    >>> from rules.benefit import Bracket, RollingBenefit
    >>> keeps = RollingBenefit("b5", (Bracket(0, 100),), 60, "stack", 0, "amount", keep_cost=True)
    >>> takeable(Offer(keeps, 0, 500, 500), PriceLine("a", "sale", 900, cost_minor=700), 800, 900)
    100
    """
    if offer.line_bps:
        bps = offer.line_bps.get(line.key, 0)
        if offer.benefit.on_discounted == "best":
            return max(0, mul_div_floor(before_minor, bps, MAX_BPS) - max(0, before_minor - left_minor))
        return mul_div_floor(left_minor, bps, MAX_BPS)
    if offer.benefit.kind == "rolling" and offer.benefit.keep_cost and line.cost_minor is not None:
        return max(0, left_minor - max(0, line.cost_minor))
    return left_minor


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


def percent_offer(
    benefit: DiscountBenefit | RollingBenefit, bps: int, lines: Sequence[PriceLine], situation: Situation, alone: bool = True
) -> Offer:
    """Give what a percentage would do: an amount where it would take more than its limits leave.

    :param alone: whether what it saves matters

    >>> offer = percent_offer(DiscountBenefit("b3", 1000, "stack", 0, cap_receipt_minor=50), 1000,
    ...     [PriceLine("a", "sale", 900)], Situation())
    >>> offer.percent_bps, offer.amount_minor, offer.line_bps
    (0, 50, {'a': 1000})
    """
    room = discount_room(benefit, situation)
    if room is None and not alone:
        return Offer(benefit, bps, 0, 0)
    found = [(line, line_discount(line, ((benefit, bps),)).card_bps) for line in touched(benefit, lines)]
    # Against the limit each line is rounded up, so that what the tax engine makes of the percentages stays within it.
    if room is not None and add(-mul_div_floor(-line.total_minor, card_bps, MAX_BPS) for line, card_bps in found) > room:
        amount = min(room, add(mul_div_floor(line.total_minor, card_bps, MAX_BPS) for line, card_bps in found))
        return Offer(benefit, 0, amount, amount, {line.key: card_bps for line, card_bps in found})
    return Offer(benefit, bps, 0, add(mul_div_half_up(line.total_minor, card_bps, MAX_BPS) for line, card_bps in found))


def offer_of(
    benefit: Benefit,
    lines: Sequence[PriceLine],
    receipt_minor: int,
    rolling: tuple[int, int] = (0, 0),
    situation: Situation = NOWHERE,
    alone: bool = True,
) -> Offer | None:
    """Give what a price benefit would do alone; none where conditions, minimum or lines are missing.

    :param lines: with amounts before the card's benefits
    :param receipt_minor: what is compared with its minimum receipt
    :param rolling: what the last purchase left: hundredths of a percent, minor units
    :param alone: whether what it saves matters

    >>> offer_of(DiscountBenefit("b3", 1000, "stack", 0), [PriceLine("a", "sale", 900)], 900).saving_minor
    90
    """
    if receipt_minor < benefit.minimum_receipt_minor or unmet(benefit.when, situation):
        return None
    bps = percent_of(benefit, rolling[0], situation)
    if bps:
        return percent_offer(benefit, bps, lines, situation, alone)
    amount = amount_of_benefit(benefit, rolling[1])
    if not amount:
        return None
    offer = Offer(benefit, 0, amount, 0)
    if not alone:
        return offer
    room = add(takeable(offer, line, line.total_minor, line.total_minor) for line in touched(benefit, lines))
    return replace(offer, saving_minor=min(amount, max(0, receipt_total(lines)), room))


def offers(
    ruleset: Ruleset,
    lines: Sequence[PriceLine],
    receipt_minor: int,
    rolling: tuple[int, int] = (0, 0),
    situation: Situation = NOWHERE,
) -> tuple[Offer, ...]:
    """Give what the price benefits of a ruleset do to a basket, those that count, in the order of the ruleset.

    :param lines: with amounts before the card's benefits
    :param receipt_minor: what is compared with each minimum receipt
    :param rolling: what the last purchase left: hundredths of a percent, minor units

    >>> from types import SimpleNamespace
    >>> both = (DiscountBenefit("b1", 500, "stack", 0), DiscountBenefit("b2", 1000, "stack", 0))
    >>> [offer.benefit.key for offer in offers(
    ...     SimpleNamespace(benefits=both, stacking="best"), [PriceLine("a", "sale", 900)], 900)]
    ['b2']
    """
    one = getattr(ruleset, "stacking", "stack") != "stack"
    found = [offer_of(benefit, lines, receipt_minor, rolling, situation, one) for benefit in of_kind(ruleset, *PRICING)]
    given = tuple(offer for offer in found if offer is not None)
    if not one:
        return given
    saving = [offer for offer in given if offer.saving_minor > 0]
    if not saving:
        return ()
    return (saving[0] if ruleset.stacking == "exclusive" else max(saving, key=lambda offer: offer.saving_minor),)
