"""Calls the kernel with JSON and answers with JSON, so that vectors and random cases drive it like its mirror.

A call is ``{"call": "<module>.<function>", "input": {…}}``; the answer ``{"value": …}`` or ``{"error": "<code>"}``.
``kernel_calls.js`` does the same on the other side.
"""

import json
from dataclasses import asdict
from datetime import date

import rule_kernel  # noqa: F401  (makes the package importable)
from rules import (
    arithmetic,
    basket,
    benefit,
    card_number,
    checks,
    code_number,
    day,
    evaluate,
    expiry,
    explain,
    lots,
    number_scheme,
    price,
    reversal,
    ruleset,
    selector,
    situation,
    spending,
    tier,
    voucher,
)
from rules.errors import RuleError


def _lines(values):
    return tuple(basket.Line(**value) for value in values)


def _basket(value):
    return basket.Basket(**{**value, "lines": _lines(value["lines"])})


def _split(given):
    parts = asdict(basket.split(_basket(given["basket"])))
    return {kind: [line["key"] for line in lines] for kind, lines in parts.items()}


# What schema 3 brought to what a basket earns; earlier rulesets give it too, their vectors do not show it.
LATER = ("benefit_points", "benefit_cashback", "rolling_minor")


def _plain(value):
    # Through JSON, so that tuples are lists.
    return json.loads(json.dumps(value))


def _benefits(members, schema):
    """Benefits with the fields that their schema writes."""
    shown = []
    for each in members:
        names = ("key", *benefit.FIELDS[schema][each.kind])
        given = asdict(each)
        shown.append({"kind": each.kind, **{name: given[name] for name in names}})
    return _plain(shown)


def _parse(given):
    parsed = ruleset.parse(given["payload"])
    fields = {**asdict(parsed), "benefits": _benefits(parsed.benefits, parsed.schema)}
    if parsed.schema < 3:
        del fields["stacking"], fields["selectors"]
    return _plain(fields)


def _chosen(function):
    def call(given):
        rules = ruleset.parse(given["ruleset"])
        return _benefits(function(rules, *given.get("kinds", ())), rules.schema)

    return call


def _situation(given):
    return situation.Situation(**given["situation"]) if "situation" in given else situation.nowhere()


def _earned(rules, outcome):
    fields = asdict(outcome)
    return fields if rules.schema > 2 else {name: value for name, value in fields.items() if name not in LATER}


def _price_lines(values):
    return [price.PriceLine(**value) for value in values]


def _discounts(given):
    rules, lines = ruleset.parse(given["ruleset"]), _price_lines(given["lines"])
    found = price.discounts(rules, lines, given["rolling_bps"], _situation(given), given.get("rolling_minor", 0))
    return {key: asdict(discount) for key, discount in found.items()}


def _amounts(given):
    rules, lines = ruleset.parse(given["ruleset"]), _price_lines(given["lines"])
    before = _price_lines(given["before"]) if "before" in given else None
    rolling = given.get("rolling_bps"), given.get("rolling_minor", 0)
    return [asdict(effect) for effect in price.amounts(rules, lines, given["receipt_minor"], _situation(given), before, *rolling)]


def _spend(given):
    found = spending.spend(_price_lines(given["lines"]), given["taken"], given["wish_minor"])
    return found and asdict(found)


def _redeem(given):
    vouchers = [voucher.Voucher(**each) for each in given["vouchers"]]
    return [
        asdict(effect) for effect in voucher.redeem(_price_lines(given["lines"]), given["taken"], vouchers, given["receipt_minor"])
    ]


def _earning_base(given):
    return asdict(basket.earning_base(ruleset.parse(given["ruleset"]), _basket(given["basket"])))


def _evaluate(given):
    rules = ruleset.parse(given["ruleset"])
    return _earned(rules, evaluate.evaluate(rules, _basket(given["basket"]), _situation(given)))


def _kept_points(given):
    rules = ruleset.parse(given["ruleset"])
    goods = _lines(given["lines"]), given["returned_micro"], given["base_minor"]
    return _earned(rules, reversal.kept_points(rules, *goods, _situation(given)))


def _explain(given):
    rules, lines = ruleset.parse(given["ruleset"]), _price_lines(given["lines"])
    rolling = given.get("rolling_bps"), given.get("rolling_minor", 0)
    return [asdict(reason) for reason in explain.explain(rules, lines, _basket(given["basket"]), _situation(given), *rolling)]


def _matches(given):
    (chosen,) = selector.parse_selectors({"s1": given["selector"]}).values()
    return selector.matches(chosen, selector.Product(**given["product"]))


def _when(given):
    found = situation.parse_when(given["value"])
    return _plain(asdict(found)) if found else None


def _dated(function):
    """Dates are texts in JSON, and a policy an object."""

    def call(given):
        values = {
            name: date.fromisoformat(value) if name in ("day", "earned", "today") and value else value
            for name, value in given.items()
        }
        if "policy" in values:
            values["policy"] = expiry.parse(values["policy"])
        found = function(**values)
        return found and found.isoformat()

    return call


def _of_lots(function):
    """Lots as objects with dates as texts; the parts as pairs, for their order counts."""

    def call(given):
        values = {name: value for name, value in given.items() if name != "lots"}
        if "today" in values:
            values["today"] = date.fromisoformat(values["today"]) if values["today"] else None
        dated = ("expires", "available")
        entries = [
            lots.Lot(**{name: value and date.fromisoformat(value) if name in dated else value for name, value in lot.items()})
            for lot in given["lots"]
        ]
        found = function(entries, **values)
        return [list(part) for part in found.items()] if isinstance(found, dict) else found

    return call


def _member(given):
    return tier.parse(given["ladder"]), given["enrolled"], given["days"], given["day"], tier.Holding(**given["holding"])


def _scheme(given):
    return number_scheme.parse_scheme(given["scheme"])


def _keyed(given, function, name):
    return function(_scheme(given), given[name], given.get("key", "").encode())


def _check_scheme(given):
    return number_scheme.check_scheme(_scheme(given), [number_scheme.parse_scheme(other) for other in given["others"]])


CALLS = {
    "arithmetic.whole": lambda given: arithmetic.whole(**given),
    "arithmetic.add": lambda given: arithmetic.add(**given),
    "arithmetic.mul_div_floor": lambda given: arithmetic.mul_div_floor(**given),
    "arithmetic.mul_div_half_up": lambda given: arithmetic.mul_div_half_up(**given),
    "arithmetic.largest_remainder": lambda given: list(arithmetic.largest_remainder(**given)),
    "day.number": lambda given: day.number(**given),
    "day.text": lambda given: day.text(**given),
    "day.months_later": lambda given: day.text(day.months_later(day.number(given["date"]), given["months"])),
    "day.last_within": lambda given: day.text(day.last_within(day.number(given["date"]), given["months"])),
    "tier.parse": lambda given: json.loads(json.dumps(asdict(tier.parse(given["ladder"])))),
    "tier.place": lambda given: asdict(tier.place(*_member(given))),
    "tier.outlook": lambda given: asdict(tier.outlook(*_member(given))),
    "card_number.check_digit": lambda given: card_number.check_digit(**given),
    "card_number.digits_of": lambda given: card_number.digits_of(**given),
    "card_number.is_prefix": lambda given: card_number.is_prefix(**given),
    "card_number.build": lambda given: card_number.build(**given),
    "card_number.normalise": lambda given: card_number.normalise(**given),
    "card_number.recognise": lambda given: asdict(card_number.recognise(**given)),
    "card_number.mask": lambda given: card_number.mask(**given),
    "card_number.check_prefix": lambda given: card_number.check_prefix(**given),
    "code_number.check_character": lambda given: code_number.check_character(**given),
    "code_number.normalise": lambda given: code_number.normalise(**given),
    "code_number.is_code": lambda given: code_number.is_code(**given),
    "code_number.grouped": lambda given: code_number.grouped(**given),
    "checks.text": lambda given: checks.text(**given),
    "checks.choice": lambda given: checks.choice(**given),
    "checks.items": lambda given: checks.items(**given),
    "checks.record": lambda given: checks.record(**given),
    "benefit.parse_benefits": lambda given: _benefits(benefit.parse_benefits(**given), given["schema"]),
    "ruleset.parse": _parse,
    "ruleset.canonical": lambda given: ruleset.canonical(**given),
    "ruleset.fingerprint": lambda given: ruleset.fingerprint(**given),
    "ruleset.of_kind": _chosen(ruleset.of_kind),
    "ruleset.earning": _chosen(ruleset.earning),
    "ruleset.pricing": _chosen(ruleset.pricing),
    "basket.split": _split,
    "basket.line_amount": lambda given: basket.line_amount(ruleset.parse(given["ruleset"]), basket.Line(**given["line"])),
    "basket.earning_base": _earning_base,
    "evaluate.points_for": lambda given: evaluate.points_for(ruleset.parse(given["ruleset"]), given["base_minor"]),
    "evaluate.cashback_for": lambda given: evaluate.cashback_for(ruleset.parse(given["ruleset"]), given["base_minor"]),
    "evaluate.rolling_for": lambda given: evaluate.rolling_for(ruleset.parse(given["ruleset"]), given["base_minor"]),
    "evaluate.share_out": lambda given: evaluate.share_out(given["total"], _lines(given["lines"]), given["amounts"]),
    "expiry.parse": lambda given: asdict(expiry.parse(**given)),
    "expiry.add_months": _dated(expiry.add_months),
    "expiry.month_end": _dated(expiry.month_end),
    "expiry.expires_on": _dated(expiry.expires_on),
    "expiry.available_on": _dated(expiry.available_on),
    "expiry.active_since": _dated(expiry.active_since),
    "lots.debt": _of_lots(lots.debt),
    "lots.spendable": _of_lots(lots.spendable),
    "lots.take": _of_lots(lots.take),
    "lots.due": _of_lots(lots.due),
    "number_scheme.parse_scheme": lambda given: asdict(number_scheme.parse_scheme(**given)),
    "number_scheme.luhn_digit": lambda given: number_scheme.luhn_digit(**given),
    "number_scheme.complete": lambda given: number_scheme.complete(**given),
    "number_scheme.recognise": lambda given: asdict(number_scheme.recognise(**given)),
    "number_scheme.symbology": lambda given: number_scheme.symbology(_scheme(given)),
    "number_scheme.capacity": lambda given: number_scheme.capacity(_scheme(given)),
    "number_scheme.nth_number": lambda given: _keyed(given, number_scheme.nth_number, "serial"),
    "number_scheme.serial_of": lambda given: _keyed(given, number_scheme.serial_of, "number"),
    "number_scheme.check_scheme": _check_scheme,
    "evaluate.evaluate": _evaluate,
    "explain.explain": _explain,
    "selector.parse_selectors": lambda given: _plain(
        {key: asdict(each) for key, each in selector.parse_selectors(**given).items()}
    ),
    "selector.matches": _matches,
    "selector.matching": lambda given: list(
        selector.matching(ruleset.parse(given["ruleset"]), selector.Product(**given["product"]))
    ),
    "situation.day": lambda given: situation.day(**given),
    "situation.weekday": lambda given: situation.weekday(**given),
    "situation.birthday_distance": lambda given: situation.birthday_distance(**given),
    "situation.ids": lambda given: list(situation.ids(**given)),
    "situation.nowhere": lambda _given: _plain(asdict(situation.nowhere())),
    "situation.parse_when": _when,
    "situation.unmet": lambda given: situation.unmet(situation.parse_when(given["when"]), _situation(given)),
    "price.receipt_total": lambda given: price.receipt_total(_price_lines(given["lines"])),
    "price.discounts": _discounts,
    "price.amounts": _amounts,
    "spending.spend": _spend,
    "voucher.redeem": _redeem,
    "reversal.kept_amount": lambda given: reversal.kept_amount(**given),
    "reversal.share_back": lambda given: reversal.share_back(**given),
    "reversal.kept_points": _kept_points,
}


def answer(case: dict) -> dict:
    """Run one call; only a ``RuleError`` is an answer, anything else is a bug and goes on."""
    try:
        return {"value": CALLS[case["call"]](case["input"])}
    except RuleError as error:
        return {"error": error.code}
