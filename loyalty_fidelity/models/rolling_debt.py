"""What is owed for the discount of a purchase that came back after its discount was used. Plain data, no Odoo.

Only what is kept of all purchases decides, so the order of returns does not matter: goods of the purchase that gave the
discount that come back make its discount smaller; goods of the purchase that used it that come back give up what they had.
"""

from dataclasses import dataclass

from ..rules.arithmetic import largest_remainder, mul_div_half_up
from ..rules.reversal import kept_amount


@dataclass(frozen=True)
class UsedLine:
    """What the discount of an earlier purchase took off one line.

    :ivar amount_minor: in minor units, zero or more
    :ivar percent_bps: the percentage; zero for an amount off
    :ivar quantity_micro: sold, in millionths
    :ivar returned_micro: given back so far
    """

    amount_minor: int
    percent_bps: int
    quantity_micro: int
    returned_micro: int = 0


def owed_minor(lines, bps, minor):
    """What one purchase got too much, for the quantities that it keeps.

    :param lines: of :class:`UsedLine`
    :param int bps: the percentage that the earlier purchase is still worth
    :param int minor: the amount off that it is still worth
    :return: minor units, zero or more; zero where it is worth what it was when it was used

    >>> owed_minor([UsedLine(500, 1000, 1_000_000)], 500, 0)
    250
    >>> owed_minor([UsedLine(300, 0, 2_000_000, 1_000_000), UsedLine(200, 0, 1_000_000)], 0, 250)
    175
    """
    amounts = [line.amount_minor for line in lines]
    due = largest_remainder(min(sum(amounts), minor), amounts) if any(amounts) else amounts
    owed = 0
    for line, share in zip(lines, due, strict=True):
        if line.percent_bps:
            share = mul_div_half_up(line.amount_minor, min(bps, line.percent_bps), line.percent_bps)
        owed += kept_amount(line.amount_minor - share, line.quantity_micro, line.returned_micro)
    return owed
