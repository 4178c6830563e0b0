"""What a till says of the card on an order. It is evidence: parsed with suspicion, never trusted, stored as understood."""

import json
from datetime import datetime

ENTRIES = ("scan", "typed", "search")
LIMIT = 2**53


def parse_claim(text):
    """Read a claim; whatever is not of its expected shape is left out.

    :param text: JSON text, or nothing
    :return: dict with any of ``card`` (str), ``card_id``, ``member_id``, ``ruleset_id``, ``points`` (int),
        ``ruleset_hash``, ``screen`` (str), ``entry`` (one of :data:`ENTRIES`), ``added_at``, ``priced_at`` (str, ISO 8601 with Z),
        ``offline`` (bool), ``previous_cards`` (list of str); empty without a card

    >>> parse_claim('{"card": "0490000000016", "entry": "scan", "points": "many"}')
    {'card': '0490000000016', 'entry': 'scan'}
    >>> parse_claim('nonsense')
    {}
    """
    try:
        raw = json.loads(text) if text else None
    except ValueError:
        return {}
    if not isinstance(raw, dict) or not is_text(raw.get("card"), 32):
        return {}
    claim = {"card": raw["card"]}
    for name in ("card_id", "member_id", "ruleset_id", "points"):
        if type(raw.get(name)) is int and abs(raw[name]) < LIMIT:
            claim[name] = raw[name]
    for name, limit in (("ruleset_hash", 64), ("screen", 32)):
        if is_text(raw.get(name), limit):
            claim[name] = raw[name]
    if raw.get("entry") in ENTRIES:
        claim["entry"] = raw["entry"]
    for name in ("added_at", "priced_at"):
        if parse_moment(raw.get(name)):
            claim[name] = raw[name]
    if raw.get("offline") is True:
        claim["offline"] = True
    previous = raw.get("previous_cards")
    if isinstance(previous, list):
        claim["previous_cards"] = [item for item in previous[:8] if is_text(item, 32)]
    return claim


def parse_moment(text):
    """A moment as tills write it, ``2026-11-21T10:00:00Z``, as naive UTC; None for anything else."""
    if not is_text(text, 32):
        return None
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return None


def is_text(value, limit):
    """Whether it is a short text that PostgreSQL can keep: no NUL, no half of a surrogate pair, no control character."""
    return isinstance(value, str) and 0 < len(value) <= limit and value.isprintable()
