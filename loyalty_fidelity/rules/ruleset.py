"""Rulesets: the compiled, immutable configuration of a card type.

Decides which configuration is valid, and its one canonical text and fingerprint.

Invariants: what ``parse`` accepts is applied completely, for a field or a kind of benefit that it does not know is
refused; what an earlier schema allowed is read for ever, into the same ruleset; equal payloads have equal canonical
texts whatever the order of their keys; a boolean is not an integer.

Source: the ruleset payload in ``docs/architecture.md``. Vectors: ``ruleset.json``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from .arithmetic import whole
from .card_number import is_prefix
from .errors import RuleError

SCHEMA = 2
BASES = ("total", "untaxed")
UNLINKED_RETURNS = ("take_back", "leave")
ON_DISCOUNTED = ("stack", "best", "skip")
EARNING = ("points", "cashback", "rolling")
PRICING = ("discount", "rolling", "amount_off")
MAX_BPS = 10_000
MAX_DAYS = 3660
MAX_DECIMALS = 6
MAX_POINTS = 1_000_000
MAX_TEXT = 64


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


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A parsed payload; the fields are the payload's, and ``schema`` is the one it was written in."""

    schema: int
    card_type: str
    currency: str
    currency_decimals: int
    number_prefix: str
    base: str
    customer_account_earns: bool
    unlinked_return: str
    benefits: tuple[Benefit, ...]


_FIELDS = tuple(Ruleset.__dataclass_fields__)


def of_kind(ruleset: Ruleset, *kinds: str) -> tuple[Benefit, ...]:
    """Give the benefits of some kinds, in the order of the ruleset.

    >>> from types import SimpleNamespace
    >>> both = (PointsBenefit("b1", 1, 1000, 0), CashbackBenefit("b2", 200, 0))
    >>> of_kind(SimpleNamespace(benefits=both), "cashback")
    (CashbackBenefit(key='b2', percent_bps=200, minimum_receipt_minor=0),)
    """
    return tuple(benefit for benefit in ruleset.benefits if benefit.kind in kinds)


def earning(ruleset: Ruleset) -> tuple[Benefit, ...]:
    """Give the benefits that earn something: points, money, or a percentage off the next purchase.

    >>> from types import SimpleNamespace
    >>> both = (AmountOffBenefit("b1", 500, 0), CashbackBenefit("b2", 200, 0))
    >>> [benefit.key for benefit in earning(SimpleNamespace(benefits=both))]
    ['b2']
    """
    return of_kind(ruleset, *EARNING)


def pricing(ruleset: Ruleset) -> tuple[Benefit, ...]:
    """Give the benefits that change the price; a rolling discount both earns and changes the price.

    >>> from types import SimpleNamespace
    >>> both = (AmountOffBenefit("b1", 500, 0), CashbackBenefit("b2", 200, 0))
    >>> [benefit.key for benefit in pricing(SimpleNamespace(benefits=both))]
    ['b1']
    """
    return of_kind(ruleset, *PRICING)


def _object(value: object, field: str, names: tuple[str, ...]) -> Mapping:
    if not isinstance(value, Mapping):
        raise RuleError("type", field=field)
    for name in names:
        if name not in value:
            raise RuleError("missing", field=name)
    for name in value:
        if name not in names:
            raise RuleError("unknown_field", field=name)
    return value


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise RuleError("type", field=field)
    if not 1 <= len(value) <= MAX_TEXT:
        raise RuleError("range", field=field)
    return value


def _prefix(value: object, field: str) -> str:
    text = _text(value, field)
    if not is_prefix(text):
        raise RuleError("range", field=field)
    return text


def _choice(value: object, field: str, choices: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise RuleError("type", field=field)
    if value not in choices:
        raise RuleError("choice", field=field)
    return value


def _list(value: object, field: str) -> list | tuple:
    if not isinstance(value, list | tuple):
        raise RuleError("type", field=field)
    return value


def _percent(fields: Mapping) -> int:
    return whole(fields["percent_bps"], "percent_bps", 1, MAX_BPS)


def _minimum(fields: Mapping) -> int:
    return whole(fields["minimum_receipt_minor"], "minimum_receipt_minor", 0)


def _on_discounted(fields: Mapping) -> str:
    return _choice(fields["on_discounted"], "on_discounted", ON_DISCOUNTED)


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
    fields = _object(value, "brackets", tuple(Bracket.__dataclass_fields__))
    return Bracket(whole(fields["from_minor"], "from_minor", 0), _percent(fields))


def _rolling(key: str, fields: Mapping) -> RollingBenefit:
    brackets = tuple(_bracket(value) for value in _list(fields["brackets"], "brackets"))
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
_BY_SCHEMA = {1: _PARSERS[:1], SCHEMA: _PARSERS}


def _benefit(value: object, schema: int) -> Benefit:
    if not isinstance(value, Mapping):
        raise RuleError("type", field="benefits")
    if "kind" not in value:
        raise RuleError("missing", field="kind")
    for benefit, parser in _BY_SCHEMA[schema]:
        if value["kind"] == benefit.kind:
            fields = _object(value, "benefits", ("kind", *benefit.__dataclass_fields__))
            return parser(_text(fields["key"], "key"), fields)
    raise RuleError("benefit_kind", kind=value["kind"])


def _benefits(values: object, schema: int) -> tuple[Benefit, ...]:
    benefits = tuple(_benefit(value, schema) for value in _list(values, "benefits"))
    if len({benefit.key for benefit in benefits}) != len(benefits):
        raise RuleError("duplicate", field="benefits")
    # A receipt leaves one percentage; two such benefits would have to share it.
    if sum(benefit.kind == RollingBenefit.kind for benefit in benefits) > 1:
        raise RuleError("duplicate", field="rolling")
    return benefits


def parse(payload: Mapping) -> Ruleset:
    """Check a payload and turn it into a ruleset.

    :param payload: as in ``docs/architecture.md``, already decoded from JSON
    :raises RuleError: ``schema`` (one it does not know), ``missing``, ``unknown_field``, ``type``, ``range``, ``choice``,
        ``benefit_kind`` (a kind of benefit that this schema does not know), ``duplicate`` (two benefits with one key,
        or two rolling discounts), ``order`` (brackets that do not rise)

    >>> ruleset = parse({
    ...     "schema": 1, "card_type": "gift-points", "currency": "GBP", "currency_decimals": 2,
    ...     "number_prefix": "0490", "base": "total", "customer_account_earns": False,
    ...     "unlinked_return": "take_back", "benefits": [
    ...         {"key": "b1", "kind": "points", "points": 1, "step_minor": 1000, "minimum_receipt_minor": 500}]})
    >>> ruleset.benefits
    (PointsBenefit(key='b1', points=1, step_minor=1000, minimum_receipt_minor=500),)
    """
    if not isinstance(payload, Mapping):
        raise RuleError("type", field="payload")
    if "schema" not in payload:
        raise RuleError("missing", field="schema")
    # The version comes first: the fields of another version mean something else.
    schema = whole(payload["schema"], "schema")
    if schema not in _BY_SCHEMA:
        raise RuleError("schema", schema=schema)
    _object(payload, "payload", _FIELDS)
    if not isinstance(payload["customer_account_earns"], bool):
        raise RuleError("type", field="customer_account_earns")
    benefits = _benefits(payload["benefits"], schema)
    return Ruleset(
        schema=schema,
        card_type=_text(payload["card_type"], "card_type"),
        currency=_text(payload["currency"], "currency"),
        currency_decimals=whole(payload["currency_decimals"], "currency_decimals", 0, MAX_DECIMALS),
        number_prefix=_prefix(payload["number_prefix"], "number_prefix"),
        base=_choice(payload["base"], "base", BASES),
        customer_account_earns=payload["customer_account_earns"],
        unlinked_return=_choice(payload["unlinked_return"], "unlinked_return", UNLINKED_RETURNS),
        benefits=benefits,
    )


def _check_plain(value: object) -> None:
    if isinstance(value, Mapping):
        for name, member in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise RuleError("type", field="key")
            _check_plain(member)
    elif isinstance(value, list | tuple):
        for member in value:
            _check_plain(member)
    elif value is not None and not isinstance(value, bool | str):
        whole(value, "value")


def canonical(payload: Mapping) -> str:
    """Write a payload as its one canonical text: JSON with sorted keys, without spaces, in ASCII.

    :param payload: objects, lists, texts, integers, booleans and null; the names of fields are ASCII
    :raises RuleError: ``type`` for anything else, a fraction for instance; ``range`` for an unsafe integer

    >>> canonical({"b": [1, True], "a": "é"})
    '{"a":"\\\\u00e9","b":[1,true]}'
    """
    _check_plain(payload)
    return json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def fingerprint(payload: Mapping) -> str:
    """Identify a payload by the SHA-256 of its canonical text, 64 hexadecimal digits. Python only.

    :raises RuleError: as ``canonical``

    >>> fingerprint({"schema": 1})[:16]
    '67d6291b301412df'
    """
    return hashlib.sha256(canonical(payload).encode("ascii")).hexdigest()
