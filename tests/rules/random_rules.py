"""Random rules for the differential test: selectors, situations, conditions, benefits and rulesets of every schema."""

from random import Random

from rule_kernel import load

load()

from rules.arithmetic import MAX_SAFE  # noqa: E402  (the package exists only now)

PREFIXES = ["0490", "0491", "049000", "045", "291", "04901234"]
BENEFITS = ["points", "points", "cashback", "discount", "discount", "amount_off", "rolling"]
LATER_BENEFITS = [*BENEFITS, "points", "multiplier", "multiplier"]
SELECTORS = ["s1", "s2", "s10"]
IDS = [1, 2, 3, 7, 9]
DATES = ["2026-11-25", "2028-02-29", "2027-02-28", "1970-01-01", "2026-12-31", "0001-01-01", "9999-12-31"]


def near(rng: Random, *edges: int) -> int:
    return rng.choice(edges) + rng.randint(-1, 1)


def integer(rng: Random) -> int:
    """An integer of any size and sign that a rule may get, and a few that it may not."""
    size = rng.choice([0, 1, 2, 10, 1000, 10**6, 10**9, 10**12, MAX_SAFE, MAX_SAFE])
    return rng.choice([rng.randint(-size, size), rng.randint(0, size), size, -size, size + 1])


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


def some_ids(rng: Random, most: int = 3) -> list[int]:
    return sorted(rng.sample(IDS, rng.randint(0, most)))


def day(rng: Random) -> str:
    return rng.choice([*DATES, f"20{rng.randint(20, 32)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"])


def when(rng: Random) -> dict:
    """Conditions that hold about as often as not."""
    dates = sorted([day(rng), day(rng)])
    every = {
        "from_date": dates[0],
        "to_date": dates[1],
        "weekdays": sorted(rng.sample(range(7), rng.randint(3, 7))),
        "from_minute": rng.choice([0, 600, 1080, 1320, rng.randint(0, 1439)]),
        "to_minute": rng.choice([1439, 600, 120, rng.randint(0, 1439)]),
        "stores": some_ids(rng, 4),
        "tiers": some_ids(rng, 4),
        "tags": some_ids(rng, 4),
        "birthday_days": rng.choice([0, 1, 7, 183]),
        "first_purchase": True,
        "every_purchase": rng.choice([2, 3, 5, 10]),
    }
    names = rng.sample(["dates", "weekdays", "hours", *list(every)[5:]], rng.choice([0, 0, 0, 0, 1, 1, 2]))
    chosen = []
    for name in names:
        chosen += {"dates": ["from_date", "to_date"], "hours": ["from_minute", "to_minute"]}.get(name, [name])
    return {name: every[name] for name in chosen if rng.random() < 0.97}


def situation(rng: Random, rules: dict) -> dict:
    """Where and when a basket is bought, and by whom; what limits were used of before."""
    used = {}
    for each in rules["benefits"]:
        for span in ("day", "month"):
            if rng.random() < 0.3:
                used[f"{each['key']}:{span}"] = rng.choice([0, 1, 50, 500, rng.randint(0, 10**4)])
    given = {
        "date": day(rng),
        "minute": rng.choice([0, 599, 600, 1320, 1439, rng.randint(0, 1439)]),
        "store_id": rng.choice([0, *IDS]),
        "tier_id": rng.choice([0, *IDS]),
        "tag_ids": some_ids(rng),
        "birthday_days": rng.choice([None, 0, 1, -1, 8, -7, rng.randint(-183, 183)]),
        "purchases": rng.choice([0, 0, 1, 2, 9, rng.randint(0, 100), 1_000_000]),
        "own_bps": rng.choice([0, 0, 500, 1500, 10_000]),
        "used": used,
    }
    if rng.random() < 0.02:
        given[rng.choice([*given])] = rng.choice([None, -1, 1440, "2026-02-29", "x", [0], {"b0:day": -1}, 10_001])
    return given


def terms(rng: Random) -> dict:
    return {name: some_ids(rng, 2) if rng.random() < 0.4 else [] for name in ("products", "categories", "tags", "values")}


def selectors(rng: Random) -> dict:
    return {key: {**terms(rng), "without": terms(rng)} for key in rng.sample(SELECTORS, rng.randint(1, 3))}


def product(rng: Random) -> dict:
    given = {"variant": rng.choice([0, *IDS])}
    for name in ("categories", "tags", "values"):
        if rng.random() < 0.6:
            given[name] = rng.sample(IDS, rng.randint(0, 3))
    return given


def later_benefit(rng: Random, key: str, kind: str, chosen: list[str]) -> dict:
    """A benefit with what schema 3 brought."""
    if kind == "multiplier":
        fields = {"key": key, "kind": kind, "factor_bps": rng.choice([10_001, 15_000, 20_000, 1_000_000])}
    else:
        fields = benefit(rng, key, kind)

    def cap():
        return rng.choice([0, 0, 0, 1, 50, 200, 1000, rng.randint(0, 10**4)])

    if kind in ("points", "cashback"):
        fields |= {"minimum_lines_minor": rng.choice([0, 0, 500, rng.randint(0, 5000)])}
        fields |= {"cap_receipt": cap(), "cap_day": cap(), "cap_month": cap()}
    if kind == "points":
        fields["mode"] = rng.choice(["step", "step", "proportional", "visit", "unit"])
        if fields["mode"] in ("visit", "unit") and rng.random() < 0.98:
            fields["step_minor"] = 0
    if kind == "discount":
        fields["own"] = rng.random() < 0.2
        if fields["own"] and rng.random() < 0.5:
            fields["percent_bps"] = 0
        fields |= {f"cap_{span}_minor": cap() for span in ("line", "receipt", "day", "month")}
    if kind == "rolling":
        fields |= {"mode": rng.choice(["percent", "amount"]), "use": rng.choice(["next", "qualifying"])}
        fields["keep_cost"] = rng.random() < 0.4
        if fields["mode"] == "amount" and rng.random() < 0.95:
            fields["on_discounted"] = "stack"
    return {**fields, "selector": rng.choice([None, *chosen]), "when": when(rng)}


def kinds_of_benefits(rng: Random, schema: int) -> list[str]:
    """The kinds of a ruleset's benefits: what the schema knows, and one rolling discount at most, nearly always."""
    size = rng.choice([0, 1, 1, 1, 1, 2, 3] if schema == 1 else [0, 1, 2, 3, 3, 4, 6])
    kinds = {1: ["points"], 2: BENEFITS, 3: LATER_BENEFITS}[schema if rng.random() < 0.98 else 3]
    chosen = [rng.choice(kinds) for _ in range(size)]
    while chosen.count("rolling") > 1 and rng.random() < 0.98:
        chosen.remove("rolling")
    return chosen


def ruleset(rng: Random) -> dict:
    currency, decimals = rng.choice([("GBP", 2), ("GBP", 2), ("JPY", 0), ("KWD", 3)])
    schema = rng.choice([1, 2, 2, 3, 3, 3, 3])
    payload = {
        "schema": schema,
        "card_type": rng.choice(["gift-points", "Città 😀", "x"]),
        "currency": currency,
        "currency_decimals": decimals,
        "number_prefix": rng.choice(PREFIXES),
        "base": rng.choice(["total", "total", "untaxed"]),
        "customer_account_earns": rng.random() < 0.3,
        "unlinked_return": rng.choice(["take_back", "leave"]),
    }
    kinds = enumerate(kinds_of_benefits(rng, schema))
    if schema < 3:
        make = {"multiplier": lambda key: {"key": key, "kind": "multiplier", "factor_bps": 20_000}}
        benefits = [make[kind](f"b{at}") if kind in make else benefit(rng, f"b{at}", kind) for at, kind in kinds]
        return {**payload, "benefits": benefits}
    chosen = selectors(rng)
    names = [*chosen, "s9"] if rng.random() < 0.01 else [*chosen]
    payload |= {"stacking": rng.choice(["stack", "stack", "best", "exclusive"]), "selectors": chosen}
    return {**payload, "benefits": [later_benefit(rng, f"b{at}", kind, names) for at, kind in kinds]}
