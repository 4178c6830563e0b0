"""What an owner sets up around the cards: selections, member prices, codes, grants, segments, consents, a ladder, expiry."""

from uuid import uuid5

from .people import number_from
from .programme import SPACE
from .records import ensure, find, remember

EXPIRY_MONTHS = 24
#: Medal and points within twelve months: to get the tier, and to stay.
LADDER = {"bronze": (0, 0), "silver": (40, 20), "gold": (120, 60)}
GRACE_MONTHS = 3
PRICE_LIST = "Prices of the Lane Club"
MEMBER_PRICES = {"22699": 2.50, "22423": 9.95}
CODES = 12
PERCENT_AGREE = {"marketing_email": 55, "marketing_sms": 30}
SEGMENTS = {
    "segment_silent": ("Not seen for a fortnight", [{"kind": "last_purchase", "days": 14, "direction": "before"}]),
    "segment_birthday": ("Birthday within a month", [{"kind": "birthday", "days": 30}]),
    "segment_prize": ("Enough points for a teacup", [{"kind": "balance", "number": 60}, {"kind": "reachable", "address": "email"}]),
}


def build(env, joined, products, progress):
    """Make all of it, or find what an earlier run made.

    :param joined: ``members.Members``.
    :param dict products: stock code -> id.
    """
    gift, lane = joined.types["gift"], find(env, "type_lane")
    _consents(env, gift)
    _member_prices(env, lane, products)
    _rules(env, gift, products)
    _promised_gold(env, gift)
    _codes_and_grants(env, gift)
    _vouchers(env, gift)
    _reservation(env, gift)
    _cards(env, lane)
    for name, (title, conditions) in SEGMENTS.items():
        segment = ensure(
            env, name, "fidelity.segment", {"name": title, "condition_ids": [(0, 0, condition) for condition in conditions]}
        )
        segment._refresh()
    env.cr.commit()
    progress(f"Offers: a ladder, expiry, member prices, {CODES} codes, two automatic grants, {len(SEGMENTS)} segments")


def _consents(env, card_type):
    """What members answered when they were enrolled: the invented answers are the same each time."""
    if find(env, "consents") is not None:
        return
    purposes = {code: env.ref(f"loyalty_fidelity.consent_purpose_{code}") for code in PERCENT_AGREE}
    for member in env["fidelity.member"].search([("card_type_id", "=", card_type.id)]):
        partner = member.partner_id
        answers = {purpose: number_from(f"{code} {partner.email}", 100) < PERCENT_AGREE[code] for code, purpose in purposes.items()}
        env["fidelity.consent"]._record(partner, answers, "paper", key=str(uuid5(SPACE, f"consent {partner.email}")))
    remember(env, [("consents", purposes["marketing_email"])])


def _member_prices(env, card_type, products):
    """A price list that members of the Lane Club pay by."""
    items = [
        (0, 0, {"applied_on": "0_product_variant", "product_id": products[code], "compute_price": "fixed", "fixed_price": price})
        for code, price in MEMBER_PRICES.items()
        if code in products
    ]
    vals = {"name": PRICE_LIST, "currency_id": card_type.currency_id.id, "item_ids": items}
    card_type.member_pricelist_id = ensure(env, "pricelist_lane", "product.pricelist", vals)


def _rules(env, card_type, products):
    """The second version of Gift Points: tiers by points, points that expire, and twice the points around a birthday."""
    if len(card_type.ruleset_ids) > 1:
        return
    selector = {"name": "Tea and cake", "product_ids": [(6, 0, [products[code] for code in MEMBER_PRICES if code in products])]}
    ensure(env, "selector_tea", "fidelity.selector", selector)
    for tier in card_type.tier_ids:
        entry, stay = LADDER[tier.medal]
        tier.write({"entry_count": entry, "stay_count": stay, "grace_months": GRACE_MONTHS if entry else 0})
    card_type.write(
        {
            "tier_measure": "points",
            "tier_period": "rolling",
            "expiry_kind": "months",
            "expiry_months": EXPIRY_MONTHS,
            "benefit_ids": [(0, 0, {"sequence": 20, "kind": "multiplier", "factor": 2.0, "on_birthday": True, "birthday_days": 3})],
        }
    )
    card_type._publish()


def _promised_gold(env, card_type):
    """A manager promised a member the highest tier for a year; does nothing the second time."""
    if find(env, "promise") is None:
        member = env["fidelity.member"].search([("card_type_id", "=", card_type.id)], order="id", limit=1)
        gold = card_type.tier_ids.filtered(lambda tier: tier.medal == "gold")
        vals = {"member_id": member.id, "tier_id": gold.id, "reason": "Her bag was lost in the shop"}
        env["fidelity.tier.setting"].create(vals).action_set()
        remember(env, [("promise", member)])


def _codes_and_grants(env, card_type):
    """Codes that can be used once each, and what members get by themselves."""
    terms = {"worth": "amount", "worth_amount": 5.0, "minimum_receipt": 30.0, "valid_days": 90}
    code_list = ensure(env, "code_list", "fidelity.code.list", {"name": "5 off from 30", **terms})
    if not code_list.code_count:
        code_list._make(CODES)
    grants = {
        "grant_birthday": {"name": "Happy birthday", "occasion": "birthday", "gift": "points", "points": 20},
        "grant_visits": {"name": "The tenth visit", "occasion": "visit", "visit_number": 10, "gift": "code",
                         "code_list_id": code_list.id},
    }  # fmt: skip
    for name, values in grants.items():
        rule = ensure(env, name, "fidelity.grant.rule", {**values, "card_type_id": card_type.id})
        if rule.state == "draft":
            rule.action_start()


def _vouchers(env, card_type):
    """Prizes that are codes: an amount off anything, and a percentage off some products."""
    lists = {
        "voucher": ("Voucher of 5", 80, {"worth": "amount", "worth_amount": 5.0}),
        "tea": ("A fifth off tea and cake", 40,
                {"worth": "percent", "worth_percent": 20.0, "worth_selector_id": find(env, "selector_tea").id}),
    }  # fmt: skip
    for name, (title, points, terms) in lists.items():
        code_list = ensure(env, f"code_list_{name}", "fidelity.code.list", {"name": title, "valid_days": 180, **terms})
        values = {"name": title, "points": points, "kind": "voucher", "code_list_id": code_list.id, "card_type_id": card_type.id}
        ensure(env, f"prize_{name}", "fidelity.prize", values)


def _reservation(env, card_type):
    """A prize that waits in a store for the member who spent his points on it."""
    if find(env, "reservation") is not None:
        return
    prize = find(env, "prize_1")
    members = env["fidelity.member"].search([("card_type_id", "=", card_type.id), ("store_id", "!=", False)])
    member = members.filtered(lambda one: one.available_points >= prize.points).sorted("id")[:1]
    vals = {"member_id": member.id, "prize_id": prize.id, "store_id": member.store_id.id, "reserve": True,
            "key": str(uuid5(SPACE, "reservation"))}  # fmt: skip
    env["fidelity.redemption"].create(vals).action_give()
    remember(env, [("reservation", member.reservation_ids[:1])])


def _cards(env, card_type):
    """Cards of the Lane Club to hand out, made as a batch."""
    if find(env, "batch_lane") is None:
        batch = env["fidelity.card.batch"]._start(card_type, "hand_out", 6, "barcode")
        remember(env, [("batch_lane", batch)])
