"""What loyalty did to the prices of a purchase, line by line: recomputed from the rules, compared with what was claimed.

A price that was paid stands, whatever the rules say; what differs is told. Plain data, no Odoo.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..rules import price as kernel
from ..rules.arithmetic import largest_remainder, mul_div_floor
from ..rules.reversal import share_back
from ..rules.ruleset import MAX_BPS, of_kind
from ..rules.situation import Situation, nowhere
from ..rules.spending import CASHBACK, spend
from ..rules.voucher import redeem

#: The benefit of an effect that no rule explains.
UNKNOWN = "unknown"


@dataclass
class LinePrice:
    """What loyalty did to the price of one line, as columns of the receipt's line, and its effects as dicts."""

    manual_bps: int = 0
    card_bps: int = 0
    discount_minor: int = 0
    allocated_minor: int = 0
    allocated_untaxed_minor: int = 0
    member_price_minor: int = 0
    effects: list = field(default_factory=list)


@dataclass(frozen=True)
class Given:
    """The part of an amount off that fell on a line sold earlier; it comes back with the goods of that line.

    :ivar carrier_key: the line that carried the amount
    :ivar line_key: the line sold
    :ivar before_micro: what earlier returns gave back of it
    :ivar kind: of the benefit
    :ivar receipt_id: of the receipt that it fell on
    """

    carrier_key: str
    line_key: str
    benefit: str
    amount_minor: int
    quantity_micro: int
    before_micro: int
    kind: str = "amount_off"
    receipt_id: int = 0


@dataclass(frozen=True)
class Circumstances:
    """What the rules look at besides lines and their amounts.

    :ivar selectors: by line key, the keys of the selectors that its product matches
    :ivar rolling_bps: what the last purchase left, as a percentage
    :ivar rolling_minor: likewise as an amount
    """

    situation: Situation = field(default_factory=nowhere)
    selectors: Mapping = field(default_factory=dict)
    rolling_bps: int = 0
    rolling_minor: int = 0


def settle(purchase, ruleset, around, given=()):
    """Recompute what a card did to the prices of a purchase.

    :param Purchase purchase: with amounts recomputed by the server
    :param ruleset: the kernel's; None when no card works here
    :param Circumstances around:
    :param given: of :class:`Given`, for the goods that come back
    :return: (:class:`LinePrice` by line key, whether anything differs from what the rules give)
    """
    if ruleset and ruleset.currency != purchase.currency:
        ruleset = None
    prices = {line.key: LinePrice() for line in purchase.lines}
    before = _price_lines(purchase, ruleset, around)
    differs = [
        _settle_percentages(purchase, ruleset, around, before, prices),
        _settle_amounts(purchase, ruleset, around, before, prices),
        _settle_shares(purchase, given, prices),
    ]
    return prices, any(differs)


def _price_lines(purchase, ruleset, around):
    """The lines as the kernel takes them, before the card's benefits."""
    looks = ruleset and any(getattr(benefit, "on_discounted", "stack") != "stack" for benefit in ruleset.benefits)
    pricelist = purchase.pricelist_bps() if looks else {}
    costs = purchase.costs() if ruleset and any(benefit.keep_cost for benefit in of_kind(ruleset, "rolling")) else {}
    return [
        kernel.PriceLine(
            line.key,
            line.kind,
            line.before_total_minor,
            line.manual_bps,
            pricelist.get(line.key, 0),
            cost_minor=_cost(line, costs),
            selectors=around.selectors.get(line.key, ()),
        )
        for line in purchase.lines
    ]


def _cost(line, costs):
    """The cost of a line with the taxes of its price, rounded up to the minor unit; none where it is not known."""
    cost, total, untaxed = costs.get(line.key), line.before_total_minor, line.before_untaxed_minor
    if cost is None or not untaxed or untaxed <= 0 or total <= 0:
        return cost
    return -mul_div_floor(-cost, total, untaxed)


# -- percentages -------------------------------------------------------------------------------------------------------


def _settle_percentages(purchase, ruleset, around, before, prices):
    expected = kernel.discounts(ruleset, before, around.rolling_bps, around.situation, around.rolling_minor) if ruleset else {}
    kinds = {benefit.key: benefit.kind for benefit in ruleset.benefits} if ruleset else {}
    differs = False
    for line in purchase.lines:
        if line.kind != "sale":
            continue
        rule = expected.get(line.key)
        agrees = line.discount_bps == (rule.discount_bps if rule else line.manual_bps)
        differs = differs or not agrees
        card_bps, benefits = (rule.card_bps, rule.benefits) if rule and agrees else _claimed_percentage(line)
        price = prices[line.key]
        price.manual_bps = line.manual_bps
        price.card_bps = card_bps
        price.discount_minor = max(0, line.before_total_minor - line.total_minor) if card_bps else 0
        if card_bps:
            shares = largest_remainder(price.discount_minor, list(benefits.values()))
            price.effects += [
                {"benefit": key, "kind": kinds.get(key, "discount"), "percent_bps": bps, "amount_minor": share}
                for (key, bps), share in zip(benefits.items(), shares, strict=True)
            ]
    return differs


def _claimed_percentage(line):
    """What the card took of a line that the rules do not explain: (hundredths of a percent, benefits)."""
    left, price = MAX_BPS - line.discount_bps, MAX_BPS - line.manual_bps
    if left >= price:
        return 0, {}
    card_bps = (2 * MAX_BPS * (price - left) + price) // (2 * price)
    return card_bps, line.effect.get("benefits") or {UNKNOWN: card_bps}


# -- amounts off -------------------------------------------------------------------------------------------------------


def _settle_amounts(purchase, ruleset, around, before, prices):
    carriers = [line for line in purchase.lines if line.kind == "effect" and line.effect.get("kind") == "amount"]
    kinds = {benefit.key: benefit.kind for benefit in ruleset.benefits} | {CASHBACK: CASHBACK} if ruleset else {}
    kinds |= {voucher.key: "code" for voucher in purchase.vouchers}
    expected = _expected_amounts(purchase, ruleset, around, before, carriers) if ruleset or purchase.vouchers else {}
    taken = {}
    left = {line.key: line.total_minor for line in purchase.lines if line.kind == "sale" and line.total_minor > 0}
    for carrier in carriers:
        benefit, amount = carrier.effect["benefit"], -carrier.total_minor
        taken[benefit] = taken.get(benefit, 0) + amount
        allocation = _allocation(carrier.effect["allocation"], amount, left)
        for key, share in allocation.items():
            left[key] -= share
        _allocate(prices, allocation, -carrier.untaxed_minor, (benefit, kinds.get(benefit, "amount_off")), carrier.key)
    return taken != expected


def _expected_amounts(purchase, ruleset, around, before, carriers):
    """What amounts off come to: the card's by its rules, then the codes, then what the member pays with cashback.

    :param before: the kernel's lines before the card's benefits
    :return: amount by benefit
    """
    after = [replace(priced, total_minor=line.total_minor) for priced, line in zip(before, purchase.lines, strict=True)]
    receipt_minor, effects = kernel.receipt_total(before), ()
    if ruleset:
        effects = kernel.amounts(
            ruleset,
            after,
            receipt_minor,
            around.situation,
            before=before,
            rolling_bps=around.rolling_bps,
            rolling_minor=around.rolling_minor,
        )
    effects += redeem(after, _taken(effects), purchase.vouchers, receipt_minor)
    cashback = _expected_cashback(carriers, after, effects) if ruleset else {}
    return {effect.benefit: effect.amount_minor for effect in effects} | cashback


def _taken(effects):
    """What amounts off take of lines together, by line key."""
    taken = {}
    for effect in effects:
        for key, share in effect.allocation.items():
            taken[key] = taken.get(key, 0) + share
    return taken


def _expected_cashback(carriers, after, effects):
    """What the member pays with cashback is his choice: as much as was taken, where the goods come to it.

    :param carriers: the lines that carry amounts off
    :param after: the kernel's lines after percentages
    :param effects: the kernel's amounts off, codes among them
    :return: amount by benefit
    """
    wish = sum(-line.total_minor for line in carriers if line.effect["benefit"] == CASHBACK)
    if wish <= 0:
        return {}
    paid = spend(after, _taken(effects), wish)
    return {paid.benefit: paid.amount_minor} if paid else {}


def _allocation(claimed, amount, left):
    """How an amount falls on lines: as claimed if that is possible, else by what is left of each line.

    :param dict left: what is left of each line, by key
    :return: by line key; less than the amount together where the lines have less
    """
    if sum(claimed.values()) == amount and all(share <= left.get(key, 0) for key, share in claimed.items()):
        return claimed
    amount = min(amount, sum(left.values()))
    shares = largest_remainder(amount, list(left.values()))
    return {key: share for key, share in zip(left, shares, strict=True) if share}


def _allocate(prices, allocation, untaxed_minor, benefit, carrier_key, sign=1):
    """Note on lines what an amount took from them, or (sign −1) what of it came back with them.

    :param benefit: (key of the benefit, its kind)
    """
    untaxed = largest_remainder(untaxed_minor, list(allocation.values())) if any(allocation.values()) else ()
    benefit, kind = benefit
    for (key, share), share_untaxed in zip(allocation.items(), untaxed, strict=False):
        price = prices[key]
        price.allocated_minor += sign * share
        price.allocated_untaxed_minor += sign * share_untaxed
        price.effects.append({"benefit": benefit, "kind": kind, "amount_minor": sign * share, "carrier_key": carrier_key})


# -- amounts that come back with goods ---------------------------------------------------------------------------------


def _returned(purchase):
    returns = (line for line in purchase.lines if line.kind == "return_linked")
    return [(line.key, line.original_key, -line.quantity_micro) for line in returns]


def expected_returns(purchase, given):
    """What of each earlier amount off comes back with the goods of a purchase: by carrier key, in minor units."""
    return {of: sum(shares.values()) for of, shares in expected_shares(_returned(purchase), given).items()}


def _settle_shares(purchase, given, prices):
    returns = [line for line in purchase.lines if line.kind == "return_linked"]
    expected = expected_shares(_returned(purchase), given)
    benefits = {part.carrier_key: (part.benefit, part.kind) for part in given}
    carriers = {}
    for line in purchase.lines:
        if line.kind == "effect" and line.effect.get("kind") == "share":
            carriers.setdefault(line.effect["of"], []).append(line)
    differs = False
    for of in {*expected, *carriers}:
        lines, shares = carriers.get(of, []), expected.get(of, {})
        amount = sum(line.total_minor for line in lines)
        differs = differs or amount != sum(shares.values())
        if amount <= 0:
            continue
        if amount != sum(shares.values()):
            claimed = {key: share for line in lines for key, share in line.effect["allocation"].items()}
            shares = _allocation(claimed, amount, {line.key: max(0, -line.total_minor) for line in returns})
        _allocate(prices, shares, sum(line.untaxed_minor for line in lines), benefits.get(of, (UNKNOWN, "amount_off")), of, sign=-1)
    return differs


def expected_shares(returns, given):
    """What of earlier amounts off comes back with goods.

    :param returns: (key, key of the line sold, quantity in millionths, positive) of each line that returns goods
    :param given: of :class:`Given`
    :return: by carrier key, then by key of the line that returns: minor units, above zero
    """
    gone, shares = {}, {}
    by_line = {}
    for part in given:
        by_line.setdefault(part.line_key, []).append(part)
    for key, line_key, quantity in returns:
        for part in by_line.get(line_key, ()):
            before = part.before_micro + gone.get(line_key, 0)
            share = share_back(part.amount_minor, part.quantity_micro, before, quantity)
            if share:
                shares.setdefault(part.carrier_key, {})[key] = share
        gone[line_key] = gone.get(line_key, 0) + quantity
    return shares
