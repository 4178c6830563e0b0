"""Random calls of the kernel for the differential test: mostly plausible, often on an edge, sometimes absurd.

Everything comes from one ``random.Random``, so a seed gives the same calls again.
"""

from random import Random

from rule_kernel import load

load()

from rules.arithmetic import MAX_SAFE  # noqa: E402  (the package exists only now)
from rules.card_number import RESERVED_PREFIXES, build  # noqa: E402

PREFIXES = ["0490", "0491", "049000", "045", "291", "04901234"]
NOISE = ["", " ", "-", "\r", "\n", "\t", ".", "\u00a0", "\u2011", "\u001d", "a", "é", "😀", "\ud800", "٣", "０", ";", "0"]
KINDS = ["sale"] * 6 + ["return_linked", "return_unlinked", "excluded"]


def _near(rng: Random, *edges: int) -> int:
    return rng.choice(edges) + rng.randint(-1, 1)


def integer(rng: Random) -> int:
    """An integer of any size and sign that a rule may get, and a few that it may not."""
    size = rng.choice([0, 1, 2, 10, 1000, 10**6, 10**9, 10**12, MAX_SAFE, MAX_SAFE])
    return rng.choice([rng.randint(-size, size), rng.randint(0, size), size, -size, size + 1])


def arithmetic_case(rng: Random) -> dict:
    name = rng.choice(["mul_div_floor", "mul_div_half_up", "largest_remainder", "add"])
    if name == "add":
        given = {"values": [integer(rng) for _ in range(rng.randint(0, 6))]}
    elif name == "largest_remainder":
        top = rng.choice([0, 1, 3, 50, MAX_SAFE])
        given = {"total": integer(rng), "weights": [rng.randint(0, top) for _ in range(rng.randint(0, 9))]}
        if rng.random() < 0.05:
            given["weights"].append(-1)
    else:
        c = rng.choice([rng.randint(1, 9), abs(integer(rng)) + 1, integer(rng)])
        given = {"a": integer(rng), "b": rng.choice([1, 2, integer(rng)]), "c": c}
    return {"call": f"arithmetic.{name}", "input": given}


def card_text(rng: Random) -> str:
    """What a reader may send: a card, a damaged card, or something else."""
    prefix = rng.choice(PREFIXES)
    text = build(prefix, rng.randrange(10 ** (12 - len(prefix))))
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        text = rng.choice(
            [
                text.removeprefix("0"),
                text[:at] + rng.choice(NOISE) + text[at:],
                text[:at] + rng.choice("0123456789") + text[at + 1 :],
                text[:at],
                rng.choice(NOISE) + text + rng.choice(NOISE),
            ]
        )
    return text


def card_case(rng: Random) -> dict:
    name = rng.choice(["recognise", "recognise", "recognise", "normalise", "mask", "build", "check_prefix"])
    prefixes = rng.sample(PREFIXES, rng.randint(0, 3))
    digits = "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 9)))
    given = {
        "recognise": {"raw": card_text(rng), "prefixes": prefixes},
        "normalise": {"raw": card_text(rng)},
        "mask": {"number": card_text(rng)},
        "build": {"prefix": rng.choice([*PREFIXES, digits]), "serial": integer(rng)},
        "check_prefix": {"prefix": rng.choice([*PREFIXES, *RESERVED_PREFIXES, digits, "0" + digits]), "others": prefixes},
    }[name]
    return {"call": f"card_number.{name}", "input": given}


def benefit(rng: Random, key: str) -> dict:
    return {
        "key": key,
        "kind": "points",
        "points": rng.choice([1, 1, 2, 3, rng.randint(1, 500), 1_000_000]),
        "step_minor": rng.choice([1, 7, 100, 1000, 1000, 1000, rng.randint(1, 10**5), MAX_SAFE]),
        "minimum_receipt_minor": rng.choice([0, 0, 500, 500, 1500, rng.randint(0, 10**5), MAX_SAFE]),
    }


def ruleset(rng: Random) -> dict:
    currency, decimals = rng.choice([("GBP", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3)])
    return {
        "schema": 1,
        "card_type": rng.choice(["gift-points", "Città 😀", "x"]),
        "currency": currency,
        "currency_decimals": decimals,
        "number_prefix": rng.choice(PREFIXES),
        "base": rng.choice(["total", "total", "untaxed"]),
        "customer_account_earns": rng.random() < 0.3,
        "unlinked_return": rng.choice(["take_back", "leave"]),
        "benefits": [benefit(rng, f"b{at}") for at in range(rng.choice([0, 1, 1, 1, 1, 2, 3]))],
    }


def ruleset_case(rng: Random) -> dict:
    payload = ruleset(rng)
    target = rng.choice([payload, *payload["benefits"]])
    if rng.random() < 0.8:
        odd = rng.choice([None, True, -1, 0, 0.5, "", "x", "x" * 65, [], {}, MAX_SAFE, MAX_SAFE + 2, [1], {"a": 1}])
        target[rng.choice([*target, *target, "more"])] = odd
    elif rng.random() < 0.5:
        del target[rng.choice([*target])]
    return {"call": rng.choice(["ruleset.parse", "ruleset.parse", "ruleset.canonical"]), "input": {"payload": payload}}


def line(rng: Random, key: str, edges: list[int]) -> dict:
    kind = rng.choice(KINDS)
    total = rng.choice([rng.randint(0, 5000), _near(rng, *edges), rng.randint(0, 10**7)])
    if rng.random() < 0.01:
        total = integer(rng)
    if kind.startswith("return"):
        total = -total
    if rng.random() < 0.1:
        total = -total
    quantity = rng.choice([1, 1, 2, 3, 12]) * 10**6 if rng.random() < 0.7 else rng.randint(0, 5 * 10**6)
    return {
        "key": key,
        "kind": kind,
        "quantity_micro": -quantity if kind.startswith("return") else quantity,
        "total_minor": total,
        "untaxed_minor": rng.choice([total, total * 100 // 122, total * 100 // 105]),
    }


def basket(rng: Random, rules: dict) -> dict:
    edges = [500, 1000, *(each[name] for each in rules["benefits"] for name in ("step_minor", "minimum_receipt_minor"))]
    keys = rng.sample(["a", "b", "c", "1", "2", "10", "__proto__", "é", "x-9"], rng.choice([0, 1, 1, 2, 3, 4, 5, 8]))
    lines = [line(rng, key, edges) for key in keys]
    due = sum(each["total_minor"] for each in lines)
    account = rng.choice([0, 0, 0, due, due // 2, integer(rng)])
    paid = rng.choice([due - account, due - account, due, due // 3, _near(rng, *edges), 0, -due])
    return {
        "currency": rules["currency"] if rng.random() < 0.97 else "EUR",
        "lines": lines,
        "eligible_paid_minor": paid,
        "ineligible_paid_minor": account,
    }


def basket_cases(rng: Random) -> list[dict]:
    """One basket: what it earns, on what, and what it is worth after some of it came back."""
    rules = ruleset(rng)
    given = {"ruleset": rules, "basket": basket(rng, rules)}
    sold = [each for each in given["basket"]["lines"] if each["kind"] == "sale" or rng.random() < 0.02]
    returned = {}
    for each in sold:
        quantity = each["quantity_micro"]
        if rng.random() < 0.6:
            returned[each["key"]] = rng.choice([0, quantity, abs(quantity) // 2, rng.randint(0, 3 * 10**6)])
    if rng.random() < 0.02:
        returned["nowhere"] = 1
    total = sum(each["total_minor"] for each in sold)
    base = rng.choice([max(0, total), max(0, total), max(0, total) // 2, integer(rng)])
    kept = {"ruleset": rules, "lines": sold, "returned_micro": returned, "base_minor": base}
    return [
        {"call": "evaluate.evaluate", "input": given},
        {"call": rng.choice(["basket.earning_base", "basket.split"]), "input": given},
        {"call": "reversal.kept_points", "input": kept},
    ]


def cases(seed: int, baskets: int):
    """Yield the calls of so many baskets, with as many others beside them.

    :param seed: gives the same calls again
    """
    rng = Random(seed)
    for _ in range(baskets):
        yield from basket_cases(rng)
        yield rng.choice([arithmetic_case, card_case, ruleset_case])(rng)
