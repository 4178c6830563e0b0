"""What the member's price saved of the shop's, line by line: recomputed, compared with what was claimed.

A price that was paid stands. Plain data, no Odoo.
"""

#: The benefit of an effect that a price list explains: reserved, no ruleset has such a key.
MEMBER_PRICE = "member_price"


def settle_member_prices(purchase, pricing, prices):
    """Note on lines what their member price saved.

    :param Purchase purchase: with amounts recomputed by the server
    :param pricing: (id of the member's price list, its policy); (None, None) without one
    :param prices: :class:`line_prices.LinePrice` by line key, of all lines
    :return: whether anything differs from what price lists and policy give
    """
    claims = any(line.member_price for line in purchase.lines)
    if pricing[0] is None and not claims:
        return False
    shop = purchase.shop_prices(*pricing)
    differs = False
    for line in purchase.lines:
        found = shop.get(line.key)
        if found is None or line.kind not in ("sale", "return_unlinked"):
            # A price that somebody typed, or none of ours: only a claim without a member is told.
            differs |= line.member_price and pricing[0] is None
            continue
        differs |= not found.agrees
        if line.kind == "sale" and (line.member_price or (found.agrees and pricing[0] is not None)):
            _note(prices[line.key], found.shop_minor - (line.total_minor if line.before_minor is None else line.before_minor))
    return differs


def _note(price, saved_minor):
    if saved_minor > 0:
        price.member_price_minor = saved_minor
        price.effects.insert(0, {"benefit": MEMBER_PRICE, "kind": "member_price", "amount_minor": saved_minor})
