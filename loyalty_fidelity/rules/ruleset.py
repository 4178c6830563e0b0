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
from dataclasses import dataclass, field, fields

from .arithmetic import whole
from .benefit import EARNING, PRICING, SCHEMAS, Benefit, parse_benefits
from .benefit import MAX_BPS as MAX_BPS
from .card_number import is_prefix
from .checks import choice, record, text
from .errors import RuleError
from .selector import Selector, parse_selectors

SCHEMA = SCHEMAS[-1]
BASES = ("total", "untaxed")
UNLINKED_RETURNS = ("take_back", "leave")
STACKINGS = ("stack", "best", "exclusive")
MAX_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A parsed payload; the fields are the payload's, and ``schema`` is the one it was written in.

    ``stacking`` says which of several price benefits count: ``stack`` (all, one after the other), ``best`` (the one that saves
    most) or ``exclusive`` (the first that saves anything). ``selectors`` are named by benefits.
    """

    schema: int
    card_type: str
    currency: str
    currency_decimals: int
    number_prefix: str
    base: str
    customer_account_earns: bool
    unlinked_return: str
    benefits: tuple[Benefit, ...]
    stacking: str = "stack"
    selectors: Mapping[str, Selector] = field(default_factory=dict)


_FIELDS = tuple(each.name for each in fields(Ruleset))
# What schema 3 brought.
_LATER = ("stacking", "selectors")


def of_kind(ruleset: Ruleset, *kinds: str) -> tuple[Benefit, ...]:
    """Give the benefits of some kinds, in the order of the ruleset.

    >>> from types import SimpleNamespace
    >>> from rules.benefit import CashbackBenefit, PointsBenefit
    >>> both = (PointsBenefit("b1", 1, 1000, 0), CashbackBenefit("b2", 200, 0))
    >>> [benefit.key for benefit in of_kind(SimpleNamespace(benefits=both), "cashback")]
    ['b2']
    """
    return tuple(benefit for benefit in ruleset.benefits if benefit.kind in kinds)


def earning(ruleset: Ruleset) -> tuple[Benefit, ...]:
    """Give the benefits that earn something: points, money, or a percentage off the next purchase.

    >>> from types import SimpleNamespace
    >>> from rules.benefit import AmountOffBenefit, CashbackBenefit
    >>> both = (AmountOffBenefit("b1", 500, 0), CashbackBenefit("b2", 200, 0))
    >>> [benefit.key for benefit in earning(SimpleNamespace(benefits=both))]
    ['b2']
    """
    return of_kind(ruleset, *EARNING)


def pricing(ruleset: Ruleset) -> tuple[Benefit, ...]:
    """Give the benefits that change the price; a rolling discount both earns and changes the price.

    >>> from types import SimpleNamespace
    >>> from rules.benefit import AmountOffBenefit, CashbackBenefit
    >>> both = (AmountOffBenefit("b1", 500, 0), CashbackBenefit("b2", 200, 0))
    >>> [benefit.key for benefit in pricing(SimpleNamespace(benefits=both))]
    ['b1']
    """
    return of_kind(ruleset, *PRICING)


def _prefix(value: object, field: str) -> str:
    if not is_prefix(text(value, field)):
        raise RuleError("range", field=field)
    return value


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
    >>> [(benefit.key, benefit.points, benefit.step_minor) for benefit in ruleset.benefits]
    [('b1', 1, 1000)]
    """
    if not isinstance(payload, Mapping):
        raise RuleError("type", field="payload")
    if "schema" not in payload:
        raise RuleError("missing", field="schema")
    # The version comes first: the fields of another version mean something else.
    schema = whole(payload["schema"], "schema")
    if schema not in SCHEMAS:
        raise RuleError("schema", schema=schema)
    known = _FIELDS if schema > 2 else tuple(name for name in _FIELDS if name not in _LATER)
    record(payload, "payload", known)
    if not isinstance(payload["customer_account_earns"], bool):
        raise RuleError("type", field="customer_account_earns")
    benefits = parse_benefits(payload["benefits"], schema)
    selectors = parse_selectors(payload.get("selectors", {}))
    if any(benefit.selector is not None and benefit.selector not in selectors for benefit in benefits):
        raise RuleError("choice", field="selector")
    return Ruleset(
        schema=schema,
        card_type=text(payload["card_type"], "card_type"),
        currency=text(payload["currency"], "currency"),
        currency_decimals=whole(payload["currency_decimals"], "currency_decimals", 0, MAX_DECIMALS),
        number_prefix=_prefix(payload["number_prefix"], "number_prefix"),
        base=choice(payload["base"], "base", BASES),
        customer_account_earns=payload["customer_account_earns"],
        unlinked_return=choice(payload["unlinked_return"], "unlinked_return", UNLINKED_RETURNS),
        benefits=benefits,
        stacking=choice(payload.get("stacking", "stack"), "stacking", STACKINGS),
        selectors=selectors,
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
