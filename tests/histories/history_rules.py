"""The rules of a programme, told twice: naively in fractions, as a shop owner would reckon, and as the kernel's payload.

A history compares what the product does with the naive reckoning; nothing here is shared with the kernel.
"""

from fractions import Fraction
from math import floor

from history_lots import random_expiry

DECIMALS = 2
ROLLING_DAYS = 60
PRICES = (85, 333, 1000, 4700, 12999)
HAND_DISCOUNTS = (0, 0, 0, 1000, 2550)


def half_up(value):
    """Round a fraction to a whole number, a half away from zero."""
    value = Fraction(value)
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def random_rules(rng):
    """Rules as a plain dictionary; any part may be missing (None)."""
    points = {"points": rng.randint(1, 3), "step": rng.choice([500, 1000, 999]), "from": rng.choice([0, 2000])}
    return {
        "points": rng.choice([None, points, points]),
        "cashback": rng.choice([None, {"bps": rng.choice([100, 250, 1000]), "from": rng.choice([0, 5000])}]),
        "discount": rng.choice([None, {"bps": rng.choice([333, 500, 1000]), "on": rng.choice(["stack", "best", "skip"])}]),
        "rolling": rng.choice([None, {"brackets": [[2000, 300], [10000, 725]], "on": rng.choice(["stack", "best", "skip"])}]),
        "unlinked": rng.choice(["take_back", "leave"]),
        "expiry": random_expiry(rng),
    }  # fmt: skip


def payload(rules):
    """The rules as the kernel's ``ruleset.parse`` takes them."""
    benefits = []
    if rules["points"]:
        part = rules["points"]
        benefits.append({"key": "p", "kind": "points", "points": part["points"], "step_minor": part["step"],
                         "minimum_receipt_minor": part["from"]})  # fmt: skip
    if rules["cashback"]:
        part = rules["cashback"]
        benefits.append({"key": "c", "kind": "cashback", "percent_bps": part["bps"], "minimum_receipt_minor": part["from"]})
    if rules["discount"]:
        part = rules["discount"]
        benefits.append({"key": "d", "kind": "discount", "percent_bps": part["bps"], "on_discounted": part["on"],
                         "minimum_receipt_minor": 0})  # fmt: skip
    if rules["rolling"]:
        part = rules["rolling"]
        brackets = [{"from_minor": start, "percent_bps": bps} for start, bps in part["brackets"]]
        benefits.append({"key": "r", "kind": "rolling", "brackets": brackets, "valid_days": ROLLING_DAYS, "on_discounted": part["on"],
                         "minimum_receipt_minor": 0})  # fmt: skip
    return {"schema": 2, "card_type": "history", "currency": "USD", "currency_decimals": DECIMALS, "number_prefix": "0490",
            "base": "total", "customer_account_earns": False, "unlinked_return": rules["unlinked"],
            "benefits": benefits}  # fmt: skip


def line_discount(rules, hand_bps, rolling_bps):
    """The discount of a line in hundredths of a percent: by hand, then the card's percentages in order."""
    hand, left = Fraction(hand_bps, 10000), Fraction(1)
    for name in ("discount", "rolling"):
        part = rules[name]
        percent = Fraction((part["bps"] if name == "discount" else rolling_bps or 0) if part else 0, 10000)
        if not percent:
            continue
        if part["on"] == "stack" or (part["on"] == "skip" and not hand):
            left *= 1 - percent
        elif part["on"] == "best" and (1 - percent) < left * (1 - hand):
            left = (1 - percent) / (1 - hand)
    return half_up((1 - left * (1 - hand)) * 10000)


def line_total(price, quantity, discount_bps):
    """Minor units of a line without tax, as a till rounds it."""
    return half_up(Fraction(price) * quantity * (10000 - discount_bps) / 10000)


def earned(rules, base):
    """(points, cashback, rolling percentage or None) for an amount actually paid."""
    points = cashback = 0
    if rules["points"] and base > 0 and base >= rules["points"]["from"]:
        points = base // rules["points"]["step"] * rules["points"]["points"]
    if rules["cashback"] and base > 0 and base >= rules["cashback"]["from"]:
        cashback = floor(Fraction(base * rules["cashback"]["bps"], 10000))
    rolling = None
    if rules["rolling"]:
        rolling = max([bps for start, bps in rules["rolling"]["brackets"] if base >= start], default=0)
    return points, cashback, rolling
