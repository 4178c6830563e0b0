"""What a card takes off the price.

Decides the percentage of each line and the amounts off the receipt, and how an amount is shared over the lines.

Invariants: a percentage is rounded once, at the end; a discount lies between zero and ``MAX_BPS`` and is never less
than what a person gave; an amount never takes more than its sale lines come to, nor more from a line than it has; the
parts of an amount add up to it; a line that is no sale, or has no positive amount, is never touched; a limit is never exceeded.

Source: "Price effects" in ``docs/architecture.md``. Vectors: ``price.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, largest_remainder, whole
from .line_price import LineDiscount, PriceLine, line_discount, sale_lines
from .line_price import receipt_total as receipt_total
from .ruleset import Ruleset
from .situation import MAX_BPS, NOWHERE, Situation
from .stacking import offers, takeable, touched


@dataclass(frozen=True, slots=True)
class AmountEffect:
    """An amount off the receipt.

    ``benefit`` is the key of the benefit, ``amount_minor`` (above zero) what it takes off, tax included, ``allocation``
    the part that falls on each line it touches, by line key; every part is above zero.
    """

    benefit: str
    amount_minor: int
    allocation: dict[str, int]


def _rolling(rolling_bps: int | None, rolling_minor: int) -> tuple[int, int]:
    bps = 0 if rolling_bps is None else whole(rolling_bps, "rolling_bps", 0, MAX_BPS)
    return bps, whole(rolling_minor, "rolling_minor", 0)


def discounts(
    ruleset: Ruleset,
    lines: Sequence[PriceLine],
    rolling_bps: int | None,
    situation: Situation = NOWHERE,
    rolling_minor: int = 0,
) -> dict[str, LineDiscount]:
    """Give the discount of every sale line that has a positive amount; other lines are not to be touched.

    The percentages come one after the other, in the order of the ruleset. On what a person, a price list or an
    earlier benefit has already taken, ``stack`` takes its part of the rest; ``best`` replaces all of it if its own
    percentage is larger, else it adds nothing; ``skip`` adds nothing where a person or a price list was first. A percentage that
    would take more than its limit leaves is none here: it is an amount of ``amounts``.

    :param lines: with amounts before the card's benefits; the sale lines' sum is compared with each minimum receipt
    :param rolling_bps: what the last purchase left, 0 to ``MAX_BPS``; none or zero: nothing. Ignored without a rolling
        benefit
    :param rolling_minor: what it left as an amount; it matters where one benefit alone counts
    :return: by line key, in the order of the lines
    :raises RuleError: ``duplicate`` for two lines with one key, ``type``, ``range``, ``overflow``

    >>> from rules.benefit import DiscountBenefit
    >>> from types import SimpleNamespace
    >>> ruleset = SimpleNamespace(benefits=(DiscountBenefit("b3", 1000, "stack", 0),))
    >>> discounts(ruleset, [PriceLine("a", "sale", 2000), PriceLine("b", "sale", 950, 500)], None)["b"]
    LineDiscount(discount_bps=1450, card_bps=1000, benefits={'b3': 1000})
    """
    counting = offers(ruleset, lines, receipt_total(lines), _rolling(rolling_bps, rolling_minor), situation)
    percentages = [(offer.benefit, offer.percent_bps) for offer in counting if offer.percent_bps]
    return {line.key: line_discount(line, percentages) for line in sale_lines(lines) if line.total_minor > 0}


def amounts(
    ruleset: Ruleset,
    lines: Sequence[PriceLine],
    receipt_minor: int,
    situation: Situation = NOWHERE,
    before: Sequence[PriceLine] | None = None,
    rolling_bps: int | None = None,
    rolling_minor: int = 0,
) -> tuple[AmountEffect, ...]:
    """Give the amounts off, one after the other in the order of the ruleset, each on what the ones before it left.

    An amount is at most what its sale lines come to, and falls on the positive ones in proportion to what is left of
    them, by largest remainder.

    :param lines: with amounts after the card's percentages
    :param receipt_minor: ``receipt_total`` of the lines before the card's benefits, compared with each minimum receipt
    :param before: the same lines before the card's benefits, which say what counts and what limits cut; none: ``lines``
    :param rolling_bps: as of ``discounts``
    :param rolling_minor: what the last purchase left as an amount
    :return: only what takes something off
    :raises RuleError: ``duplicate`` for two lines with one key, ``type``, ``range``, ``overflow``

    >>> from rules.benefit import AmountOffBenefit
    >>> from types import SimpleNamespace
    >>> ruleset = SimpleNamespace(benefits=(AmountOffBenefit("b4", 500, 0),))
    >>> amounts(ruleset, [PriceLine("a", "sale", 1240), PriceLine("b", "sale", 760)], 2000)
    (AmountEffect(benefit='b4', amount_minor=500, allocation={'a': 310, 'b': 190}),)
    """
    whole(receipt_minor, "receipt_minor")
    rolling = _rolling(rolling_bps, rolling_minor)
    before = lines if before is None else before
    first = {line.key: line.total_minor for line in sale_lines(before)}
    left = {line.key: line.total_minor for line in sale_lines(lines)}
    room = max(0, add(left.values()))
    effects = []
    for offer in offers(ruleset, before, receipt_minor, rolling, situation):
        if not offer.amount_minor:
            continue
        places = touched(offer.benefit, lines)
        weights = [takeable(offer, line, left[line.key], first.get(line.key, line.total_minor)) for line in places]
        amount = min(offer.amount_minor, room, add(weights))
        if not amount:
            continue
        shares = largest_remainder(amount, weights)
        allocation = {line.key: share for line, share in zip(places, shares, strict=True) if share}
        effects.append(AmountEffect(offer.benefit.key, amount, allocation))
        for key, share in allocation.items():
            left[key] -= share
        room -= amount
    return tuple(effects)
