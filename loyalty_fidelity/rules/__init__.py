"""The rule kernel: what a card is, what it takes off a price and what a basket earns, as pure functions on integers.

Amounts are minor units of the currency, points are whole points, quantities are millionths. Every module imports
the standard library and its siblings, nothing else. The till runs the same rules in JavaScript, under
``loyalty_fidelity_pos/static/src/app/rules``, with the same file names; only ``ruleset.fingerprint`` and the modules ``day``,
``expiry``, ``lots`` and ``tier`` are Python-only.
"""

from . import (
    arithmetic,
    basket,
    benefit,
    card_number,
    checks,
    code_number,
    day,
    earning,
    errors,
    evaluate,
    expiry,
    explain,
    line_price,
    lots,
    number_scheme,
    price,
    reversal,
    ruleset,
    selector,
    situation,
    stacking,
    tier,
)

__all__ = [
    "arithmetic",
    "basket",
    "benefit",
    "card_number",
    "checks",
    "code_number",
    "day",
    "earning",
    "errors",
    "evaluate",
    "expiry",
    "explain",
    "line_price",
    "lots",
    "number_scheme",
    "price",
    "reversal",
    "ruleset",
    "selector",
    "situation",
    "stacking",
    "tier",
]
