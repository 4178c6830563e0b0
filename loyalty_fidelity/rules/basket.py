"""Baskets: the lines and payments of one order, and the amount that earns.

Decides which lines count and how much of them was actually paid.

Invariants: the base is never below zero, never above the sum of the sale lines, and never falls when more is paid;
a line keeps its sign, so sale and return may share a basket (an exchange).

Source: "Basket" in ``docs/architecture.md``. Vectors: ``basket.json``.
"""

from dataclasses import dataclass

from .arithmetic import add, mul_div_floor, whole
from .checks import items
from .errors import RuleError
from .ruleset import Ruleset

KINDS = ("sale", "return_linked", "return_unlinked", "excluded", "effect")


def keys_of(value: object) -> tuple[str, ...]:
    """Check the keys of the selectors that chose a line.

    :raises RuleError: ``type``

    >>> keys_of(["s1"])
    ('s1',)
    """
    keys = tuple(items(value, "selectors"))
    if not all(isinstance(key, str) for key in keys):
        raise RuleError("type", field="selectors")
    return keys


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order, after discount and after what amounts off took from it.

    ``key`` is unique in its basket. ``kind`` is ``sale``, ``return_linked`` (the original sale is known),
    ``return_unlinked``, ``excluded`` (tips, gift-card top-ups, rounding) or ``effect`` (it carries an amount off, or a
    share of one given back, which the lines it touches have already subtracted). ``quantity_micro`` is in millionths,
    ``total_minor`` and ``untaxed_minor`` in minor units with and without tax; all three are signed. ``selectors`` are the keys
    of the ruleset's selectors that chose its product when it was sold.

    :raises RuleError: ``type``, ``range``; ``choice`` for another kind
    """

    key: str
    kind: str
    quantity_micro: int
    total_minor: int
    untaxed_minor: int
    selectors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.key, str):
            raise RuleError("type", field="key")
        if self.kind not in KINDS:
            raise RuleError("choice", field="kind")
        whole(self.quantity_micro, "quantity_micro")
        whole(self.total_minor, "total_minor")
        whole(self.untaxed_minor, "untaxed_minor")
        object.__setattr__(self, "selectors", keys_of(self.selectors))


@dataclass(frozen=True, slots=True)
class Basket:
    """One order: its currency, its lines and how it was paid.

    ``eligible_paid_minor`` is what was paid with means that always count, net of change; ``ineligible_paid_minor``
    what was put on the customer's account, which counts only if the ruleset says ``customer_account_earns``. Both
    are signed: a refund is negative.

    :raises RuleError: ``type``, ``range``; ``duplicate`` for two lines with one key
    """

    currency: str
    lines: tuple[Line, ...]
    eligible_paid_minor: int
    ineligible_paid_minor: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.currency, str):
            raise RuleError("type", field="currency")
        object.__setattr__(self, "lines", tuple(self.lines))
        if not all(isinstance(line, Line) for line in self.lines):
            raise RuleError("type", field="lines")
        if len({line.key for line in self.lines}) != len(self.lines):
            raise RuleError("duplicate", field="lines")
        whole(self.eligible_paid_minor, "eligible_paid_minor")
        whole(self.ineligible_paid_minor, "ineligible_paid_minor")


@dataclass(frozen=True, slots=True)
class Split:
    """The lines of a basket by kind, each in the order of the basket."""

    sale: tuple[Line, ...]
    return_linked: tuple[Line, ...]
    return_unlinked: tuple[Line, ...]
    excluded: tuple[Line, ...]
    effect: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The amount that earns, and what it comes from, in minor units.

    ``base_minor`` earns: tax included or not, as the ruleset says. ``sale_minor`` is the sum of the sale lines and
    ``cap_minor`` what payments and returned goods cover, both tax included.
    """

    base_minor: int
    sale_minor: int
    cap_minor: int


def split(basket: Basket) -> Split:
    """Sort the lines of a basket by kind.

    >>> lines = (Line("a", "sale", 1000000, 500, 417), Line("t", "excluded", 1000000, 50, 50))
    >>> parts = split(Basket("GBP", lines, 550))
    >>> [line.key for line in parts.sale], [line.key for line in parts.excluded], parts.return_linked
    (['a'], ['t'], ())
    """
    return Split(*(tuple(line for line in basket.lines if line.kind == kind) for kind in KINDS))


def line_amount(ruleset: Ruleset, line: Line) -> int:
    """Give the amount of a line that the ruleset looks at, in minor units: with or without tax.

    >>> from types import SimpleNamespace
    >>> line_amount(SimpleNamespace(base="untaxed"), Line("a", "sale", 1000000, 1200, 1000))
    1000
    """
    return line.untaxed_minor if ruleset.base == "untaxed" else line.total_minor


def earning_base(ruleset: Ruleset, basket: Basket) -> Base:
    """Compute the amount that earns: the sale lines, as far as they were actually paid.

    Eligible payments and the value of the goods returned in the same basket pay for the sale lines; what was put on
    the customer's account does too if the ruleset says ``customer_account_earns``. With base ``untaxed`` the same
    share of the untaxed sum earns, rounded down.

    :raises RuleError: ``overflow``

    >>> from types import SimpleNamespace
    >>> ruleset = SimpleNamespace(base="total", customer_account_earns=False)
    >>> exchange = Basket("GBP", (
    ...     Line("new", "sale", 1000000, 3000, 2500), Line("old", "return_linked", -1000000, -2000, -1667)), 600, 400)
    >>> earning_base(ruleset, exchange)
    Base(base_minor=2600, sale_minor=3000, cap_minor=2600)
    """
    parts = split(basket)
    sale = add(line.total_minor for line in parts.sale)
    returned = add(-line.total_minor for line in parts.return_linked + parts.return_unlinked)
    account = basket.ineligible_paid_minor if ruleset.customer_account_earns else 0
    cap = add([basket.eligible_paid_minor, account, returned])
    paid = max(0, min(sale, cap))
    if ruleset.base == "untaxed" and paid:
        untaxed = add(line.untaxed_minor for line in parts.sale)
        return Base(max(0, mul_div_floor(untaxed, paid, sale)), sale, cap)
    return Base(paid, sale, cap)
