"""What a card takes off the price.

Decides the percentage of each line and the amounts off the receipt, and how an amount is shared over the lines.

Invariants: a percentage is rounded once, at the end; a discount lies between zero and ``MAX_BPS`` and is never less
than what a person gave; an amount never takes more than the sale lines come to, nor more from a line than it has; the
parts of an amount add up to it; a line that is no sale, or has no positive amount, is never touched.

Source: "Price effects" in ``docs/architecture.md``. Vectors: ``price.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, largest_remainder, whole
from .basket import KINDS
from .benefit import MAX_BPS, Benefit
from .errors import RuleError
from .ruleset import Ruleset, of_kind


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of an order as its price is made.

    ``key`` is unique among the lines, ``kind`` as of a basket's line. ``total_minor`` is signed, tax included: before
    the card's benefits for ``discounts``, after its percentages for ``amounts``. ``manual_bps`` is the line's discount
    without the card, ``pricelist_bps`` what a price list took before, which is already in the unit price; both zero to
    ``MAX_BPS``.

    :raises RuleError: ``type``, ``range``; ``choice`` for another kind
    """

    key: str
    kind: str
    total_minor: int
    manual_bps: int = 0
    pricelist_bps: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.key, str):
            raise RuleError("type", field="key")
        if self.kind not in KINDS:
            raise RuleError("choice", field="kind")
        whole(self.total_minor, "total_minor")
        whole(self.manual_bps, "manual_bps", 0, MAX_BPS)
        whole(self.pricelist_bps, "pricelist_bps", 0, MAX_BPS)


@dataclass(frozen=True, slots=True)
class LineDiscount:
    """The discount of a line, in hundredths of a percent.

    ``discount_bps`` is what the line's discount becomes: the person's and the card's together. ``card_bps`` is what
    the card takes of the price that the line had before it (zero: nothing), so ``discount_bps`` is both, one after the
    other. ``benefits`` are the card's benefits that count, each with its own percentage, in the order of the ruleset.
    """

    discount_bps: int
    card_bps: int
    benefits: dict[str, int]


@dataclass(frozen=True, slots=True)
class AmountEffect:
    """An amount off the receipt.

    ``benefit`` is the key of the benefit, ``amount_minor`` (above zero) what it takes off, tax included, ``allocation``
    the part that falls on each line it touches, by line key; every part is above zero.
    """

    benefit: str
    amount_minor: int
    allocation: dict[str, int]


def _sale_lines(lines: Sequence[PriceLine]) -> list[PriceLine]:
    if len({line.key for line in lines}) != len(lines):
        raise RuleError("duplicate", field="lines")
    return [line for line in lines if line.kind == "sale"]


def receipt_total(lines: Sequence[PriceLine]) -> int:
    """Add up the sale lines, negative ones too: what minimum receipts are compared with.

    :return: minor units, signed
    :raises RuleError: ``duplicate`` for two lines with one key, ``overflow``

    >>> receipt_total([PriceLine("a", "sale", 900), PriceLine("d", "sale", -100), PriceLine("t", "excluded", 50)])
    800
    """
    return add(line.total_minor for line in _sale_lines(lines))


def _percentages(ruleset: Ruleset, receipt_minor: int, rolling_bps: int) -> list[tuple[Benefit, int]]:
    found = []
    for benefit in of_kind(ruleset, "discount", "rolling"):
        bps = rolling_bps if benefit.kind == "rolling" else benefit.percent_bps
        if bps and receipt_minor >= benefit.minimum_receipt_minor:
            found.append((benefit, bps))
    return found


def _off(left: int, whole_price: int) -> int:
    """Round what is gone of a price to hundredths of a percent, a half up: the customer's way."""
    return (2 * MAX_BPS * (whole_price - left) + whole_price) // (2 * whole_price)


def _line_discount(line: PriceLine, percentages: Sequence[tuple[Benefit, int]]) -> LineDiscount:
    before = (MAX_BPS - line.manual_bps) * (MAX_BPS - line.pricelist_bps)
    # The card leaves left ÷ price of what was there before it: exact, whatever comes together.
    left, price, benefits = 1, 1, {}
    for benefit, bps in percentages:
        kept = MAX_BPS - bps
        if benefit.on_discounted == "stack" or (benefit.on_discounted == "skip" and before == MAX_BPS**2):
            left, price = left * kept, price * MAX_BPS
            benefits[benefit.key] = bps
        elif benefit.on_discounted == "best" and kept * MAX_BPS * price < before * left:
            left, price, benefits = kept * MAX_BPS, before, {benefit.key: bps}
    discount_bps = _off((MAX_BPS - line.manual_bps) * left, MAX_BPS * price)
    return LineDiscount(discount_bps, _off(left, price), benefits)


def discounts(ruleset: Ruleset, lines: Sequence[PriceLine], rolling_bps: int | None) -> dict[str, LineDiscount]:
    """Give the discount of every sale line that has a positive amount; other lines are not to be touched.

    The percentages come one after the other, in the order of the ruleset. On what a person, a price list or an
    earlier benefit has already taken, ``stack`` takes its part of the rest; ``best`` replaces all of it if its own
    percentage is larger, else it adds nothing; ``skip`` adds nothing where a person or a price list was first.

    :param lines: with amounts before the card's benefits; the sale lines' sum is compared with each minimum receipt
    :param rolling_bps: what the last purchase left, 0 to ``MAX_BPS``; none or zero: nothing. Ignored without a rolling
        benefit
    :return: by line key, in the order of the lines
    :raises RuleError: ``duplicate`` for two lines with one key, ``type``, ``range``, ``overflow``

    >>> from rules.benefit import DiscountBenefit
    >>> from types import SimpleNamespace
    >>> ruleset = SimpleNamespace(benefits=(DiscountBenefit("b3", 1000, "stack", 0),))
    >>> discounts(ruleset, [PriceLine("a", "sale", 2000), PriceLine("b", "sale", 950, 500)], None)["b"]
    LineDiscount(discount_bps=1450, card_bps=1000, benefits={'b3': 1000})
    """
    rolling = 0 if rolling_bps is None else whole(rolling_bps, "rolling_bps", 0, MAX_BPS)
    percentages = _percentages(ruleset, receipt_total(lines), rolling)
    return {line.key: _line_discount(line, percentages) for line in _sale_lines(lines) if line.total_minor > 0}


def amounts(ruleset: Ruleset, lines: Sequence[PriceLine], receipt_minor: int) -> tuple[AmountEffect, ...]:
    """Give the amounts off, one after the other in the order of the ruleset, each on what the ones before it left.

    An amount is at most what the sale lines come to, and falls on the positive ones in proportion to what is left of
    them, by largest remainder.

    :param lines: with amounts after the card's percentages
    :param receipt_minor: ``receipt_total`` of the lines before the card's benefits, compared with each minimum receipt
    :return: only what takes something off
    :raises RuleError: ``duplicate`` for two lines with one key, ``type``, ``range``, ``overflow``

    >>> from rules.benefit import AmountOffBenefit
    >>> from types import SimpleNamespace
    >>> ruleset = SimpleNamespace(benefits=(AmountOffBenefit("b4", 500, 0),))
    >>> amounts(ruleset, [PriceLine("a", "sale", 1240), PriceLine("b", "sale", 760)], 2000)
    (AmountEffect(benefit='b4', amount_minor=500, allocation={'a': 310, 'b': 190}),)
    """
    whole(receipt_minor, "receipt_minor")
    room = max(0, receipt_total(lines))
    touched = [line for line in _sale_lines(lines) if line.total_minor > 0]
    left = [line.total_minor for line in touched]
    effects = []
    for benefit in of_kind(ruleset, "amount_off"):
        amount = min(benefit.amount_minor, room)
        if not amount or receipt_minor < benefit.minimum_receipt_minor:
            continue
        shares = largest_remainder(amount, left)
        allocation = {line.key: share for line, share in zip(touched, shares, strict=True) if share}
        effects.append(AmountEffect(benefit.key, amount, allocation))
        left = [rest - share for rest, share in zip(left, shares, strict=True)]
        room -= amount
    return tuple(effects)
