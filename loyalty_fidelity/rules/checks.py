"""Checks of a payload's fields.

Decides what a field of a payload may be; integers are ``arithmetic.whole``'s. What is wrong is refused, never corrected.

Invariant: what comes back is what came in.

Source: the ruleset payload in ``docs/architecture.md``. Vectors: ``checks.json``.
"""

from collections.abc import Mapping, Sequence

from .errors import RuleError

MAX_TEXT = 64


def text(value: object, field: str) -> str:
    """Check that a value is a text of 1 to ``MAX_TEXT`` characters.

    :param field: the name that an error mentions
    :raises RuleError: ``type``, ``range``

    >>> text("gift-points", "card_type")
    'gift-points'
    """
    if not isinstance(value, str):
        raise RuleError("type", field=field)
    if not 1 <= len(value) <= MAX_TEXT:
        raise RuleError("range", field=field)
    return value


def choice(value: object, field: str, choices: Sequence[str]) -> str:
    """Check that a value is one of some texts.

    :param field: the name that an error mentions
    :raises RuleError: ``type`` for anything but a text, ``choice`` for another text

    >>> choice("total", "base", ("total", "untaxed"))
    'total'
    """
    if not isinstance(value, str):
        raise RuleError("type", field=field)
    if value not in choices:
        raise RuleError("choice", field=field)
    return value


def items(value: object, field: str) -> list | tuple:
    """Check that a value is a list.

    :param field: the name that an error mentions
    :raises RuleError: ``type``

    >>> items([1, 2], "brackets")
    [1, 2]
    """
    if not isinstance(value, list | tuple):
        raise RuleError("type", field=field)
    return value


def record(value: object, field: str, names: Sequence[str]) -> Mapping:
    """Check that a value is an object with exactly some fields.

    :param field: the name that an error mentions
    :param names: the fields, each required
    :raises RuleError: ``type`` for anything but an object, ``missing``, ``unknown_field``

    >>> record({"from_minor": 0, "percent_bps": 100}, "brackets", ("from_minor", "percent_bps"))
    {'from_minor': 0, 'percent_bps': 100}
    """
    if not isinstance(value, Mapping):
        raise RuleError("type", field=field)
    for name in names:
        if name not in value:
            raise RuleError("missing", field=name)
    for name in value:
        if name not in names:
            raise RuleError("unknown_field", field=name)
    return value
