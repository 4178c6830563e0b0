"""Rulesets: the compiled, immutable configuration of a card type.

Decides which configuration is valid, and its one canonical text and fingerprint.

Invariants: what ``parse`` accepts is applied completely, for a field or a kind of benefit that it does not know is
refused; equal payloads have equal canonical texts whatever the order of their keys; a boolean is not an integer.

Source: the ruleset payload in ``docs/architecture.md``. Vectors: ``ruleset.json``.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from .arithmetic import whole
from .card_number import is_prefix
from .errors import RuleError

SCHEMA = 1
BASES = ("total", "untaxed")
UNLINKED_RETURNS = ("take_back", "leave")
MAX_DECIMALS = 6
MAX_POINTS = 1_000_000
MAX_TEXT = 64


@dataclass(frozen=True, slots=True)
class PointsBenefit:
    """Points for every full step of what was paid, from a minimum receipt on.

    ``points`` (1 to ``MAX_POINTS``) for each full ``step_minor`` (above zero) of the base, when the base is at least
    ``minimum_receipt_minor`` (zero: always).
    """

    key: str
    points: int
    step_minor: int
    minimum_receipt_minor: int


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A parsed payload; the fields are the payload's."""

    schema: int
    card_type: str
    currency: str
    currency_decimals: int
    number_prefix: str
    base: str
    customer_account_earns: bool
    unlinked_return: str
    benefits: tuple[PointsBenefit, ...]


_FIELDS = tuple(Ruleset.__dataclass_fields__)
_BENEFIT_FIELDS = (*PointsBenefit.__dataclass_fields__, "kind")


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


def _benefit(value: object) -> PointsBenefit:
    if isinstance(value, Mapping) and "kind" in value and value["kind"] != "points":
        raise RuleError("benefit_kind", kind=value["kind"])
    fields = _object(value, "benefits", _BENEFIT_FIELDS)
    return PointsBenefit(
        key=_text(fields["key"], "key"),
        points=whole(fields["points"], "points", 1, MAX_POINTS),
        step_minor=whole(fields["step_minor"], "step_minor", 1),
        minimum_receipt_minor=whole(fields["minimum_receipt_minor"], "minimum_receipt_minor", 0),
    )


def parse(payload: Mapping) -> Ruleset:
    """Check a payload and turn it into a ruleset.

    :param payload: as in ``docs/architecture.md``, already decoded from JSON
    :raises RuleError: ``schema`` (another version), ``missing``, ``unknown_field``, ``type``, ``range``, ``choice``,
        ``benefit_kind`` (a kind of benefit this kernel does not know), ``duplicate`` (two benefits with one key)

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
    if whole(payload["schema"], "schema") != SCHEMA:
        raise RuleError("schema", schema=payload["schema"])
    _object(payload, "payload", _FIELDS)
    if not isinstance(payload["customer_account_earns"], bool):
        raise RuleError("type", field="customer_account_earns")
    if not isinstance(payload["benefits"], list | tuple):
        raise RuleError("type", field="benefits")
    benefits = tuple(_benefit(value) for value in payload["benefits"])
    if len({benefit.key for benefit in benefits}) != len(benefits):
        raise RuleError("duplicate", field="benefits")
    return Ruleset(
        schema=SCHEMA,
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
