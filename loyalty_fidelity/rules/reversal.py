"""What a receipt is still worth after goods came back.

Decides the points, the money and the next purchase's percentage for the quantities kept. What a return posts is that,
minus what the receipt has posted so far. Decides also which part of an amount off comes back with the goods.

Invariants: nothing returned changes nothing; everything returned leaves nothing; a return never earns; returning in
any order and in any number of steps ends where returning at once does, for only the total per line counts; of a line,
no more comes back than was sold, and of an amount no more than was given.

Source: law 6, line-exact reversal, as told in "Basket" in ``docs/architecture.md``. Vectors: ``reversal.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .arithmetic import add, mul_div_floor, mul_div_half_up, whole
from .basket import Line, line_amount
from .earning import Sold, earn, rolling_left
from .errors import RuleError
from .ruleset import Ruleset
from .situation import NOWHERE, Situation


@dataclass(frozen=True, slots=True)
class KeptOutcome:
    """What the kept quantities are worth.

    ``points`` on ``base_minor``, with ``line_points`` by line key; ``cashback_minor`` and ``line_cashback`` alike in
    minor units; ``rolling_bps`` or ``rolling_minor`` is what the receipt leaves to the next purchase, none where ``evaluate``
    gives none. ``benefit_points`` and ``benefit_cashback`` are by benefit, above zero.
    """

    points: int
    base_minor: int
    line_points: dict[str, int]
    cashback_minor: int
    line_cashback: dict[str, int]
    rolling_bps: int | None
    rolling_minor: int | None
    benefit_points: dict[str, int]
    benefit_cashback: dict[str, int]


def kept_amount(amount_minor: int, quantity_micro: int, returned_micro: int) -> int:
    """Give the part of a line's amount that the customer keeps.

    :param amount_minor: of the whole line, signed
    :param quantity_micro: sold, in millionths; its sign does not matter
    :param returned_micro: given back so far in total, zero or more; more than was sold counts as all of it
    :return: the amount minus the returned part, which is rounded to the nearest minor unit, a half away from zero

    >>> kept_amount(1000, 3000000, 1000000), kept_amount(1000, 3000000, 9000000)
    (667, 0)
    """
    quantity = abs(whole(quantity_micro, "quantity_micro"))
    returned = whole(returned_micro, "returned_micro", 0)
    if not returned:
        return whole(amount_minor, "amount_minor")
    if returned >= quantity:
        return 0
    return add([amount_minor, -mul_div_half_up(amount_minor, returned, quantity)])


def share_back(allocated_minor: int, quantity_micro: int, before_micro: int, now_micro: int) -> int:
    """Give the part of an amount off that comes back with goods, so that they are not paid back dearer than bought.

    :param allocated_minor: the part of the amount that fell on the line, zero or more
    :param quantity_micro: sold, in millionths; its sign does not matter
    :param before_micro: given back by earlier returns in total, zero or more
    :param now_micro: given back by this return, zero or more
    :return: zero to ``allocated_minor``; over all returns of a line it depends on their total only
    :raises RuleError: ``type``, ``range``, ``overflow``

    >>> [share_back(500, 3000000, before, 1000000) for before in (0, 1000000, 2000000, 3000000)]
    [167, 166, 167, 0]
    """
    whole(allocated_minor, "allocated_minor", 0)
    after_micro = add([whole(before_micro, "before_micro", 0), whole(now_micro, "now_micro", 0)])
    kept_before = kept_amount(allocated_minor, quantity_micro, before_micro)
    return kept_before - kept_amount(allocated_minor, quantity_micro, after_micro)


def kept_points(
    ruleset: Ruleset,
    lines: Sequence[Line],
    returned_micro: Mapping[str, int],
    base_minor: int,
    situation: Situation = NOWHERE,
) -> KeptOutcome:
    """Compute what a receipt is worth for the quantities kept.

    The base shrinks with the amounts kept, rounded down, and never grows; the rules apply to it anew, minimums and limits
    included.

    :param ruleset: the one stored on the receipt, not today's
    :param lines: the receipt's sale lines as sold, after discount and net of amounts off
    :param returned_micro: quantity given back so far in total, in millionths, by line key; absent means none
    :param base_minor: the receipt's earning base in minor units, zero or more
    :param situation: the one stored on the receipt, not today's
    :raises RuleError: ``choice`` for a line that is no sale, ``unknown_line`` for a key that is not among the lines,
        ``type``, ``range`` (a negative quantity or base), ``overflow``

    >>> from rules.benefit import PointsBenefit
    >>> ruleset = Ruleset(1, "gift-points", "GBP", 2, "0490", "total", False, "take_back",
    ...                   (PointsBenefit("b1", 1, 1000, 500),))
    >>> lines = [Line("a", "sale", 2000000, 3000, 2500), Line("b", "sale", 1000000, 1500, 1250)]
    >>> kept = kept_points(ruleset, lines, {"a": 1000000}, 4500)
    >>> kept.points, kept.base_minor, kept.line_points
    (3, 3000, {'a': 2, 'b': 1})
    """
    whole(base_minor, "base_minor", 0)
    if any(line.kind != "sale" for line in lines):
        raise RuleError("choice", field="kind")
    unknown = set(returned_micro) - {line.key for line in lines}
    if unknown:
        raise RuleError("unknown_line", count=len(unknown))
    amounts = [line_amount(ruleset, line) for line in lines]
    kept = [
        kept_amount(amount, line.quantity_micro, returned_micro.get(line.key, 0))
        for amount, line in zip(amounts, lines, strict=True)
    ]
    sold_sum = add(amounts)
    # Giving a discount line back would leave more than was sold; whether that was paid is another order's matter.
    kept_sum = min(add(kept), sold_sum)
    kept_base = mul_div_floor(base_minor, kept_sum, sold_sum) if kept_sum > 0 else 0
    pieces = tuple(
        max(0, line.quantity_micro - returned_micro.get(line.key, 0)) if amount > 0 else 0
        for amount, line in zip(amounts, lines, strict=True)
    )
    sold = Sold(tuple(lines), tuple(kept), pieces, kept_base, tuple(amounts), base_minor)
    earned = earn(ruleset, sold, situation)
    rolling_bps, rolling_minor = rolling_left(ruleset, sold, situation) if lines else (None, None)
    return KeptOutcome(
        points=add(earned.points.values()),
        base_minor=kept_base,
        line_points=earned.line_points,
        cashback_minor=add(earned.cashback.values()),
        line_cashback=earned.line_cashback,
        rolling_bps=rolling_bps,
        rolling_minor=rolling_minor,
        benefit_points=earned.points,
        benefit_cashback=earned.cashback,
    )
