"""The rule kernel alone: what a card makes of one basket, in Python and in the till's JavaScript, and how that grows.

One go is what every change of an order at the till costs: percentages, amounts off, and what the basket earns. It is measured
in processor time, so that what else the machine does does not count.
"""

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from harness import Result

ROOT = Path(__file__).parents[2]
#: (lines, benefits); the first is the figure, the others say how it grows.
SIZES = ((50, 20), (25, 20), (100, 20), (200, 20), (50, 5), (50, 10), (50, 40))
WHEN = {"weekdays": [0, 1, 2, 3, 4], "from_minute": 540, "to_minute": 1200, "stores": [1, 2, 3]}
LIMITS = {"minimum_receipt_minor": 500, "minimum_lines_minor": 0, "cap_receipt": 5000, "cap_day": 9000, "cap_month": 90000}
DISCOUNT = {"own": False, "on_discounted": "stack", "minimum_receipt_minor": 0, "cap_line_minor": 0, "cap_receipt_minor": 0}
DISCOUNT |= {"cap_day_minor": 0, "cap_month_minor": 0}
KINDS = (
    {"kind": "points", "mode": "step", "points": 1, "step_minor": 1000, **LIMITS},
    {"kind": "discount", "percent_bps": 300, **DISCOUNT},
    {"kind": "cashback", "percent_bps": 100, **LIMITS},
    {"kind": "points", "mode": "unit", "points": 2, "step_minor": 0, **LIMITS},
    {"kind": "amount_off", "amount_minor": 250, "minimum_receipt_minor": 1000},
    {"kind": "multiplier", "factor_bps": 20000},
    {"kind": "discount", "percent_bps": 500, **DISCOUNT, "cap_line_minor": 400},
    {"kind": "points", "mode": "proportional", "points": 1, "step_minor": 100, **LIMITS},
    {"kind": "discount", "percent_bps": 800, **DISCOUNT, "on_discounted": "best", "cap_day_minor": 1500},
    {"kind": "cashback", "percent_bps": 250, **LIMITS},
)


def shop(lines: int, benefits: int) -> dict:
    """Make a basket of so many lines under so many benefits, all in force, two of three on chosen lines."""
    terms = {"products": [], "categories": [], "tags": [], "values": []}
    names = [f"s{at}" for at in range(8)]
    made = [
        {
            **KINDS[at % len(KINDS)],
            "key": f"b{at}",
            "selector": None if at % 3 == 0 else names[at % 8],
            "when": WHEN if at % 2 else {},
        }
        for at in range(benefits)
    ]
    goods = []
    for at in range(lines):
        keys = sorted(name for place, name in enumerate(names) if (at + place) % 3 == 0)
        goods.append({"key": f"l{at}", "kind": "sale", "total_minor": 300 + 37 * (at % 40), "selectors": keys})
    return {
        "payload": {
            "schema": 3, "card_type": "bench", "currency": "EUR", "currency_decimals": 2, "number_prefix": "0490", "base": "total",
            "customer_account_earns": False, "unlinked_return": "take_back", "stacking": "stack",
            "selectors": {name: {**terms, "categories": [place + 1], "without": terms} for place, name in enumerate(names)},
            "benefits": made,
        },
        "situation": {"date": "2026-11-25", "minute": 600, "store_id": 1, "used": {"b8:day": 200, "b0:month": 500}},
        "lines": [{**each, "manual_bps": 500 if at % 5 == 0 else 0} for at, each in enumerate(goods)],
        "goods": [{**each, "quantity_micro": 2_000_000, "untaxed_minor": each["total_minor"] * 5 // 6} for each in goods],
        "paid": sum(each["total_minor"] for each in goods),
    }  # fmt: skip


def _kernel():
    """The rules without Odoo, as a package of their own."""
    name = "bench_rules"
    if name not in sys.modules:
        folder = ROOT / "loyalty_fidelity" / "rules"
        spec = importlib.util.spec_from_file_location(name, folder / "__init__.py", submodule_search_locations=[str(folder)])
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def in_python(made: dict, runs: int) -> list[float]:
    """Milliseconds of processor time of each go."""
    rules = _kernel()
    ruleset = rules.ruleset.parse(made["payload"])
    around = rules.situation.Situation(**made["situation"])
    taken = []
    for turn in range(-5, runs):
        start = time.process_time()
        lines = [rules.price.PriceLine(**each) for each in made["lines"]]
        rules.price.discounts(ruleset, lines, None, around)
        rules.price.amounts(ruleset, lines, rules.price.receipt_total(lines), around, lines)
        goods = tuple(rules.basket.Line(**each) for each in made["goods"])
        rules.evaluate.evaluate(ruleset, rules.basket.Basket("EUR", goods, made["paid"]), around)
        if turn >= 0:
            taken.append(1000 * (time.process_time() - start))
    return taken


def in_javascript(made: dict, runs: int) -> list[float]:
    """Milliseconds of processor time of each go, by Node with the shipped source."""
    node = shutil.which("node")
    if not node:
        raise SystemExit("The till's rules are measured with Node: install it and put it on PATH.")
    command = [node, str(Path(__file__).with_name("kernel_till.js")), str(runs)]
    return json.loads(subprocess.run(command, input=json.dumps(made), capture_output=True, text=True, check=True).stdout)


def run(_databases, _registry, runs):
    """Yield the figures: medians, with the 95th percentile of the goes beside them."""
    for lines, benefits in SIZES:
        made = shop(lines, benefits)
        for language, work in (("python", in_python), ("javascript", in_javascript)):
            taken = sorted(work(made, max(runs, 40)))
            yield Result(
                f"kernel_{language}_{lines}_lines_{benefits}_benefits", lines, "ms", round(statistics.median(taken), 3),
                runs=len(taken), notes={"p95": round(taken[len(taken) * 95 // 100], 3), "least": round(taken[0], 3)},
            )  # fmt: skip
