"""The price of one line: percentages that come one after the other.

Decides the discount of a line from its percentages, with what a person and a price list gave before.

Invariants: a percentage is rounded once, at the end; a discount lies between zero and ``MAX_BPS`` and is never less than what a
person gave; a limit of a line and its cost are kept, for there the rounding is down.

Source: "Price effects" in ``docs/architecture.md``. Vectors: through ``price.json``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .arithmetic import add, whole
from .basket import KINDS, keys_of
from .benefit import Benefit
from .errors import RuleError
from .situation import MAX_BPS


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of an order as its price is made.

    ``key`` is unique among the lines, ``kind`` as of a basket's line. ``total_minor`` is signed, tax included: before
    the card's benefits for ``discounts``, after its percentages for ``amounts``. ``manual_bps`` is the line's discount
    without the card, ``pricelist_bps`` what a price list took before, which is already in the unit price; both zero to
    ``MAX_BPS``. ``cost_minor`` is what the line cost the shop, tax included as in ``total_minor``; none: not known.
    ``selectors`` are the keys of the ruleset's selectors that chose its product.

    :raises RuleError: ``type``, ``range``; ``choice`` for another kind
    """

    key: str
    kind: str
    total_minor: int
    manual_bps: int = 0
    pricelist_bps: int = 0
    cost_minor: int | None = None
    selectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.key, str):
            raise RuleError("type", field="key")
        if self.kind not in KINDS:
            raise RuleError("choice", field="kind")
        whole(self.total_minor, "total_minor")
        whole(self.manual_bps, "manual_bps", 0, MAX_BPS)
        whole(self.pricelist_bps, "pricelist_bps", 0, MAX_BPS)
        if self.cost_minor is not None:
            whole(self.cost_minor, "cost_minor")
        object.__setattr__(self, "selectors", keys_of(self.selectors))


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


def sale_lines(lines: Sequence[PriceLine]) -> list[PriceLine]:
    """Give the lines that are sales.

    :raises RuleError: ``duplicate`` for two lines with one key

    >>> [line.key for line in sale_lines([PriceLine("a", "sale", 900), PriceLine("t", "excluded", 50)])]
    ['a']
    """
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
    return add(line.total_minor for line in sale_lines(lines))


def _off(left: int, whole_price: int, down: bool) -> int:
    """Round what is gone of a price to hundredths of a percent: a half up, the customer's way, or down."""
    gone = MAX_BPS * (whole_price - left)
    return gone // whole_price if down else (2 * gone + whole_price) // (2 * whole_price)


def _limits(benefit: Benefit, line: PriceLine) -> tuple[int, int | None]:
    """What a benefit takes of a line at most (zero: no limit), and the cost that it keeps."""
    if benefit.kind == "discount":
        return benefit.cap_line_minor, None
    return 0, line.cost_minor if benefit.keep_cost else None


def _lowered(asked: int, line: PriceLine, limits: tuple[int, int | None], there: tuple[int, int], of: tuple[int, int]) -> int:
    """The largest percentage up to the one asked that keeps the limits.

    :param there: what is there of the line before it, as a fraction of its amount
    :param of: what the percentage is taken of, likewise
    """
    (cap, cost), (left, price), (over, under) = limits, there, of
    if not over:
        return asked
    least = 0
    if cap:
        least = line.total_minor * left - cap * price
    if cost is not None:
        least = max(least, cost * price)
    kept = -(-MAX_BPS * least * under // (price * line.total_minor * over))
    return max(0, min(asked, MAX_BPS - kept))


def line_discount(line: PriceLine, percentages: Sequence[tuple[Benefit, int]]) -> LineDiscount:
    """Give the discount of a line of a positive amount.

    :param percentages: benefits with their percentages, in order; a limit of a line or its cost lowers one to the largest
        that keeps it, and makes the rounding go down

    >>> from rules.benefit import DiscountBenefit
    >>> line_discount(PriceLine("b", "sale", 950, 500), [(DiscountBenefit("b3", 1000, "stack", 0), 1000)])
    LineDiscount(discount_bps=1450, card_bps=1000, benefits={'b3': 1000})
    """
    before = (MAX_BPS - line.manual_bps) * (MAX_BPS - line.pricelist_bps)
    # The card leaves left ÷ price of what was there before it: exact, whatever comes together.
    left, price, benefits, down = 1, 1, {}, False
    for benefit, asked in percentages:
        if benefit.selector is not None and benefit.selector not in line.selectors:
            continue
        limits = _limits(benefit, line)
        if benefit.on_discounted == "best":
            # It replaces all that is there: its percentage is of the price before anybody took something.
            bps = _lowered(asked, line, limits, (1, 1), (MAX_BPS**2, before)) if limits != (0, None) else asked
            if (MAX_BPS - bps) * MAX_BPS * price < before * left:
                left, price, benefits = (MAX_BPS - bps) * MAX_BPS, before, {benefit.key: bps}
                down = limits != (0, None)
        elif benefit.on_discounted == "stack" or before == MAX_BPS**2:
            bps = _lowered(asked, line, limits, (left, price), (left, price)) if limits != (0, None) else asked
            if bps:
                left, price = left * (MAX_BPS - bps), price * MAX_BPS
                benefits[benefit.key] = bps
                down = down or limits != (0, None)
    discount_bps = _off((MAX_BPS - line.manual_bps) * left, MAX_BPS * price, down)
    return LineDiscount(discount_bps, _off(left, price, down), benefits)
