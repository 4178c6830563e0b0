"""What codes take off a receipt: an amount or a percentage each, one after the other.

Decides what each code of a basket takes, and on which lines it falls.

Invariants: codes together never take more than the sale lines come to after all amounts off; no line gives more than is left of it;
a code for some lines takes nothing of others; one whose minimum receipt is not reached takes nothing; a percentage is of what the
codes before it left, a half up.

Source: "Codes at the till" in ``docs/architecture.md``. Vectors: ``voucher.json``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .arithmetic import add, mul_div_half_up, whole
from .checks import items, text
from .errors import RuleError
from .line_price import PriceLine
from .price import AmountEffect
from .situation import MAX_BPS
from .spending import left_of, share_off

#: What the benefit of a code begins with: reserved, no ruleset has such a key.
PREFIX = "code:"


@dataclass(frozen=True, slots=True)
class Voucher:
    """What a code takes off a receipt.

    ``key`` is unique among those of a basket. ``amount_minor`` (tax included) or ``percent_bps`` is above zero, and the other zero;
    both zero take nothing. ``minimum_minor`` is compared with the receipt. ``lines`` are the keys of the lines that it is for, those of
    the basket alone counting; none: all.

    :raises RuleError: ``type``, ``range``; ``choice`` for both
    """

    key: str
    amount_minor: int = 0
    percent_bps: int = 0
    minimum_minor: int = 0
    lines: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.key, str):
            raise RuleError("type", field="key")
        whole(self.amount_minor, "amount_minor", 0)
        whole(self.percent_bps, "percent_bps", 0, MAX_BPS)
        whole(self.minimum_minor, "minimum_minor", 0)
        if self.amount_minor and self.percent_bps:
            raise RuleError("choice", field="percent_bps")
        if self.lines is not None:
            object.__setattr__(self, "lines", tuple(text(key, "lines") for key in items(self.lines, "lines")))


def redeem(
    lines: Sequence[PriceLine], taken: Mapping[str, int], vouchers: Sequence[Voucher], receipt_minor: int
) -> tuple[AmountEffect, ...]:
    """Give what codes take off, in their order, each shared over the sale lines by what is left of each.

    :param lines: with amounts after the card's percentages
    :param taken: by line key, what the card's amounts off take of sale lines together, zero or more
    :param receipt_minor: ``receipt_total`` of the lines before the card's benefits, compared with each minimum
    :return: only what takes something off
    :raises RuleError: ``duplicate`` for two lines or two codes with one key, ``choice`` for something taken of another line, ``type``,
        ``range``, ``overflow``

    >>> redeem([PriceLine("a", "sale", 1240), PriceLine("b", "sale", 760)], {"a": 240}, [Voucher("code:1", 440)], 2000)
    (AmountEffect(benefit='code:1', amount_minor=440, allocation={'a': 250, 'b': 190}),)
    """
    whole(receipt_minor, "receipt_minor")
    if len({voucher.key for voucher in vouchers}) != len(vouchers):
        raise RuleError("duplicate", field="vouchers")
    left = left_of(lines, taken)
    effects = []
    for voucher in vouchers:
        if receipt_minor < voucher.minimum_minor:
            continue
        own = left if voucher.lines is None else {key: rest for key, rest in left.items() if key in voucher.lines}
        room = max(0, add(own.values()))
        worth = voucher.amount_minor or mul_div_half_up(room, voucher.percent_bps, MAX_BPS)
        amount = min(room, worth, max(0, add(left.values())))
        if amount:
            allocation = share_off(own, amount)
            effects.append(AmountEffect(voucher.key, amount, allocation))
            left = {key: rest - allocation.get(key, 0) for key, rest in left.items()}
    return tuple(effects)
