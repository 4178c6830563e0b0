"""Random calls of the kernel for the differential test: mostly plausible, often on an edge, sometimes absurd.

Everything comes from one ``random.Random``, so a seed gives the same calls again.
"""

from random import Random

from rule_kernel import load

load()

from random_codes import code_case  # noqa: E402
from random_schemes import scheme_case  # noqa: E402
from rules.arithmetic import MAX_SAFE  # noqa: E402  (the package exists only now)
from rules.card_number import RESERVED_PREFIXES, build  # noqa: E402

PREFIXES = ["0490", "0491", "049000", "045", "291", "04901234"]
NOISE = ["", " ", "-", "\r", "\n", "\t", ".", "\u00a0", "\u2011", "\u001d", "a", "é", "😀", "\ud800", "٣", "０", ";", "0"]
KINDS = ["sale"] * 8 + ["return_linked", "return_unlinked", "excluded", "effect"]
BENEFITS = ["points", "points", "cashback", "discount", "discount", "amount_off", "rolling"]
KEYS = ["a", "b", "c", "1", "2", "10", "__proto__", "é", "x-9"]


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


def percent(rng: Random) -> int:
    return rng.choice([1, 50, 200, 500, 1000, 3333, 10_000, rng.randint(1, 10_000)])


def brackets(rng: Random) -> list[dict]:
    """Rising from bracket to bracket, nearly always."""
    size = rng.choice([0, 1, 1, 2, 2, 3]) if rng.random() < 0.1 else rng.randint(1, 4)
    starts = [rng.choice([0, 1, 500, 1000, 5000, rng.randint(0, 10**5), MAX_SAFE]) for _ in range(size)]
    percents = [percent(rng) for _ in starts]
    if rng.random() < 0.97:
        starts = sorted(set(starts))
    if rng.random() < 0.97:
        percents.sort()
    return [{"from_minor": start, "percent_bps": bps} for start, bps in zip(starts, percents, strict=False)]


def benefit(rng: Random, key: str, kind: str) -> dict:
    minimum = rng.choice([0, 0, 500, 500, 1500, rng.randint(0, 10**5), MAX_SAFE])
    on_discounted = rng.choice(["stack", "best", "skip"])
    fields = {
        "points": {
            "points": rng.choice([1, 1, 2, 3, rng.randint(1, 500), 1_000_000]),
            "step_minor": rng.choice([1, 7, 100, 1000, 1000, 1000, rng.randint(1, 10**5), MAX_SAFE]),
        },
        "cashback": {"percent_bps": percent(rng)},
        "discount": {"percent_bps": percent(rng), "on_discounted": on_discounted},
        "amount_off": {"amount_minor": rng.choice([1, 100, 500, 1000, rng.randint(1, 10**4), 10**7, MAX_SAFE])},
        "rolling": {"brackets": brackets(rng), "valid_days": rng.randint(1, 3660), "on_discounted": on_discounted},
    }[kind]
    return {"key": key, "kind": kind, **fields, "minimum_receipt_minor": minimum}


def kinds_of_benefits(rng: Random, schema: int) -> list[str]:
    """The kinds of a ruleset's benefits: what the schema knows, and one rolling discount at most, nearly always."""
    size = rng.choice([0, 1, 1, 1, 1, 2, 3] if schema == 1 else [0, 1, 2, 3, 3, 4, 6])
    chosen = [rng.choice(BENEFITS if schema == 2 or rng.random() < 0.02 else ["points"]) for _ in range(size)]
    while chosen.count("rolling") > 1 and rng.random() < 0.98:
        chosen.remove("rolling")
    return chosen


def ruleset(rng: Random) -> dict:
    currency, decimals = rng.choice([("GBP", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3)])
    schema = rng.choice([1, 2, 2, 2])
    return {
        "schema": schema,
        "card_type": rng.choice(["gift-points", "Città 😀", "x"]),
        "currency": currency,
        "currency_decimals": decimals,
        "number_prefix": rng.choice(PREFIXES),
        "base": rng.choice(["total", "total", "untaxed"]),
        "customer_account_earns": rng.random() < 0.3,
        "unlinked_return": rng.choice(["take_back", "leave"]),
        "benefits": [benefit(rng, f"b{at}", kind) for at, kind in enumerate(kinds_of_benefits(rng, schema))],
    }


def ruleset_case(rng: Random) -> dict:
    payload = ruleset(rng)
    nested = [bracket for each in payload["benefits"] for bracket in each.get("brackets", [])]
    target = rng.choice([payload, *payload["benefits"], *nested])
    if rng.random() < 0.8:
        odd = rng.choice([None, True, -1, 0, 0.5, 2, "", "x", "x" * 65, [], {}, MAX_SAFE, MAX_SAFE + 2, [1], {"a": 1}, 10_001])
        target[rng.choice([*target, *target, "more"])] = odd
    elif rng.random() < 0.5:
        del target[rng.choice([*target])]
    elif rng.random() < 0.3:
        kinds = rng.sample(BENEFITS, rng.randint(0, 3))
        return {"call": "ruleset.of_kind", "input": {"ruleset": payload, "kinds": kinds}}
    call = rng.choice(["ruleset.parse"] * 6 + ["ruleset.canonical", "ruleset.earning", "ruleset.pricing"])
    return {"call": call, "input": {"ruleset" if call.endswith("ing") else "payload": payload}}


def edges_of(rules: dict) -> list[int]:
    """The amounts at which a ruleset changes its mind."""
    edges = [500, 1000]
    for each in rules["benefits"]:
        edges += [each[name] for name in ("step_minor", "minimum_receipt_minor", "amount_minor") if name in each]
        edges += [bracket["from_minor"] for bracket in each.get("brackets", [])]
    return edges


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
    edges = edges_of(rules)
    keys = rng.sample(KEYS, rng.choice([0, 1, 1, 2, 3, 4, 5, 8]))
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


def price_case(rng: Random, rules: dict, lines: list[dict]) -> dict:
    """What the card takes off the lines of a basket, under its rules or under some that take off more."""
    if rng.random() < 0.5:
        kinds = [rng.choice(["discount", "amount_off"]) for _ in range(rng.randint(1, 4))]
        benefits = [benefit(rng, f"p{at}", kind) for at, kind in enumerate(kinds)]
        for each in rng.sample(benefits, rng.randint(0, len(benefits))):
            each["minimum_receipt_minor"] = 0
        rules = {**rules, "schema": 2, "benefits": benefits}
    priced = []
    for each in lines:
        line = {"key": each["key"], "kind": each["kind"], "total_minor": each["total_minor"]}
        if rng.random() < 0.4:
            line["manual_bps"] = rng.choice([0, 1, 500, 1000, 9999, 10_000, rng.randint(0, 10_000)])
        if rng.random() < 0.2:
            line["pricelist_bps"] = rng.choice([0, 333, 1000, 10_000, rng.randint(0, 10_000)])
        priced.append(line)
    if priced and rng.random() < 0.02:
        rng.choice(priced).update(rng.choice([{"manual_bps": 10_001}, {"pricelist_bps": -1}, {"key": "a"}, {"kind": "gift"}]))
    total = sum(line["total_minor"] for line in priced if line["kind"] == "sale")
    if rng.random() < 0.5:
        rolling = rng.choice([None, 0, 500, 500, 10_000, rng.randint(0, 10_000)]) if rng.random() < 0.98 else integer(rng)
        return {"call": "price.discounts", "input": {"ruleset": rules, "lines": priced, "rolling_bps": rolling}}
    if rng.random() < 0.05:
        return {"call": "price.receipt_total", "input": {"lines": priced}}
    receipt = rng.choice([total, total, total * 5 // 4, _near(rng, *edges_of(rules)), integer(rng)])
    return {"call": "price.amounts", "input": {"ruleset": rules, "lines": priced, "receipt_minor": receipt}}


def share_case(rng: Random) -> dict:
    """The part of an amount that comes back with goods."""
    quantity = rng.choice([1, 2, 3, 7]) * 10**6 if rng.random() < 0.6 else integer(rng)
    before, now = (rng.choice([0, 10**6, abs(quantity) // 3, abs(integer(rng))]) for _ in range(2))
    allocated = rng.choice([rng.randint(0, 2000), integer(rng)])
    given = {"allocated_minor": allocated, "quantity_micro": quantity, "before_micro": before, "now_micro": now}
    return {"call": "reversal.share_back", "input": given}


def amount_case(rng: Random) -> dict:
    """What a ruleset gives for an amount."""
    rules = ruleset(rng)
    name = rng.choice(["points_for", "cashback_for", "rolling_for"])
    base = rng.choice([integer(rng), _near(rng, *edges_of(rules))])
    return {"call": f"evaluate.{name}", "input": {"ruleset": rules, "base_minor": base}}


def basket_cases(rng: Random) -> list[dict]:
    """One basket: what it earns, on what, what is off its price, and what it is worth after some of it came back."""
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
        price_case(rng, rules, given["basket"]["lines"]),
    ]


def cases(seed: int, baskets: int):
    """Yield the calls of so many baskets, with as many others beside them.

    :param seed: gives the same calls again
    """
    rng = Random(seed)
    for _ in range(baskets):
        yield from basket_cases(rng)
        yield rng.choice([arithmetic_case, card_case, code_case, ruleset_case, scheme_case])(rng)
        yield rng.choice([share_case, amount_case])(rng)
