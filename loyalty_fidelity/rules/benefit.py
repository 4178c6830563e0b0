"""Benefits: what a card type gives, one kind each.

Decides which benefits are valid, and which kinds each schema of the payload knows.

Invariants: as of ``ruleset``, whose part this is; a higher bracket never gives less.

Source: the ruleset payload in ``docs/architecture.md``. Vectors: ``benefit.json`` and ``ruleset.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from .arithmetic import whole
from .checks import choice, items, record, text
from .errors import RuleError

EARNING = ("points", "cashback", "rolling")
PRICING = ("discount", "rolling", "amount_off")
ON_DISCOUNTED = ("stack", "best", "skip")
MAX_BPS = 10_000
MAX_DAYS = 3660
MAX_POINTS = 1_000_000


@dataclass(frozen=True, slots=True)
class PointsBenefit:
    """Points for every full step of what was paid, from a minimum receipt on.

    ``points`` (1 to ``MAX_POINTS``) for each full ``step_minor`` (above zero) of the base, when the base is at least
    ``minimum_receipt_minor`` (zero: always).
    """

    kind: ClassVar[str] = "points"
    key: str
    points: int
    step_minor: int
    minimum_receipt_minor: int


@dataclass(frozen=True, slots=True)
class CashbackBenefit:
    """A part of what was paid, back as money on the account.

    ``percent_bps`` (1 to ``MAX_BPS``, hundredths of a percent) of the base, rounded down to the minor unit, when the
    base is at least ``minimum_receipt_minor`` (zero: always).
    """

    kind: ClassVar[str] = "cashback"
    key: str
    percent_bps: int
    minimum_receipt_minor: int


@dataclass(frozen=True, slots=True)
class DiscountBenefit:
    """A percentage off every sale line.

    ``percent_bps`` (1 to ``MAX_BPS``); ``on_discounted`` (``stack``, ``best`` or ``skip``) says what happens on a line
    that is already discounted; ``minimum_receipt_minor`` (zero: always) is compared with the sale lines before any
    benefit of a card.
    """

    kind: ClassVar[str] = "discount"
    key: str
    percent_bps: int
    on_discounted: str
    minimum_receipt_minor: int


@dataclass(frozen=True, slots=True)
class AmountOffBenefit:
    """An amount off the receipt.

    ``amount_minor`` (above zero), at most what the sale lines come to; ``minimum_receipt_minor`` as of a discount.
    """

    kind: ClassVar[str] = "amount_off"
    key: str
    amount_minor: int
    minimum_receipt_minor: int


@dataclass(frozen=True, slots=True)
class Bracket:
    """From ``from_minor`` (zero or more) of a purchase on, the next one gets ``percent_bps`` (1 to ``MAX_BPS``)."""

    from_minor: int
    percent_bps: int


@dataclass(frozen=True, slots=True)
class RollingBenefit:
    """A percentage off the next purchase, the larger the more was paid for this one.

    The highest of the ``brackets`` that the base reaches gives the percentage; ``from_minor`` rises from bracket to
    bracket and the percentage never falls, so a return never earns. It may be used within ``valid_days`` (1 to
    ``MAX_DAYS``); ``on_discounted`` and ``minimum_receipt_minor`` are for using it, as of a discount.
    """

    kind: ClassVar[str] = "rolling"
    key: str
    brackets: tuple[Bracket, ...]
    valid_days: int
    on_discounted: str
    minimum_receipt_minor: int


Benefit = PointsBenefit | CashbackBenefit | DiscountBenefit | AmountOffBenefit | RollingBenefit


def _percent(fields: Mapping) -> int:
    return whole(fields["percent_bps"], "percent_bps", 1, MAX_BPS)


def _minimum(fields: Mapping) -> int:
    return whole(fields["minimum_receipt_minor"], "minimum_receipt_minor", 0)


def _on_discounted(fields: Mapping) -> str:
    return choice(fields["on_discounted"], "on_discounted", ON_DISCOUNTED)


def _points(key: str, fields: Mapping) -> PointsBenefit:
    points = whole(fields["points"], "points", 1, MAX_POINTS)
    return PointsBenefit(key, points, whole(fields["step_minor"], "step_minor", 1), _minimum(fields))


def _cashback(key: str, fields: Mapping) -> CashbackBenefit:
    return CashbackBenefit(key, _percent(fields), _minimum(fields))


def _discount(key: str, fields: Mapping) -> DiscountBenefit:
    return DiscountBenefit(key, _percent(fields), _on_discounted(fields), _minimum(fields))


def _amount_off(key: str, fields: Mapping) -> AmountOffBenefit:
    return AmountOffBenefit(key, whole(fields["amount_minor"], "amount_minor", 1), _minimum(fields))


def _bracket(value: object) -> Bracket:
    fields = record(value, "brackets", tuple(Bracket.__dataclass_fields__))
    return Bracket(whole(fields["from_minor"], "from_minor", 0), _percent(fields))


def _rolling(key: str, fields: Mapping) -> RollingBenefit:
    brackets = tuple(_bracket(value) for value in items(fields["brackets"], "brackets"))
    if not brackets:
        raise RuleError("range", field="brackets")
    for lower, higher in pairwise(brackets):
        if higher.from_minor <= lower.from_minor or higher.percent_bps < lower.percent_bps:
            raise RuleError("order", field="brackets")
    days = whole(fields["valid_days"], "valid_days", 1, MAX_DAYS)
    return RollingBenefit(key, brackets, days, _on_discounted(fields), _minimum(fields))


_PARSERS = (
    (PointsBenefit, _points),
    (CashbackBenefit, _cashback),
    (DiscountBenefit, _discount),
    (AmountOffBenefit, _amount_off),
    (RollingBenefit, _rolling),
)
# What each schema knows; an earlier one is never taken away, for receipts name their ruleset.
_BY_SCHEMA = {1: _PARSERS[:1], 2: _PARSERS}
SCHEMAS = tuple(_BY_SCHEMA)


def _benefit(value: object, known: tuple) -> Benefit:
    if not isinstance(value, Mapping):
        raise RuleError("type", field="benefits")
    if "kind" not in value:
        raise RuleError("missing", field="kind")
    for benefit, parser in known:
        if value["kind"] == benefit.kind:
            fields = record(value, "benefits", ("kind", *benefit.__dataclass_fields__))
            return parser(text(fields["key"], "key"), fields)
    raise RuleError("benefit_kind", kind=value["kind"])


def parse_benefits(values: object, schema: int) -> tuple[Benefit, ...]:
    """Check the benefits of a payload and turn each into the benefit of its kind, in their order.

    :param schema: of the payload; 1 knows points only
    :raises RuleError: ``schema`` (one it does not know), ``missing``, ``unknown_field``, ``type``, ``range``,
        ``choice``, ``benefit_kind`` (a kind that this schema does not know), ``duplicate`` (two benefits with one key,
        or two rolling discounts), ``order`` (brackets that do not rise)

    >>> parse_benefits([{"key": "b2", "kind": "cashback", "percent_bps": 200, "minimum_receipt_minor": 0}], 2)
    (CashbackBenefit(key='b2', percent_bps=200, minimum_receipt_minor=0),)
    """
    if schema not in SCHEMAS:
        raise RuleError("schema", schema=schema)
    benefits = tuple(_benefit(value, _BY_SCHEMA[schema]) for value in items(values, "benefits"))
    if len({benefit.key for benefit in benefits}) != len(benefits):
        raise RuleError("duplicate", field="benefits")
    # A receipt leaves one percentage; two such benefits would have to share it.
    if sum(benefit.kind == RollingBenefit.kind for benefit in benefits) > 1:
        raise RuleError("duplicate", field="rolling")
    return benefits
