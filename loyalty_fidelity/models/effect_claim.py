"""What a till says that loyalty did to the price of a line. Evidence: parsed with suspicion, never trusted."""

import json

from ..rules.ruleset import MAX_BPS
from .claim import LIMIT, is_text

MOST = 1000
LONGEST_KEY = 64


def parse_effect(text):
    """Read an effect, see ``docs/architecture.md``.

    :param text: JSON text, or nothing
    :return: dict with ``kind`` ``percent`` (``manual_bps``, ``card_bps``, ``benefits``), ``amount`` (``benefit``,
        ``allocation``) or ``share`` (``of``, ``allocation``); empty for anything that is not one. What is not of its
        expected shape is zero or empty, except what an effect is nothing without

    >>> parse_effect('{"kind": "share", "of": "x", "allocation": {"y": 155}}')
    {'kind': 'share', 'of': 'x', 'allocation': {'y': 155}}
    >>> parse_effect('{"kind": "amount", "benefit": 4}'), parse_effect("nonsense")
    ({}, {})
    """
    try:
        raw = json.loads(text) if text else None
    except ValueError:
        return {}
    if not isinstance(raw, dict):
        return {}
    if raw.get("kind") == "percent":
        percentages = {name: _bps(raw.get(name)) for name in ("manual_bps", "card_bps")}
        return {"kind": "percent", **percentages, "benefits": _numbers(raw.get("benefits"), MAX_BPS)}
    for kind, name in (("amount", "benefit"), ("share", "of")):
        if raw.get("kind") == kind and is_text(raw.get(name), LONGEST_KEY):
            return {"kind": kind, name: raw[name], "allocation": _numbers(raw.get("allocation"), LIMIT)}
    return {}


def _bps(value):
    return value if type(value) is int and 0 <= value <= MAX_BPS else 0


def _numbers(value, high):
    """An object of numbers above zero, or nothing at all: half an allocation is none."""
    if not isinstance(value, dict) or len(value) > MOST:
        return {}
    if not all(is_text(key, LONGEST_KEY) and type(number) is int and 0 < number <= high for key, number in value.items()):
        return {}
    return value
