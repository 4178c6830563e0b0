"""Benefits: what a card type gives, one kind each.

Decides which benefits are valid, and which kinds and fields each schema of the payload knows.

Invariants: as of ``ruleset``, whose part this is; a higher bracket never gives less; a field that a schema does not know
has the value that means what that schema meant.

Source: the ruleset payload in ``docs/architecture.md``. Vectors: ``benefit.json`` and ``ruleset.json``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import ClassVar

from .arithmetic import whole
from .checks import choice, items, record, text
from .errors import RuleError
from .situation import MAX_BPS, When, parse_when

EARNING = ("points", "cashback", "rolling")
PRICING = ("discount", "rolling", "amount_off")
ON_DISCOUNTED = ("stack", "best", "skip")
POINTS_MODES = ("step", "proportional", "visit", "unit")
ROLLING_MODES = ("percent", "amount")
ROLLING_USES = ("next", "qualifying")
MAX_DAYS = 3660
MAX_POINTS = 1_000_000
MIN_FACTOR_BPS, MAX_FACTOR_BPS = 10_001, 1_000_000


@dataclass(frozen=True, slots=True)
class PointsBenefit:
    """Points for what was paid, for the visit or for the pieces bought.

    ``mode`` ``step``: ``points`` (1 to ``MAX_POINTS``) for each full ``step_minor`` (above zero) of the amount;
    ``proportional``: the amount times ``points`` divided by ``step_minor``, rounded down; ``visit``: ``points`` for a receipt;
    ``unit``: ``points`` for each whole piece. Given when the base is at least ``minimum_receipt_minor`` and the amount of the
    qualifying lines at least ``minimum_lines_minor``; at most ``cap_receipt``, ``cap_day`` and ``cap_month`` points (zero: no
    limit). ``selector`` names the lines that qualify, ``when`` the conditions (none: all, always).
    """

    kind: ClassVar[str] = "points"
    key: str
    points: int
    step_minor: int
    minimum_receipt_minor: int
    mode: str = "step"
    minimum_lines_minor: int = 0
    cap_receipt: int = 0
    cap_day: int = 0
    cap_month: int = 0
    selector: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class MultiplierBenefit:
    """More points on lines that earn some: ``factor_bps`` of 20,000 doubles them. It earns nothing by itself.

    ``selector`` and ``when`` as of points.
    """

    kind: ClassVar[str] = "multiplier"
    key: str
    factor_bps: int
    selector: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class CashbackBenefit:
    """A part of what was paid, back as money on the account.

    ``percent_bps`` (1 to ``MAX_BPS``, hundredths of a percent) of the amount, rounded down to the minor unit; minimums,
    limits (in minor units), ``selector`` and ``when`` as of points.
    """

    kind: ClassVar[str] = "cashback"
    key: str
    percent_bps: int
    minimum_receipt_minor: int
    minimum_lines_minor: int = 0
    cap_receipt: int = 0
    cap_day: int = 0
    cap_month: int = 0
    selector: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class DiscountBenefit:
    """A percentage off sale lines.

    ``percent_bps`` (1 to ``MAX_BPS``; zero too with ``own``: then the member's own percentage counts where it is larger);
    ``on_discounted`` (``stack``, ``best`` or ``skip``) says what happens on a line that is already discounted;
    ``minimum_receipt_minor`` (zero: always) is compared with the sale lines before any benefit of a card. It takes at most
    ``cap_line_minor`` of a line and ``cap_receipt_minor``, ``cap_day_minor`` and ``cap_month_minor`` altogether (zero: no limit).
    """

    kind: ClassVar[str] = "discount"
    key: str
    percent_bps: int
    on_discounted: str
    minimum_receipt_minor: int
    own: bool = False
    cap_line_minor: int = 0
    cap_receipt_minor: int = 0
    cap_day_minor: int = 0
    cap_month_minor: int = 0
    selector: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class AmountOffBenefit:
    """An amount off the receipt.

    ``amount_minor`` (above zero), at most what its sale lines come to; ``minimum_receipt_minor`` as of a discount.
    """

    kind: ClassVar[str] = "amount_off"
    key: str
    amount_minor: int
    minimum_receipt_minor: int
    selector: str | None = None
    when: When | None = None


@dataclass(frozen=True, slots=True)
class Bracket:
    """From ``from_minor`` (zero or more) of a purchase on, the next one gets ``percent_bps`` (1 to ``MAX_BPS``)."""

    from_minor: int
    percent_bps: int


@dataclass(frozen=True, slots=True)
class RollingBenefit:
    """Something off the next purchase, the larger the more was paid for this one.

    The highest of the ``brackets`` that the amount reaches gives a percentage; ``from_minor`` rises from bracket to bracket and
    the percentage never falls, so a return never earns. ``mode`` ``percent``: the next purchase gets that percentage;
    ``amount``: that part of what was paid, as an amount off. It may be used within ``valid_days`` (1 to ``MAX_DAYS``);
    ``on_discounted`` (of percentages) and ``minimum_receipt_minor`` are for using it, as of a discount. ``use`` ``next``: every
    purchase leaves what it leaves, also nothing; ``qualifying``: one below the first bracket leaves an earlier one standing.
    With ``keep_cost`` no line goes below its cost through it.
    """

    kind: ClassVar[str] = "rolling"
    key: str
    brackets: tuple[Bracket, ...]
    valid_days: int
    on_discounted: str
    minimum_receipt_minor: int
    mode: str = "percent"
    use: str = "next"
    keep_cost: bool = False
    selector: str | None = None
    when: When | None = None


Benefit = PointsBenefit | MultiplierBenefit | CashbackBenefit | DiscountBenefit | AmountOffBenefit | RollingBenefit


def _bracket(value: object) -> Bracket:
    given = record(value, "brackets", tuple(field.name for field in fields(Bracket)))
    return Bracket(whole(given["from_minor"], "from_minor", 0), whole(given["percent_bps"], "percent_bps", 1, MAX_BPS))


def _brackets(value: object) -> tuple[Bracket, ...]:
    brackets = tuple(_bracket(member) for member in items(value, "brackets"))
    if not brackets:
        raise RuleError("range", field="brackets")
    for lower, higher in pairwise(brackets):
        if higher.from_minor <= lower.from_minor or higher.percent_bps < lower.percent_bps:
            raise RuleError("order", field="brackets")
    return brackets


def _flag(value: object, field: str) -> bool:
    if not isinstance(value, bool):
        raise RuleError("type", field=field)
    return value


def _optional_text(value: object, field: str) -> str | None:
    return None if value is None else text(value, field)


# How each field of a benefit is checked; each is called with the value and the name of the field.
_CHECKS = {
    "points": lambda value, field: whole(value, field, 1, MAX_POINTS),
    "step_minor": lambda value, field: whole(value, field, 0),
    "factor_bps": lambda value, field: whole(value, field, MIN_FACTOR_BPS, MAX_FACTOR_BPS),
    "percent_bps": lambda value, field: whole(value, field, 0, MAX_BPS),
    "amount_minor": lambda value, field: whole(value, field, 1),
    "brackets": lambda value, _field: _brackets(value),
    "valid_days": lambda value, field: whole(value, field, 1, MAX_DAYS),
    "on_discounted": lambda value, field: choice(value, field, ON_DISCOUNTED),
    "use": lambda value, field: choice(value, field, ROLLING_USES),
    "own": _flag,
    "keep_cost": _flag,
    "selector": _optional_text,
    "when": lambda value, _field: parse_when(value),
}
_MODES = {"points": POINTS_MODES, "rolling": ROLLING_MODES}
_CLASSES = {
    cls.kind: cls for cls in (PointsBenefit, CashbackBenefit, DiscountBenefit, AmountOffBenefit, RollingBenefit, MultiplierBenefit)
}
# The fields of each kind as schemas 1 and 2 had them; schema 3 has all.
_EARLY_FIELDS = {
    "points": ("points", "step_minor", "minimum_receipt_minor"),
    "cashback": ("percent_bps", "minimum_receipt_minor"),
    "discount": ("percent_bps", "on_discounted", "minimum_receipt_minor"),
    "amount_off": ("amount_minor", "minimum_receipt_minor"),
    "rolling": ("brackets", "valid_days", "on_discounted", "minimum_receipt_minor"),
}
_FIELDS = {kind: tuple(field.name for field in fields(cls) if field.name != "key") for kind, cls in _CLASSES.items()}
#: What each schema knows, by kind; an earlier one is never taken away, for receipts name their ruleset.
FIELDS = {1: {"points": _EARLY_FIELDS["points"]}, 2: _EARLY_FIELDS, 3: _FIELDS}
SCHEMAS = tuple(FIELDS)


def _field(kind: str, name: str, value: object) -> object:
    if name == "mode":
        return choice(value, name, _MODES[kind])
    # What is not named is a minimum or a limit: zero or more.
    check = _CHECKS.get(name)
    return check(value, name) if check else whole(value, name, 0)


def _check_together(benefit: Benefit) -> None:
    """Check what fields of one benefit say together."""
    if benefit.kind == "points":
        steps = benefit.mode in ("step", "proportional")
        whole(benefit.step_minor, "step_minor", 1 if steps else 0, *(() if steps else (0,)))
    elif benefit.kind == "cashback" or (benefit.kind == "discount" and not benefit.own):
        whole(benefit.percent_bps, "percent_bps", 1, MAX_BPS)
    elif benefit.kind == "rolling" and benefit.mode == "amount" and benefit.on_discounted != "stack":
        raise RuleError("choice", field="on_discounted")


def _benefit(value: object, known: Mapping) -> Benefit:
    if not isinstance(value, Mapping):
        raise RuleError("type", field="benefits")
    if "kind" not in value:
        raise RuleError("missing", field="kind")
    kind = value["kind"]
    if not isinstance(kind, str) or kind not in known:
        raise RuleError("benefit_kind", kind=kind)
    given = record(value, "benefits", ("kind", "key", *known[kind]))
    key = text(given["key"], "key")
    benefit = _CLASSES[kind](key=key, **{name: _field(kind, name, given[name]) for name in known[kind]})
    _check_together(benefit)
    return benefit


def parse_benefits(values: object, schema: int) -> tuple[Benefit, ...]:
    """Check the benefits of a payload and turn each into the benefit of its kind, in their order.

    :param schema: of the payload; 1 knows points only, 2 no conditions, selectors and limits
    :raises RuleError: ``schema`` (one it does not know), ``missing``, ``unknown_field``, ``type``, ``range``,
        ``choice``, ``benefit_kind`` (a kind that this schema does not know), ``duplicate`` (two benefits with one key,
        or two rolling discounts), ``order`` (brackets or lists that do not rise)

    >>> parse_benefits([{"key": "b2", "kind": "cashback", "percent_bps": 200, "minimum_receipt_minor": 0}], 2)[0].percent_bps
    200
    """
    if schema not in SCHEMAS:
        raise RuleError("schema", schema=schema)
    benefits = tuple(_benefit(value, FIELDS[schema]) for value in items(values, "benefits"))
    if len({benefit.key for benefit in benefits}) != len(benefits):
        raise RuleError("duplicate", field="benefits")
    # A receipt leaves one value; two such benefits would have to share it.
    if sum(benefit.kind == RollingBenefit.kind for benefit in benefits) > 1:
        raise RuleError("duplicate", field="rolling")
    return benefits
