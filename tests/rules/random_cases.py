"""Random calls of the kernel for the differential test: mostly plausible, often on an edge, sometimes absurd.

Everything comes from one ``random.Random``, so a seed gives the same calls again.
"""

from random import Random

from random_rules import (
    LATER_BENEFITS,
    PREFIXES,
    SELECTORS,
    benefit,
    day,
    integer,
    later_benefit,
    near,
    product,
    ruleset,
    selectors,
    situation,
    terms,
    when,
)
from rule_kernel import load

load()

from random_codes import code_case  # noqa: E402
from random_schemes import scheme_case  # noqa: E402
from rules.arithmetic import MAX_SAFE  # noqa: E402  (the package exists only now)
from rules.card_number import RESERVED_PREFIXES, build  # noqa: E402

NOISE = ["", " ", "-", "\r", "\n", "\t", ".", "\u00a0", "\u2011", "\u001d", "a", "é", "😀", "\ud800", "٣", "０", ";", "0"]
KINDS = ["sale"] * 8 + ["return_linked", "return_unlinked", "excluded", "effect"]
KEYS = ["a", "b", "c", "1", "2", "10", "__proto__", "é", "x-9"]


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


def selector_case(rng: Random) -> dict:
    """Which selectors choose a product."""
    if rng.random() < 0.5:
        rules = {**ruleset(rng), "schema": 3, "stacking": "stack", "selectors": selectors(rng), "benefits": []}
        return {"call": "selector.matching", "input": {"ruleset": rules, "product": product(rng)}}
    one = {**terms(rng), "without": terms(rng)}
    if rng.random() < 0.1:
        one[rng.choice([*one])] = rng.choice([[2, 1], [1, 1], [0], "x", {}, None, [True]])
    return {"call": "selector.matches", "input": {"selector": one, "product": product(rng)}}


def situation_case(rng: Random) -> dict:
    """The calendar, and conditions."""
    name = rng.choice(["day", "weekday", "birthday_distance", "unmet", "unmet", "parse_when"])
    odd = rng.choice(
        [day(rng), "2026-02-29", "1900-02-29", "2000-02-29", "2026-13-01", "2026-1-01", "2026-11-25\n", "٢٠٢٦-11-25", 7]
    )
    date = odd if rng.random() < 0.3 else day(rng)
    conditions = when(rng)
    if rng.random() < 0.2:
        conditions[rng.choice([*conditions, "weekdays", "more"])] = rng.choice(
            [None, [7], [1, 0], 0, -1, True, "x", 1440, date, []]
        )
    given = {
        "day": {"value": date, "name": "date"},
        "weekday": {"date": date},
        "birthday_distance": {"date": day(rng), "birth_date": rng.choice([date, "2000-02-29", "1999-12-31"])},
        "unmet": {"when": conditions, "situation": situation(rng, {"benefits": []})},
        "parse_when": {"value": conditions},
    }[name]
    return {"call": f"situation.{name}", "input": given}


def ruleset_case(rng: Random) -> dict:
    payload = ruleset(rng)
    nested = [bracket for each in payload["benefits"] for bracket in each.get("brackets", [])]
    nested += [each["when"] for each in payload["benefits"] if "when" in each]
    nested += [inner for each in payload.get("selectors", {}).values() for inner in (each, each["without"])]
    target = rng.choice([payload, *payload["benefits"], *nested])
    if rng.random() < 0.8:
        odd = rng.choice([None, True, -1, 0, 0.5, 2, "", "x", "x" * 65, [], {}, MAX_SAFE, MAX_SAFE + 2, [1], {"a": 1}, 10_001])
        target[rng.choice([*target, *target, "more"])] = odd
    elif target and rng.random() < 0.5:
        del target[rng.choice([*target])]
    elif rng.random() < 0.3:
        kinds = rng.sample(LATER_BENEFITS, rng.randint(0, 3))
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
    total = rng.choice([rng.randint(0, 5000), near(rng, *edges), rng.randint(0, 10**7)])
    if rng.random() < 0.01:
        total = integer(rng)
    if kind.startswith("return"):
        total = -total
    if rng.random() < 0.1:
        total = -total
    quantity = rng.choice([1, 1, 2, 3, 12]) * 10**6 if rng.random() < 0.7 else rng.randint(0, 5 * 10**6)
    chosen = {"selectors": sorted(rng.sample(SELECTORS, rng.randint(0, 3)))} if rng.random() < 0.7 else {}
    return {
        **chosen,
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
    paid = rng.choice([due - account, due - account, due, due // 3, near(rng, *edges), 0, -due])
    return {
        "currency": rules["currency"] if rng.random() < 0.97 else "EUR",
        "lines": lines,
        "eligible_paid_minor": paid,
        "ineligible_paid_minor": account,
    }


def price_rules(rng: Random, rules: dict) -> dict:
    """Rules that take off more than most."""
    kinds = [rng.choice(["discount", "amount_off"]) for _ in range(rng.randint(1, 4))]
    if rules["schema"] > 2:
        benefits = [later_benefit(rng, f"p{at}", kind, [*rules["selectors"]]) for at, kind in enumerate(kinds)]
        benefits += [each for each in rules["benefits"] if each["kind"] == "rolling"]
    else:
        benefits = [benefit(rng, f"p{at}", kind) for at, kind in enumerate(kinds)]
    for each in rng.sample(benefits, rng.randint(0, len(benefits))):
        each["minimum_receipt_minor"] = 0
    return {**rules, "schema": max(2, rules["schema"]), "benefits": benefits}


def price_lines(rng: Random, lines: list[dict]) -> list[dict]:
    priced = []
    for each in lines:
        line = {name: each[name] for name in ("key", "kind", "total_minor", "selectors") if name in each}
        if rng.random() < 0.4:
            line["manual_bps"] = rng.choice([0, 1, 500, 1000, 9999, 10_000, rng.randint(0, 10_000)])
        if rng.random() < 0.2:
            line["pricelist_bps"] = rng.choice([0, 333, 1000, 10_000, rng.randint(0, 10_000)])
        if rng.random() < 0.5:
            line["cost_minor"] = rng.choice([None, 0, each["total_minor"], each["total_minor"] * 2 // 3, rng.randint(-5, 5000)])
        priced.append(line)
    return priced


def price_case(rng: Random, rules: dict, basket: dict) -> dict:
    """What the card takes off the lines of a basket, under its rules or under some that take off more; and why."""
    if rng.random() < 0.5:
        rules = price_rules(rng, rules)
    priced = price_lines(rng, basket["lines"])
    if priced and rng.random() < 0.02:
        odd = [
            {"manual_bps": 10_001},
            {"pricelist_bps": -1},
            {"key": "a"},
            {"kind": "gift"},
            {"cost_minor": "x"},
            {"selectors": [1]},
        ]
        rng.choice(priced).update(rng.choice(odd))
    total = sum(line["total_minor"] for line in priced if line["kind"] == "sale")
    around = {"situation": situation(rng, rules)} if rng.random() < 0.8 else {}
    if rng.random() < 0.5:
        around["rolling_minor"] = rng.choice([0, 1, 100, 500, rng.randint(0, 10**4)]) if rng.random() < 0.98 else integer(rng)
    rolling = rng.choice([None, 0, 500, 500, 10_000, rng.randint(0, 10_000)]) if rng.random() < 0.98 else integer(rng)
    given = {"ruleset": rules, "lines": priced, **around}
    name = rng.choice(["discounts", "discounts", "amounts", "amounts", "explain", "explain", "receipt_total", "spend", "redeem"])
    if name == "spend":
        return spend_case(rng, priced, total)
    if name == "redeem":
        return redeem_case(rng, priced, total)
    if name == "receipt_total":
        return {"call": "price.receipt_total", "input": {"lines": priced}}
    if name == "discounts":
        return {"call": "price.discounts", "input": {**given, "rolling_bps": rolling}}
    if name == "explain":
        return {"call": "explain.explain", "input": {**given, "basket": basket, "rolling_bps": rolling}}
    if rng.random() < 0.7:
        after = [{**line, "total_minor": line["total_minor"] * rng.choice([10, 10, 9, 5, 0]) // 10} for line in priced]
        given |= {"before": priced, "lines": after, "rolling_bps": rolling}
    receipt = rng.choice([total, total, total * 5 // 4, near(rng, *edges_of(rules)), integer(rng)])
    return {"call": "price.amounts", "input": {**given, "receipt_minor": receipt}}


def taken_before(rng: Random, priced: list[dict]) -> dict:
    """What amounts off took of some lines."""
    taken = {}
    for line in priced:
        if line["kind"] == "sale" and rng.random() < 0.4:
            taken[line["key"]] = rng.choice([0, max(0, line["total_minor"]), max(0, line["total_minor"]) // 3])
    if rng.random() < 0.02:
        taken[rng.choice(["nowhere", *(line["key"] for line in priced)])] = rng.choice([1, -1, integer(rng)])
    return taken


def spend_case(rng: Random, priced: list[dict], total: int) -> dict:
    """What of a basket is paid with cashback, after amounts off took their part."""
    taken = taken_before(rng, priced)
    wish = rng.choice([0, 1, total, total - 1, total + 1, max(0, total) // 2, integer(rng)])
    return {"call": "spending.spend", "input": {"lines": priced, "taken": taken, "wish_minor": wish}}


def redeem_case(rng: Random, priced: list[dict], total: int) -> dict:
    """What codes take off a basket, after amounts off took their part."""
    vouchers = []
    for at in range(rng.choice([0, 1, 1, 2, 3])):
        worth = rng.choice([{"amount_minor": 500}, {"amount_minor": max(0, total)}, {"percent_bps": rng.randint(0, 10_000)}, {}])
        if rng.random() < 0.03:
            worth = rng.choice(
                [{"amount_minor": integer(rng)}, {"percent_bps": integer(rng)}, {"amount_minor": 1, "percent_bps": 1}]
            )
        minimum = rng.choice([0, 0, max(0, total), max(0, total) + 1, max(0, total) // 2])
        if rng.random() < 0.4:
            keys = [line["key"] for line in priced if rng.random() < 0.6]
            worth = {**worth, "lines": rng.choice([keys, keys, [*keys, "elsewhere"], None])}
        vouchers.append({"key": f"code:{at if rng.random() < 0.98 else 0}", **worth, "minimum_minor": minimum})
    receipt = rng.choice([total, total, total * 5 // 4, integer(rng)])
    given = {"lines": priced, "taken": taken_before(rng, priced), "vouchers": vouchers, "receipt_minor": receipt}
    return {"call": "voucher.redeem", "input": given}


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
    base = rng.choice([integer(rng), near(rng, *edges_of(rules))])
    return {"call": f"evaluate.{name}", "input": {"ruleset": rules, "base_minor": base}}


def basket_cases(rng: Random) -> list[dict]:
    """One basket: what it earns, on what, what is off its price, and what it is worth after some of it came back."""
    rules = ruleset(rng)
    given = {"ruleset": rules, "basket": basket(rng, rules)}
    around = {"situation": situation(rng, rules)} if rng.random() < 0.8 else {}
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
    kept = {"ruleset": rules, "lines": sold, "returned_micro": returned, "base_minor": base, **around}
    return [
        {"call": "evaluate.evaluate", "input": {**given, **around}},
        {"call": rng.choice(["basket.earning_base", "basket.split"]), "input": given},
        {"call": "reversal.kept_points", "input": kept},
        price_case(rng, rules, given["basket"]),
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
        yield rng.choice([selector_case, situation_case])(rng)
