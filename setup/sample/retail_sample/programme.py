"""What the programme has beside points: tiers, prizes, a household, and a card that changes prices."""

from uuid import UUID, uuid5

from .records import ensure, find, remember

SPACE = UUID("6f7d1f0c-6a0e-5b53-9a3b-0c6a5b1f2e77")

#: Name, medal and the points from which a member has the tier.
TIERS = (("Bronze", "bronze", 0), ("Silver", "silver", 40), ("Gold", "gold", 120))

PRIZES = (
    ("Gift wrapping for a year", 20, None, "Any gift, wrapped while you wait."),
    ("Regency teacup and saucer", 60, "22699", "The green one, from the shelf."),
    ("Three-tier cake stand", 110, "22423", "The one that everybody asks for."),
    ("Tea for two with the buyers", 250, None, "An afternoon in the showroom, before the season's range is in the shop."),
)
#: How often each of the first prizes was given.
PRIZES_GIVEN = (3, 2, 1)

LANE_CLUB = {
    "name": "Lane Club",
    "code": "lane-club",
    "number_prefix": "0492",
    "color": 2,
    "sequence": 3,
    "benefit_ids": [
        (0, 0, {"sequence": 1, "kind": "discount", "percent": 5.0, "on_discounted": "skip"}),
        (0, 0, {"sequence": 2, "kind": "rolling", "valid_days": 60, "on_discounted": "stack", "bracket_ids": [
            (0, 0, {"from_amount": 50.0, "percent": 5.0}), (0, 0, {"from_amount": 100.0, "percent": 10.0})]}),
        (0, 0, {"sequence": 3, "kind": "amount_off", "amount": 5.0, "minimum_receipt": 60.0}),
        (0, 0, {"sequence": 4, "kind": "cashback", "percent": 1.0}),
    ],
}  # fmt: skip
LANE_CLUB_MEMBERS = ("Harriet Fenwick", "Tomás Ó Briain")


def build(env, joined, first_moment, products, progress):
    """Make all of it, or find what an earlier run made.

    :param joined: ``members.Members``, whose receipts are posted.
    :param first_moment: the rules of the new card type are valid from then on, UTC.
    :param dict products: stock code -> id.
    """
    gift = joined.types["gift"]
    _tiers(env, gift)
    prizes = [
        ensure(
            env, f"prize_{number}", "fidelity.prize",
            {"name": name, "points": points, "card_type_id": gift.id, "description": text, "product_id": products.get(code, False)},
        )
        for number, (name, points, code, text) in enumerate(PRIZES)
    ]  # fmt: skip
    richest = env["fidelity.member"].search([("card_type_id", "=", gift.id)]).sorted(lambda m: (-m.balance, m.id))
    _give_prizes(env, richest, prizes)
    _household(env, richest[10:12])
    _lane_club(env, first_moment)
    env.cr.commit()
    progress(f"Programme: {len(TIERS)} tiers, {len(prizes)} prizes, a household, {LANE_CLUB['name']}")


def _tiers(env, card_type):
    tiers = [
        (ensure(env, f"tier_{medal}", "fidelity.tier",
                {"name": name, "medal": medal, "card_type_id": card_type.id, "sequence": number}), points)
        for number, (name, medal, points) in enumerate(TIERS)
    ]  # fmt: skip
    members = env["fidelity.member"].search([("card_type_id", "=", card_type.id), ("tier_id", "=", False)])
    for member in members:
        member.tier_id = next(tier for tier, points in reversed(tiers) if member.balance >= points or not points)


def _give_prizes(env, members, prizes):
    """Give a few prizes to who has most points; does nothing the second time."""
    if find(env, "household") is not None:
        return
    for number, times in enumerate(PRIZES_GIVEN):
        for time in range(times):
            key = str(uuid5(SPACE, f"prize {number} {time}"))
            env["fidelity.posting"]._post_redemption(members[number * 4 + time], prizes[number], key)


def _household(env, members):
    """Let two members share their points; does nothing the second time."""
    if find(env, "household") is None:
        first, second = members
        second._join(first, str(uuid5(SPACE, "household")), "Family " + first.partner_id.name.split()[-1], "Live together")
        remember(env, [("household", first.holder_id)])


def _lane_club(env, first_moment):
    """A card type that changes prices, with members whose cards can be read at once."""
    card_type = ensure(env, "type_lane", "fidelity.card.type", LANE_CLUB)
    if not card_type.ruleset_ids:
        card_type._publish(first_moment)
    for number, name in enumerate(LANE_CLUB_MEMBERS):
        email = f"lane{number + 1}@example.com"
        partner = ensure(env, f"customer_lane_{number}", "res.partner", {"name": name, "email": email, "lang": "en_US"})
        member = ensure(env, f"member_lane_{number}", "fidelity.member", {"partner_id": partner.id, "card_type_id": card_type.id})
        ensure(env, f"card_lane_{number}", "fidelity.card", {"card_type_id": card_type.id, "member_id": member.id})
